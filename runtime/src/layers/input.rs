//! The sizes of what a model takes.

use holotype_macros::{Module, layer};

use crate::tensor::Tensor;

/// Says what sizes an example has, and gives its input as it is: `[batch, ..]`, every dtype.
///
/// It stands first where the layers behind it leave the sizes open: a convolution takes images of any height and width, and
/// [`Flatten`](super::Flatten) with [`Dense`](super::Dense) behind it need to know them. Keras has the same as `Input`.
///
/// ```
/// use holotype::layers::{Conv2d, Dense, Flatten, Input, Sequential};
/// use holotype::prelude::*;
/// let model = Sequential::new()
///     .then(Input::new([8, 8, 1]))
///     .then(Conv2d::new(1, 4, 3))
///     .then(Flatten::new())
///     .then(Dense::new(6 * 6 * 4, 10));
/// let program = Program::trace(&model)?;
/// assert_eq!(program.signature("call")?.to_string(), "call(input: [?, 8, 8, 1; f32]) -> [?, 10; f32]");
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module)]
pub struct Input {
    sizes: Vec<usize>,
}

#[layer]
impl Input {
    /// The sizes of an example, without the batch.
    pub fn new(sizes: impl Into<Vec<usize>>) -> Self {
        Self { sizes: sizes.into() }
    }

    /// Gives the input as it is.
    ///
    /// Other sizes are an error that the output carries.
    #[signature(input = [..; any])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let sizes: Vec<_> = std::iter::once(None).chain(self.sizes.iter().copied().map(Some)).collect();
        input.ensure_shape(&sizes)
    }
}
