//! `cond` and `switch`.

use std::collections::BTreeMap;

use holotype::prelude::*;

use crate::{count, operations, same, text};

#[derive(Module)]
struct Sign {
    scale: Variable,
}

#[layer]
impl Sign {
    fn new() -> Self {
        Self { scale: Variable::new(Tensor::from([2.0_f32, 3.0])) }
    }

    /// Both branches use a tensor and a variable from around them, and a constant.
    #[signature(x = [None, 2; f32])]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor) {
        let doubled = x * 2.0;
        let (sum, parts): (Tensor, Vec<Tensor>) = control::cond(
            &x.sum().greater(0.0),
            || ((&doubled * &self.scale).sum(), vec![x.clone()]),
            || (x.min() + Tensor::from(7.0_f32), vec![doubled.abs()]),
        );
        (sum, parts[0].clone())
    }
}

#[test]
fn a_branch_is_chosen_by_a_value() {
    let rows = |sign: f32| Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]) * sign;
    let (outputs, program) = same(Sign::new, &[&[rows(1.0)], &[rows(-1.0)]]);
    assert_eq!(outputs[0][0].to_scalar::<f32>().unwrap(), 2.0 * (2.0 + 6.0 + 6.0 + 12.0));
    assert_eq!(outputs[1][0].to_scalar::<f32>().unwrap(), -4.0 + 7.0);
    assert_eq!(outputs[1][1].to_vec::<f32>().unwrap(), [2.0, 4.0, 6.0, 8.0]);
    let text = text(&program);
    assert!(text.contains("function cond.then(") && text.contains("function cond.otherwise("), "{text}");
    assert!(text.contains("{branches: [cond.otherwise, cond.then]}"), "{text}");
}

#[derive(Module)]
struct Pick {
    wide: bool,
}

#[layer]
impl Pick {
    #[signature(index = [; i64], x = [n; f32])]
    fn call(&self, index: &Tensor, x: &Tensor) -> (Tensor, Tensor) {
        let index = if self.wide { index.clone() } else { index.cast(DType::I32) };
        let branches: Vec<Box<dyn FnOnce() -> BTreeMap<String, Tensor> + '_>> =
            vec![Box::new(|| named(x + 1.0, 0)), Box::new(|| named(x * 10.0, 1)), Box::new(|| named(-x, 2))];
        let chosen = control::switch(&index, branches);
        (chosen["value"].clone(), chosen["number"].clone())
    }
}

fn named(value: Tensor, number: i32) -> BTreeMap<String, Tensor> {
    BTreeMap::from([("value".to_owned(), value), ("number".to_owned(), Tensor::from(number))])
}

#[test]
fn an_index_chooses_and_out_of_range_the_last() {
    let x = || Tensor::from([1.0_f32, 2.0]);
    let calls: Vec<Vec<Tensor>> =
        [0, 1, 2, 3, -1, i64::from(i32::MIN)].iter().map(|&index| vec![Tensor::from(index), x()]).collect();
    let calls: Vec<&[Tensor]> = calls.iter().map(Vec::as_slice).collect();
    let (outputs, _) = same(|| Pick { wide: false }, &calls);
    let numbers: Vec<i32> = outputs.iter().map(|output| output[1].to_scalar().unwrap()).collect();
    assert_eq!(numbers, [0, 1, 2, 2, 2, 2]);
    assert_eq!(outputs[1][0].to_vec::<f32>().unwrap(), [10.0, 20.0]);
}

#[test]
fn an_index_of_i64_does_not_wrap_into_the_range() {
    let calls: Vec<Vec<Tensor>> = [1, 1 << 32, i64::MIN, i64::MAX]
        .iter()
        .map(|&index| vec![Tensor::from(index), Tensor::from([1.0_f32])])
        .collect();
    let calls: Vec<&[Tensor]> = calls.iter().map(Vec::as_slice).collect();
    let (outputs, _) = same(|| Pick { wide: true }, &calls);
    let numbers: Vec<i32> = outputs.iter().map(|output| output[1].to_scalar().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 2, 2]);
}

#[derive(Module)]
struct Known {
    flag: bool,
}

#[layer]
impl Known {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let y = control::cond(&Tensor::from(self.flag), || x + 1.0, || x.reshape([2, 2]));
        control::switch(&Tensor::from(0_i32), vec![Box::new(|| y.clone()), Box::new(|| panic!("not run"))])
    }
}

#[test]
fn a_predicate_that_is_known_runs_one_branch_only() {
    let (outputs, program) = same(|| Known { flag: true }, &[&[Tensor::from([1.0_f32])]]);
    assert_eq!(outputs[0][0].to_vec::<f32>().unwrap(), [2.0]);
    assert!(!operations(&program).contains(&"case"));
}

#[derive(Module)]
struct Open;

#[layer]
impl Open {
    /// The branches make the open size of `x` the one that `y` has.
    #[signature(flag = [; bool], x = [None; f32], y = [3; f32])]
    fn call(&self, flag: &Tensor, x: &Tensor, y: &Tensor) -> Tensor {
        control::cond(flag, || x.exp(), || y.clone())
    }
}

#[test]
fn open_sizes_become_what_the_other_branch_gives() {
    let program = Program::trace(&Open).unwrap();
    let signature = program.signature("call").unwrap().to_string();
    assert_eq!(signature, "call(flag: [; bool], x: [3; f32], y: [3; f32]) -> [3; f32]");
}

#[derive(Module)]
struct Nested;

#[layer]
impl Nested {
    #[signature(x = [; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        control::cond(
            &x.greater(0.0),
            || control::cond(&x.greater(10.0), || x * 100.0, || x * 10.0),
            || control::while_loop(x.clone(), |x| x.less(0.0), |y| y - x),
        )
    }
}

#[test]
fn branches_nest() {
    let calls = [3.0_f32, 30.0, -3.0].map(|x| [Tensor::from(x)]);
    let calls: Vec<&[Tensor]> = calls.iter().map(|call| &call[..]).collect();
    let (outputs, program) = same(|| Nested, &calls);
    let values: Vec<f32> = outputs.iter().map(|output| output[0].to_scalar().unwrap()).collect();
    assert_eq!(values, [30.0, 3000.0, 0.0]);
    assert_eq!((count(&program, "case"), count(&program, "while")), (2, 1));
}

#[test]
fn a_branch_that_is_not_chosen_is_not_looked_at() {
    let x = Tensor::from(1.0_f32);
    let y = control::cond(&Tensor::from(false), || panic!("not run"), || &x + 1.0);
    assert_eq!(y.to_scalar::<f32>().unwrap(), 2.0);
    let nothing: () = control::cond(&Tensor::from(true), || (), || panic!("not run"));
    assert_eq!(nothing, ());
}
