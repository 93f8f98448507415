//! Saved and loaded: the same bits.

use std::sync::Arc;

use holotype::graph::{DynOp, Mode};
use holotype::module::{Entry, Object, ObjectKind, Objects, Program};
use holotype::prelude::*;
use holotype::store;
use holotype::tensor::TensorType;
use holotype::trace::{Traced, Tracer};

use crate::symbolic::variants;
use crate::traced::{apply, eager, named, unnamed};
use crate::{Case, Report, cases, same};

/// One program with a function for each sample, `add_0`, `add_1`, …, and those for symbolic sizes that can be traced.
///
/// Gives also the cases by the names of their functions.
fn all_samples() -> (Program, Vec<(String, Case)>) {
    let mut tracer = Tracer::new("every_op");
    let mut functions = Vec::new();
    for case in cases() {
        let mut trace = |name: String, types: &[TensorType], op: &Arc<dyn DynOp>| {
            let body = |inputs: &[Tensor]| Ok(unnamed(apply(op, inputs)));
            let traced = tracer.function(&name, Mode::Inference, named(types), body);
            if traced.is_ok() {
                functions.push((name, case.clone()));
            }
            traced
        };
        trace(case.name.clone(), &case.types(), &case.op).unwrap();
        for (number, variant) in variants(&case).into_iter().enumerate() {
            // Not every size may be a symbol.
            let _ = trace(format!("{}_symbolic_{number}", case.name), &variant.types, &variant.op);
        }
    }
    let (graph, traced) = tracer.finish().unwrap();
    let entry = |Traced { function, signature, mode }| Entry { signature, mode, function };
    let root = Objects(vec![Object { kind: ObjectKind::List, children: Vec::new() }]);
    let entries = traced.into_iter().map(entry).collect();
    (Program::new(graph, root, entries, Vec::new(), Vec::new()).unwrap(), functions)
}

/// Compares every function of the program with its op.
fn compare(program: &Program, functions: &[(String, Case)], what: &str) {
    let mut report = Report::default();
    for (name, case) in functions {
        report.check(case, &format!("{what} as {name}"), || {
            let inputs: Vec<_> = case.operands.iter().cloned().map(Tensor::from_data).collect();
            let expected = eager(case).map_err(|error| error.to_string())?;
            let found = program.call_function(name, &inputs);
            let found: Result<Vec<_>> =
                found.and_then(|found| found.into_iter().map(Tensor::into_data).collect());
            same(&found.map_err(|error| error.to_string())?, &expected)
        });
    }
    report.finish(what);
}

#[test]
fn a_program_of_all_samples_gives_the_same_bits() {
    let (program, functions) = all_samples();
    compare(&program, &functions, "program");
}

#[test]
fn a_program_that_was_saved_and_loaded_gives_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("every_op");
    let (program, functions) = all_samples();
    store::save_program(&program, &path).unwrap();
    compare(&store::load(&path).unwrap(), &functions, "saved and loaded");
}
