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

/// A list without an end in sight.
#[derive(Module)]
struct Link {
    weight: Variable,
    next: Option<Box<Link>>,
}

#[layer]
impl Link {
    fn chain(length: usize) -> Self {
        let link = |next| Self { weight: Variable::new(1.0_f32), next };
        (1..length).fold(link(None), |next, _| link(Some(Box::new(next))))
    }

    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.weight
    }
}

#[test]
fn a_tree_too_deep_to_be_loaded_is_not_saved() {
    assert!(Program::trace(&Link::chain(200)).is_ok());
    let error = Program::trace(&Link::chain(300)).unwrap_err().to_string();
    assert!(error.contains("at most 256"), "{error}");
}

/// Code that reads or writes what a variable holds while it is traced.
#[derive(Module)]
struct Peek {
    weight: Variable,
}

#[layer]
impl Peek {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * Tensor::from(self.weight.data().map(Tensor::from_data))
    }
}

#[test]
fn what_a_variable_holds_is_not_baked_into_a_graph() {
    let model = Peek { weight: Variable::new(2.0_f32) };
    assert_eq!(model.call(&Tensor::from([3.0_f32])).to_vec::<f32>().unwrap(), [6.0]);
    assert!(matches!(Program::trace(&model), Err(Error::NoValue { .. })));
}

/// Counts its calls.
#[derive(Module)]
struct Counter {
    calls: Variable,
}

#[layer]
impl Counter {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.calls.assign(self.calls.value() + 1_i64);
        x + self.calls.value().cast(DType::F32)
    }
}

#[test]
fn calls_from_several_threads_lose_no_assignment() {
    let program = Program::trace(&Counter { calls: Variable::state(0_i64) }).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    program.call(&[Tensor::from([1.0_f32])]).unwrap();
                }
            });
        }
    });
    assert_eq!(program.variables()[0].value().to_scalar::<i64>().unwrap(), 2000);
}
