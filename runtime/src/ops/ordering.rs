//! What sort and `top_k` share: the order of elements, and the lines of a tensor along one dimension.

use half::{bf16, f16};

use super::index_dimensions::IndexDimensions;
use crate::error::Result;
use crate::tensor::{Data, Element, for_dtype};

/// An element with a place in a total order.
trait Ordered: Element {
    /// A number that is less for elements that come first: -0 and 0 are the same, NaN comes last.
    fn place(self) -> u64;
}

macro_rules! ordered {
    ($($type:ty, $x:ident => $place:expr;)*) => {$(
        impl Ordered for $type {
            fn place(self) -> u64 {
                let $x = self;
                $place
            }
        }
    )*};
}

ordered! {
    f64, x => float(x);
    f32, x => float(x.into());
    f16, x => float(x.into());
    bf16, x => float(x.into());
    i64, x => signed(x);
    i32, x => signed(x.into());
    i16, x => signed(x.into());
    i8, x => signed(x.into());
    u64, x => x;
    u32, x => x.into();
    u16, x => x.into();
    u8, x => x.into();
    bool, x => x.into();
}

const TOP_BIT: u64 = 1 << 63;

fn signed(x: i64) -> u64 {
    x.cast_unsigned() ^ TOP_BIT
}

fn float(x: f64) -> u64 {
    // The sum makes -0 a 0.
    let bits = (x + 0.0).to_bits();
    match (x.is_nan(), bits & TOP_BIT == 0) {
        (true, _) => u64::MAX,
        (false, true) => bits | TOP_BIT,
        (false, false) => !bits,
    }
}

/// The places of all elements in the order of their dtype.
pub(crate) fn places(operand: &Data) -> Result<Vec<u64>> {
    for_dtype!(operand.dtype(), T => Ok(operand.elements::<T>()?.iter().map(|&x| x.place()).collect()))
}

/// The lines of a tensor along one dimension: where each starts, how many elements it has and how far apart they are.
pub(crate) struct Lines {
    starts: Vec<usize>,
    pub length: usize,
    pub stride: usize,
}

impl Lines {
    pub fn new(sizes: &[usize], axis: usize) -> Self {
        let (length, stride) = (sizes[axis], sizes[axis + 1..].iter().product::<usize>());
        let outer: usize = if length == 0 { 0 } else { sizes[..axis].iter().product() };
        let starts =
            (0..outer).flat_map(|outer| (0..stride).map(move |inner| outer * length * stride + inner));
        Self { starts: starts.collect(), length, stride }
    }

    /// For each line the places of its elements, in order along the line.
    pub fn iter(&self) -> impl Iterator<Item = Vec<usize>> {
        self.starts.iter().map(|start| (0..self.length).map(|index| start + index * self.stride).collect())
    }
}

/// Indices of the same shape as the values, that count along one dimension.
pub(crate) fn along(axis: usize, rank: usize) -> IndexDimensions {
    let others: Vec<_> = (0..rank).filter(|&other| other != axis).collect();
    IndexDimensions {
        collapsed_slice_dims: vec![axis],
        operand_batching_dims: others.clone(),
        start_indices_batching_dims: others,
        start_index_map: vec![axis],
        index_vector_dim: rank,
        ..IndexDimensions::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_floats_is_total() {
        let x = [f64::NEG_INFINITY, -1.0, -5e-324, 0.0, 5e-324, 2.0, f64::INFINITY, f64::NAN];
        assert!(x.windows(2).all(|pair| pair[0].place() < pair[1].place()));
        assert_eq!((-0.0_f64).place(), 0.0_f64.place());
        assert_eq!((-f64::NAN).place(), f64::NAN.place());
        assert!(i8::MIN.place() < (-1_i8).place() && (-1_i64).place() < 0_i64.place());
        assert!(false.place() < true.place() && bf16::ZERO.place() < bf16::ONE.place());
    }

    #[test]
    fn lines_run_along_a_dimension() {
        let lines = |sizes: &[usize], axis| Lines::new(sizes, axis).iter().collect::<Vec<_>>();
        assert_eq!(lines(&[2, 3], 0), [[0, 3], [1, 4], [2, 5]]);
        assert_eq!(lines(&[2, 3], 1), [[0, 1, 2], [3, 4, 5]]);
        assert!(lines(&[2, 0, 3], 1).is_empty() && lines(&[0, 2], 1).is_empty());
    }
}
