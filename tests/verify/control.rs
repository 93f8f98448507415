//! The rules of loops and branches.

use holotype::graph::{FunctionId, Graph, Node, Operation, ValueId, verify, verify_entry};
use holotype::prelude::*;
use holotype::tensor::{Symbol, TensorType};

use crate::{refused, says};

#[derive(Module)]
struct Flow;

#[layer]
impl Flow {
    #[signature(x = [n, 3; f32], flag = [; bool])]
    fn call(&self, x: &Tensor, flag: &Tensor) -> (Tensor, Tensor, Tensor, Tensor) {
        let chosen = control::cond(flag, || x.exp(), || x.clone());
        let looped = control::while_loop(x.sum(), |sum| sum.less(x.max()), |sum| sum + x.max());
        let (last, all) = control::scan(x.sum(), x.clone(), |sum: Tensor, row: Tensor| {
            (sum + row.sum(), row.cast(DType::F64))
        });
        (chosen, looped, last, all)
    }
}

/// `call` holds a case, a while and a scan, and an unwind of the while whose step is the body of the while with an input more.
fn good() -> Graph {
    let mut graph = Program::trace(&Flow).unwrap().graph().clone();
    let names: Vec<_> = graph.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(
        names,
        ["cond.then", "cond.otherwise", "while_loop.condition", "while_loop.body", "scan.body", "call"]
    );
    let mut step = graph.functions[BODY.index()].clone();
    step.name = "step".into();
    step.values.push(TensorType::new(DType::F32, Shape::from(())));
    let gradient = ValueId::new(step.values.len() - 1);
    step.inputs.push(("gradient".into(), gradient));
    graph.functions.insert(STEP.index(), step);
    let looped = node(&graph, "while").clone();
    let call = &mut graph.functions[CALL];
    let gradient = looped.results[0];
    let kind = call.value_type(gradient).unwrap().clone();
    call.values.push(kind);
    let operation =
        Operation::Unwind { condition: CONDITION, body: BODY, step: STEP, state: 1, gradients: 1 };
    let operands = looped.operands.iter().copied().chain([gradient]).collect();
    let results = vec![ValueId::new(call.values.len() - 1)];
    call.nodes.push(Node { operation, operands, results, location: looped.location });
    verify(&graph).unwrap();
    verify_entry(&graph, FunctionId::new(CALL)).unwrap();
    graph
}

const THEN: FunctionId = FunctionId(0);
const CONDITION: FunctionId = FunctionId(2);
const BODY: FunctionId = FunctionId(3);
const ITEM: FunctionId = FunctionId(4);
const STEP: FunctionId = FunctionId(5);
const CALL: usize = 6;

fn node<'a>(graph: &'a Graph, name: &str) -> &'a Node {
    graph.functions[CALL].nodes.iter().find(|node| node.operation.name() == name).unwrap()
}

/// What `verify` says of the graph with the node of `call` with this operation changed.
fn changed(name: &str, change: impl FnOnce(&mut Node)) -> String {
    let mut graph = good();
    let nodes = &mut graph.functions[CALL].nodes;
    change(nodes.iter_mut().find(|node| node.operation.name() == name).unwrap());
    refused(&graph)
}

/// The operation of a node replaced.
fn replaced(name: &str, operation: Operation) -> String {
    changed(name, |node| node.operation = operation)
}

fn scan(state: u32, inputs: u32, length: Dim) -> Operation {
    Operation::Scan { body: ITEM, state, inputs, length, reverse: false }
}

#[test]
fn what_runs_stands_before() {
    for id in [6, 7, u32::MAX] {
        let words = format!("it calls function {id}, which does not stand before it");
        let id = FunctionId(id);
        says(&replaced("case", Operation::Case(vec![THEN, id])), &words);
        says(&replaced("while", Operation::While { condition: id, body: BODY, state: 1 }), &words);
        says(&replaced("while", Operation::While { condition: CONDITION, body: id, state: 1 }), &words);
        let length = Dim::symbol(Symbol::named("n"));
        says(
            &replaced("scan", Operation::Scan { body: id, state: 1, inputs: 1, length, reverse: true }),
            &words,
        );
        for (condition, body, step) in [(id, BODY, STEP), (CONDITION, id, STEP), (CONDITION, BODY, id)] {
            says(
                &replaced("unwind", Operation::Unwind { condition, body, step, state: 1, gradients: 1 }),
                &words,
            );
        }
    }
}

#[test]
fn a_case_has_branches_of_one_type_and_an_index() {
    says(&replaced("case", Operation::Case(Vec::new())), "case has no branches");
    says(
        &changed("case", |node| node.operands.clear()),
        "case takes an index and the operands of its branches",
    );
    says(
        &changed("case", |node| node.operands[0] = node.operands[1]),
        "case takes an index [; i32], not [n, 3; f32]",
    );
    says(
        &changed("case", |node| node.operands.truncate(1)),
        "case needs `cond.otherwise` to take (), not ([n, 3; f32])",
    );
    says(
        &replaced("case", Operation::Case(vec![THEN, BODY])),
        "case needs `while_loop.body` to take ([n, 3; f32])",
    );
    let mut graph = good();
    let double = TensorType::new(DType::F64, Shape::from([2]));
    let then = &mut graph.functions[THEN.index()];
    then.values.push(double.clone());
    then.inputs.push(("y".into(), ValueId::new(then.values.len() - 1)));
    says(&refused(&graph), "to take ([n, 3; f32]), not ([n, 3; f32], [2; f64])");
    let mut graph = good();
    graph.functions[THEN.index()].outputs.clear();
    says(&refused(&graph), "case needs `cond.then` to give ([n, 3; f32]), not ()");
    says(&changed("case", |node| node.results.clear()), "case gives 1 results, not 0");
}

#[test]
fn a_while_has_a_condition_and_a_body_of_its_state() {
    let repeat = |condition, body, state| Operation::While { condition, body, state };
    says(&replaced("while", repeat(CONDITION, BODY, 3)), "while has only 2 operands");
    says(&replaced("while", repeat(CONDITION, BODY, u32::MAX)), "while has only 2 operands");
    says(
        &replaced("while", repeat(BODY, BODY, 1)),
        "while needs `while_loop.body` to give ([; bool]), not ([; f32])",
    );
    says(
        &replaced("while", repeat(CONDITION, CONDITION, 1)),
        "while needs `while_loop.condition` to give ([; f32]), not ([; bool])",
    );
    says(
        &replaced("while", repeat(CONDITION, BODY, 0)),
        "while needs `while_loop.body` to give (), not ([; f32])",
    );
    says(&replaced("while", repeat(THEN, BODY, 1)), "while needs `cond.then` to take ([; f32], ");
    says(&changed("while", |node| node.operands.reverse()), "while needs `while_loop.condition` to take ");
    says(&changed("while", |node| node.results.clear()), "while gives 1 results, not 0");
}

#[test]
fn a_scan_has_inputs_of_its_length_and_a_body_of_state_and_item() {
    let n = || Dim::symbol(Symbol::named("n"));
    says(&replaced("scan", scan(1, 1, Dim::from(-1))), "scan has the impossible length -1");
    says(
        &replaced("scan", scan(1, 1, n() + 1)),
        "scan takes an input apart that has no n + 1 items: [n, 3; f32]",
    );
    says(&replaced("scan", scan(0, 2, n())), "scan takes an input apart that has no n items: [; f32]");
    says(&replaced("scan", scan(1, 2, n())), "scan has only 2 operands");
    says(&replaced("scan", scan(u32::MAX, u32::MAX, n())), "scan has only 2 operands");
    says(
        &replaced("scan", scan(1, 0, n())),
        "scan needs `scan.body` to take ([; f32], [n, 3; f32]), not ([; f32], [3; f32])",
    );
    let mut graph = good();
    graph.functions[ITEM.index()].outputs.reverse();
    says(&refused(&graph), "scan needs `scan.body` to give ([; f32]), not ([3; f64], [; f32])");
    let mut graph = good();
    graph.functions[ITEM.index()].outputs.clear();
    says(&refused(&graph), "scan needs `scan.body` to give ([; f32]), not ()");
    let mut graph = good();
    let stack = node(&graph, "scan").results[1];
    graph.functions[CALL].values[stack.index()].shape = Shape::from([2, 3]);
    says(&refused(&graph), "scan gives [n, 3; f64], not [2, 3; f64]");
}

#[test]
fn an_unwind_has_the_functions_of_a_while_and_a_step() {
    let unwind = |condition, body, step, state, gradients| Operation::Unwind {
        condition,
        body,
        step,
        state,
        gradients,
    };
    for (state, gradients) in [(1, 4), (4, 1), (2, 2), (u32::MAX, 1), (1, u32::MAX), (u32::MAX, u32::MAX)] {
        let error = replaced("unwind", unwind(CONDITION, BODY, STEP, state, gradients));
        says(&error, "unwind has only 3 operands");
    }
    says(
        &replaced("unwind", unwind(BODY, BODY, STEP, 1, 1)),
        "unwind needs `while_loop.body` to give ([; bool]), not ([; f32])",
    );
    says(&replaced("unwind", unwind(CONDITION, STEP, STEP, 1, 1)), "unwind needs `step` to take ");
    says(&replaced("unwind", unwind(CONDITION, BODY, BODY, 1, 1)), "unwind needs `while_loop.body` to take ");
    says(
        &replaced("unwind", unwind(CONDITION, BODY, STEP, 1, 0)),
        "unwind needs `while_loop.condition` to take ",
    );
    let mut graph = good();
    graph.functions[STEP.index()].outputs.clear();
    says(&refused(&graph), "unwind needs `step` to give ([; f32]), not ()");
}

#[test]
fn an_entry_binds_the_length_of_a_scan() {
    let mut graph = good();
    let nodes = &mut graph.functions[CALL].nodes;
    let index = nodes.iter().position(|node| node.operation.name() == "scan").unwrap();
    // A scan without inputs and stacks, whose length no type mentions.
    let body = BODY;
    let mut looped = nodes.iter().find(|node| node.operation.name() == "while").unwrap().clone();
    let length = Dim::symbol(Symbol::named("m"));
    looped.operation = Operation::Scan { body, state: 1, inputs: 0, length, reverse: false };
    looped.results = vec![ValueId::new(graph.functions[CALL].values.len())];
    graph.functions[CALL].values.push(TensorType::new(DType::F32, Shape::from(())));
    graph.functions[CALL].nodes.insert(index, looped);
    verify(&graph).unwrap();
    let error = verify_entry(&graph, FunctionId::new(CALL)).unwrap_err().to_string();
    says(&error, "function `call`: the size `m` is not the size of any dimension of an input");
    // What loops run is part of the entry.
    let mut graph = good();
    let odd = TensorType::new(DType::F32, Shape::new(vec![Dim::symbol(Symbol::named("k"))]));
    graph.functions[STEP.index()].values.push(odd);
    let error = verify_entry(&graph, FunctionId::new(CALL)).unwrap_err().to_string();
    says(&error, "function `step`: the size `k`");
}
