//! The rules that every registered op keeps, checked on its samples.
//!
//! An op is found through the registry, so one that is added is checked without a word here.

// The registry holds no samples otherwise.
#![cfg(debug_assertions)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod attributes;
mod elements;
mod executors;
mod gradient;
mod program;
mod samples;
mod symbolic;
mod table;
mod traced;
mod types;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use holotype::graph::{DynOp, OpConstructor};
use holotype::registry::{self, Kind};
use holotype::tensor::{Data, TensorType};

/// Ops that look at values and may refuse them: their kernels may fail, and no other kernel may.
const CHECKS: [&str; 2] = ["check_finite", "check_range"];

/// One sample of an op.
#[derive(Clone)]
struct Case {
    /// The op and the number of the sample: `add_0`.
    name: String,
    op: Arc<dyn DynOp>,
    operands: Vec<Data>,
}

impl Case {
    fn types(&self) -> Vec<TensorType> {
        self.operands.iter().map(Data::kind).collect()
    }

    fn may_fail(&self) -> bool {
        CHECKS.contains(&self.op.name())
    }
}

/// The constructors of all ops, by name.
fn ops() -> Vec<(&'static str, &'static OpConstructor)> {
    let entries = registry::entries(Kind::Op).into_iter();
    let ops: Vec<_> = entries.map(|entry| (entry.name, entry.constructor.downcast_ref().unwrap())).collect();
    assert!(ops.len() > 30, "the ops are not linked");
    ops
}

/// All samples of all ops.
fn cases() -> Vec<Case> {
    ops().into_iter().flat_map(|(name, op)| of_op(name, op)).collect()
}

fn of_op(name: &str, op: &OpConstructor) -> Vec<Case> {
    let samples = (op.samples)().into_iter().enumerate();
    let case = |(number, sample): (usize, holotype::graph::Sample)| Case {
        name: format!("{name}_{number}"),
        op: sample.op,
        operands: sample.operands,
    };
    samples.map(case).collect()
}

/// What is wrong with which sample.
#[derive(Default)]
struct Report {
    checks: usize,
    wrong: Vec<String>,
}

impl Report {
    /// Runs one check, which fails also by panicking.
    fn check(&mut self, case: &Case, what: &str, check: impl FnOnce() -> Result<(), String>) {
        self.checks += 1;
        let outcome = catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| Err("it panics".to_owned()));
        if let Err(message) = outcome {
            let types: Vec<_> = case.types().iter().map(ToString::to_string).collect();
            self.wrong.push(format!("{} {:?} ({}), {what}: {message}", case.name, case.op, types.join(", ")));
        }
    }

    fn finish(self, what: &str) {
        println!("{what}: {} checks", self.checks);
        assert!(self.wrong.is_empty(), "{what}: {} are wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

/// Whether results are the same, with the difference in words.
fn same(found: &[Data], expected: &[Data]) -> Result<(), String> {
    let is_same = |(found, expected): (&Data, &Data)| found.same_bits(expected);
    if found.len() == expected.len() && found.iter().zip(expected).all(is_same) {
        return Ok(());
    }
    let show = |data: &[Data]| -> Vec<String> {
        data.iter().map(|data| holotype::Tensor::from_data(data.clone()).to_string()).collect()
    };
    Err(format!("{:?} instead of {:?}", show(found), show(expected)))
}
