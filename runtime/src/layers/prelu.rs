//! A rectifier whose slope is learned.

use holotype_macros::{Module, layer};

use crate::graph::Variable;
use crate::init;
use crate::tensor::{Shape, Tensor};

/// `x` where it is not negative, elsewhere `slope * x`, where the slope is learned: [`Tensor::prelu`]
/// ([He et al. 2015](https://arxiv.org/abs/1502.01852)).
///
/// The slopes start as zeros of dtype `f32`, as in Keras; the layer takes floats of every dtype.
///
/// ```
/// use holotype::layers::Prelu;
/// use holotype::prelude::*;
/// let layer = Prelu::new([3]);
/// assert_eq!(layer.call(&Tensor::from([[-1.0_f32, 0.0, 1.0]])).to_vec::<f32>()?, [-0.0, 0.0, 1.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Prelu {
    slopes: Variable,
}

#[layer]
impl Prelu {
    /// A layer with slopes of a shape that broadcasts to that of the input: `[channels]`, or `()` for a single one.
    #[track_caller]
    pub fn new(shape: impl Into<Shape>) -> Self {
        Self { slopes: Variable::new(init::zeros(shape)) }
    }

    /// The slopes.
    pub fn slopes(&self) -> &Variable {
        &self.slopes
    }

    /// Every shape that the slopes broadcast to.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        input.prelu(self.slopes.value().cast(input.dtype()))
    }
}
