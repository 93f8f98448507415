//! Training: steps that are traced, so that a run that is saved goes on without the code that made it.

mod adam;
mod batch;
mod build;
pub mod callbacks;
mod checkpoints;
mod confusion;
mod data;
mod evaluate;
mod events;
mod fit;
mod history;
mod optimizer;
mod plot;
mod position;
mod progress;
mod report;
mod run;
mod sgd;
mod step;
mod text;
mod trainer;

pub use adam::Adam;
pub use build::TrainerBuilder;
pub use checkpoints::{CheckpointManager, CheckpointRecord};
pub use confusion::ConfusionMatrix;
pub use data::Dataset;
pub use fit::Fit;
pub use history::{Epoch, History, Metrics, Warning};
pub use optimizer::{Optimizer, OptimizerConstructor, optimizer_entry};
pub use progress::Progress;
pub use report::Report;
pub use sgd::Sgd;
pub use trainer::Trainer;
