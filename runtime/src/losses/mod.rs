//! Losses: functions of what is true and what a model says, to one number. Each is written with `#[loss]`, as a user's is: a
//! function, or where it has parameters a module.

mod binary_crossentropy;
mod categorical_crossentropy;
mod categorical_hinge;
mod circle;
mod cosine_similarity;
mod crossentropy;
mod ctc;
mod dice;
mod focal_crossentropy;
mod function;
mod generalized_crossentropy;
mod hinge;
mod huber;
mod kl_divergence;
mod log_cosh;
mod mean_absolute_error;
mod mean_absolute_percentage_error;
mod mean_squared_error;
mod mean_squared_logarithmic_error;
mod operands;
mod poisson;
mod several;
mod signs;
mod sparse_categorical_crossentropy;
mod squared_hinge;
mod tversky;

pub use binary_crossentropy::{binary_crossentropy, binary_crossentropy_from_logits};
pub use categorical_crossentropy::{categorical_crossentropy, categorical_crossentropy_from_logits};
pub use categorical_hinge::categorical_hinge;
pub use circle::Circle;
pub use cosine_similarity::CosineSimilarity;
pub use crossentropy::{BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy};
pub use ctc::Ctc;
pub use dice::dice;
pub use focal_crossentropy::{BinaryFocalCrossentropy, CategoricalFocalCrossentropy};
pub(crate) use function::reported_name;
pub use function::{Loss, LossConstructor, LossFunction, loss_entry, loss_module_entry, metric_entry};
pub use generalized_crossentropy::GeneralizedCrossentropy;
pub use hinge::hinge;
pub use huber::Huber;
pub use kl_divergence::kl_divergence;
pub use log_cosh::log_cosh;
pub use mean_absolute_error::mean_absolute_error;
pub use mean_absolute_percentage_error::mean_absolute_percentage_error;
pub use mean_squared_error::mean_squared_error;
pub use mean_squared_logarithmic_error::mean_squared_logarithmic_error;
pub use operands::{labelled, paired};
pub use poisson::poisson;
pub(crate) use several::LossPart;
pub use several::Losses;
pub use sparse_categorical_crossentropy::{
    sparse_categorical_crossentropy, sparse_categorical_crossentropy_from_logits,
};
pub use squared_hinge::squared_hinge;
pub use tversky::Tversky;
