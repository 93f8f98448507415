//! Values that are other values read in another order: broadcast, transposed, cut, reversed. They need no memory.

use super::lowered::{Id, Kind, Lowered, Node, Work};
use crate::ops::{BroadcastInDim, Reshape, Reverse, Slice, StopGradient, Transpose};

/// Where the elements of a value lie in another value, which lies in memory row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub root: Id,
    /// The index of the first element.
    pub offset: usize,
    /// For each dimension, the distance from one element to the next.
    pub strides: Vec<isize>,
}

impl View {
    fn own(root: Id, kind: &Kind) -> Self {
        Self { root, offset: 0, strides: row_major(&kind.sizes) }
    }

    /// Whether the elements follow each other row by row, from the offset on.
    pub fn is_contiguous(&self, sizes: &[usize]) -> bool {
        let expected = row_major(sizes);
        sizes
            .iter()
            .zip(self.strides.iter().zip(&expected))
            .all(|(&size, (own, expected))| size <= 1 || own == expected)
    }
}

/// The distances of elements that lie row by row.
pub(super) fn row_major(sizes: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; sizes.len()];
    for axis in (1..sizes.len()).rev() {
        strides[axis - 1] = strides[axis] * sizes[axis].cast_signed();
    }
    strides
}

/// For each value the view it is, by itself if it is none of another.
pub(super) fn views(lowered: &Lowered) -> Vec<View> {
    let own = |(index, kind): (usize, &Kind)| View::own(Id::new(index), kind);
    let mut views: Vec<View> = lowered.values.iter().enumerate().map(own).collect();
    for node in &lowered.nodes {
        if let ([result], Some(view)) = (node.results.as_slice(), view_of(lowered, node, &views)) {
            views[result.index()] = view;
        }
    }
    views
}

/// What the result of a node is a view of, if it is one.
fn view_of(lowered: &Lowered, node: &Node, views: &[View]) -> Option<View> {
    let (Work::Op(op), [operand], [result]) = (&node.work, node.operands.as_slice(), node.results.as_slice())
    else {
        return None;
    };
    let (from, to) = (lowered.kind(*operand), lowered.kind(*result));
    if from.len() == 0 || to.len() == 0 || from.dtype != to.dtype {
        return None;
    }
    let view = &views[operand.index()];
    let op = op.as_any();
    let with_strides = |strides| Some(View { root: view.root, offset: view.offset, strides });
    if op.is::<StopGradient>() {
        return Some(view.clone());
    }
    if op.is::<Reshape>() {
        return with_strides(reshaped(&from.sizes, &view.strides, &to.sizes)?);
    }
    if let Some(transpose) = op.downcast_ref::<Transpose>() {
        return with_strides(transpose.permutation.iter().map(|&axis| view.strides[axis]).collect());
    }
    if let Some(broadcast) = op.downcast_ref::<BroadcastInDim>() {
        let mut strides = vec![0; to.sizes.len()];
        for (axis, &target) in broadcast.dimensions.iter().enumerate() {
            strides[target] = if from.sizes[axis] == 1 { 0 } else { view.strides[axis] };
        }
        return with_strides(strides);
    }
    if let Some(reverse) = op.downcast_ref::<Reverse>() {
        let (mut offset, mut strides) = (view.offset.cast_signed(), view.strides.clone());
        for &axis in &reverse.dimensions {
            offset += (from.sizes[axis].cast_signed() - 1) * strides[axis];
            strides[axis] = -strides[axis];
        }
        return Some(View { root: view.root, offset: usize::try_from(offset).ok()?, strides });
    }
    if let Some(slice) = op.downcast_ref::<Slice>() {
        let (mut offset, mut strides) = (view.offset.cast_signed(), view.strides.clone());
        for (axis, (start, stride)) in slice.start.iter().zip(&slice.stride).enumerate() {
            let start = start.as_usize().filter(|start| *start < from.sizes[axis])?;
            let last = start + (to.sizes[axis] - 1).checked_mul(*stride)?;
            if last >= from.sizes[axis] {
                return None;
            }
            offset += start.cast_signed() * strides[axis];
            strides[axis] *= stride.cast_signed();
        }
        return Some(View { root: view.root, offset: usize::try_from(offset).ok()?, strides });
    }
    None
}

/// The distances of the same elements in the same order under other sizes; none if no distances say that.
pub(super) fn reshaped(from: &[usize], strides: &[isize], to: &[usize]) -> Option<Vec<isize>> {
    let old: Vec<(usize, isize)> =
        from.iter().copied().zip(strides.iter().copied()).filter(|(size, _)| *size != 1).collect();
    let mut result = vec![0; to.len()];
    let (mut first_old, mut first_new) = (0, 0);
    while first_old < old.len() && first_new < to.len() {
        let (mut next_old, mut next_new) = (first_old + 1, first_new + 1);
        let (mut count_old, mut count_new) = (old[first_old].0, to[first_new]);
        while count_old != count_new {
            if count_old < count_new {
                count_old *= old.get(next_old)?.0;
                next_old += 1;
            } else {
                count_new *= to.get(next_new)?;
                next_new += 1;
            }
        }
        let run = &old[first_old..next_old];
        if run.windows(2).any(|pair| pair[0].1 != pair[1].0.cast_signed() * pair[1].1) {
            return None;
        }
        let mut stride = run.last()?.1;
        for axis in (first_new..next_new).rev() {
            result[axis] = stride;
            stride *= to[axis].cast_signed();
        }
        (first_old, first_new) = (next_old, next_new);
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_merge_and_split_only_where_elements_stay_in_order() {
        assert_eq!(reshaped(&[2, 3, 4], &[12, 4, 1], &[6, 4]), Some(vec![4, 1]));
        assert_eq!(reshaped(&[2, 12], &[12, 1], &[2, 3, 1, 4]), Some(vec![12, 4, 4, 1]));
        assert_eq!(reshaped(&[3, 2], &[1, 3], &[6]), None);
        assert_eq!(reshaped(&[3, 2], &[1, 3], &[3, 1, 2]), Some(vec![1, 6, 3]));
        assert_eq!(reshaped(&[2, 3], &[0, 0], &[6]), Some(vec![0]));
        assert_eq!(reshaped(&[1, 1], &[7, 9], &[]), Some(vec![]));
        assert_eq!(reshaped(&[4], &[-1], &[2, 2]), Some(vec![-2, -1]));
        assert_eq!(reshaped(&[4, 6], &[6, 1], &[6, 4]), Some(vec![4, 1]));
    }

    #[test]
    fn contiguity_ignores_dimensions_of_size_one() {
        let view = View { root: Id(0), offset: 3, strides: vec![99, 4, 1] };
        assert!(view.is_contiguous(&[1, 2, 4]) && !view.is_contiguous(&[2, 2, 4]));
    }
}
