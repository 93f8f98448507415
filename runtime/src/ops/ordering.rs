//! What sort and `top_k` share: the order of elements, and the lines of a tensor along one dimension.

use super::index_dimensions::IndexDimensions;
use super::wide::Wide;
use crate::error::Result;
use crate::tensor::{DType, Data};

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

/// The places of all elements in the order of their dtype: a number that is less for elements that come first. -0 and 0
/// are the same, NaN comes last.
pub(crate) fn places(operand: &Data) -> Result<Vec<u64>> {
    if operand.dtype() == DType::F32 {
        return Ok(operand.elements::<f32>()?.iter().map(|&x| float(x.into())).collect());
    }
    Ok(match Wide::of(operand)? {
        Wide::Signed(elements) => elements.iter().copied().map(signed).collect(),
        Wide::Unsigned(elements) => elements.into_owned(),
        Wide::Float(elements) => elements.iter().copied().map(float).collect(),
    })
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
        assert!(x.windows(2).all(|pair| float(pair[0]) < float(pair[1])));
        assert_eq!(float(-0.0), float(0.0));
        assert_eq!(float(-f64::NAN), float(f64::NAN));
        assert!(signed(i64::MIN) < signed(-1) && signed(-1) < signed(0));
        let truth = Data::new([2], vec![false, true]).unwrap();
        assert_eq!(places(&truth).unwrap(), [0, 1]);
    }

    #[test]
    fn lines_run_along_a_dimension() {
        let lines = |sizes: &[usize], axis| Lines::new(sizes, axis).iter().collect::<Vec<_>>();
        assert_eq!(lines(&[2, 3], 0), [[0, 3], [1, 4], [2, 5]]);
        assert_eq!(lines(&[2, 3], 1), [[0, 1, 2], [3, 4, 5]]);
        assert!(lines(&[2, 0, 3], 1).is_empty() && lines(&[0, 2], 1).is_empty());
    }
}
