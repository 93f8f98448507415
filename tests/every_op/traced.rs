//! Eager and traced: the same bits.

use std::sync::Arc;

use holotype::exec::{Compiled, Executor, Runnable};
use holotype::graph::{DynOp, Mode, apply_dyn};
use holotype::prelude::*;
use holotype::tensor::{Data, TensorType};
use holotype::trace::{Signature, Tracer};

use crate::{Case, Report, cases, same};

/// Named inputs of these types.
pub fn named(types: &[TensorType]) -> Vec<(String, TensorType)> {
    types.iter().enumerate().map(|(index, kind)| (format!("x{index}"), kind.clone())).collect()
}

/// Outputs without names.
pub fn unnamed(tensors: Vec<Tensor>) -> Vec<(Option<String>, Tensor)> {
    tensors.into_iter().map(|tensor| (None, tensor)).collect()
}

/// A traced function that can be run.
pub struct Ready {
    pub signature: Signature,
    runnable: Box<dyn Runnable>,
    function: holotype::graph::FunctionId,
}

impl Ready {
    /// Traces code and makes it ready to run.
    pub fn trace(types: &[TensorType], body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<Self> {
        Self::with(&Compiled, types, body)
    }

    /// Traces code and makes it ready to run by an executor.
    pub fn with(
        executor: &dyn Executor,
        types: &[TensorType],
        body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
    ) -> Result<Self> {
        let mut tracer = Tracer::new("conformance");
        tracer.function("f", Mode::Inference, named(types), |inputs| Ok(unnamed(body(inputs)?)))?;
        let (graph, mut traced) = tracer.finish()?;
        let runnable = executor.prepare(Arc::new(graph), Vec::new())?;
        let traced = traced.remove(0);
        Ok(Self { signature: traced.signature, runnable, function: traced.function })
    }

    /// Runs it on inputs that fit its signature.
    pub fn run(&self, inputs: &[Data]) -> Result<Vec<Data>> {
        let sizes = self.signature.bind(inputs)?;
        self.runnable.run(self.function, inputs.to_vec(), &sizes)
    }
}

/// Applies an op to tensors.
pub fn apply(op: &Arc<dyn DynOp>, operands: &[Tensor]) -> Vec<Tensor> {
    apply_dyn(op, &operands.iter().collect::<Vec<_>>())
}

/// The results of an op on concrete operands.
pub fn eager(case: &Case) -> Result<Vec<Data>> {
    let operands: Vec<_> = case.operands.iter().cloned().map(Tensor::from_data).collect();
    apply(&case.op, &operands).into_iter().map(Tensor::into_data).collect()
}

#[test]
fn eager_and_traced_results_are_the_same_bits() {
    let mut report = Report::default();
    for case in cases() {
        report.check(&case, "eager and traced", || {
            let expected = eager(&case).map_err(|error| error.to_string())?;
            let traced = Ready::trace(&case.types(), |inputs| Ok(apply(&case.op, inputs)));
            let found =
                traced.and_then(|traced| traced.run(&case.operands)).map_err(|error| error.to_string())?;
            same(&found, &expected)
        });
    }
    report.finish("eager and traced");
}

#[test]
fn operands_that_are_constants_of_the_trace_give_the_same_bits() {
    let mut report = Report::default();
    for case in cases() {
        report.check(&case, "constants", || {
            let expected = eager(&case).map_err(|error| error.to_string())?;
            let operands: Vec<_> = case.operands.iter().cloned().map(Tensor::from_data).collect();
            let traced = Ready::trace(&[], |_| Ok(apply(&case.op, &operands)));
            let found = traced.and_then(|traced| traced.run(&[])).map_err(|error| error.to_string())?;
            same(&found, &expected)
        });
    }
    report.finish("constants");
}
