//! Optimizers. Each is written with `#[optimizer]`, as a user's is.

mod adadelta;
mod adafactor;
mod adagrad;
mod adam;
mod adamw;
mod lamb;
mod lion;
mod moments;
mod muon;
mod nadam;
mod rmsprop;
mod sgd;

pub use adadelta::Adadelta;
pub use adafactor::Adafactor;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamw::AdamW;
pub use lamb::Lamb;
pub use lion::Lion;
pub use muon::Muon;
pub use nadam::Nadam;
pub use rmsprop::RmsProp;
pub use sgd::Sgd;

use super::Rate;
use crate::tensor::{DType, Tensor, TensorType};

/// The dtype that is computed in: halves can hold neither ε nor the squares of small gradients.
fn wide(dtype: DType) -> DType {
    match dtype {
        DType::F16 | DType::BF16 => DType::F32,
        other => other,
    }
}

/// A slot of the variable's shape that starts as zeros.
fn zeros(variable: &TensorType) -> Tensor {
    Tensor::zeros(variable.shape.clone()).cast(wide(variable.dtype))
}

/// A variable and its gradient in the dtype that is computed in, and the rate in that dtype.
fn widened(value: &Tensor, gradient: &Tensor, rate: &Rate) -> (Tensor, Tensor, Tensor) {
    let dtype = wide(value.dtype());
    (value.cast(dtype), gradient.cast(dtype), rate.value().cast(dtype))
}

/// `keep * old + (1 - keep) * new`
fn blend(old: &Tensor, new: &Tensor, keep: f64) -> Tensor {
    old * keep + new * (1.0 - keep)
}
