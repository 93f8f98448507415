//! Models with a training step of their own.

use std::sync::Arc;

use super::beside::noting;
use super::build::{NOTE, Note};
use super::measure::{Measure, Unplaced};
use super::position::Position;
use super::run::{Shown, by_name};
use super::step::{EVALUATE, STEPS, TRAIN, trace_metrics};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::graph::{Mode, Origin};
use crate::module::{
    FieldRole, Layer, Module, ModuleTree, ModuleType, Program, Source, Visitor, entries, trace_methods,
};
use crate::tensor::{DType, Document, Leaves, Tensor};
use crate::trace::{Arguments, SignatureSpec, Tracer};

/// A model that says itself what it does with a batch. `#[train_step]` implements it.
///
/// The step is a method with a signature, whose parameters are the inputs and then the targets of the data. It is traced as the
/// built-in one is, and saved with the run, so that a program without its code goes on bit for bit. It may take the gradients of
/// any number with respect to the variables of any module ([`gradients`](super::gradients)), and change these by as many
/// optimizers as it likes, each an [`Updater`](super::Updater) with what is said around it (clipping, accumulation, averages, groups,
/// freezing); it may draw random numbers, and assign variables. What it returns
/// is a float number, which is reported as `loss`, or a structure of such numbers, which are reported under their names; an epoch
/// reports their means over its samples.
///
/// A second method `evaluate_step` with the same parameters and the same names of results judges a batch.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::prelude::*;
/// use holotype::train::Updater;
///
/// /// A student that learns what a teacher says.
/// #[derive(Module)]
/// struct Distillation {
///     #[module(frozen)]
///     teacher: Dense,
///     student: Dense,
///     updater: Updater,
/// }
///
/// #[layer]
/// impl Distillation {
///     #[signature(x = [batch, 4; f32])]
///     fn call(&self, x: &Tensor) -> Tensor {
///         self.student.call(x)
///     }
/// }
///
/// #[derive(Structure)]
/// struct Reports {
///     loss: Tensor,
///     largest: Tensor,
/// }
///
/// #[train_step]
/// impl Distillation {
///     #[signature(x = [batch, 4; f32])]
///     fn train_step(&self, x: &Tensor) -> Reports {
///         let difference = self.student.call(x) - self.teacher.call(x);
///         let loss = self.updater.minimize(&difference.square().mean(), &self.student);
///         Reports { loss, largest: difference.abs().max() }
///     }
/// }
///
/// let student = Dense::new(4, 2);
/// let updater = Updater::new(Adam::new(0.05), &student);
/// let model = Distillation { teacher: Dense::new(4, 2), student, updater };
/// let mut trainer = Trainer::with_step(model)?;
/// let data = Dataset::with_targets(vec![Tensor::randn([64, 4])], Vec::new())?;
/// let history = trainer.fit(&data, Fit::epochs(40).quiet())?;
/// assert!(history.last("loss").unwrap() < 0.1 * history.values("loss")[0]);
/// assert!(history.last("largest").is_some());
/// # Ok::<(), holotype::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no training step of its own",
    label = "no training step",
    note = "write `#[train_step] impl {Self} {{ #[signature(x = [batch, None; f32])] fn train_step(&self, x: &Tensor) -> Tensor {{ … }} }}`",
    note = "a model that is trained with a loss and an optimizer needs none: `Trainer::new(model, optimizer, loss)`"
)]
pub trait TrainStep: Layer {
    /// The signatures of the steps: `train_step`, and `evaluate_step` if there is one.
    fn steps(&self) -> Vec<SignatureSpec>;

    /// Runs a step on named tensors; gives the tensors of what it returns.
    ///
    /// # Errors
    /// If there is no such step, or its parameters have other tensors.
    fn enter_step(&self, step: &str, arguments: &mut Arguments) -> Result<Leaves>;
}

impl Trainer {
    /// The trainer of a model that has a training step of its own.
    ///
    /// # Errors
    /// What the code that is traced says; if the step returns anything but float numbers, or takes no batch.
    pub fn with_step(model: impl TrainStep) -> Result<Self> {
        let model: Arc<dyn TrainStep> = Arc::new(model);
        let mut run = OwnRun { model: model.clone(), measures: Vec::new(), position: Position::new() };
        check(model.as_ref())?;
        // What a step reports is known when it has been traced once.
        let names = names(&run)?;
        run.measures = names.into_iter().map(|name| Unplaced::sum().named(name)).collect();
        let mut trainer = Self::of(run.program()?)?;
        trainer.model = Some(model);
        Ok(trainer)
    }
}

/// Everything that a run with a step of its own saves.
struct OwnRun {
    model: Arc<dyn TrainStep>,
    measures: Vec<Measure>,
    position: Position,
}

impl OwnRun {
    fn program(&self) -> Result<Program> {
        let structure = ModuleTree::of(self)?;
        let model = self.model.as_ref();
        let mut tracer = structure.tracer(model.module_type().name);
        trace_methods(model, "model", &mut tracer)?;
        let (traced, beside) = noting(&structure, || self.trace_steps(&mut tracer));
        traced?;
        let metrics = trace_metrics(&self.measures, &mut tracer)?;
        let (graph, traced) = tracer.finish()?;
        let name = model.module_type().name.to_owned();
        let note = Note {
            optimizer: format!("that of the step of {name}"),
            metrics,
            outputs: Vec::new(),
            step: Some(name),
            beside,
        };
        let note = Document::describe(&note).map_err(Error::Training)?;
        let variables = structure.leaves.into_iter().map(|leaf| leaf.variable).collect();
        Program::new(graph, structure.objects, entries(traced), variables, vec![(NOTE.to_owned(), note)])
    }

    fn trace_steps(&self, tracer: &mut Tracer) -> Result<()> {
        for spec in self.model.steps() {
            let mode = if spec.function == TRAIN { Mode::Training } else { Mode::Inference };
            let origin = Origin::Derived(spec.function.to_owned());
            tracer.method(&spec, &origin, mode, |arguments| {
                let samples = samples(arguments.leaves())?;
                let reports = self.model.enter_step(spec.function, arguments)?;
                for (path, number) in reports.iter() {
                    let number = number.clone().ok()?;
                    if number.rank() != 0 || !number.dtype().is_float() {
                        let path = if path.is_empty() { "what it returns" } else { path };
                        return Err(Error::Training(format!(
                            "`{}` reports {} as `{path}`, and what is reported is one float number: end it with `.mean()` or `.sum()`",
                            spec.function,
                            number.describe()
                        )));
                    }
                }
                for (measure, number) in self.measures.iter().zip(reports.tensors()) {
                    measure.add_mean(number, &samples);
                }
                Ok(reports)
            })?;
        }
        Ok(())
    }
}

/// The number of samples of a batch, as an `f64`.
fn samples(inputs: &Leaves) -> Result<Tensor> {
    let first = inputs.tensors().next().filter(|input| input.rank() > 0).ok_or_else(|| {
        Error::Training(
            "a step takes a batch: its first parameter is a tensor whose first dimension counts samples"
                .into(),
        )
    })?;
    Ok(Tensor::ones([first.dim(0)]).cast(DType::F64).sum())
}

/// Refuses a model whose methods have the names of functions that a run has.
fn check(model: &dyn TrainStep) -> Result<()> {
    let taken = model.signatures().into_iter().find(|method| STEPS.contains(&method.function));
    taken.map_or(Ok(()), |method| {
        Err(Error::Training(format!(
            "the method `{}` of `{}` has the name of a function that every run has: move it from `#[layer]` to `#[train_step]`, or \
             rename it",
            method.function,
            model.module_type().name
        )))
    })
}

/// The names of what the steps report, which is the same for both.
fn names(run: &OwnRun) -> Result<Vec<String>> {
    let mut tracer = ModuleTree::of(run)?.tracer(run.model.module_type().name);
    run.trace_steps(&mut tracer)?;
    let of = |mode: Mode, step: &str| -> Option<Vec<String>> {
        let signature = tracer.traced(mode, step).into_iter().next()?.signature;
        let alone = signature.outputs.len() == 1;
        let name = |at: usize| match &signature.outputs[at].0 {
            None if alone => "loss".to_owned(),
            _ => signature.output_name(at),
        };
        Some((0..signature.outputs.len()).map(name).collect())
    };
    let names = of(Mode::Training, TRAIN).filter(|names| !names.is_empty()).ok_or_else(|| {
        Error::Training(
            "`train_step` returns nothing: return the loss, or a structure of numbers to report".into(),
        )
    })?;
    match of(Mode::Inference, EVALUATE) {
        Some(judged) if judged != names => Err(Error::Training(format!(
            "`train_step` reports {}, and `evaluate_step` {}: both report the same, in the same order",
            names.join(", "),
            judged.join(", ")
        ))),
        _ => Ok(names),
    }
}

#[diagnostic::do_not_recommend]
impl Module for OwnRun {
    const TYPE: ModuleType = ModuleType::new("holotype::train::OwnRun", &[]);

    fn visit(&self, visitor: &mut Visitor<'_>) {
        visitor.field("model", FieldRole::Inherit, &Shown::new(|visitor| self.model.visit_module(visitor)));
        let shown = self.measures.iter();
        let measures = by_name(
            shown.map(|measure| (measure.name.clone(), Shown::new(|visitor| measure.visit(visitor)))),
        );
        visitor.field("metrics", FieldRole::State, &measures);
        visitor.field("position", FieldRole::State, &self.position);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        Err(source.fail("a training run is gone on with by `load(...)?.into_trainer()`"))
    }
}
