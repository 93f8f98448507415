//! Modules of every shape: what their functions and variables are called, and that they compute the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use holotype::graph::{Mode, Operation, Role, mode};
use holotype::prelude::*;

use crate::{Affine, counted, same};

fn paths(program: &Program) -> Vec<&str> {
    program.graph().variables.iter().map(|variable| variable.path.as_str()).collect()
}

fn functions(program: &Program) -> Vec<&str> {
    program.graph().functions.iter().map(|function| function.name.as_str()).collect()
}

#[derive(Module)]
struct Containers {
    list: Vec<Affine>,
    array: [Affine; 2],
    there: Option<Affine>,
    missing: Option<Affine>,
    map: BTreeMap<String, Affine>,
    hashed: HashMap<String, Affine>,
    pair: (Affine, f32),
    boxed: Box<Affine>,
    any: Box<dyn Layer>,
}

#[layer]
impl Containers {
    fn new() -> Self {
        let named = |name: &str, seed| (name.to_owned(), Affine::new(seed));
        Self {
            list: vec![Affine::new(0.1), Affine::new(0.2)],
            array: [Affine::new(0.3), Affine::new(0.4)],
            there: Some(Affine::new(0.5)),
            missing: None,
            map: BTreeMap::from([named("left", 0.6), named("right", 0.7)]),
            hashed: HashMap::from([named("only", 0.8)]),
            pair: (Affine::new(0.9), 3.0),
            boxed: Box::new(Affine::new(1.0)),
            any: Affine::new(1.1).into(),
        }
    }

    #[signature(x = [batch, 3; f32] -> [batch, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let layers = self.list.iter().chain(&self.array).chain(&self.there).chain(&self.missing);
        let layers = layers.chain(self.map.values()).chain(self.hashed.values());
        let x = layers.fold(x.clone(), |x, layer| layer.call(&x));
        self.any.call(&self.boxed.call(&self.pair.0.call(&x))) * self.pair.1
    }
}

#[test]
fn layers_in_containers_are_functions_named_after_their_paths() {
    let program = same(&Containers::new(), &counted(2, 3));
    let layers = [
        "list.0",
        "list.1",
        "array.0",
        "array.1",
        "there",
        "map.left",
        "map.right",
        "hashed.only",
        "pair.0",
        "boxed",
        "any",
    ];
    let expected: Vec<_> =
        layers.iter().flat_map(|path| [format!("{path}.scale"), format!("{path}.shift")]).collect();
    assert_eq!(paths(&program), expected);
    let calls: Vec<_> = layers.iter().map(|path| format!("{path}.call")).chain(["call".to_owned()]).collect();
    let found = functions(&program);
    assert!(calls.iter().all(|call| found.contains(&call.as_str())), "{found:?}");
    assert_eq!(found.len(), calls.len(), "training and inference are the same functions: {found:?}");
}

#[derive(Module)]
struct Tied {
    one: Arc<Affine>,
    other: Arc<Affine>,
    scale: Variable,
}

#[layer]
impl Tied {
    #[signature(x = [None, None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.other.call(&self.one.call(x)) * &self.scale + &self.one.shift
    }
}

#[test]
fn what_is_reached_twice_is_one_variable_and_one_function() {
    let one = Arc::new(Affine::new(0.3));
    let model = Tied { scale: one.scale.clone(), other: one.clone(), one };
    let program = same(&model, &counted(4, 3));
    assert_eq!(paths(&program), ["one.scale", "one.shift"]);
    assert_eq!(functions(&program), ["one.call", "call"]);
}

#[derive(Module)]
struct Twice {
    inner: Affine,
}

#[layer]
impl Twice {
    #[signature(x = [None, None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.inner.call(&self.inner.call(x)) + &self.inner.scale + &self.inner.scale
    }
}

#[test]
fn a_layer_called_twice_is_one_function_and_a_variable_read_twice_one_node() {
    let program = same(&Twice { inner: Affine::new(2.0) }, &counted(2, 3));
    assert_eq!(functions(&program), ["inner.call", "call"]);
    let (_, call) = program.graph().function_named("call").unwrap();
    let reads = call.nodes.iter().filter(|node| matches!(node.operation, Operation::Read(_)));
    assert_eq!(reads.count(), 1);
}

#[derive(Module)]
struct Roles {
    plain: Variable,
    #[module(frozen)]
    frozen: Affine,
    #[module(state)]
    state: Variable,
    made_state: Variable,
}

#[layer]
impl Roles {
    #[signature(x = [None, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.frozen.call(&(x * &self.plain + &self.state)) + &self.made_state
    }
}

#[test]
fn roles_come_from_variables_and_fields() {
    let row = || Variable::new(Tensor::from([1.0_f32, 2.0, 3.0]));
    let made_state = Variable::state(Tensor::scalar(1.0_f32));
    let model = Roles { plain: row(), frozen: Affine::new(0.1), state: row(), made_state };
    let program = same(&model, &counted(1, 3));
    let roles: Vec<_> = program.graph().variables.iter().map(|variable| variable.role).collect();
    assert_eq!(roles, [Role::Trainable, Role::Frozen, Role::Frozen, Role::State, Role::State]);
}

#[derive(Module)]
struct Counting {
    calls: Variable,
    factor: f32,
}

#[layer]
impl Counting {
    #[signature(x = [None; f32] -> (out = [None; f32], calls = [; i32]))]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor) {
        if mode() == Mode::Training {
            self.calls.assign(self.calls.value() + 1);
            return (x * self.factor, self.calls.value());
        }
        (x.clone(), self.calls.value())
    }
}

#[test]
fn modes_are_traced_apart_and_assignments_belong_to_theirs() {
    let model = Counting { calls: Variable::state(Tensor::scalar(4)), factor: 3.0 };
    let program = Program::trace(&model).unwrap();
    let modes: Vec<_> = program.entries().iter().map(|entry| entry.mode).collect();
    assert_eq!(modes, [Mode::Inference, Mode::Training]);
    let assigns = |index: usize| {
        let function = program.graph().function(program.entries()[index].function).unwrap();
        function.nodes.iter().any(|node| matches!(node.operation, Operation::Assign(_)))
    };
    assert!(!assigns(0) && assigns(1));
    let outputs = program.call(&[Tensor::from([1.0_f32, 2.0])]).unwrap();
    assert_eq!(outputs[0].to_vec::<f32>().unwrap(), [1.0, 2.0]);
    assert_eq!(outputs[1].to_scalar::<i32>().unwrap(), 4);
    assert_eq!(mode(), Mode::Inference, "outside of a trace");
    assert_eq!(model.calls.value().to_scalar::<i32>().unwrap(), 4, "tracing assigns nothing");
}
