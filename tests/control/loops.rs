//! `while_loop` and `fori_loop`.

use std::cell::Cell;

use holotype::prelude::*;

use crate::{count, same, text};

#[derive(Module)]
struct Collatz;

#[layer]
impl Collatz {
    /// The steps of each number to 1, and the highest number on the way.
    #[signature(start = [; i64])]
    fn call(&self, start: &Tensor) -> (Tensor, Tensor) {
        let state = (start.clone(), Tensor::from(0_i64), start.clone());
        let (_, steps, highest) = control::while_loop(
            state,
            |(n, _, _)| n.not_equal(1),
            |(n, steps, highest)| {
                let next = control::cond(&n.remainder(2).equal(0), || &n / 2, || &n * 3 + 1);
                (next.clone(), steps + 1, highest.maximum(next))
            },
        );
        (steps, highest)
    }
}

#[test]
fn a_loop_goes_on_while_a_condition_holds() {
    let calls = [1_i64, 6, 27].map(|n| [Tensor::from(n)]);
    let calls: Vec<&[Tensor]> = calls.iter().map(|call| &call[..]).collect();
    let (outputs, program) = same(|| Collatz, &calls);
    let numbers =
        |index: usize| outputs.iter().map(|o| o[index].to_scalar::<i64>().unwrap()).collect::<Vec<_>>();
    assert_eq!((numbers(0), numbers(1)), (vec![0, 8, 111], vec![1, 16, 9232]));
    let text = text(&program);
    assert!(
        text.contains("{condition: while_loop.condition, body: while_loop.body, state: 3}: [; i64], [; i64]"),
        "{text}"
    );
}

#[derive(Module)]
struct Power {
    weights: Variable,
}

#[layer]
impl Power {
    fn new() -> Self {
        Self { weights: Variable::new(Tensor::from([[0.5_f32, 1.0], [0.25, -1.0]])) }
    }

    /// Counts with integers, with sizes and with tensors; the bodies use what is around them.
    #[signature(x = [n, 2; f32], times = [; i32])]
    fn call(&self, x: &Tensor, times: &Tensor) -> (Tensor, Tensor, Tensor) {
        let offset = x.mean();
        let fixed = control::fori_loop(2..5, x.clone(), |index, x| {
            x.matmul(&self.weights) + &offset * index.cast(DType::F32)
        });
        let sizes = control::fori_loop(Dim::from(1)..x.dim(0), Tensor::from(0_i64), |index, sum| sum + index);
        let tensors = control::fori_loop(
            Tensor::from(0_i32)..times.clone(),
            [x.clone(), offset.clone()],
            |index, [x, y]| [x + &offset, y * index.cast(DType::F32) + 1.0],
        );
        let [a, b] = tensors;
        (fixed, sizes, a + b)
    }
}

#[test]
fn a_loop_counts() {
    let x = Tensor::from([[1.0_f32, 2.0], [3.0, -4.0], [0.5, 0.25], [2.0, 1.0]]);
    let calls = [0, 1, 4, -3].map(|times| [x.clone(), Tensor::from(times)]);
    let calls: Vec<&[Tensor]> = calls.iter().map(|call| &call[..]).collect();
    let (outputs, program) = same(Power::new, &calls);
    assert_eq!(outputs[0][1].to_scalar::<i64>().unwrap(), 1 + 2 + 3);
    let offset = x.mean().to_scalar::<f32>().unwrap();
    assert_eq!(outputs[0][2].to_vec::<f32>().unwrap(), (x.clone() + offset).to_vec::<f32>().unwrap());
    assert!(outputs[3][2].data().unwrap().same_bits(outputs[0][2].data().unwrap()));
    assert_eq!((count(&program, "scan"), count(&program, "while")), (2, 1));
    let text = text(&program);
    assert!(text.contains("length: 3, reverse: false") && text.contains("length: n - 1"), "{text}");
    assert_eq!(count(&program, "case"), 0);
}

#[test]
fn a_symbolic_range_whose_end_is_below_its_start_is_an_error_of_the_call() {
    let program = Program::trace(&Power::new()).unwrap();
    let error = program.call(&[Tensor::zeros([0, 2]), Tensor::from(0_i32)]).unwrap_err().to_string();
    assert!(error.contains("scan: the length n - 1 is not known, or negative"), "{error}");
    assert!(error.contains("tests/control/loops.rs"), "{error}");
}

#[test]
fn eager_loops_just_run() {
    let runs = Cell::new(0);
    let sum = control::fori_loop(0..4_i64, Tensor::from(0_i64), |index, sum| {
        runs.set(runs.get() + 1);
        sum + index
    });
    assert_eq!((sum.to_scalar::<i64>().unwrap(), runs.get()), (6, 4));
    for (start, end) in [(0, 0), (4, 0)] {
        control::fori_loop(start..end, (), |_, ()| panic!("not run"));
        control::fori_loop(Tensor::from(start)..Tensor::from(end), (), |_, ()| panic!("not run"));
    }
    let ends = [Tensor::from(2_u8), Tensor::from(5_u8)];
    let sum = control::fori_loop(&ends[0]..&ends[1], Tensor::from(0_i64), |index, sum| sum + index);
    assert_eq!(sum.to_scalar::<i64>().unwrap(), 9);
    let done = control::while_loop(Tensor::from(1_i32), |x| x.less(1), |_| panic!("not run"));
    assert_eq!(done.to_scalar::<i32>().unwrap(), 1);
}

#[derive(Module)]
struct Table;

#[layer]
impl Table {
    /// Loops in loops, over the index of the outer one.
    #[signature(x = [n; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        control::fori_loop(0..3, x.clone(), |i, x| {
            let (x, _) = control::while_loop(
                (x, i.clone()),
                |(_, left)| left.greater(0),
                |(x, left)| {
                    let x = control::fori_loop(0..2, x, |j, x| x * 2.0 + (i + j).cast(DType::F32));
                    (x, left - 1)
                },
            );
            x
        })
    }
}

#[test]
fn loops_nest() {
    let (outputs, program) = same(|| Table, &[&[Tensor::from([1.0_f32, 0.0])], &[Tensor::zeros([0])]]);
    let mut expected = [1.0_f32, 0.0];
    for i in 0..3 {
        for _ in 0..i {
            for j in 0..2 {
                expected = expected.map(|x| x * 2.0 + (i + j) as f32);
            }
        }
    }
    assert_eq!(outputs[0][0].to_vec::<f32>().unwrap(), expected);
    assert_eq!((count(&program, "scan"), count(&program, "while")), (2, 1));
}

#[derive(Module)]
struct Refine;

#[layer]
impl Refine {
    /// The condition makes the open size 3, and the body sees it.
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let limit = Tensor::from([9.0_f32, 8.0, 7.0]);
        control::while_loop(x.clone(), |x| (x - &limit).max().less(0.0), |x| x + 1.0)
    }
}

#[test]
fn open_sizes_are_found_out_in_loops() {
    let (outputs, program) = same(|| Refine, &[&[Tensor::from([1.0_f32, 2.0, 3.0])]]);
    assert_eq!(outputs[0][0].to_vec::<f32>().unwrap(), [5.0, 6.0, 7.0]);
    assert_eq!(program.signature("call").unwrap().to_string(), "call(x: [3; f32]) -> [3; f32]");
}
