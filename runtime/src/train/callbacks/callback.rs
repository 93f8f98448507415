//! What a callback is.

use super::moment::Moment;
use crate::error::{Error, Result};
use crate::tensor::Document;

/// Looks on while a model learns, and may step in: read and set the learning rate and variables, ask to stop, save the run.
///
/// Every method does nothing unless it is written. An error ends the fit and names the callback. What a callback has to
/// remember for a run to go on as if it had never stopped, it gives as its [`state`](Self::state), which is saved with the run.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::callbacks::{Callback, Moment};
///
/// /// Halves the learning rate after each epoch.
/// struct Halve;
///
/// impl Callback for Halve {
///     fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
///         let rate = moment.learning_rate()?;
///         moment.set_learning_rate(rate / 2.0)
///     }
/// }
///
/// let x = Tensor::from([[0.0_f32], [1.0]]);
/// let data = Dataset::new(&x, &x * 2.0)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.5), mean_squared_error).build()?;
/// trainer.fit(&data, Fit::epochs(2).quiet().callback(Halve))?;
/// assert_eq!(trainer.learning_rate()?, 0.125);
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// # Errors
/// Whatever a callback has to say; the fit gives it as [`Error::Callback`].
pub trait Callback {
    /// The name that errors and warnings use and the state is saved under; the name of the type unless it is written.
    fn name(&self) -> String {
        let path = std::any::type_name::<Self>();
        let path = path.split('<').next().unwrap_or(path);
        path.rsplit("::").next().unwrap_or(path).to_owned()
    }

    /// The fit starts: the run stands where it was left, and the state of the callback has been given back to it.
    fn on_fit_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let _ = moment;
        Ok(())
    }

    /// An epoch starts, or the rest of one that the run stopped in.
    fn on_epoch_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let _ = moment;
        Ok(())
    }

    /// A step has been taken; [`Moment::metrics`] are the means over the epoch so far.
    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let _ = moment;
        Ok(())
    }

    /// A step has failed and changed nothing; gives the error that the fit ends with, which may say more.
    fn on_step_failed(&mut self, moment: &mut Moment<'_>, error: Error) -> Error {
        let _ = moment;
        error
    }

    /// The validation data have been judged; [`Moment::metrics`] are theirs, with `val_` before their names.
    fn on_evaluation_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let _ = moment;
        Ok(())
    }

    /// An epoch has ended; [`Moment::metrics`] are those of training, then those of the validation data.
    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let _ = moment;
        Ok(())
    }

    /// All callbacks have seen the event in which this one called [`Moment::defer`], and what they remember of it has been
    /// kept: the run that is saved now goes on exactly from here.
    fn on_deferred(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let _ = moment;
        Ok(())
    }

    /// The fit has ended without an error.
    fn on_fit_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let _ = moment;
        Ok(())
    }

    /// What the run has to keep for the callback, if anything.
    ///
    /// # Errors
    /// Why it cannot be described.
    fn state(&self) -> Result<Option<Document>, String> {
        Ok(None)
    }

    /// Takes back what [`Self::state`] gave, when a fit of the run starts.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn set_state(&mut self, state: &Document) -> Result<(), String> {
        let _ = state;
        Ok(())
    }
}

/// A callback that is still there after the fit: `Fit::epochs(9).callback(&mut stopping)`.
impl<C: Callback + ?Sized> Callback for &mut C {
    fn name(&self) -> String {
        (**self).name()
    }

    fn on_fit_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        (**self).on_fit_start(moment)
    }

    fn on_epoch_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        (**self).on_epoch_start(moment)
    }

    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        (**self).on_step_end(moment)
    }

    fn on_step_failed(&mut self, moment: &mut Moment<'_>, error: Error) -> Error {
        (**self).on_step_failed(moment, error)
    }

    fn on_evaluation_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        (**self).on_evaluation_end(moment)
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        (**self).on_epoch_end(moment)
    }

    fn on_deferred(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        (**self).on_deferred(moment)
    }

    fn on_fit_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        (**self).on_fit_end(moment)
    }

    fn state(&self) -> Result<Option<Document>, String> {
        (**self).state()
    }

    fn set_state(&mut self, state: &Document) -> Result<(), String> {
        (**self).set_state(state)
    }
}
