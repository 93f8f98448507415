//! Reductions along dimensions that share no loop with others.

use holotype_kernels::fused::Mismatch;
use holotype_kernels::reduce::along;

use super::folds::for_fold;
use crate::exec::compiled::build::Builder;
use crate::exec::compiled::lowered::{Id, Kind, Node, Work};
use crate::exec::compiled::plan::{Fits, Job, Part, message, other_count};
use crate::exec::compiled::views::View;
use crate::ops::Reduce;

type Along = fn(&[u8], &mut [u8], [usize; 3]) -> Result<(), Mismatch>;

/// A reduction of `[outer, length, inner]` along `length`.
#[derive(Debug)]
struct Reduction {
    along: Along,
    sizes: [usize; 3],
}

impl Job for Reduction {
    fn describe(&self) -> String {
        format!("reduce {:?} along the second", self.sizes)
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let ([from], [to]) = (reads, writes) else { return other_count() };
        (self.along)(from.bytes(), to, self.sizes).map_err(message)
    }
}

/// The job of a `reduce`, with what it reads.
pub(super) fn reduce(builder: &mut Builder, node: &Node) -> Option<(Box<dyn Job>, Vec<Id>)> {
    let (Work::Op(op), [operand]) = (&node.work, node.operands.as_slice()) else { return None };
    let reduce = op.as_any().downcast_ref::<Reduce>()?;
    let kind = builder.lowered.kind(*operand).clone();
    let along: Along = for_fold!(reduce.reducer, kind.dtype, F => along::<F> as Along)?;
    if kind.len() == 0 {
        return None;
    }
    let product = |axes: &[usize]| axes.iter().map(|&axis| kind.sizes[axis]).product::<usize>();
    let large: Vec<usize> = (0..kind.sizes.len()).filter(|&axis| kind.sizes[axis] != 1).collect();
    let is_reduced = |axis: &&usize| reduce.axes.contains(axis);
    let first = large.iter().take_while(|axis| !is_reduced(axis)).count();
    let count = large[first..].iter().take_while(is_reduced).count();
    let rest = &large[first + count..];
    if rest.iter().any(|axis| is_reduced(&axis)) {
        // The dimensions that are reduced are put last.
        let kept: Vec<usize> = (0..kind.sizes.len()).filter(|axis| !reduce.axes.contains(axis)).collect();
        let order: Vec<usize> = kept.iter().chain(&reduce.axes).copied().collect();
        let view = builder.views[operand.index()].clone();
        let strides = order.iter().map(|&axis| view.strides[axis]).collect();
        let sizes = order.iter().map(|&axis| kind.sizes[axis]).collect();
        let root = builder.copied(&Kind { dtype: kind.dtype, sizes }, &View { strides, ..view });
        let sizes = [product(&kept), product(&reduce.axes), 1];
        return Some((Box::new(Reduction { along, sizes }), vec![root]));
    }
    let sizes = [product(&large[..first]), product(&large[first..first + count]), product(rest)];
    Some((Box::new(Reduction { along, sizes }), vec![builder.in_order(*operand)]))
}
