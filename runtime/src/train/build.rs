//! Putting a trainer together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::beside::Beside;
use super::measure::{IntoMeasure, Measure, Role, Unplaced};
use super::optimizer::Optimizer;
use super::rules::Rules;
use super::run::{Run, Trained};
use super::step::{STEPS, trace_metrics, trace_steps};
use super::targets::{self, Inputs, compared};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::losses::Loss;
use crate::module::{Layer, ModuleTree, Program, entries, trace_methods};
use crate::tensor::{Document, TensorType};
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
    /// The outputs that have targets, in the order of the steps; none for a model with one output.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
    /// The type of the model whose own step it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What the updaters of that step keep beside the variables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
}

/// A trainer that is being put together; [`Trainer::new`] gives one.
pub struct TrainerBuilder {
    model: Arc<dyn Layer>,
    optimizer: Arc<dyn Optimizer>,
    /// The loss first.
    measures: Vec<Unplaced>,
    targets: Vec<(Option<String>, TensorType)>,
    weighted: bool,
    pub(super) rules: Rules,
}

impl TrainerBuilder {
    pub(super) fn new(model: Arc<dyn Layer>, optimizer: Arc<dyn Optimizer>, loss: impl Loss) -> Self {
        let measures = match loss.several() {
            Some(losses) => {
                std::iter::once(Unplaced::sum()).chain(losses.parts().iter().map(Unplaced::part)).collect()
            }
            None => vec![loss.into_measure().with(None, Role::Loss(1.0))],
        };
        Self { model, optimizer, measures, targets: Vec::new(), weighted: false, rules: Rules::default() }
    }

    /// Also reports a metric: a function like a loss, whose mean over all samples is shown, or a
    /// [`Metric`](crate::metrics::Metric) with state. Of a metric that gives a tensor each element is reported by itself, as
    /// `confusion_matrix.0.1`.
    pub fn metric<Kind>(mut self, metric: impl IntoMeasure<Kind>) -> Self {
        self.measures.push(metric.into_measure());
        self
    }

    /// As [`Self::metric`], of one output of a model that has several: reported as `digit_accuracy`.
    pub fn metric_on<Kind>(mut self, output: &str, metric: impl IntoMeasure<Kind>) -> Self {
        self.measures.push(metric.into_measure().with(Some(output), Role::Metric));
        self
    }

    /// Also reports a metric in which samples count as much as the weights of the data say: of a function
    /// `sum(weight * value) / sum(weight)`, and of a [`Metric`](crate::metrics::Metric) with state what its `update_weighted` makes
    /// of them, as Keras' `weighted_metrics`. Weights change nothing in what [`Self::metric`] reports.
    pub fn weighted_metric<Kind>(mut self, metric: impl IntoMeasure<Kind>) -> Self {
        self.measures.push(metric.into_measure().with(None, Role::Weighted));
        self
    }

    /// As [`Self::weighted_metric`], of one output of a model that has several.
    pub fn weighted_metric_on<Kind>(mut self, output: &str, metric: impl IntoMeasure<Kind>) -> Self {
        self.measures.push(metric.into_measure().with(Some(output), Role::Weighted));
        self
    }

    /// States the type of the targets, where it is neither that of the model's output nor labels (`i64`, the output's shape
    /// without its last dimension).
    pub fn target(mut self, target: TensorType) -> Self {
        self.targets.push((None, target));
        self
    }

    /// As [`Self::target`], of one output of a model that has several.
    pub fn target_on(mut self, output: &str, target: TensorType) -> Self {
        self.targets.push((Some(output.to_owned()), target));
        self
    }

    /// Also traces steps for data with [weights](super::Dataset::weights), so that a program without the code can go on with
    /// such data. A run that has its code needs no such word.
    pub fn weighted(mut self) -> Self {
        self.weighted = true;
        self
    }

    /// Traces the model, the loss, the gradients, the optimizer and the metrics.
    ///
    /// # Errors
    /// What the code that is traced says; if the model has nothing to train, or a trainable variable that is no float; if a loss
    /// or metric names an output that the model does not have.
    pub fn build(self) -> Result<Trainer> {
        let names = names(&self.measures);
        let measures: Vec<Measure> =
            self.measures.into_iter().zip(names).map(|(measure, name)| measure.named(name)).collect();
        measures.iter().try_for_each(check_measure)?;
        if !measures.iter().any(|measure| matches!(measure.role, Role::Loss(_))) {
            return Err(Error::Training(
                "there is no loss to make small: give `Losses` one, as in `Losses::new().on(\"output\", loss, 1.0)`".into(),
            ));
        }
        let compared = compared(&measures, &self.targets)?;
        let run = Run::new(self.model, self.optimizer, measures, compared, self.rules)?;
        check(&run)?;
        let code = Code { run, weighted: self.weighted, data: Vec::new() };
        let program = code.program()?;
        Trainer::with_code(program, code)
    }
}

/// Refuses weights that are no numbers to count with.
fn check_measure(measure: &Measure) -> Result<()> {
    let Measure { name, role, .. } = measure;
    match role {
        Role::Loss(weight) if !weight.is_finite() || *weight < 0.0 => Err(Error::Training(format!(
            "the weight of `{name}` is {weight}: give a finite number that is not negative, such as 0.3"
        ))),
        _ => Ok(()),
    }
}

/// The code that a run was made from, while there is some.
pub(super) struct Code {
    pub run: Run,
    weighted: bool,
    /// The types of data that were met and for which there were no steps.
    data: Vec<DataTypes>,
}

/// The types of a batch.
pub(super) struct DataTypes {
    pub inputs: Vec<TensorType>,
    pub targets: Vec<TensorType>,
    /// Whether samples have weights.
    pub weighted: bool,
}

impl Code {
    /// Traces everything, and the steps also for data of these types.
    ///
    /// # Errors
    /// If no step can be traced for the data; nothing is changed then.
    pub fn program_for(&mut self, data: DataTypes) -> Result<Program> {
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
        if let Some(call) = calls.first() {
            let places = targets::places(run.model.module_type().name, &run.compared, &call.signature)?;
            let usual = self.usual(&call.signature, &places, &mut tracer);
            self.trace_one(&mut tracer, &places, usual)?;
            for data in &self.data {
                self.trace_one(&mut tracer, &places, self.choices_for(&calls, &places, data)?)?;
            }
        }
        let metrics = trace_metrics(&run.measures, &mut tracer)?;
        let (graph, traced) = tracer.finish()?;
        let outputs = run.compared.iter().filter_map(|compared| compared.output.clone()).collect();
        let optimizer = run.optimizer.module_type().name.to_owned();
        let note = Note { optimizer, metrics, outputs, step: None, beside: Vec::new() };
        let note = Document::describe(&note).map_err(Error::Training)?;
        let variables = structure.leaves.into_iter().map(|leaf| leaf.variable).collect();
        Program::new(graph, structure.objects, entries(traced), variables, vec![(NOTE.to_owned(), note)])
    }

    /// Traces the steps for all choices of inputs that they can be traced for, of which there must be one.
    fn trace_one(&self, tracer: &mut Tracer, places: &[usize], choices: Vec<Inputs>) -> Result<()> {
        let (before, mut first_error) = (tracer.recorded(), None);
        for inputs in choices {
            if let Err(error) = trace_steps(&self.run, tracer, &inputs, places) {
                first_error.get_or_insert(error);
            }
        }
        match first_error {
            Some(error) if tracer.recorded() == before => Err(error),
            _ => Ok(()),
        }
    }

    /// The inputs and targets that steps are traced for before there are data.
    fn usual(&self, call: &Signature, places: &[usize], tracer: &mut Tracer) -> Vec<Inputs> {
        let Run { compared, measures, .. } = &self.run;
        let targets = targets::usual(call, compared, places, measures, tracer);
        let plain = targets.iter().map(|targets| targets::inputs(call, compared, targets, false));
        let weighted = targets.iter().map(|targets| targets::inputs(call, compared, targets, true));
        plain.chain(weighted.filter(|_| self.weighted)).collect()
    }

    /// The inputs and targets that a step is traced for when there are data of these types.
    fn choices_for(&self, calls: &[Traced], places: &[usize], data: &DataTypes) -> Result<Vec<Inputs>> {
        let compared = &self.run.compared;
        let takes = |call: &&Traced| targets::takes(&call.signature, &data.inputs);
        let mut choices = Vec::new();
        for call in calls.iter().filter(takes) {
            let found = targets::found(&call.signature, compared, places, &data.targets)?;
            choices.push(targets::inputs(&call.signature, compared, &found, data.weighted));
        }
        Ok(choices)
    }
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
