//! Stopping at the first number that is not finite, and saying where it came from.

use super::super::step::TRAIN;
use super::callback::Callback;
use super::moment::Moment;
use crate::error::{Error, Result};
use crate::exec::is_finite;
use crate::graph::Mode;
use crate::tensor::Data;

/// Ends a fit at the first step that makes the loss, or a variable of the model, infinite or NaN, and names the op that gave the
/// first such number: the op, the layer, and the place in your code.
///
/// The step is run again, value by value, to find it. A step whose loss is not finite has changed nothing; a step that gave a
/// variable such a number is taken back: all variables have the values they had before it. For that the guard keeps the values
/// of one step, which costs the memory of the run once more.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::prelude::*;
/// use holotype::train::callbacks::NanGuard;
///
/// #[loss]
/// fn distance(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
///     (y_true - y_pred).square().sum().sqrt()          // its gradient at 0 is infinite
/// }
///
/// let x = Tensor::from([[0.0_f32], [0.0]]);
/// let data = Dataset::new(&x, &x)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), distance).build()?;
/// let error = trainer.fit(&data, Fit::epochs(1).quiet().callback(NanGuard::new())).unwrap_err().to_string();
/// assert!(error.contains("is the first op that gives a number that is not finite"), "{error}");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Default)]
pub struct NanGuard {
    /// All variables as they were after the last step.
    before: Vec<Data>,
}

impl NanGuard {
    /// A guard.
    pub fn new() -> Self {
        Self::default()
    }

    fn remember(&mut self, moment: &Moment<'_>) -> Result<()> {
        let variables = moment.program().variables().iter();
        self.before = variables.map(crate::graph::Variable::data).collect::<Result<_>>()?;
        Ok(())
    }
}

impl Callback for NanGuard {
    fn on_fit_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        self.remember(moment)
    }

    fn on_epoch_start(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        // Other callbacks may have set variables between two epochs.
        self.remember(moment)
    }

    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Result<()> {
        let Some(path) = broken(moment)? else { return self.remember(moment) };
        for (variable, data) in moment.program().variables().iter().zip(&self.before) {
            variable.set(data.clone())?;
        }
        let cause = explain(moment)?;
        Err(Error::Training(format!(
            "the step gives the variable `{path}` a number that is not finite; it has been taken back, and the run stands before it\n  \
             {cause}"
        )))
    }

    fn on_step_failed(&mut self, moment: &mut Moment<'_>, error: Error) -> Error {
        let Error::Check { message, location } = error else { return error };
        match explain(moment) {
            Ok(cause) if !cause.is_empty() => {
                Error::Check { message: format!("{message}\n  {cause}"), location }
            }
            // Something else than a number that is not finite.
            Ok(_) | Err(_) => Error::Check { message, location },
        }
    }

    fn on_fit_end(&mut self, _: &mut Moment<'_>) -> Result<()> {
        self.before.clear();
        Ok(())
    }
}

/// The path of a variable of the model that holds a number that is not finite.
fn broken(moment: &Moment<'_>) -> Result<Option<String>> {
    let program = moment.program();
    for (definition, variable) in program.graph().variables.iter().zip(program.variables()) {
        if definition.path.starts_with("model.") && !is_finite(&variable.data()?) {
            return Ok(Some(definition.path.clone()));
        }
    }
    Ok(None)
}

/// Where the number comes from; nothing if there is none.
fn explain(moment: &Moment<'_>) -> Result<String> {
    let batch = moment.batch.unwrap_or_default().to_vec();
    let cause = moment.program().first_non_finite(TRAIN, Mode::Training, batch)?;
    Ok(cause.map(|cause| cause.to_string()).unwrap_or_default())
}
