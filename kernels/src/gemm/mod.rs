//! Matrix products.
//!
//! Every element of a result is one chain of fused multiply-adds over the depth, in ascending order, that starts from 0 or from the
//! element that is accumulated onto. (Where the machine has no such instruction: multiply, then add.) So the bits do not depend
//! on strides, on packing, on blocks or on threads.

pub(crate) mod area;
mod blocks;
mod chain;
mod double;
mod narrow;
pub(crate) mod operands;
pub(crate) mod pack;
mod packed;
pub(crate) mod product;
pub(crate) mod split;
pub(crate) mod strips;
pub(crate) mod thin;
pub(crate) mod tile;
mod transpose;

pub use blocks::Part;
pub use chain::Chain;
pub use double::write_f64;
pub use operands::{Matrix, Output, Right, Unfit};
pub use packed::PackedRight;
pub use product::{Block, Finish, Product};

#[cfg(test)]
mod tests;
