//! Models that are saved whole: definition, weights, loss, optimizer and training step.

pub use holotype_macros::{Module, layer, loss, metric, optimizer, signature};
pub use holotype_runtime::*;

/// What most programs use.
pub mod prelude {
    pub use holotype_macros::{Module, layer, loss, metric, optimizer, signature};
    pub use holotype_runtime::error::{Error, Result};
    pub use holotype_runtime::graph::Variable;
<<<<<<< HEAD
    pub use holotype_runtime::module::{Layer, Module, Program};
=======
    pub use holotype_runtime::init;
    pub use holotype_runtime::random::Generator;
>>>>>>> shapes
    pub use holotype_runtime::tensor::{DType, Dim, Shape, Tensor};
}
