//! Training: steps that are traced, so that a run that is saved goes on without the code that made it.

mod adam;
mod batch;
mod build;
mod data;
mod evaluate;
mod fit;
mod history;
mod optimizer;
mod position;
mod progress;
mod run;
mod sgd;
mod step;
mod trainer;

pub use adam::Adam;
pub use build::TrainerBuilder;
pub use data::Dataset;
pub use fit::Fit;
pub use history::{Epoch, History, Metrics};
pub use optimizer::{Optimizer, OptimizerConstructor, optimizer_entry};
pub use progress::Progress;
pub use sgd::Sgd;
pub use trainer::Trainer;
