//! Several losses of one model.

use std::sync::Arc;

use super::function::Loss;
use crate::error::Error;
use crate::tensor::Tensor;

/// Losses of the named outputs of a model, each with a weight; what is made small is the sum of `weight * loss`.
///
/// A trainer takes it in the place of one loss. It reports the sum as `loss`, and each loss by itself, without its weight, as
/// `digit_loss`. The targets are those of the outputs, in the order in which the outputs are named here.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::{Losses, binary_crossentropy_from_logits, sparse_categorical_crossentropy_from_logits};
/// use holotype::metrics::accuracy;
/// use holotype::prelude::*;
///
/// /// Says which digit it is, and whether it is odd.
/// #[derive(Module)]
/// struct Reader {
///     body: Dense,
///     digit: Dense,
///     parity: Dense,
/// }
///
/// #[layer]
/// impl Reader {
///     #[signature(image = [batch, 16; f32] -> (digit = [batch, 10; f32], parity = [batch, 1; f32]))]
///     fn call(&self, image: &Tensor) -> (Tensor, Tensor) {
///         let features = self.body.call(image);
///         (self.digit.call(&features), self.parity.call(&features))
///     }
/// }
///
/// let model = Reader { body: Dense::new(16, 8), digit: Dense::new(8, 10), parity: Dense::new(8, 1) };
/// let losses = Losses::new()
///     .on("digit", sparse_categorical_crossentropy_from_logits, 1.0)
///     .on("parity", binary_crossentropy_from_logits, 0.3);
/// let mut trainer = Trainer::new(model, Adam::new(1e-3), losses).metric_on("digit", accuracy).build()?;
/// let (digits, odd) = (Tensor::from([3_i64, 4]), Tensor::from([[1.0_f32], [0.0]]));
/// let data = Dataset::with_targets(vec![Tensor::ones([2, 16])], vec![digits, odd])?;
/// let history = trainer.fit(&data, Fit::epochs(1).quiet())?;
/// let of = |name: &str| history.last(name).unwrap();
/// assert!((of("loss") - of("digit_loss") - 0.3 * of("parity_loss")).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Default)]
pub struct Losses {
    parts: Vec<LossPart>,
}

/// One of several losses.
#[derive(Clone)]
pub(crate) struct LossPart {
    pub output: String,
    pub loss: Arc<dyn Loss>,
    pub weight: f64,
}

impl Losses {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also the loss of an output, which counts as much as its weight says; the weight is finite and not negative.
    pub fn on(mut self, output: &str, loss: impl Loss, weight: f64) -> Self {
        self.parts.push(LossPart { output: output.to_owned(), loss: Arc::new(loss), weight });
        self
    }

    pub(crate) fn parts(&self) -> &[LossPart] {
        &self.parts
    }
}

impl Loss for Losses {
    fn compute(&self, _: &Tensor, _: &Tensor) -> Tensor {
        Tensor::from_error(Error::Training(
            "several losses are no metric and no function: give `Losses` to `Trainer::new` in the place of the loss".into(),
        ))
    }

    fn several(&self) -> Option<&Losses> {
        Some(self)
    }
}
