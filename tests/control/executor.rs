//! The reference executor on graphs that no code has traced.

use std::sync::{Arc, LazyLock};

use holotype::error::Location;
use holotype::exec::{Compiled, Executor, Reference};
use holotype::graph::{
    Function, FunctionId, Graph, Node, Operation, Origin, ValueId, clean, find_op, verify, verify_entry,
};
use holotype::module::{Entry, Program};
use holotype::prelude::*;
use holotype::tensor::{Document, Sizes, TensorType};
use holotype::trace::Signature;

fn function(name: String, inputs: &[TensorType]) -> Function {
    let named = (0..inputs.len()).map(|index| (format!("x{index}"), ValueId::new(index)));
    let (inputs, values) = (named.collect(), inputs.to_vec());
    let origin = Origin::Derived("test".into());
    let mut function = EMPTY.clone();
    (function.name, function.origin, function.inputs, function.values) = (name, origin, inputs, values);
    function
}

/// A function without anything in it.
static EMPTY: LazyLock<Function> = LazyLock::new(|| {
    let mut function = Program::trace(&Plain).unwrap().graph().functions[0].clone();
    (function.outputs, function.nodes) = (Vec::new(), Vec::new());
    function
});

fn push(
    function: &mut Function,
    operation: Operation,
    operands: &[u32],
    results: &[TensorType],
) -> Vec<ValueId> {
    let start = function.values.len();
    function.values.extend(results.to_vec());
    let results: Vec<_> = (start..function.values.len()).map(ValueId::new).collect();
    let operands = operands.iter().copied().map(ValueId).collect();
    let location = Location::new("test", 0, 0);
    function.nodes.push(Node { operation, operands, results: results.clone(), location });
    results
}

fn number(dtype: DType) -> TensorType {
    TensorType::new(dtype, Shape::from(()))
}

#[derive(Module)]
struct Plain;

#[layer]
impl Plain {
    #[signature(x = [; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x.clone()
    }
}

/// Functions of an index and a truth value, each of which runs the one before: in a loop, a branch, a scan, a loop unwound.
/// They give the index and `false`.
fn nested(depth: usize) -> Graph {
    let kinds = [number(DType::I32), number(DType::Bool)];
    let mut graph = Graph { constants: vec![Tensor::from(false).into_data().unwrap()], ..Graph::default() };
    let mut condition = function("condition".into(), &kinds);
    condition.outputs = vec![ValueId(1)];
    let mut truth = function("truth".into(), &kinds[1..]);
    truth.outputs = vec![ValueId(0)];
    let mut stop = function("stop".into(), &kinds[1..]);
    stop.outputs = push(&mut stop, Operation::Constant(holotype::graph::ConstantId(0)), &[], &kinds[1..]);
    let mut last = function("last".into(), &kinds);
    let ends = push(&mut last, Operation::Constant(holotype::graph::ConstantId(0)), &[], &kinds[1..]);
    last.outputs = vec![ValueId(0), ends[0]];
    graph.functions.extend([condition, truth, stop, last]);
    let (condition, truth, stop) = (FunctionId(0), FunctionId(1), FunctionId(2));
    for level in 0..depth {
        let previous = FunctionId::new(graph.functions.len() - 1);
        let mut next = function(format!("level{level}"), &kinds);
        next.outputs = match level % 4 {
            0 => {
                let operation = Operation::Scan {
                    body: previous,
                    state: 2,
                    inputs: 0,
                    length: Dim::from(1),
                    reverse: false,
                };
                push(&mut next, operation, &[0, 1], &kinds)
            }
            1 => push(&mut next, Operation::Case(vec![previous]), &[0, 0, 1], &kinds),
            2 => push(&mut next, Operation::While { condition, body: previous, state: 2 }, &[0, 1], &kinds),
            _ => {
                // The step takes the state of the loop too.
                let mut step = function(
                    format!("step{level}"),
                    &[number(DType::Bool), kinds[0].clone(), kinds[1].clone()],
                );
                step.outputs = push(&mut step, Operation::Call(previous), &[1, 2], &kinds);
                graph.functions.push(step);
                let step = FunctionId::new(graph.functions.len() - 1);
                let operation =
                    Operation::Unwind { condition: truth, body: stop, step, state: 1, gradients: 2 };
                push(&mut next, operation, &[1, 0, 1], &kinds)
            }
        };
        graph.functions.push(next);
    }
    graph
}

#[test]
fn no_depth_of_control_flow_exhausts_the_stack() {
    let mut graph = nested(100_000);
    let mut entries = [FunctionId::new(graph.functions.len() - 1)];
    let before = graph.functions.len();
    clean(&mut graph, &mut entries);
    assert_eq!(graph.functions.len(), before);
    verify(&graph).unwrap();
    verify_entry(&graph, entries[0]).unwrap();

    // Through a file, too.
    let signature = Signature {
        function: "call".into(),
        inputs: vec![("x0".into(), number(DType::I32)), ("x1".into(), number(DType::Bool))],
        outputs: vec![(None, number(DType::I32)), (None, number(DType::Bool))],
        record: false,
        arguments: Vec::new(),
        sizes: Vec::new(),
    };
    let mode = holotype::graph::Mode::Inference;
    let objects = Program::trace(&Plain).unwrap().objects().clone();
    let entry = Entry { signature, mode, function: entries[0] };
    let program = Program::new(graph, objects, vec![entry], Vec::new(), Vec::new()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    program.save(directory.path()).unwrap();
    let loaded = holotype::load(directory.path()).unwrap();
    let outputs = loaded.call(&[Tensor::from(7_i32), Tensor::from(true)]).unwrap();
    assert_eq!(outputs[0].to_scalar::<i32>().unwrap(), 7);
    assert!(!outputs[1].to_scalar::<bool>().unwrap());
}

#[derive(Module)]
struct Grow;

#[layer]
impl Grow {
    #[signature(x = [; f32], limit = [; f32], factor = [; f32], gradient = [; f32])]
    fn call(&self, x: &Tensor, limit: &Tensor, factor: &Tensor, gradient: &Tensor) -> (Tensor, Tensor) {
        (control::while_loop(x.clone(), |x| x.less(limit), |x| x * factor), gradient.clone())
    }
}

#[test]
fn unwind_goes_back_over_the_states_of_a_loop() {
    let mut graph = Program::trace(&Grow).unwrap().graph().clone();
    let names: Vec<_> = graph.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["while_loop.condition", "while_loop.body", "call"]);
    // gradient * x + factor, for the x before the iteration; what stays the same is the limit, then the factor.
    let one = number(DType::F32);
    let mut step = function("step".into(), &[one.clone(), one.clone(), one.clone(), one.clone()]);
    let op = |name: &str| {
        let attributes = Document::describe(&()).unwrap();
        Operation::Op((find_op(name).unwrap().read)(&attributes).unwrap())
    };
    let product = push(&mut step, op("multiply"), &[3, 0], std::slice::from_ref(&one));
    step.outputs = push(&mut step, op("add"), &[product[0].0, 2], std::slice::from_ref(&one));
    graph.functions.insert(2, step);
    let call = &mut graph.functions[3];
    let (condition, body) = (FunctionId(0), FunctionId(1));
    call.outputs[1] = push(
        call,
        Operation::Unwind { condition, body, step: FunctionId(2), state: 1, gradients: 1 },
        &[0, 1, 2, 3],
        &[one],
    )[0];
    verify(&graph).unwrap();
    let graph = Arc::new(graph);
    let executors: [&dyn Executor; 2] = [&Reference, &Compiled];
    for executor in executors {
        let ready = executor.prepare(graph.clone(), Vec::new()).unwrap();
        let run = |inputs: [f32; 4]| {
            let inputs = inputs.map(|input| Tensor::from(input).into_data().unwrap());
            let outputs = ready.run(FunctionId(3), inputs.into(), &Sizes::new()).unwrap();
            [0, 1].map(|index: usize| outputs[index].elements::<f32>().unwrap()[0])
        };
        // The states before the iterations are 1, 3 and 9.
        assert_eq!(run([1.0, 20.0, 3.0, 10.0]), [27.0, ((10.0 * 9.0 + 3.0) * 3.0 + 3.0) * 1.0 + 3.0]);
        assert_eq!(run([5.0, 1.0, 3.0, 10.0]), [5.0, 10.0]);
    }
}

#[derive(Module)]
struct Long;

#[layer]
impl Long {
    #[signature(x = [; i64])]
    fn call(&self, x: &Tensor) -> Tensor {
        control::while_loop(x.clone(), |x| x.less(100_000), |x| x + 1)
    }
}

#[test]
fn a_long_loop_ends() {
    let outputs = Program::trace(&Long).unwrap().call(&[Tensor::from(0_i64)]).unwrap();
    assert_eq!(outputs[0].to_scalar::<i64>().unwrap(), 100_000);
}
