//! Metrics: numbers that tell people how good a model is. Each is written with `#[metric]`, as a user's is: a function, whose mean
//! over all samples is reported, or a module with state.

mod accuracies;
mod accuracy;
mod auc;
mod confusion_counts;
mod confusion_matrix;
mod cosine_similarity;
mod f1_score;
mod mean_iou;
mod metric;
mod perplexity;
mod precision;
mod r2_score;
mod recall;
mod root_mean_squared_error;
mod running_mean;
mod top_k_accuracy;
mod weights;

pub use crate::losses::{mean_absolute_error, mean_squared_error};
pub use accuracies::{binary_accuracy, categorical_accuracy, sparse_categorical_accuracy};
pub use accuracy::accuracy;
pub use auc::Auc;
pub use confusion_counts::ConfusionCounts;
pub use confusion_matrix::ConfusionMatrix;
pub use cosine_similarity::cosine_similarity;
pub use f1_score::F1Score;
pub use mean_iou::MeanIou;
pub use metric::{Metric, MetricConstructor, metric_module_entry};
pub use perplexity::Perplexity;
pub use precision::Precision;
pub use r2_score::R2Score;
pub use recall::Recall;
pub use root_mean_squared_error::RootMeanSquaredError;
pub use top_k_accuracy::TopKAccuracy;
