//! Moving elements: putting a value in order that is another one read in another order, joining values, padding.

use holotype_kernels::copy::{Layout, StridedCopy};

use crate::exec::compiled::build::Builder;
use crate::exec::compiled::lowered::{Id, Kind, Node, Work};
use crate::exec::compiled::plan::{Fits, Job, Part, message, other_count};
use crate::exec::compiled::views::{View, row_major};
use crate::ops::{Concatenate, Pad};

/// Copies of what is read into one result.
#[derive(Debug)]
struct Copies {
    /// The number of what is read, and how it is copied.
    parts: Vec<(usize, StridedCopy)>,
    /// The number of what is read that gives the elements that no copy reaches, where it lies in bytes, and its size.
    rest: Option<(usize, usize, usize)>,
    /// Sizes, and how far apart elements are in what is read, if all of it is put in another order.
    order: Option<(Vec<usize>, Vec<isize>)>,
}

impl Job for Copies {
    fn describe(&self) -> String {
        if self.rest.is_some() { "pad".into() } else { format!("copy {} parts", self.parts.len()) }
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let [to] = writes else { return other_count() };
        if let Some((read, start, size)) = self.rest
            && let Some(element) = reads.get(read).and_then(|part| part.bytes().get(start..start + size))
        {
            if element.iter().all(|byte| *byte == element[0]) {
                to.fill(element[0]);
            } else {
                to.chunks_exact_mut(size).for_each(|place| place.copy_from_slice(element));
            }
        }
        for (read, copy) in &self.parts {
            if let Some(from) = reads.get(*read) {
                copy.run(from.bytes(), to).map_err(message)?;
            }
        }
        Ok(())
    }

    fn order(&self) -> Option<(&[usize], &[isize])> {
        self.order.as_ref().map(|(sizes, strides)| (&sizes[..], &strides[..]))
    }
}

/// The job that puts the elements that a view leads to in order.
pub(super) fn copy(kind: &Kind, view: &View) -> Option<Box<dyn Job>> {
    let from = Layout { offset: view.offset, strides: &view.strides };
    let strides = row_major(&kind.sizes);
    let copy =
        StridedCopy::new(kind.dtype.size(), &kind.sizes, from, Layout { offset: 0, strides: &strides })?;
    let order = (view.offset == 0).then(|| (kind.sizes.clone(), view.strides.clone()));
    Some(Box::new(Copies { parts: vec![(0, copy)], rest: None, order }))
}

/// The job of a `concatenate`, with what it reads.
pub(super) fn concatenate(builder: &Builder, node: &Node) -> Option<(Box<dyn Job>, Vec<Id>)> {
    let (Work::Op(op), [result]) = (&node.work, node.results.as_slice()) else { return None };
    let dimension = op.as_any().downcast_ref::<Concatenate>()?.dimension;
    let kind = builder.lowered.kind(*result);
    let strides = row_major(&kind.sizes);
    let (mut copies, mut reads, mut start) = (Vec::new(), Vec::new(), 0);
    for operand in &node.operands {
        let part = builder.lowered.kind(*operand);
        let size = *part.sizes.get(dimension)?;
        if part.len() == 0 {
            continue;
        }
        let view = &builder.views[operand.index()];
        let from = Layout { offset: view.offset, strides: &view.strides };
        let to = Layout { offset: start * strides[dimension].unsigned_abs(), strides: &strides };
        copies.push((reads.len(), StridedCopy::new(kind.dtype.size(), &part.sizes, from, to)?));
        reads.push(view.root);
        start += size;
    }
    (kind.len() > 0)
        .then(|| (Box::new(Copies { parts: copies, rest: None, order: None }) as Box<dyn Job>, reads))
}

/// The job of a `pad`, with what it reads.
pub(super) fn pad(builder: &Builder, node: &Node) -> Option<(Box<dyn Job>, Vec<Id>)> {
    let (Work::Op(op), [operand, value], [result]) =
        (&node.work, node.operands.as_slice(), node.results.as_slice())
    else {
        return None;
    };
    let pad = op.as_any().downcast_ref::<Pad>()?;
    let (from, to) = (builder.lowered.kind(*operand), builder.lowered.kind(*result));
    if to.len() == 0 {
        return None;
    }
    let (view, outside) = (&builder.views[operand.index()], &builder.views[value.index()]);
    let result_strides = row_major(&to.sizes);
    let (mut sizes, mut strides) = (Vec::new(), Vec::new());
    let (mut read_from, mut written_from) = (view.offset.cast_signed(), 0);
    for (axis, &size) in from.sizes.iter().enumerate() {
        let low = isize::try_from(pad.low.get(axis)?.constant()?).ok()?;
        let step = pad.interior.get(axis)?.checked_add(1)?.cast_signed();
        // Element i stands at low + i * step, if that is in the result.
        let first =
            if low < 0 { (-low).unsigned_abs().div_ceil(step.unsigned_abs()).cast_signed() } else { 0 };
        let space = to.sizes[axis].cast_signed() - 1 - low;
        let last = if space < 0 { -1 } else { (space / step).min(size.cast_signed() - 1) };
        sizes.push(usize::try_from(last - first + 1).unwrap_or(0));
        read_from += first * view.strides[axis];
        written_from += (low + first * step) * result_strides[axis];
        strides.push(step * result_strides[axis]);
    }
    let size = to.dtype.size();
    let mut copies = Vec::new();
    if !sizes.contains(&0) {
        let from = Layout { offset: usize::try_from(read_from).ok()?, strides: &view.strides };
        let to = Layout { offset: usize::try_from(written_from).ok()?, strides: &strides };
        copies.push((0, StridedCopy::new(size, &sizes, from, to)?));
    }
    let rest = Some((1, outside.offset * size, size));
    Some((Box::new(Copies { parts: copies, rest, order: None }), vec![view.root, outside.root]))
}
