//! Element-wise functions as kernels over blocks.

mod arithmetic;
pub(crate) mod block;
mod convert;
mod kernel;

pub use arithmetic::Arithmetic;
pub(crate) use arithmetic::Places;
pub use convert::{f32_to_i32, f32_to_small};
pub use kernel::{Block, Kernel};

/// How many elements an operand of a [`Kernel`] has that is repeated for a longer result.
pub const STRIP: usize = block::STRIP;

/// A type of elements: what numbers of the standard library, `bool` and 16-bit floats are.
///
/// Implemented for every type that has the properties. Bytes that are no valid value of the type (2 as a `bool`) read as
/// its default value.
pub trait Element:
    bytemuck::NoUninit + bytemuck::CheckedBitPattern + Default + Send + Sync + 'static
{
}

impl<T> Element for T where
    T: bytemuck::NoUninit + bytemuck::CheckedBitPattern + Default + Send + Sync + 'static
{
}
