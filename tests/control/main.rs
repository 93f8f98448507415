//! Branches and loops: eager, traced, and saved and loaded give the same bits; what does not fit is said.

#![allow(clippy::unwrap_used, clippy::panic)]

mod branches;
mod errors;
mod executor;
mod loops;
mod scans;
mod variables;

use holotype::graph::{PrintOptions, print};
use holotype::prelude::*;

/// Calls a layer several times: eagerly, traced, and saved and loaded, each time one that is made anew. All give the same bits
/// and leave the same in the variables. Gives the eager outputs and the traced program.
fn same<L: Layer>(make: impl Fn() -> L, calls: &[&[Tensor]]) -> (Vec<Vec<Tensor>>, Program) {
    let eager = make();
    let expected: Vec<_> = calls.iter().map(|inputs| eager.invoke("call", inputs).unwrap()).collect();

    let traced = Program::trace(&make()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    traced.save(directory.path()).unwrap();
    let loaded = holotype::load(directory.path()).unwrap();
    let plain = PrintOptions::default();
    assert_eq!(print(loaded.graph(), plain), print(traced.graph(), plain));
    for program in [&traced, &loaded] {
        for (inputs, expected) in calls.iter().zip(&expected) {
            let outputs = program.call(inputs).unwrap();
            assert_eq!(outputs.len(), expected.len());
            for (output, expected) in outputs.iter().zip(expected) {
                assert!(output.data().unwrap().same_bits(expected.data().unwrap()), "{output} != {expected}");
            }
        }
    }
    let eager = Program::trace(&eager).unwrap();
    for ((definition, variable), other) in
        eager.graph().variables.iter().zip(eager.variables()).zip(traced.variables())
    {
        let (expected, found) = (variable.data().unwrap(), other.data().unwrap());
        assert!(expected.same_bits(&found), "variable {}", definition.path);
    }
    (expected, traced)
}

/// The operations of all functions of a program.
fn operations(program: &Program) -> Vec<&'static str> {
    let nodes = program.graph().functions.iter().flat_map(|function| &function.nodes);
    nodes.map(|node| node.operation.name()).collect()
}

fn count(program: &Program, operation: &str) -> usize {
    operations(program).into_iter().filter(|name| *name == operation).count()
}

fn text(program: &Program) -> String {
    print(program.graph(), PrintOptions::default())
}

/// The error of tracing a layer.
fn refused(layer: &dyn Layer) -> String {
    Program::trace(layer).unwrap_err().to_string()
}
