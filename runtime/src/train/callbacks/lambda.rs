//! Callbacks that are closures.

use super::callback::Callback;
use super::moment::Moment;
use crate::error::Result;

type Closure<'a> = Box<dyn FnMut(&mut Moment<'_>) -> Result<()> + 'a>;

/// Closures, one for each event that somebody is interested in.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
/// use holotype::train::callbacks::Lambda;
///
/// let x = Tensor::from([[0.0_f32], [1.0], [2.0]]);
/// let data = Dataset::new(&x, &x * 2.0)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
/// let mut losses = Vec::new();
/// let watch = Lambda::new("watch")
///     .step_end(|moment| {
///         losses.extend(moment.metrics()?.get("loss"));
///         Ok(())
///     })
///     .epoch_end(|moment| {
///         moment.stop("it has been enough");
///         Ok(())
///     });
/// let history = trainer.fit(&data, Fit::epochs(9).batch_size(2).quiet().callback(watch))?;
/// assert_eq!((losses.len(), history.epochs().len()), (2, 1));
/// assert_eq!(history.stopped(), Some("watch: it has been enough"));
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Default)]
pub struct Lambda<'a> {
    name: String,
    fit_start: Option<Closure<'a>>,
    epoch_start: Option<Closure<'a>>,
    step_end: Option<Closure<'a>>,
    evaluation_end: Option<Closure<'a>>,
    epoch_end: Option<Closure<'a>>,
    fit_end: Option<Closure<'a>>,
}

macro_rules! events {
    ($($(#[$doc:meta])* $event:ident $handler:ident),* $(,)?) => {
        impl<'a> Lambda<'a> {
            /// A callback of this name that does nothing yet.
            pub fn new(name: impl Into<String>) -> Self {
                Self { name: name.into(), ..Self::default() }
            }

            $($(#[$doc])*
            pub fn $event(mut self, closure: impl FnMut(&mut Moment<'_>) -> Result<()> + 'a) -> Self {
                self.$event = Some(Box::new(closure));
                self
            })*
        }

        impl Callback for Lambda<'_> {
            fn name(&self) -> String {
                self.name.clone()
            }

            $(fn $handler(&mut self, moment: &mut Moment<'_>) -> Result<()> {
                self.$event.as_mut().map_or(Ok(()), |closure| closure(moment))
            })*
        }
    };
}

events! {
    /// What happens when the fit starts.
    fit_start on_fit_start,
    /// What happens when an epoch starts.
    epoch_start on_epoch_start,
    /// What happens after each step.
    step_end on_step_end,
    /// What happens after the validation data have been judged.
    evaluation_end on_evaluation_end,
    /// What happens after each epoch.
    epoch_end on_epoch_end,
    /// What happens when the fit has ended.
    fit_end on_fit_end,
}
