//! Models that are saved whole: definition, weights, loss, optimizer and training step.

pub use holotype_runtime::*;

/// What most programs use.
pub mod prelude {
    pub use holotype_runtime::error::{Error, Result};
    pub use holotype_runtime::graph::Variable;
    pub use holotype_runtime::init;
    pub use holotype_runtime::random::Generator;
    pub use holotype_runtime::tensor::{DType, Dim, Shape, Tensor};
}
