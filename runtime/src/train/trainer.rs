//! Trainers.

use std::path::Path;
use std::sync::Arc;

use super::build::{Code, NOTE, Note, TrainerBuilder};
use super::callbacks::States;
use super::gradient_step::GradientSteps;
use super::optimizer::Optimizer;
use super::position::Position;
use crate::error::{Error, Result};
use crate::graph::Variable;
use crate::losses::Loss;
use crate::module::{Layer, Program};
use crate::store::{Load, save_program};
use crate::tensor::{Data, Document, Tensor};

/// The name of the note that holds what callbacks remember.
const STATES: &str = "callbacks";

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
    /// What callbacks remember, so that a fit goes on where the last one stopped.
    pub(super) states: States,
    /// None for a run that was loaded, or whose steps are all traced.
    pub(super) code: Option<Code>,
    /// None for a run that was loaded.
    pub(super) model: Option<Arc<dyn Layer>>,
    pub(super) gradient_steps: GradientSteps,
}

impl Trainer {
    /// A trainer for a model, an optimizer and a loss; `build` it.
    #[expect(clippy::new_ret_no_self, reason = "a trainer is built with metrics first")]
    pub fn new(model: impl Layer, optimizer: impl Optimizer, loss: impl Loss) -> TrainerBuilder {
        TrainerBuilder::new(Arc::new(model), Arc::new(optimizer), loss)
    }

    pub(super) fn with_code(program: Program, code: Code) -> Result<Self> {
        let mut trainer = Self::of(program)?;
        trainer.model = Some(code.run.model.clone());
        trainer.code = Some(code);
        Ok(trainer)
    }

    /// The trainer of a run that was saved.
    pub(super) fn of(program: Program) -> Result<Self> {
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
        let states = program.note(STATES).map(Document::read).transpose();
        let states =
            states.map_err(|message| Error::Training(format!("the state of the callbacks: {message}")))?;
        let (states, gradient_steps) = (states.unwrap_or_default(), Vec::new());
        Ok(Self { program, position, note, states, code: None, model: None, gradient_steps })
    }

    /// Saves the run: the model with everything that training needs to go on.
    ///
    /// # Errors
    /// As [`holotype::save`](crate::store::save).
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save_program(&self.program, path)
    }

    /// Gives the run the state of one that was saved: all variables, the place in the data, and what callbacks remember. The run
    /// keeps its code.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if what was saved is another model, or has another optimizer, loss or metrics: nothing is changed
    /// then; as [`load`](crate::load).
    pub fn resume(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.resume_with(&Load::new().copied(), path.as_ref())
    }

    pub(super) fn resume_with(&mut self, load: &Load, path: &Path) -> Result<()> {
        let fail = |message: String| Error::Checkpoint { path: path.to_path_buf(), message };
        let saved = load.load(path)?.into_trainer().map_err(|error| fail(error.to_string()))?;
        if let Some(message) = self.difference(&saved) {
            return Err(fail(format!("{message}: resume a run that is built as the one that was saved")));
        }
        let values: Vec<Data> =
            saved.program.variables().iter().map(Variable::data).collect::<Result<_>>()?;
        for (variable, value) in self.program.variables().iter().zip(values) {
            variable.set(value)?;
        }
        self.states = saved.states;
        self.note_states()
    }

    /// How another run differs in what it is, if it does.
    fn difference(&self, other: &Self) -> Option<String> {
        if self.note.optimizer != other.note.optimizer {
            return Some(format!(
                "its optimizer is {}, and not {}",
                other.note.optimizer, self.note.optimizer
            ));
        }
        if self.note.metrics != other.note.metrics {
            let (theirs, ours) = (other.note.metrics.join(", "), self.note.metrics.join(", "));
            return Some(format!("it reports {theirs}, and not {ours}"));
        }
        let (ours, theirs) = (&self.program.graph().variables, &other.program.graph().variables);
        for (our, their) in ours.iter().zip(theirs) {
            if our.path != their.path {
                return Some(format!(
                    "it has the variable `{}` where the run has `{}`",
                    their.path, our.path
                ));
            }
            if our != their {
                let path = &our.path;
                return Some(format!(
                    "its variable `{path}` is {}, and that of the run {}",
                    their.kind, our.kind
                ));
            }
        }
        let counts = (theirs.len(), ours.len());
        (counts.0 != counts.1).then(|| format!("it has {} variables, and the run {}", counts.0, counts.1))
    }

    /// The run as a program: its functions, variables and structure.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The model, as its own type; none if the run was loaded, or the type is another.
    pub fn model<L: Layer>(&self) -> Option<&L> {
        self.model.as_ref()?.as_any().downcast_ref()
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

    /// Forgets what callbacks remember of the run: patience, best values, and that the run was stopped early.
    ///
    /// # Errors
    /// As [`Trainer::save`], for what is left.
    pub fn forget_callbacks(&mut self) -> Result<()> {
        self.states.clear();
        self.note_states()
    }

    /// Writes what callbacks remember down beside the definition, so that it is saved with the run.
    pub(super) fn note_states(&mut self) -> Result<()> {
        let note = (!self.states.is_empty()).then(|| Document::describe(&self.states)).transpose();
        self.program.set_note(STATES, note.map_err(Error::Training)?);
        Ok(())
    }
}

impl Program {
    /// A trainer for the model of this program with an optimizer and a loss, whatever it was trained with before; it needs no code of
    /// the model. [`Program::into_layer`] makes a layer of the model, to put others behind it first.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::{mean_absolute_error, mean_squared_error};
    /// use holotype::prelude::*;
    ///
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path();
    /// Trainer::new(Dense::new(2, 1), Sgd::new(0.1), mean_squared_error).build()?.save(path)?;
    /// let builder = holotype::load(path)?.into_trainer_with(Adam::new(1e-3), mean_absolute_error)?;
    /// let trainer = builder.freeze("bias").build()?;
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the program has no function `call`.
    pub fn into_trainer_with(self, optimizer: impl Optimizer, loss: impl Loss) -> Result<TrainerBuilder> {
        Ok(Trainer::new(self.into_layer()?, optimizer, loss))
    }

    /// The trainer of a run that was saved by one.
    ///
    /// # Errors
    /// [`Error::Training`] if the program is no training run.
    pub fn into_trainer(self) -> Result<Trainer> {
        Trainer::of(self)
    }
}
