//! What is said of branches and loops that do not fit: the function, the leaf, both types, the place, and what to write.

use std::collections::BTreeMap;

use holotype::prelude::*;

use crate::refused;

/// A layer that calls a function on traced inputs.
#[derive(Module)]
struct Case {
    number: usize,
}

type Check = fn(&Tensor, &Tensor) -> Tensor;

#[layer]
impl Case {
    #[signature(x = [n, 3; f32], y = [m; f32])] // the promises
    fn call(&self, x: &Tensor, y: &Tensor) -> Tensor {
        CASES[self.number].0(x, y)
    }
}

/// What is wrong, what is said of it when it is traced, and what is said of it when it runs: the same, or nothing.
const CASES: &[(Check, &str, Option<&str>)] = &[
    (
        |x, _| control::cond(&x.greater(0.0), || x.clone(), || x.clone()),
        "cond([n, 3; bool]): the predicate is one bool, not [n, 3; bool]: make one number of it first, with `.min()`, \
         `.max()` or `.sum()`, or choose element by element with `.select(...)`",
        Some("cond([2, 3; bool]): the predicate is one bool, not [2, 3; bool]: make one number of it first"),
    ),
    (
        |x, _| control::cond(&x.sum(), || x.clone(), || x.clone()),
        "cond([; f32]): the predicate is one bool, not [; f32]: compare it, for example with `.not_equal(0)`",
        Some("cond([; f32]): the predicate is one bool, not [; f32]"),
    ),
    (
        |x, _| {
            control::cond(&x.sum().greater(0.0), || (x.sum(), x.clone()), || (x.sum(), x.cast(DType::F64))).1
        },
        "cond(): the branches give different types as `1` of the result: `then` gives [n, 3; f32], `otherwise` gives \
         [n, 3; f64]: write `.cast(DType::F32)` in `otherwise`",
        None,
    ),
    (
        |x, _| control::cond(&x.sum().greater(0.0), || x.clone(), || x.sum_axis(0)),
        "cond(): the branches give different types as the result: `then` gives [n, 3; f32], `otherwise` gives \
         [3; f32]: give both the same shape",
        None,
    ),
    (
        |x, y| control::cond(&x.sum().greater(0.0), || x.sum_axis(1), || y.clone()),
        "cond(): the branches give different types as the result: `then` gives [n; f32], `otherwise` gives [m; f32] \
         (the sizes n and m are not equal; `m` in input `y` of `call` (tests/control/errors.rs:",
        None,
    ),
    (
        |x, _| {
            let one = || BTreeMap::from([("left".to_owned(), x.clone())]);
            let other = || BTreeMap::from([("right".to_owned(), x.clone())]);
            control::cond(&x.sum().greater(0.0), one, other)["left"].clone()
        },
        "cond(): the branches give different structures: `then` has a tensor at `left`, and `otherwise` has none there",
        None,
    ),
    (
        |x, _| control::cond(&x.sum().greater(0.0), || x.clone(), || x.matmul(Tensor::zeros([4]))),
        "matmul([n, 3; f32], [4; f32]): ",
        None,
    ),
    (
        |x, _| control::switch(&Tensor::from(1_i32), Vec::<Box<dyn FnOnce() -> Tensor>>::new()) + x,
        "switch([; i32]): there are no branches: give one or more",
        Some("switch([; i32]): there are no branches: give one or more"),
    ),
    (
        |x, _| control::switch(&x.sum(), vec![Box::new(|| x.clone())]),
        "switch([; f32]): the index is one number of dtype i32 or i64: take one element, and write `.cast(DType::I32)`",
        Some("switch([; f32]): the index is one number of dtype i32 or i64"),
    ),
    (
        |x, _| {
            let index = x.sum().cast(DType::I32);
            control::switch(
                &index,
                vec![Box::new(|| vec![x.clone()]), Box::new(Vec::new), Box::new(|| vec![x + 1.0])],
            )
            .swap_remove(0)
        },
        "switch(): the branches give different structures: `branch 0` has a tensor at `0`, and `branch 1` has none there",
        None,
    ),
    (
        |x, _| control::while_loop(x.clone(), |x| x.less(3.0), |x| x + 1.0),
        "while_loop([n, 3; bool]): the condition of a loop is one bool, not [n, 3; bool]: make one number",
        Some(
            "while_loop([2, 3; bool]): the condition of a loop is one bool, not [2, 3; bool]: make one number",
        ),
    ),
    (
        |x, _| control::while_loop(x.clone(), |x| x.sum().less(99.0), |x| x.cast(DType::F64)),
        "while_loop(): the body changes the state from [n, 3; f32] to [n, 3; f64]; each iteration takes what the one before \
         gave: write `.cast(DType::F32)` in the body, or start with f64",
        Some("while_loop(): the body changes the state from [2, 3; f32] to [2, 3; f64]; each iteration"),
    ),
    (
        |x, _| {
            let state = (Tensor::from(0_i32), vec![x.clone()]);
            let body = |(i, x): (Tensor, Vec<Tensor>)| (i + 1, vec![Tensor::concatenate(&[&x[0], &x[0]], 0)]);
            control::while_loop(state, |(i, _)| i.less(3), body).1.swap_remove(0)
        },
        "while_loop(): the body changes `1.0` of the state from [n, 3; f32] to [2*n, 3; f32] (the sizes n and 2*n are not \
         equal; `n` in input `x` of `call` (tests/control/errors.rs:",
        Some(
            "while_loop(): the body changes `1.0` of the state from [2, 3; f32] to [4, 3; f32]; each iteration takes what \
             the one before gave: start with a tensor of the shape that it has in the end, or put parts into it",
        ),
    ),
    (
        |x, _| {
            let body = |x: Vec<Tensor>| x.into_iter().take(1).collect();
            control::while_loop(vec![x.clone(), x.clone()], |x| x[0].sum().less(99.0), body).swap_remove(0)
        },
        "while_loop(): the body changes the structure of the state: the state before has a tensor at `1`, and the new one has \
         none there",
        Some(
            "while_loop(): the body changes the structure of the state: the state before has a tensor at `1`",
        ),
    ),
    (
        |x, _| control::while_loop(x.clone(), |x| x.matmul(Tensor::zeros([4])).sum().less(1.0), |x| x),
        "matmul([n, 3; f32], [4; f32]): ",
        Some("matmul([2, 3; f32], [4; f32]): "),
    ),
    (
        |x, _| control::while_loop(x.clone(), |x| x.sum().less(99.0), |x| x.matmul(Tensor::zeros([4]))),
        "matmul([n, 3; f32], [4; f32]): ",
        Some("matmul([2, 3; f32], [4; f32]): "),
    ),
    (
        |x, _| control::fori_loop(0..3, x.matmul(Tensor::zeros([4])), |_, x| x),
        "matmul([n, 3; f32], [4; f32]): ",
        Some("matmul([2, 3; f32], [4; f32]): "),
    ),
    (
        |x, _| {
            control::fori_loop(0..3, x.clone(), |index, x| {
                (x + 1.0).cast(DType::F16) + index.cast(DType::F16)
            })
        },
        "fori_loop(): the body changes the state from [n, 3; f32] to [n, 3; f16]; each iteration takes what the one before \
         gave: write `.cast(DType::F32)` in the body, or start with f16",
        Some("fori_loop(): the body changes the state from [2, 3; f32] to [2, 3; f16]"),
    ),
    (
        |x, y| control::fori_loop(Tensor::from(0_i64)..y.clone(), x.clone(), |_, x| x),
        "fori_loop([m; f32]): the end of the range is one number of an integer dtype: take one element",
        Some("fori_loop([2; f32]): the end of the range is one number of an integer dtype"),
    ),
    (
        |x, y| control::map((x.clone(), y.clone()), |(x, y): (Tensor, Tensor)| x + y),
        "map(): the inputs have different numbers of items: `0` of the input has n, `1` of the input has m (the sizes n and m \
         are not equal; ",
        None,
    ),
    (
        |x, y| control::map((x.clone(), y.sum()), |(x, y): (Tensor, Tensor)| x + y),
        "map([; f32]): `1` of the input has no dimension 0 to go through: give it one with `.expand_dims(0)`",
        Some("map([; f32]): `1` of the input has no dimension 0 to go through"),
    ),
    (
        |x, _| control::map((), |()| x.clone()),
        "map(): the inputs hold no tensor, so there are no items: count with `fori_loop`",
        Some("map(): the inputs hold no tensor, so there are no items"),
    ),
    (
        |x, _| control::scan(x.sum(), x.clone(), |state: Tensor, item: Tensor| (&state + &item, item)).1,
        "scan(): the body changes the state from [; f32] to [3; f32]; each iteration",
        Some("scan(): the body changes the state from [; f32] to [3; f32]; each iteration"),
    ),
    (
        |x, _| {
            let step = |state: Tensor, item: Tensor| (state, item.matmul(Tensor::zeros([4])));
            control::scan_reverse(x.sum(), x.clone(), step).0
        },
        "matmul([3; f32], [4; f32]): ",
        Some("matmul([3; f32], [4; f32]): "),
    ),
    (
        |x, _| {
            let mut escaped = None;
            let sum = control::fori_loop(0..3, x.clone(), |_, x| {
                escaped = Some(x.exp());
                x
            });
            sum + escaped.unwrap_or_else(|| x.clone())
        },
        "an operand belongs to a trace that has ended",
        None,
    ),
];

#[test]
fn traced_code_that_does_not_fit_is_refused() {
    for (number, (_, expected, _)) in CASES.iter().enumerate() {
        let error = refused(&Case { number });
        assert!(error.contains(expected), "case {number}:\n{error}\ninstead of\n{expected}");
        assert!(error.contains("\n  at tests/control/errors.rs:"), "case {number}: {error}");
    }
}

#[test]
fn eager_code_that_does_not_fit_gives_the_error() {
    let (x, y) = (Tensor::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]]), Tensor::from([1.0_f32, 2.0]));
    for (number, (run, _, expected)) in CASES.iter().enumerate() {
        let result = run(&x, &y);
        match expected {
            Some(expected) => {
                let error = result.error().unwrap().to_string();
                assert!(error.contains(expected), "case {number}:\n{error}\ninstead of\n{expected}");
                assert!(error.contains("\n  at tests/control/errors.rs:"), "case {number}: {error}");
            }
            None => assert!(result.error().is_none(), "case {number}: {:?}", result.error()),
        }
    }
}

#[test]
fn eager_items_that_differ_are_refused() {
    let x = Tensor::from([1_i64, 2, 3]);
    let error = |result: Tensor| result.error().unwrap().to_string();
    let lengths = control::map((x.clone(), Tensor::zeros([2])), |(x, _): (Tensor, Tensor)| x);
    let expected =
        "map(): the inputs have different numbers of items: `0` of the input has 3, `1` of the input has 2";
    assert!(error(lengths.clone()).starts_with(expected), "{}", error(lengths));
    let sizes = control::map(x.clone(), |x: Tensor| Tensor::zeros([x.to_scalar::<i64>().unwrap()]));
    let expected = "map(): the output is [1; f32] for one item and [2; f32] for item 1";
    assert!(error(sizes.clone()).starts_with(expected), "{}", error(sizes));
    let structures = control::map(x, |x: Tensor| match x.to_scalar::<i64>().unwrap() {
        1 => vec![x.clone(), x],
        _ => vec![x],
    });
    let expected =
        "map(): the outputs of the items differ in structure: one item's has a tensor at `1`, and another's";
    assert!(error(structures[1].clone()).starts_with(expected), "{}", error(structures[1].clone()));
    let size = Dim::symbol(holotype::tensor::Symbol::named("n"));
    let outlived = control::fori_loop(Dim::from(0)..size, Tensor::from(0_i64), |_, x| x);
    assert!(
        error(outlived.clone()).contains("n in the range: the size is known only in the trace"),
        "{outlived}"
    );
}

#[derive(Module)]
struct Nothing {
    count: Variable,
}

#[layer]
impl Nothing {
    /// What gives no tensor fails the trace.
    #[signature(x = [n; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        control::while_loop((), |()| x.greater(0.0), |()| self.count.assign(self.count.value() + 1));
        x.clone()
    }
}

#[test]
fn an_error_that_no_tensor_can_carry_fails_the_trace() {
    let error = refused(&Nothing { count: Variable::state(Tensor::from(0_i32)) });
    assert!(error.starts_with("while_loop([n; bool]): the condition of a loop is one bool"), "{error}");
}

#[derive(Module)]
struct Deep {
    inner: Inner,
}

#[derive(Module)]
struct Inner;

#[layer]
impl Inner {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        control::map(x.clone(), |x: Tensor| control::cond(&x.greater(0.0), || x.clone(), || x.expand_dims(0)))
    }
}

#[layer]
impl Deep {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        control::fori_loop(0..2, x.clone(), |_, x| self.inner.call(&x))
    }
}

#[test]
fn an_error_says_in_which_layers_it_came_up() {
    let error = refused(&Deep { inner: Inner });
    assert!(error.starts_with("cond(): the branches give different types as the result: "), "{error}");
    assert!(error.contains("\n  in inner\n  in call of Inner at tests/control/errors.rs:"), "{error}");
}

#[test]
fn an_error_goes_through_whatever_comes_next() {
    let failed = Tensor::from([1.0_f32]).matmul(Tensor::zeros([2, 2]));
    let expected = failed.error().unwrap().to_string();
    let results = [
        control::cond(&failed, || Tensor::from(1), || Tensor::from(2)),
        control::switch(&failed, vec![Box::new(|| Tensor::from(1))]),
        control::while_loop(failed.clone(), |_| panic!("not run"), |x| x),
        control::fori_loop(0..0, failed.clone(), |_, _| panic!("not run")),
        control::fori_loop(Tensor::from(0_i32)..failed.clone(), Tensor::from(1), |_, x| x),
        control::map(failed.clone(), |x: Tensor| x),
        control::scan(failed.clone(), Tensor::zeros([2]), |s: Tensor, x: Tensor| (s, x)).1,
    ];
    for (number, result) in results.iter().enumerate() {
        assert_eq!(result.error().unwrap().to_string(), expected, "{number}");
    }
}
