//! The gradients of the loss on a batch, to be looked at.

use super::step::TRAIN;
use super::trainer::Trainer;
use crate::autodiff::gradients;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::graph::{Mode, Role, Variable};
use crate::module::{Entry, Loaded, ModuleTree, Program, entries};
use crate::tensor::{Data, Tensor};
use crate::trace::Signature;

/// The name of the function that computes them.
const GRADIENTS: &str = "gradients";

/// The functions that compute gradients, each with the step that it was made of, from when they are first asked for.
pub(super) type GradientSteps = Vec<(Signature, Program)>;

impl Trainer {
    /// The gradients of the loss on all samples of `batch` together, with the path of each variable that is trained: what the next
    /// step would start from, before anything clips, gathers or scales them.
    ///
    /// The run stays as it is. It needs no code, and takes about the time of two steps and memory for the variables once more; the
    /// first call traces what it computes.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let x = Tensor::from([[0.0_f32], [1.0], [2.0], [3.0]]);
    /// let batch = Dataset::new(&x, &x * 2.0 + 1.0)?;
    /// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
    /// for (path, gradient) in trainer.gradients(&batch)? {
    ///     println!("{path}: {}", gradient.abs().max());
    /// }
    /// # assert_eq!(trainer.gradients(&batch)?[0].0, "model.weights");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Trainer::fit`]; [`Error::Training`] for a model with a [training step of its own](super::TrainStep), which may change its
    /// variables by gradients of several numbers.
    pub fn gradients(&mut self, batch: &Dataset) -> Result<Vec<(String, Tensor)>> {
        let batch = self.step_of(batch)?;
        self.gradients_of(batch)
    }

    /// The gradients on a batch as the step takes it.
    pub(super) fn gradients_of(&mut self, batch: Vec<Data>) -> Result<Vec<(String, Tensor)>> {
        if let Some(step) = &self.note.step {
            return Err(Error::Training(format!(
                "the model `{step}` has a training step of its own, and there is no one loss to take gradients of: report what you \
                 want to see from `{TRAIN}`, such as the norm of a gradient"
            )));
        }
        let steps = self.program.entries().iter().filter(|entry| entry.signature.function == TRAIN);
        let Some(step) = steps.clone().find(|step| step.signature.bind(&batch).is_ok()) else {
            self.takes(&batch)?;
            return Err(Error::Training("the run has no step of training".into()));
        };
        let known = self.gradient_steps.iter().position(|(signature, _)| *signature == step.signature);
        let at = if let Some(at) = known {
            at
        } else {
            let traced = (step.signature.clone(), traced(&self.program, step)?);
            self.gradient_steps.push(traced);
            self.gradient_steps.len() - 1
        };
        let Some((_, program)) = self.gradient_steps.get(at) else { return Ok(Vec::new()) };
        // The step that it is made of also learns: what it changes is put back.
        let held = program.variables().iter().map(|variable| Ok((variable, variable.data()?)));
        let held: Vec<(&Variable, Data)> = held.collect::<Result<_>>()?;
        let found = program.run(GRADIENTS, Mode::Training, batch);
        for (variable, value) in held {
            variable.set(value)?;
        }
        let names = trained(&self.program).map(|(path, _)| path.to_owned());
        Ok(names.zip(found?.into_iter().map(Tensor::from_data)).collect())
    }
}

/// The variables that are trained, with their paths.
fn trained(program: &Program) -> impl Iterator<Item = (&str, &Variable)> {
    let all = program.graph().variables.iter().zip(program.variables());
    let trained = all.filter(|(definition, _)| definition.role == Role::Trainable);
    trained.map(|(definition, variable)| (definition.path.as_str(), variable))
}

/// A program that computes the gradients of the loss of a step. The step is taken from the graph, as a run may have no code.
fn traced(program: &Program, step: &Entry) -> Result<Program> {
    let layer = Loaded::of_entry(program, step)?;
    let structure = ModuleTree::of(&layer)?;
    let mut tracer = structure.tracer("the run");
    let variables: Vec<&Variable> = trained(program).map(|(_, variable)| variable).collect();
    tracer.function(GRADIENTS, Mode::Training, step.signature.inputs.clone(), |inputs| {
        let (_, outputs) = layer.record(TRAIN, inputs)?;
        let loss = outputs.into_iter().next().ok_or_else(|| Error::Training("there is no loss".into()))?;
        let gradients = gradients(&loss, &[], &variables)?.variables;
        Ok(gradients.into_iter().map(|gradient| (None, gradient)).collect())
    })?;
    let (graph, traced) = tracer.finish()?;
    let variables = structure.leaves.into_iter().map(|leaf| leaf.variable).collect();
    Program::new(graph, structure.objects, entries(traced), variables, Vec::new())
}
