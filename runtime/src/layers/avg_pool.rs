//! The mean of each window.

use holotype_macros::{Module, layer};

use crate::functional::{Padding, PerAxis, Pool};
use crate::tensor::Tensor;

/// The mean of each window of a line, image or volume with channels last; see [`Tensor::avg_pool`].
///
/// At first windows stand next to each other, without padding.
///
/// ```
/// use holotype::layers::AvgPool;
/// use holotype::prelude::*;
/// let layer = AvgPool::new(2);
/// assert_eq!(layer.call(&Tensor::zeros([1, 8, 8, 3])).shape().to_string(), "[1, 4, 4, 3]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct AvgPool {
    #[module(config)]
    pool_size: PerAxis,
    #[module(config)]
    strides: PerAxis,
    #[module(config)]
    padding: Padding,
}

#[layer]
impl AvgPool {
    /// Windows of this size: one number for all spatial dimensions, or one for each.
    pub fn new(pool_size: impl Into<PerAxis>) -> Self {
        let pool_size = pool_size.into();
        Self { strides: pool_size.clone(), pool_size, padding: Padding::Valid }
    }

    /// The layer with other distances between windows.
    pub fn strides(mut self, strides: impl Into<PerAxis>) -> Self {
        self.strides = strides.into();
        self
    }

    /// The layer with padding, which does not count.
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// `[batch, space.., channels]` to the same with fewer places.
    #[signature(input = [..; float])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let how = Pool::new(self.pool_size.clone()).strides(self.strides.clone());
        input.avg_pool(&how.padding(self.padding.clone()))
    }
}
