//! Structures of every shape, nested.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use holotype::prelude::*;

use crate::{counted, programs, same, signatures};

#[derive(Structure)]
struct Pair<T>(T, Tensor);

#[derive(Structure)]
struct State {
    hidden: Vec<Pair<Tensor>>,
    table: BTreeMap<String, [Tensor; 2]>,
    extra: Option<(Tensor, Box<Tensor>)>,
    #[structure(skip)]
    note: String,
}

type Hashed = HashMap<String, Arc<Tensor>>;

#[derive(Structure)]
struct Parameters {
    rest: Hashed,
    state: State,
}

#[derive(Module)]
struct Nested;

#[layer]
impl Nested {
    #[signature(
        state = {
            hidden: [([n; f32], [; f32]); 2],
            table: { "of-two": [[n; f32]; 2], other: ([n; f32], [; f32]) },
            extra: ?([; f32], [n; f32]),
        },
        rest = { b: [; f32], a: [n; f32] },
    )]
    fn call(&self, state: State, rest: &Hashed) -> (State, Vec<Tensor>) {
        let shift = |x: &Tensor| x * 2.0 + &*rest["b"];
        let hidden = state.hidden.iter().rev().map(|Pair(x, y)| Pair(shift(x), y.exp())).collect();
        let table = state.table.iter().map(|(name, [x, y])| (name.clone(), [shift(y), shift(x)])).collect();
        let extra = state.extra.map(|(x, y)| (x.sin(), Box::new(&*y - &*rest["a"])));
        (State { hidden, table, extra, note: "lost".into() }, vec![rest["a"].sum()])
    }
}

fn state(extra: bool) -> State {
    State {
        hidden: vec![Pair(counted(&[3]), counted(&[])), Pair(counted(&[3]) * 3.0, counted(&[]) * 0.5)],
        table: BTreeMap::from([
            ("of-two".to_owned(), [counted(&[3]), counted(&[3]) + 1.0]),
            ("other".to_owned(), [counted(&[3]), counted(&[])]),
        ]),
        extra: extra.then(|| (counted(&[]), Box::new(counted(&[3]) / 3.0))),
        note: "kept nowhere".into(),
    }
}

#[test]
fn any_nesting_is_the_same_eagerly_traced_and_loaded() {
    let rest: Hashed =
        [("a", counted(&[3])), ("b", counted(&[]))].map(|(name, x)| (name.to_owned(), Arc::new(x))).into();
    for program in programs(&Nested) {
        for extra in [true, false] {
            let eager = Nested.call(state(extra), &rest);
            assert_eq!(eager.0.note, "", "what is skipped is lost, traced or not");
            let all = Parameters { rest: rest.clone(), state: state(extra) };
            let found: (State, Vec<Tensor>) = program.call_structure("call", &all).unwrap();
            same(&found, &eager);
            let found: (State, Vec<Tensor>) =
                program.call_structure("call", &(state(extra), rest.clone())).unwrap();
            same(&found, &eager);
        }
        assert_eq!(program.entries().len(), 4, "with and without `extra`, in two modes");
        assert_eq!(
            signatures(&program)[1],
            "call(state: {hidden: (([n; f32], [; f32]), ([n; f32], [; f32])), table: {of-two: ([n; f32], [n; f32]), \
             other: ([n; f32], [; f32])}}, rest: {b: [; f32], a: [n; f32]}) -> ({hidden: (([n; f32], [; f32]), \
             ([n; f32], [; f32])), table: {of-two: ([n; f32], [n; f32]), other: ([; f32], [n; f32])}}, ([; f32]))"
        );
    }
}

#[derive(Module)]
struct Lists;

#[layer]
impl Lists {
    #[signature(x = [[batch, 2; f32]; 3] -> [[batch, 2; f32]; 3])]
    fn call(&self, x: &[Tensor; 3]) -> [Tensor; 3] {
        [&x[2] + 1.0, &x[0] * 2.0, x[1].clone()]
    }

    #[signature(pair = ([n; f32], ?[n; f32]) -> ?[n; f32])]
    fn second(&self, pair: &(Tensor, Option<Tensor>)) -> (Option<Tensor>,) {
        (pair.1.as_ref().map(|second| second - &pair.0),)
    }

    #[signature(x = [None, 4; f32])]
    fn deep(&self, x: &Tensor) -> ((Tensor, Tensor), Tensor) {
        let [a, b, c] = self.call(&[1.0, 2.0, 3.0].map(|by| (x * by).reshape([-1, 2])));
        ((a, b), c)
    }
}

#[test]
fn lists_and_tuples_are_the_same_eagerly_traced_and_loaded() {
    let model = Lists;
    for program in programs(&model) {
        let x = [counted(&[4, 2]), counted(&[4, 2]) * 2.0, counted(&[4, 2]) + 3.0];
        let eager = model.call(&x);
        let found: [Tensor; 3] = program.call_structure("call", &x).unwrap();
        same(&found, &eager);
        let found: Vec<Tensor> = program.call(&x).unwrap();
        same(&found, &eager.to_vec());
        let pair = (counted(&[2]), Some(counted(&[2]) * 3.0));
        let found: (Option<Tensor>,) = program.call_structure("second", &pair).unwrap();
        same(&found, &model.second(&pair));
        let none: (Option<Tensor>,) =
            program.call_structure("second", &(counted(&[2]), None::<Tensor>)).unwrap();
        assert!(none.0.is_none());
        let found: ((Tensor, Tensor), Tensor) = program.call_structure("deep", &counted(&[2, 4])).unwrap();
        same(&found, &model.deep(&counted(&[2, 4])));
        let names: Vec<_> = program
            .call_named("deep", &[("x", counted(&[2, 4]))])
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["0.0", "0.1", "1"]);
        assert_eq!(
            signatures(&program)[0],
            "call(x: ([batch, 2; f32], [batch, 2; f32], [batch, 2; f32])) -> ([batch, 2; f32], [batch, 2; f32], [batch, 2; f32])"
        );
    }
}

#[derive(Module)]
struct Ambiguous;

#[layer]
impl Ambiguous {
    #[signature(x = { a: ?[None; f32], b: ?[None; f32] })]
    fn call(&self, x: &Two) -> Tensor {
        match (&x.a, &x.b) {
            (Some(a), Some(b)) => a.sum() - b.sum(),
            (Some(a), None) => a.sum(),
            (None, Some(b)) => -b.sum(),
            (None, None) => Tensor::scalar(0.0_f32),
        }
    }
}

#[derive(Structure)]
struct Two {
    a: Option<Tensor>,
    b: Option<Tensor>,
}

#[test]
fn tensors_that_may_be_several_parts_need_names() {
    let program = Program::trace(&Ambiguous).unwrap();
    let error = program.call(&[counted(&[3])]).unwrap_err().to_string();
    assert!(error.starts_with("the inputs may be x.a or x.b: call it with names"), "{error}");
    let found: Tensor = program.call_structure("call", &Two { a: None, b: Some(counted(&[3])) }).unwrap();
    same(&found, &Ambiguous.call(&Two { a: None, b: Some(counted(&[3])) }));
    let found: Tensor = program.call_structure("call", &Two { a: None, b: None }).unwrap();
    assert_eq!(found.to_scalar::<f32>().unwrap(), 0.0);
}
