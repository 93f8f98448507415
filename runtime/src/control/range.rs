//! What a loop counts over.

use std::ops::Range;

use crate::tensor::{Dim, Tensor};

/// A range of numbers that [`fori_loop`](super::fori_loop) counts over: of integers, of sizes, or of tensors that are one number
/// of an integer dtype.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no range to count over",
    note = "ranges are those of integers, `0..10`; of sizes, `Dim::from(0)..x.dim(0)`; and of tensors, `start..end`"
)]
pub trait LoopRange {
    /// The first number, and the one behind the last.
    fn into_bounds(self) -> Bounds;
}

/// The first number of a range, and the one behind the last.
#[derive(Clone, Debug)]
pub enum Bounds {
    /// Numbers and sizes: known when a function is called, and so is the number of iterations.
    Sizes(Dim, Dim),
    /// Numbers that are computed.
    Tensors(Tensor, Tensor),
}

macro_rules! sizes {
    ($($type:ty),*) => {$(
        impl LoopRange for Range<$type> {
            fn into_bounds(self) -> Bounds {
                Bounds::Sizes(self.start.into(), self.end.into())
            }
        }
    )*};
}

sizes!(i32, i64, usize, Dim, &Dim);

impl LoopRange for Range<Tensor> {
    fn into_bounds(self) -> Bounds {
        Bounds::Tensors(self.start, self.end)
    }
}

impl LoopRange for Range<&Tensor> {
    fn into_bounds(self) -> Bounds {
        Bounds::Tensors(self.start.clone(), self.end.clone())
    }
}
