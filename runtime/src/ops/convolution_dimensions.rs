//! Which dimension of a convolution is what.

use serde::{Deserialize, Serialize};

use crate::tensor::{Dim, Shape, Tensor};

/// For each tensor of a convolution, the places of its dimensions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvolutionDimensions {
    /// Of the operand, where its batch, its features, and each spatial dimension are.
    pub input: Vec<usize>,
    /// Of the kernel, where the features of the result, those of one group of the operand, and each spatial dimension are.
    pub kernel: Vec<usize>,
    /// Of the result, where its batch, its features, and each spatial dimension are.
    pub output: Vec<usize>,
}

impl ConvolutionDimensions {
    /// Batch, features and then space, for the kernel the features of the result first: `NCHW`, `OIHW`.
    pub fn new(spatial: usize) -> Self {
        let order: Vec<_> = (0..spatial + 2).collect();
        Self { input: order.clone(), kernel: order.clone(), output: order }
    }

    pub(super) fn check(&self, rank: usize) -> Result<(), String> {
        for dimensions in [&self.input, &self.kernel, &self.output] {
            let mut sorted = dimensions.clone();
            sorted.sort_unstable();
            if !sorted.into_iter().eq(0..rank) {
                return Err(format!("{dimensions:?} does not say of {rank} dimensions what each is"));
            }
        }
        Ok(())
    }
}

/// The dimensions with the first two the other way round.
pub(super) fn swapped(dimensions: &[usize]) -> Vec<usize> {
    let mut swapped = dimensions.to_vec();
    swapped.swap(0, 1);
    swapped
}

/// The tensor with the groups of dimension `from` moved into dimension `into`, as the outer part of its index.
pub(crate) fn regrouped(x: &Tensor, from: usize, into: usize, groups: usize) -> Tensor {
    if groups == 1 {
        return x.clone();
    }
    let (shape, groups) = (x.shape(), Dim::from(groups));
    let mut split = shape.to_vec();
    let Some(size) = shape.get(from).and_then(|size| size.exact_div(&groups)) else {
        // A shape that no tensor has gives the error.
        return x.reshape(Shape::from([Dim::from(i64::MIN)]));
    };
    split.splice(from..=from, [groups.clone(), size.clone()]);
    // Without the groups, the other dimensions keep their numbers.
    let mut order: Vec<_> = (0..split.len()).filter(|&axis| axis != from).map(usize::cast_signed).collect();
    order.insert(into, from.cast_signed());
    let mut merged = shape.to_vec();
    merged[from] = size;
    merged[into] = &merged[into] * groups;
    x.reshape(split).transpose(order).reshape(merged)
}
