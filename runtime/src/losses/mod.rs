//! Losses: functions of what is true and what a model says, to one number. Each is written with `#[loss]`, as a user's is.

mod binary_crossentropy;
mod categorical_crossentropy;
mod function;
mod mean_absolute_error;
mod mean_squared_error;
mod operands;
mod sparse_categorical_crossentropy;

pub use binary_crossentropy::{binary_crossentropy, binary_crossentropy_from_logits};
pub use categorical_crossentropy::{categorical_crossentropy, categorical_crossentropy_from_logits};
pub use function::{Loss, LossFunction, loss_entry, metric_entry};
pub use mean_absolute_error::mean_absolute_error;
pub use mean_squared_error::mean_squared_error;
pub use operands::{labelled, paired};
pub use sparse_categorical_crossentropy::{
    sparse_categorical_crossentropy, sparse_categorical_crossentropy_from_logits,
};
