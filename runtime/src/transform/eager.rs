//! Recording code for tensors that are there, and running what was recorded at once.

use std::sync::Arc;

use crate::error::{Error, Location, Result};
use crate::exec::{Compiled, Executor};
use crate::graph::{Construction, Origin, active, clean, is_tracing, verify};
use crate::tensor::{Data, Leaves, Sizes, Structure, Tensor};

/// Runs code that records: in the trace in progress, or in one of its own that is run at once.
///
/// The variables that the code reads and assigns outside of a trace are read and assigned when it is run.
pub(super) fn recorded<R: Structure>(
    name: &str,
    inputs: &Leaves,
    location: &Location,
    code: impl FnOnce(&Leaves) -> Result<R>,
) -> R {
    let result = if is_tracing() { code(inputs) } else { run(name, inputs, location, code) };
    result.unwrap_or_else(|error| R::failed(&error))
}

fn run<R: Structure>(
    name: &str,
    inputs: &Leaves,
    location: &Location,
    code: impl FnOnce(&Leaves) -> Result<R>,
) -> Result<R> {
    let data: Vec<Data> = inputs.tensors().map(|tensor| tensor.clone().into_data()).collect::<Result<_>>()?;
    let types = data.iter().enumerate().map(|(index, data)| (format!("x{index}"), data.kind())).collect();
    let lost = || Error::Trace { function: name.to_owned(), message: "a panic has ended the trace".into() };

    let mut construction = Construction::new(name);
    construction.adopted = Some(Vec::new());
    let parameters = construction.begin(name, Origin::Derived(name.to_owned()), types);
    let (construction, result) = active(construction, || code(&inputs.with(parameters)));
    let mut construction = construction.ok_or_else(lost)?;
    if let Some(error) = construction.failure.take() {
        return Err(error);
    }
    let outputs = Leaves::of(&result?);
    let tensors: Vec<Tensor> = outputs.tensors().cloned().collect();
    let values = construction.outputs_of(name, &tensors, location)?;
    let (function, _) = construction.finish(values).ok_or_else(lost)?;

    let (mut graph, mut entries) = (construction.graph, [function]);
    clean(&mut graph, &mut entries);
    verify(&graph)?;
    let variables = construction.adopted.unwrap_or_default();
    let runnable = Compiled.prepare(Arc::new(graph), variables)?;
    let results = runnable.run(entries[0], data, &Sizes::new())?;
    outputs.with(results.into_iter().map(Tensor::from_data)).build()
}
