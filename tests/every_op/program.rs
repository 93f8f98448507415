//! Saved and loaded: the same bits.

use holotype::graph::Mode;
use holotype::module::{Entry, Object, ObjectKind, Objects, Program};
use holotype::prelude::*;
use holotype::trace::{Traced, Tracer};

use crate::traced::{apply, eager, named, unnamed};
use crate::{Report, cases, same};

/// One program with a function for each sample: `add_0`, `add_1`, ….
fn all_samples() -> Program {
    let mut tracer = Tracer::new("every_op");
    for case in cases() {
        tracer
            .function(&case.name, Mode::Inference, named(&case.types()), |inputs| {
                Ok(unnamed(apply(&case.op, inputs)))
            })
            .unwrap();
    }
    let (graph, traced) = tracer.finish().unwrap();
    let entry = |Traced { function, signature, mode }| Entry { signature, mode, function };
    let root = Object { kind: ObjectKind::List, children: Vec::new() };
    Program::new(graph, Objects(vec![root]), traced.into_iter().map(entry).collect(), Vec::new(), Vec::new())
        .unwrap()
}

/// Compares every function of the program with its op.
fn compare(program: &Program, what: &str) {
    let mut report = Report::default();
    for case in cases() {
        report.check(&case, what, || {
            let inputs: Vec<_> = case.operands.iter().cloned().map(Tensor::from_data).collect();
            let expected = eager(&case).map_err(|error| error.to_string())?;
            let found = program.call_function(&case.name, &inputs);
            let found: Result<Vec<_>> =
                found.and_then(|found| found.into_iter().map(Tensor::into_data).collect());
            same(&found.map_err(|error| error.to_string())?, &expected)
        });
    }
    report.finish(what);
}

#[test]
fn a_program_of_all_samples_gives_the_same_bits() {
    compare(&all_samples(), "program");
}
