//! Putting a trainer together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::optimizer::Optimizer;
use super::run::{Mean, Run};
use super::step::{Functions, trace_metrics, trace_steps};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::graph::{Graph, Mode, verify};
use crate::losses::Loss;
use crate::module::{Layer, Program, Structure, entries, trace_methods};
use crate::tensor::{DType, Document, TensorType};
use crate::trace::Traced;

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
    functions: Functions,
    target: Option<TensorType>,
}

impl TrainerBuilder {
    pub(super) fn new(model: Arc<dyn Layer>, optimizer: Arc<dyn Optimizer>, loss: Arc<dyn Loss>) -> Self {
        Self { model, optimizer, functions: vec![loss], target: None }
    }

    /// Also reports a metric: a function like a loss, whose mean over all samples is shown.
    pub fn metric(mut self, metric: impl Loss) -> Self {
        self.functions.push(Arc::new(metric));
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
    /// What the code that is traced says; if the model has nothing to train.
    pub fn build(self) -> Result<Trainer> {
        let means = names(&self.functions).into_iter().map(Mean::new).collect();
        let run = Run::new(self.model, self.optimizer, means)?;
        if run.slots.is_empty() {
            return Err(Error::Training(format!(
                "`{}` has no trainable variable: give it a field of type `Variable`",
                run.model.module_type().name
            )));
        }
        let code = Code { run, functions: self.functions, target: self.target };
        let program = code.program(None)?;
        Trainer::with_code(program, code)
    }
}

/// The code that a run was made from, while there is some.
pub(super) struct Code {
    pub run: Run,
    functions: Functions,
    target: Option<TensorType>,
}

impl Code {
    /// Traces everything; the steps also for data of these types, if some are given.
    pub fn program(&self, data: Option<&[TensorType]>) -> Result<Program> {
        let run = &self.run;
        let structure = Structure::of(run)?;
        let mut tracer = structure.tracer(run.model.module_type().name);
        trace_methods(run.model.as_ref(), "model", &mut tracer)?;
        let calls = tracer.traced(Mode::Inference, "call");
        let mut first_error = None;
        let mut steps = 0;
        for inputs in self.choices(&calls, data) {
            match trace_steps(run, &self.functions, &mut tracer, &inputs) {
                Ok(()) => steps += 1,
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        if let (0, Some(error)) = (steps, first_error) {
            return Err(error);
        }
        trace_metrics(&run.means, &mut tracer)?;
        let (graph, traced) = tracer.finish()?;
        check_names(&graph, &traced)?;
        let note = Note {
            optimizer: run.optimizer.module_type().name.to_owned(),
            metrics: run.means.iter().map(|mean| mean.name.clone()).collect(),
        };
        let note = Document::describe(&note).map_err(Error::Training)?;
        let variables = structure.leaves.into_iter().map(|leaf| leaf.variable).collect();
        Program::new(graph, structure.objects, entries(traced), variables, vec![(NOTE.to_owned(), note)])
    }

    /// The types of inputs and targets that a step may be traced for, the likeliest first.
    fn choices(&self, calls: &[Traced], data: Option<&[TensorType]>) -> Vec<Vec<(String, TensorType)>> {
        let mut choices = Vec::new();
        for call in calls {
            let signature = &call.signature;
            let Some((_, output)) = signature.outputs.first() else { continue };
            let batch = output.shape.first().cloned();
            let mut targets = match &self.target {
                Some(target) => vec![with_batch(target, batch.as_ref())],
                None => vec![output.clone()],
            };
            if self.target.is_none()
                && let Some((_, shape)) = output.shape.split_last()
            {
                targets.push(TensorType::new(DType::I64, shape.into()));
            }
            if let Some((found, inputs)) = data.and_then(<[TensorType]>::split_last) {
                let ranks = signature.inputs.iter().map(|(_, kind)| (kind.dtype, kind.rank()));
                if !ranks.eq(inputs.iter().map(|kind| (kind.dtype, kind.rank()))) {
                    continue;
                }
                targets.push(with_batch(found, batch.as_ref()));
            }
            let name =
                if signature.inputs.iter().any(|(name, _)| name == "target") { "target_" } else { "target" };
            for target in targets {
                let mut inputs = signature.inputs.clone();
                inputs.push((name.to_owned(), target));
                choices.push(inputs);
            }
            if data.is_none() {
                break;
            }
        }
        choices
    }
}

/// The type with another first size.
fn with_batch(kind: &TensorType, batch: Option<&crate::tensor::Dim>) -> TensorType {
    let mut dims = kind.shape.clone().into_dims();
    if let (Some(first), Some(batch)) = (dims.first_mut(), batch) {
        *first = batch.clone();
    }
    kind.with_shape(dims)
}

/// The names of the loss and the metrics, each once.
fn names(functions: &Functions) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, function) in functions.iter().enumerate() {
        let own = if index == 0 { "loss".to_owned() } else { function.name() };
        let taken = |name: &String| names.contains(name);
        let name = if taken(&own) { format!("{own}_{index}") } else { own };
        names.push(name);
    }
    names
}

/// A method of the model must not have the name of a step.
fn check_names(graph: &Graph, traced: &[Traced]) -> Result<()> {
    verify(graph)?;
    let is_step = |name: &str| {
        [super::step::TRAIN, super::step::EVALUATE, super::step::METRICS, super::step::RESET].contains(&name)
    };
    for traced in traced {
        let derived = graph
            .function(traced.function)
            .is_some_and(|function| matches!(function.origin, crate::graph::Origin::Derived(_)));
        if is_step(&traced.signature.function) && !derived {
            return Err(Error::Training(format!(
                "the model's method `{}` has the name of a step of training: rename it",
                traced.signature.function
            )));
        }
    }
    Ok(())
}
