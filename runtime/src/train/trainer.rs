//! Trainers.

use std::path::Path;
use std::sync::Arc;

use super::build::{Code, NOTE, Note, TrainerBuilder};
use super::optimizer::Optimizer;
use super::position::Position;
use crate::error::{Error, Result};
use crate::graph::Variable;
use crate::losses::Loss;
use crate::module::{Layer, ObjectKind, Program};
use crate::store::save_program;
use crate::tensor::{Data, Tensor};

/// A training run: a model, a loss, an optimizer and metrics, and where in the data it stands.
///
/// The steps are functions of a graph, so a run that was saved is gone on with by any program, with or without the code
/// that made it, bit for bit.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
///
/// let x = Tensor::from([[0.0_f32], [1.0], [2.0], [3.0]]);
/// let data = Dataset::new(&x, &x * 2.0 + 1.0)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
/// let history = trainer.fit(&data, Fit::epochs(100).batch_size(4).quiet())?;
/// assert!(history.last("loss").unwrap() < 0.1);
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Trainer {
    pub(super) program: Program,
    pub(super) position: Position,
    pub(super) note: Note,
    /// None for a run that was loaded.
    pub(super) code: Option<Code>,
}

impl Trainer {
    /// A trainer for a model, an optimizer and a loss; `build` it.
    #[expect(clippy::new_ret_no_self, reason = "a trainer is built with metrics first")]
    pub fn new(model: impl Layer, optimizer: impl Optimizer, loss: impl Loss) -> TrainerBuilder {
        TrainerBuilder::new(Arc::new(model), Arc::new(optimizer), loss)
    }

    pub(super) fn with_code(program: Program, code: Code) -> Result<Self> {
        let mut trainer = Self::of(program)?;
        trainer.code = Some(code);
        Ok(trainer)
    }

    /// The trainer of a run that was saved.
    fn of(program: Program) -> Result<Self> {
        let Some(note) = program.note(NOTE) else {
            return Err(Error::Training(
                "the saved model is no training run: it was saved with `save`, and not by a trainer. \
                 It can be called, and its type can be restored and trained anew"
                    .into(),
            ));
        };
        let note: Note =
            note.read().map_err(|message| Error::Training(format!("the note of the run: {message}")))?;
        let position = Position::of(&program)?;
        Ok(Self { program, position, note, code: None })
    }

    /// Saves the run: the model with everything that training needs to go on.
    ///
    /// # Errors
    /// As [`holotype::save`](crate::store::save).
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save_program(&self.program, path)
    }

    /// The run as a program: its functions, variables and structure.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The model, as its own type; none if the run was loaded, or the type is another.
    pub fn model<L: Layer>(&self) -> Option<&L> {
        self.code.as_ref()?.run.model.as_any().downcast_ref()
    }

    /// The variable at an artifact path: `model.weights`, `optimizer.learning_rate`.
    ///
    /// # Errors
    /// If there is none.
    pub fn variable(&self, path: &str) -> Result<&Variable> {
        self.program.variable(path)
    }

    /// The number of whole epochs that the run has gone through.
    ///
    /// # Errors
    /// If the position in the data cannot be read.
    pub fn epochs(&self) -> Result<u64> {
        self.position.epoch()
    }

    /// What the model says of inputs: `call`, for inference.
    ///
    /// # Errors
    /// If the inputs are not those of the signature.
    pub fn predict(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.program.call(inputs)
    }

    /// Changes the learning rate of the optimizer.
    ///
    /// # Errors
    /// If the rate is not finite, if the optimizer has no variable `learning_rate`, or if its rate is given by a schedule.
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        if !rate.is_finite() {
            return Err(Error::Training(format!("the learning rate {rate} is not a finite number")));
        }
        if let Some(schedule) = self.schedule() {
            return Err(Error::Training(format!(
                "the learning rate of this run is given by the schedule `{schedule}`, and every step works it out anew: build the \
                 run with a number, as in `Adam::new(1e-3)`, to change it, or write a schedule that has the rates you need"
            )));
        }
        let variable = self.program.variable("optimizer.learning_rate")?;
        let rate: Data = Tensor::scalar(rate).cast(variable.dtype()).into_data()?;
        variable.set(rate)
    }

    /// The type of the schedule that gives the learning rate; none if that is a number.
    fn schedule(&self) -> Option<&str> {
        let objects = self.program.objects();
        let path = ["optimizer", "learning_rate", "schedule"];
        let schedule = path.iter().try_fold(objects.root()?.0, |id, name| objects.child(id, name))?;
        match &objects.get(schedule)?.kind {
            ObjectKind::Module { type_name, .. } => Some(type_name),
            _ => None,
        }
    }
}

impl Program {
    /// The trainer of a run that was saved by one.
    ///
    /// # Errors
    /// [`Error::Training`] if the program is no training run.
    pub fn into_trainer(self) -> Result<Trainer> {
        Trainer::of(self)
    }
}
