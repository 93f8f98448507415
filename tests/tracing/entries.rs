//! Several entries over one trace.

use holotype::prelude::*;

#[derive(Module)]
struct Two {
    calls: Variable,
}

#[layer]
impl Two {
    #[signature(row = [None; f32])]
    fn call(&self, row: &Tensor) -> Tensor {
        // In training this method is traced after `count` was traced for inference.
        self.calls.assign(self.calls.value() + 1_i64);
        row + Tensor::from([1.0_f32, 2.0, 3.0])
    }

    #[signature(count = [None; i64])]
    fn count(&self, count: &Tensor) -> Tensor {
        count + 1_i64
    }
}

#[test]
fn a_size_that_one_method_needs_says_nothing_about_another() {
    let program = Program::trace(&Two { calls: Variable::state(Tensor::from([0_i64])) }).unwrap();
    assert_eq!(program.signature("call").unwrap().to_string(), "call(row: [3; f32]) -> [3; f32]");
    assert_eq!(program.signature("count").unwrap().to_string(), "count(count: [?; i64]) -> [?; i64]");
    let counted = program.call_function("count", &[Tensor::from([1_i64, 2])]).unwrap();
    assert_eq!(counted[0].to_vec::<i64>().unwrap(), [2, 3]);
}
