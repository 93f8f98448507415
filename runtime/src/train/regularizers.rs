//! What is added to the loss for weights: functions for `TrainerBuilder::regularize`.
//!
//! Each gives a function of one variable, and so can a user's closure be one.

use crate::functional::Norm;
use crate::tensor::Tensor;

/// `factor * Σ|w|`, which makes weights 0 ([Tibshirani 1996](https://doi.org/10.1111/j.2517-6161.1996.tb02080.x)).
///
/// ```
/// use holotype::prelude::*;
/// use holotype::train::regularizers::l1;
/// assert_eq!(l1(0.5)(&Tensor::from([1.0_f32, -3.0])).to_scalar::<f32>()?, 2.0);
/// # Ok::<(), holotype::Error>(())
/// ```
pub fn l1(factor: f64) -> impl Fn(&Tensor) -> Tensor + Send + Sync + 'static {
    move |w| w.abs().sum() * factor
}

/// `factor * Σw²`, which makes weights small ([Hoerl and Kennard 1970](https://doi.org/10.1080/00401706.1970.10488634)).
pub fn l2(factor: f64) -> impl Fn(&Tensor) -> Tensor + Send + Sync + 'static {
    move |w| w.square().sum() * factor
}

/// `l1 * Σ|w| + l2 * Σw²` ([Zou and Hastie 2005](https://doi.org/10.1111/j.1467-9868.2005.00503.x)).
pub fn l1_l2(l1: f64, l2: f64) -> impl Fn(&Tensor) -> Tensor + Send + Sync + 'static {
    move |w| w.abs().sum() * l1 + w.square().sum() * l2
}

/// `factor` times the mean of `|cos|` of the angles between the rows of a matrix, which makes them orthogonal, as Keras'
/// `OrthogonalRegularizer`: rows are divided by their norm, which counts as no less than 1e-6. A matrix of one row gives 0. A
/// variable that is no matrix is an error.
pub fn orthogonal(factor: f64) -> impl Fn(&Tensor) -> Tensor + Send + Sync + 'static {
    move |w| {
        let rows = w / w.norm_axis_keepdims(Norm::L2, -1).maximum(1e-6);
        let cosines = rows.matmul(rows.t()).abs();
        // Each pair of rows once: what lies above the diagonal.
        let pairs = cosines.triu(1);
        let count = pairs.ones_like().triu(1).sum().maximum(1.0);
        pairs.sum() / count * factor
    }
}
