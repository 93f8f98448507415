//! Every rule of well-formed graphs, broken once: a good graph is changed, and `verify` must say which rule it breaks.

#![allow(clippy::unwrap_used)]

mod control;

use std::sync::Arc;

use holotype::graph::{
    ConstantId, DynOp, Exact, FunctionId, Graph, Node, Operation, ValueId, VariableId, find_op, verify,
    verify_entry,
};
use holotype::prelude::*;
use holotype::tensor::{Document, Symbol, TensorType};

#[derive(Module)]
struct Inner {
    scale: Variable,
}

#[layer]
impl Inner {
    #[signature(x = [None, None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.scale
    }
}

#[derive(Module)]
struct Outer {
    inner: Inner,
    count: Variable,
}

#[layer]
impl Outer {
    #[signature(x = [n, 3; f32])]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor) {
        let inner = self.inner.call(x);
        self.count.assign(&self.count + 1);
        (inner.exp(), Tensor::from([7_u8]))
    }
}

/// `inner.call` is function 0, `call` function 1: call inner, read count, constant 1, add, assign, exponential, constant.
fn good() -> Graph {
    let scale = Variable::new(Tensor::from([1.0_f32, 2.0, 3.0]));
    let count = Variable::state(Tensor::scalar(0_i32));
    let program = Program::trace(&Outer { inner: Inner { scale }, count }).unwrap();
    verify(program.graph()).unwrap();
    verify_entry(program.graph(), FunctionId(1)).unwrap();
    program.graph().clone()
}

const CALL: usize = 1;

/// The index of the node of `call` with this operation.
fn node(graph: &Graph, name: &str) -> usize {
    graph.functions[CALL].nodes.iter().position(|node| node.operation.name() == name).unwrap()
}

fn refused(graph: &Graph) -> String {
    verify(graph).unwrap_err().to_string()
}

/// What `verify` says of the graph with the node of `call` with this operation changed.
fn changed(name: &str, change: impl FnOnce(&mut Node)) -> String {
    let mut graph = good();
    let index = node(&graph, name);
    change(&mut graph.functions[CALL].nodes[index]);
    refused(&graph)
}

fn says(error: &str, words: &str) {
    assert!(error.contains(words), "{error}");
}

#[test]
fn the_good_graph_is_as_the_tests_take_it_to_be() {
    let graph = good();
    let names: Vec<_> = graph.functions[CALL].nodes.iter().map(|node| node.operation.name()).collect();
    assert_eq!(names, ["call", "read", "constant", "add", "assign", "exponential", "constant"]);
}

#[test]
fn variables_have_different_paths() {
    let mut graph = good();
    graph.variables[1].path = graph.variables[0].path.clone();
    says(&refused(&graph), "two variables are named `inner.scale`");
}

#[test]
fn the_shape_of_a_variable_is_known() {
    let mut graph = good();
    graph.variables[0].kind.shape = Shape::new(vec![Dim::symbol(Symbol::named("n"))]);
    says(&refused(&graph), "the shape of variable `inner.scale` is not known");
}

#[test]
fn functions_have_different_names() {
    let mut graph = good();
    graph.functions[CALL].name = graph.functions[0].name.clone();
    says(&refused(&graph), "function `inner.call`: two functions have this name");
}

#[test]
fn inputs_have_different_names() {
    let mut graph = good();
    let value = ValueId::new(graph.functions[0].values.len());
    graph.functions[0].values.push(TensorType::new(DType::F32, Shape::from(())));
    graph.functions[0].inputs.push(("x".into(), value));
    says(&refused(&graph), "two inputs are named `x`");
}

#[test]
fn no_size_is_negative() {
    let mut graph = good();
    graph.functions[0].values[0].shape = Shape::from([-1, 3]);
    says(&refused(&graph), "a value has the impossible type [-1, 3; f32]");
}

#[test]
fn each_value_is_defined_once() {
    let mut graph = good();
    let input = graph.functions[0].inputs[0].1;
    graph.functions[0].inputs.push(("again".into(), input));
    says(&refused(&graph), "value %0 is defined twice");
    says(&changed("exponential", |node| node.results = node.operands.clone()), "is defined twice");
}

#[test]
fn each_value_has_a_type() {
    let mut graph = good();
    graph.functions[0].inputs[0].1 = ValueId(99);
    says(&refused(&graph), "value %99 has no type");
    says(
        &changed("exponential", |node| node.results = vec![ValueId(u32::MAX)]),
        "value %4294967295 has no type",
    );
}

#[test]
fn each_value_is_defined_by_something() {
    let mut graph = good();
    let value = graph.functions[0].values.len();
    graph.functions[0].values.push(TensorType::new(DType::F32, Shape::from([2])));
    says(&refused(&graph), &format!("value %{value} is not defined by anything"));
}

#[test]
fn operands_are_defined_before_they_are_used() {
    says(&changed("exponential", |node| node.operands = node.results.clone()), "before it is defined");
    says(
        &changed("exponential", |node| node.operands = vec![ValueId(99)]),
        "it uses value %99 before it is defined",
    );
    let mut graph = good();
    graph.functions[CALL].nodes.swap(0, 5);
    says(&refused(&graph), "function `call`, node 0: it uses value");
}

#[test]
fn outputs_are_defined() {
    let mut graph = good();
    graph.functions[CALL].outputs[0] = ValueId(99);
    says(&refused(&graph), "output %99 is not defined");
}

#[test]
fn a_node_has_the_results_that_its_operation_gives() {
    says(&changed("exponential", |node| node.results.clear()), "exponential gives 1 results, not 0");
    says(&changed("assign", |node| node.results.push(ValueId(1))), "assign gives 0 results, not 1");
    says(&changed("call", |node| node.results.clear()), "call gives 1 results, not 0");
}

#[test]
fn results_have_the_types_that_the_shape_rule_gives() {
    let mut graph = good();
    let index = node(&graph, "exponential");
    let result = graph.functions[CALL].nodes[index].results[0];
    graph.functions[CALL].values[result.index()].dtype = DType::F64;
    says(&refused(&graph), "exponential gives [n, 3; f32], not [n, 3; f64]");
}

#[test]
fn ops_get_what_their_shape_rule_takes() {
    says(
        &changed("add", |node| node.operands.truncate(1)),
        "function `call`, node 3: it takes 2 operands, not 1",
    );
    says(&changed("add", |node| node.operands[1] = ValueId(0)), "the dtypes i32 and f32 differ");
}

#[test]
fn constants_exist_and_take_no_operands() {
    says(
        &changed("constant", |node| node.operation = Operation::Constant(ConstantId(99))),
        "there is no constant 99",
    );
    says(&changed("constant", |node| node.operands.push(ValueId(0))), "constant takes 0 operands, not 1");
    let mut graph = good();
    graph.constants[0] = Tensor::from([1.0_f64, 2.0]).into_data().unwrap();
    says(&refused(&graph), "constant gives [2; f64], not ");
}

#[test]
fn variables_that_are_read_exist() {
    says(
        &changed("read", |node| node.operation = Operation::Read(VariableId(99))),
        "there is no variable 99",
    );
    says(&changed("read", |node| node.operands.push(ValueId(0))), "read takes 0 operands, not 1");
    says(
        &changed("read", |node| node.operation = Operation::Read(VariableId(0))),
        "read gives [3; f32], not [; i32]",
    );
}

#[test]
fn variables_that_are_assigned_exist_and_have_the_type_of_the_value() {
    says(
        &changed("assign", |node| node.operation = Operation::Assign(VariableId(99))),
        "there is no variable 99",
    );
    says(&changed("assign", |node| node.operands.clear()), "assign takes 1 operands, not 0");
    says(
        &changed("assign", |node| node.operation = Operation::Assign(VariableId(0))),
        "variable `inner.scale` is [3; f32], not [; i32]",
    );
}

#[test]
fn calls_go_to_functions_that_stand_before() {
    for callee in [1, 2, u32::MAX] {
        let error = changed("call", |node| node.operation = Operation::Call(FunctionId(callee)));
        says(&error, &format!("it calls function {callee}, which does not stand before it"));
    }
    let mut graph = good();
    graph.functions.swap(0, 1);
    says(&refused(&graph), "it calls function 0, which does not stand before it");
}

#[test]
fn calls_give_a_function_what_it_takes() {
    says(&changed("call", |node| node.operands.clear()), "call takes 1 operands, not 0");
    let mut graph = good();
    let input = graph.functions[CALL].inputs[0].1;
    graph.functions[CALL].values[input.index()].shape = Shape::from([4, 3]);
    says(&refused(&graph), "input `x` of `inner.call` is not [4, 3; f32]");
}

#[test]
fn an_entry_exists_and_binds_every_size() {
    let graph = good();
    let error = verify_entry(&graph, FunctionId(9)).unwrap_err().to_string();
    says(&error, "there is no function 9");
    let mut unbound = graph.clone();
    for function in &mut unbound.functions {
        function.values[0].shape = Shape::new(vec![Dim::symbol(Symbol::named("n")) * 2, Dim::from(3)]);
    }
    // Twice a size says what the size is.
    verify_entry(&unbound, FunctionId(1)).unwrap();
    for function in &mut unbound.functions {
        function.values[0].shape = Shape::new(vec![Dim::symbol(Symbol::named("n")) * 2 + 1, Dim::from(3)]);
    }
    let error = verify_entry(&unbound, FunctionId(1)).unwrap_err().to_string();
    says(&error, "function `call`: the size `n` is not the size of any dimension of an input");
    // In what it calls too.
    let mut inner = graph;
    inner.functions[0]
        .values
        .push(TensorType::new(DType::F32, Shape::new(vec![Dim::symbol(Symbol::named("m"))])));
    let error = verify_entry(&inner, FunctionId(1)).unwrap_err().to_string();
    says(&error, "function `inner.call`: the size `m` is not the size of any dimension of an input");
}

/// `check_range` up to a symbolic bound, which no type mentions.
fn bounded(bound: &str) -> Arc<dyn DynOp> {
    #[derive(serde::Serialize)]
    struct CheckRange {
        low: i64,
        high: Dim,
        what: String,
    }
    let high = Dim::symbol(Symbol::named(bound));
    let attributes = Document::describe(&CheckRange { low: 0, high, what: "label".into() }).unwrap();
    (find_op("check_range").unwrap().read)(&attributes).unwrap()
}

#[test]
fn an_entry_binds_the_sizes_in_attributes() {
    let mut graph = good();
    let index = node(&graph, "assign");
    let function = &mut graph.functions[CALL];
    let operands = function.nodes[index].operands.clone();
    let kind = function.value_type(operands[0]).unwrap().clone();
    let location = function.nodes[index].location.clone();
    for bound in ["n", "m"] {
        let op = bounded(bound);
        assert!(op.infer(std::slice::from_ref(&kind), &mut Exact).is_ok());
        let result = ValueId::new(function.values.len());
        function.values.push(kind.clone());
        let operation = Operation::Op(op);
        let node =
            Node { operation, operands: operands.clone(), results: vec![result], location: location.clone() };
        function.nodes.push(node);
    }
    verify(&graph).unwrap();
    let error = verify_entry(&graph, FunctionId(1)).unwrap_err().to_string();
    says(&error, "the size `m` is not the size of any dimension of an input");
    graph.functions[CALL].nodes.pop();
    graph.functions[CALL].values.pop();
    verify_entry(&graph, FunctionId(1)).unwrap();
}
