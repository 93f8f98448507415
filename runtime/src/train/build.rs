//! Putting a trainer together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::measure::{IntoMeasure, Unplaced};
use super::optimizer::Optimizer;
use super::rules::Rules;
use super::run::{Run, Trained};
use super::step::{STEPS, trace_metrics, trace_steps};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::losses::Loss;
use crate::module::{Layer, ModuleTree, Program, entries, trace_methods};
use crate::tensor::{DType, Dim, Document, Shape, TensorType};
use crate::trace::{Signature, Traced, Tracer};

/// The name of the note that a run writes beside its definition.
pub(crate) const NOTE: &str = "training";

/// What a run writes down so that it can be gone on with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Note {
    /// The optimizer's type.
    pub optimizer: String,
    /// The loss and the metrics, in the order of the function that reads them.
    pub metrics: Vec<String>,
}

/// A trainer that is being put together; [`Trainer::new`] gives one.
pub struct TrainerBuilder {
    model: Arc<dyn Layer>,
    optimizer: Arc<dyn Optimizer>,
    /// The loss first.
    measures: Vec<Unplaced>,
    target: Option<TensorType>,
    pub(super) rules: Rules,
}

impl TrainerBuilder {
    pub(super) fn new(model: Arc<dyn Layer>, optimizer: Arc<dyn Optimizer>, loss: impl Loss) -> Self {
        let measures = vec![loss.into_measure()];
        Self { model, optimizer, measures, target: None, rules: Rules::default() }
    }

    /// Also reports a metric: a function like a loss, whose mean over all samples is shown, or a
    /// [`Metric`](crate::metrics::Metric) with state. Of a metric that gives a tensor each element is reported by itself, as
    /// `confusion_matrix.0.1`.
    pub fn metric<Kind>(mut self, metric: impl IntoMeasure<Kind>) -> Self {
        self.measures.push(metric.into_measure());
        self
    }

    /// States the type of the targets, where it is neither that of the model's output nor labels (`i64`, the output's shape
    /// without its last dimension).
    pub fn target(mut self, target: TensorType) -> Self {
        self.target = Some(target);
        self
    }

    /// Traces the model, the loss, the gradients, the optimizer and the metrics.
    ///
    /// # Errors
    /// What the code that is traced says; if the model has nothing to train, or a trainable variable that is no float.
    pub fn build(self) -> Result<Trainer> {
        let names = names(&self.measures);
        let measures =
            self.measures.into_iter().zip(names).map(|(measure, name)| measure.named(name)).collect();
        let run = Run::new(self.model, self.optimizer, measures, self.rules)?;
        check(&run)?;
        let code = Code { run, target: self.target, data: Vec::new() };
        let program = code.program()?;
        Trainer::with_code(program, code)
    }
}

/// The code that a run was made from, while there is some.
pub(super) struct Code {
    pub run: Run,
    target: Option<TensorType>,
    /// The types of inputs and targets that were met and for which there were no steps.
    data: Vec<Vec<TensorType>>,
}

impl Code {
    /// Traces everything, and the steps also for data of these types.
    ///
    /// # Errors
    /// If no step can be traced for the data; nothing is changed then.
    pub fn program_for(&mut self, data: Vec<TensorType>) -> Result<Program> {
        self.data.push(data);
        let program = self.program();
        if program.is_err() {
            self.data.pop();
        }
        program
    }

    /// Traces everything.
    pub fn program(&self) -> Result<Program> {
        let run = &self.run;
        let structure = ModuleTree::of(run)?;
        let mut tracer = structure.tracer(run.model.module_type().name);
        trace_methods(run.model.as_ref(), "model", &mut tracer)?;
        let calls = tracer.traced(Mode::Inference, "call");
        let usual = calls.first().map(|call| self.usual(&call.signature)).unwrap_or_default();
        self.trace_one(&mut tracer, usual)?;
        for data in &self.data {
            self.trace_one(&mut tracer, self.choices_for(&calls, data)?)?;
        }
        let metrics = trace_metrics(&run.measures, &mut tracer)?;
        let (graph, traced) = tracer.finish()?;
        let note = Note { optimizer: run.optimizer.module_type().name.to_owned(), metrics };
        let note = Document::describe(&note).map_err(Error::Training)?;
        let variables = structure.leaves.into_iter().map(|leaf| leaf.variable).collect();
        Program::new(graph, structure.objects, entries(traced), variables, vec![(NOTE.to_owned(), note)])
    }

    /// Traces the steps for all choices of inputs that they can be traced for, of which there must be one.
    fn trace_one(&self, tracer: &mut Tracer, choices: Vec<Inputs>) -> Result<()> {
        let (before, mut first_error) = (tracer.recorded(), None);
        for inputs in choices {
            if let Err(error) = trace_steps(&self.run, tracer, &inputs) {
                first_error.get_or_insert(error);
            }
        }
        match first_error {
            Some(error) if tracer.recorded() == before => Err(error),
            _ => Ok(()),
        }
    }

    /// The inputs and targets that a step is traced for before there are data, the likeliest first.
    fn usual(&self, call: &Signature) -> Vec<Inputs> {
        let Some((_, output)) = call.outputs.first() else { return Vec::new() };
        if let Some(target) = &self.target {
            return vec![inputs(call, with_batch(target, call))];
        }
        let labels = output.shape.split_last().map(|(_, rows)| TensorType::new(DType::I64, rows.into()));
        std::iter::once(output.clone()).chain(labels).map(|target| inputs(call, target)).collect()
    }

    /// The inputs and targets that a step is traced for when there are data of these types.
    fn choices_for(&self, calls: &[Traced], data: &[TensorType]) -> Result<Vec<Inputs>> {
        let Some((found, given)) = data.split_last() else { return Ok(Vec::new()) };
        let takes = |call: &&Traced| {
            let expected = &call.signature.inputs;
            expected.len() == given.len()
                && expected.iter().zip(given).all(|((_, kind), given)| {
                    kind.dtype == given.dtype && kind.rank() == given.rank() && same_sizes(given, kind, 0)
                })
        };
        let mut choices = Vec::new();
        for call in calls.iter().filter(takes) {
            let Some((_, output)) = call.signature.outputs.first() else { continue };
            let target = if let Some(target) = &self.target {
                target.clone()
            } else {
                check_target(found, output)?;
                with_open_sizes(found, output)
            };
            choices.push(inputs(&call.signature, with_batch(&target, &call.signature)));
        }
        Ok(choices)
    }
}

/// The inputs of a step, with names.
type Inputs = Vec<(String, TensorType)>;

/// The inputs of `call` and the targets.
fn inputs(call: &Signature, target: TensorType) -> Inputs {
    let taken = call.inputs.iter().any(|(name, _)| name == "target");
    let name = if taken { "target_" } else { "target" };
    call.inputs.iter().cloned().chain([(name.to_owned(), target)]).collect()
}

/// Refuses float targets that a loss could compare with an output of another shape by broadcasting: `[batch]` with
/// `[batch, 1]` is `[batch, batch]`, where every sample is compared with every other.
fn check_target(target: &TensorType, output: &TensorType) -> Result<()> {
    if !target.dtype.is_float() || target.rank() == output.rank() && same_sizes(target, output, 1) {
        return Ok(());
    }
    Err(Error::Data(format!(
        "the targets are {target}, and the model gives {output}: give targets of the same shape (`.reshape(...)`, \
         `.expand_dims(-1)`), or state their type with `.target(...)` before `.build()`, if the loss is made for them"
    )))
}

/// Whether the sizes from an axis on are those expected, where those are known.
fn same_sizes(found: &TensorType, expected: &TensorType, from: usize) -> bool {
    let same = |(found, expected): (&Dim, &Dim)| expected.constant().is_none() || found == expected;
    found.shape.iter().zip(expected.shape.iter()).skip(from).all(same)
}

/// The type with the sizes that the model leaves open: those of the data do not say which image a size of the output such as
/// `floor((height + 1)/2)` comes from.
fn with_open_sizes(target: &TensorType, output: &TensorType) -> TensorType {
    if !target.dtype.is_float() || target.rank() != output.rank() {
        return target.clone();
    }
    let open =
        |(target, output): (&Dim, &Dim)| if output.constant().is_none() { output } else { target }.clone();
    target.with_shape(target.shape.iter().zip(output.shape.iter()).map(open).collect::<Shape>())
}

/// The type with as many samples as the inputs of `call` have.
fn with_batch(kind: &TensorType, call: &Signature) -> TensorType {
    let mut dims = kind.shape.clone().into_dims();
    let batch = call.inputs.first().and_then(|(_, input)| input.shape.first());
    if let (Some(first), Some(batch)) = (dims.first_mut(), batch) {
        *first = batch.clone();
    }
    kind.with_shape(dims)
}

/// Checks that a run can be trained.
fn check(run: &Run) -> Result<()> {
    let model = run.model.module_type().name;
    if run.trained.is_empty() {
        return Err(Error::Training(format!(
            "`{model}` has no trainable variable: give it a field of type `Variable` that is made with `Variable::new`, \
             and neither `frozen` nor `state`"
        )));
    }
    for Trained { path, variable, .. } in &run.trained {
        if !variable.dtype().is_float() {
            return Err(Error::Training(format!(
                "the variable `{path}` is trainable and {}: only floats can be trained; make it with `Variable::state`",
                variable.kind()
            )));
        }
    }
    for method in run.model.signatures() {
        if STEPS.contains(&method.function) {
            return Err(Error::Training(format!(
                "the method `{}` of `{model}` has the name of a function that every run has: rename it",
                method.function
            )));
        }
    }
    Ok(())
}

/// The names of the loss and the metrics, each once.
fn names(measures: &[Unplaced]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, measure) in measures.iter().enumerate() {
        let mut name = if index == 0 { "loss".to_owned() } else { measure.name().to_owned() };
        while names.contains(&name) {
            name = format!("{name}_{index}");
        }
        names.push(name);
    }
    names
}
