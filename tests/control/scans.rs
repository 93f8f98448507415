//! `scan`, `scan_reverse` and `map`.

use std::collections::HashMap;

use holotype::graph::FunctionId;
use holotype::prelude::*;

use crate::{count, same, text};

#[derive(Module)]
struct Recurrent {
    weights: Variable,
}

#[layer]
impl Recurrent {
    fn new() -> Self {
        Self { weights: Variable::new(Tensor::from([[0.5_f32, -0.5], [0.25, 1.0]])) }
    }

    /// A recurrent layer over the steps of a batch, forwards and backwards.
    #[signature(x = [steps, batch, 2; f32])]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor, Tensor) {
        let start = Tensor::zeros([1, 2]).broadcast_to([x.dim(1), Dim::from(2)]);
        let step = |state: Tensor, x: Tensor| {
            let state = (state.matmul(&self.weights) + x).tanh();
            (state.clone(), state)
        };
        let (last, all) = control::scan(start.clone(), x.clone(), step);
        let (_, backwards) = control::scan_reverse(start, x.clone(), step);
        (last, all, backwards)
    }
}

fn steps(steps: usize, batch: usize) -> Tensor {
    let values = (0..steps * batch * 2).map(|n| (n as f32 * 0.7).sin()).collect();
    Tensor::from_vec([steps, batch, 2], values)
}

#[test]
fn a_scan_carries_state_over_items() {
    let calls = [steps(4, 3), steps(1, 2), steps(0, 2), steps(3, 0)].map(|x| [x]);
    let calls: Vec<&[Tensor]> = calls.iter().map(|call| &call[..]).collect();
    let (outputs, program) = same(Recurrent::new, &calls);
    // Backwards is forwards over the items turned round.
    let turned = Program::trace(&Recurrent::new()).unwrap().call(&[steps(4, 3).flip(0)]).unwrap();
    let expected = turned[1].flip(0);
    assert!(outputs[0][2].data().unwrap().same_bits(expected.data().unwrap()));
    let last = outputs[0][1].index_axis(0, -1);
    assert!(outputs[0][0].data().unwrap().same_bits(last.data().unwrap()));
    assert_eq!(outputs[2][0].to_vec::<f32>().unwrap(), [0.0; 4]);
    assert_eq!(outputs[2][1].shape().concrete().unwrap(), [0, 2, 2]);
    assert_eq!(
        program.signature("call").unwrap().to_string(),
        "call(x: [steps, batch, 2; f32]) -> ([batch, 2; f32], [steps, batch, 2; f32], [steps, batch, 2; f32])"
    );
    assert!(text(&program).contains("state: 1, inputs: 1, length: steps, reverse: true}"));
}

#[derive(Module)]
struct Structures;

type State = (HashMap<String, Tensor>, Option<Tensor>);

#[layer]
impl Structures {
    #[signature(x = [n, 3; f32], y = [None; i32])]
    fn call(&self, x: &Tensor, y: &Tensor) -> (Tensor, Tensor, Tensor, Tensor) {
        let state: State = (
            HashMap::from([("sum".into(), Tensor::zeros([3])), ("count".into(), Tensor::from(0_i32))]),
            None,
        );
        let ((sums, _), [rows, counts]) =
            control::scan(state, vec![x.clone(), y.clone()], |(sums, none), item| {
                let count = &sums["count"] + &item[1];
                let sum = &sums["sum"] + &item[0];
                let outputs = [sum.clone().square(), count.equal(&item[1])];
                ((HashMap::from([("sum".into(), sum), ("count".into(), count)]), none), outputs)
            });
        (sums["sum"].clone(), sums["count"].clone(), rows, counts)
    }
}

#[test]
fn structures_go_round_and_come_out_stacked() {
    let x = Tensor::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let one = x.slice_axis(0, ..1);
    let none = x.slice_axis(0, ..0);
    let calls = [
        [x, Tensor::from([5_i32, 6])],
        [one, Tensor::from([5_i32])],
        [none, Tensor::from(Vec::<i32>::new())],
    ];
    let calls: Vec<&[Tensor]> = calls.iter().map(|call| &call[..]).collect();
    let (outputs, program) = same(|| Structures, &calls);
    assert_eq!(outputs[0][0].to_vec::<f32>().unwrap(), [5.0, 7.0, 9.0]);
    assert_eq!(outputs[0][1].to_scalar::<i32>().unwrap(), 11);
    assert_eq!(outputs[0][2].to_vec::<f32>().unwrap(), [1.0, 4.0, 9.0, 25.0, 49.0, 81.0]);
    assert_eq!(outputs[0][3].to_vec::<bool>().unwrap(), [true, false]);
    assert_eq!(outputs[2][3].shape().concrete().unwrap(), [0]);
    // The open size is that of the other input, which has a name.
    assert_eq!(program.signature("call").unwrap().inputs[1].1.to_string(), "[n; i32]");
}

#[derive(Module)]
struct Batched;

#[layer]
impl Batched {
    /// A map in a map, over the outer item too.
    #[signature(x = [n, m; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        control::map(x.clone(), |row: Tensor| control::map(x.clone(), |other: Tensor| (&row * other).sum()))
    }
}

#[test]
fn maps_nest_and_see_the_items_around_them() {
    let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let (outputs, program) =
        same(|| Batched, &[std::slice::from_ref(&x), &[Tensor::zeros([1, 0])], &[Tensor::zeros([0, 2])]]);
    let expected = x.matmul(x.t());
    assert_eq!(outputs[0][0].to_vec::<f32>().unwrap(), expected.to_vec::<f32>().unwrap());
    assert_eq!(outputs[2][0].shape().concrete().unwrap(), [0, 0]);
    assert_eq!(count(&program, "scan"), 2);
}

#[derive(Module)]
struct Fixed;

#[layer]
impl Fixed {
    /// Items of a constant, with state that no output needs.
    #[signature(x = [; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let table = Tensor::from([1.0_f32, 2.0, 3.0]);
        let ((), y) = control::scan((), table, |(), item: Tensor| ((), item * x));
        y
    }
}

#[test]
fn a_scan_over_a_constant_is_kept_in_the_graph() {
    let (outputs, program) = same(|| Fixed, &[&[Tensor::from(2.0_f32)]]);
    assert_eq!(outputs[0][0].to_vec::<f32>().unwrap(), [2.0, 4.0, 6.0]);
    assert_eq!(count(&program, "scan"), 1);
    let body = &program.graph().functions[0];
    assert_eq!((body.name.as_str(), program.graph().functions.len()), ("scan.body", 2));
    assert!(program.graph().function(FunctionId(1)).unwrap().callees().eq([FunctionId(0)]));
}

#[test]
fn without_items_the_body_is_asked_only_for_what_it_would_give() {
    let seen = Variable::state(Tensor::from(3_i32));
    let generator = Generator::new(1);
    let nothing = Tensor::zeros([0, 2]);
    let (state, y) = control::scan(Tensor::from(1_i32), nothing.clone(), |state: Tensor, x: Tensor| {
        seen.assign(seen.value() + 1);
        (state + &seen, (x.sum().greater(0.0), generator.uniform([4])))
    });
    assert_eq!(state.to_scalar::<i32>().unwrap(), 1);
    assert_eq!((y.0.dtype(), y.0.shape().concrete().unwrap()), (DType::Bool, vec![0]));
    assert_eq!((y.1.dtype(), y.1.shape().concrete().unwrap()), (DType::F32, vec![0, 4]));
    assert_eq!(seen.value().to_scalar::<i32>().unwrap(), 3);
    assert_eq!(generator.state().value().to_vec::<u64>().unwrap(), [1, 0]);
    let error =
        control::map(nothing, |x: Tensor| x.matmul(Tensor::zeros([5, 5]))).error().unwrap().to_string();
    assert!(error.contains("matmul"), "{error}");
}

#[test]
fn an_output_that_does_not_fit_in_memory_is_an_error_with_its_place() {
    #[derive(Module)]
    struct Large;

    #[layer]
    impl Large {
        #[signature(x = [n; f32])]
        fn call(&self, x: &Tensor) -> Tensor {
            let items = Tensor::zeros([1, 0]).broadcast_to([x.dim(0) * (1_i64 << 40), Dim::from(0)]);
            control::map(items, |_: Tensor| x.clone())
        }
    }

    let error = Program::trace(&Large).unwrap().call(&[Tensor::zeros([1 << 20])]).unwrap_err().to_string();
    assert!(error.contains("scan: the result") && error.contains("do not fit in memory"), "{error}");
    assert!(error.contains("tests/control/scans.rs"), "{error}");
}
