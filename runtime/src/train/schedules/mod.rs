//! Learning-rate schedules: the rate as a function of the step. Each is written with `#[schedule]`, as a user's is.

mod constant;
mod cosine;
mod cosine_restarts;
mod exponential;
mod inverse_time;
mod linear_warmup;
mod one_cycle;
mod piecewise_constant;
mod polynomial;
mod step;

pub use constant::Constant;
pub use cosine::CosineDecay;
pub use cosine_restarts::CosineRestarts;
pub use exponential::ExponentialDecay;
pub use inverse_time::InverseTimeDecay;
pub use linear_warmup::LinearWarmup;
pub use one_cycle::OneCycle;
pub use piecewise_constant::PiecewiseConstant;
pub use polynomial::PolynomialDecay;
pub use step::StepDecay;

use crate::tensor::Tensor;

/// How far a step is on its way to `steps`, from 0 to 1.
fn progress(step: &Tensor, steps: u64) -> Tensor {
    (step / steps.max(1)).minimum(1.0)
}

/// The part of the way from `from` to `to` that half a period of a cosine has gone: equation 5 of [Loshchilov and Hutter
/// 2016](https://arxiv.org/abs/1608.03983), `to + (from - to)(1 + cos(π progress))/2`.
fn half_cosine(from: f64, to: f64, progress: &Tensor) -> Tensor {
    ((progress * std::f64::consts::PI).cos() + 1.0) * (0.5 * (from - to)) + to
}
