//! Fast kernels as the steps of plans.

mod behind;
mod chain;
mod combine;
mod convolution;
mod copy;
mod element;
mod folds;
mod loops;
mod order;
mod packs;
mod pool;
mod product;
mod reduce;
mod windows;

pub(super) use behind::{Behind, Fate, Followed, Follower, behind};
pub(super) use chain::chain;
pub(super) use loops::Rows;
pub(super) use packs::{Pack, Packs};
pub(super) use product::Products;

use super::build::Builder;
use super::groups::{Space, Way, row_split};
use super::lowered::{Id, Kind, Lowered, Node, Work};
use super::plan::Job;
use super::views::View;
use crate::graph::DynOp;
use crate::ops::{
    Concatenate, Convolution, DotGeneral, DynamicSlice, DynamicUpdateSlice, Gather, Pad, Reduce,
    ReduceWindow, Reshape, Scatter, SelectAndScatter,
};

/// A job with what it reads and writes.
pub(super) type Fused = (Box<dyn Job>, Vec<Id>, Vec<Id>);

/// The job of a node that runs alone, with what it reads.
type Alone = (Box<dyn Job>, Vec<Id>);

/// A job with what it reads, and the sizes and the order of dimensions in which its result comes.
pub(super) type Arranged = (Box<dyn Job>, Vec<Id>, Kind, Vec<usize>);

/// How a node may run.
pub(super) fn way(lowered: &Lowered, node: &Node) -> Way {
    let (Work::Op(op), [result]) = (&node.work, node.results.as_slice()) else { return Way::Alone };
    let result = lowered.kind(*result);
    if node.work.is_ordered() || result.len() == 0 {
        return Way::Alone;
    }
    if op.element_wise() {
        let same = node.operands.iter().all(|operand| lowered.kind(*operand).sizes == result.sizes);
        return if same && (1..=3).contains(&node.operands.len()) { Way::Element } else { Way::Alone };
    }
    if let (Some(reduce), [operand]) = (op.as_any().downcast_ref::<Reduce>(), node.operands.as_slice()) {
        let operand = lowered.kind(*operand);
        let fits = loops::reducer(reduce.reducer, operand.dtype).is_some()
            && operand.len() > 0
            && row_split(&operand.sizes, &reduce.axes).is_some();
        if fits {
            return Way::Reduce(reduce.axes.clone());
        }
    }
    Way::Alone
}

/// The job of nodes that share a loop, with what it reads and writes.
pub(super) fn fused(builder: &mut Builder, members: &[usize], space: &Space) -> Option<Fused> {
    loops::fused(builder, members, space)
}

/// Whether an op that runs alone may have a fast kernel.
pub(super) fn has_own(op: &dyn DynOp) -> bool {
    let op = op.as_any();
    op.is::<DotGeneral>()
        || op.is::<Reduce>()
        || op.is::<Concatenate>()
        || op.is::<Pad>()
        || op.is::<Convolution>()
        || op.is::<ReduceWindow>()
        || op.is::<SelectAndScatter>()
        || op.is::<Gather>()
        || op.is::<Scatter>()
        || op.is::<DynamicSlice>()
        || op.is::<DynamicUpdateSlice>()
}

/// The job of a node that runs alone, with what it reads; none if it has no fast kernel.
pub(super) fn alone(builder: &mut Builder, node: &Node) -> Option<Alone> {
    let Work::Op(op) = &node.work else { return None };
    let op = op.as_any();
    if op.is::<DotGeneral>() {
        product::product(builder, node)
    } else if op.is::<Reduce>() {
        reduce::reduce(builder, node)
    } else if op.is::<Concatenate>() {
        copy::concatenate(builder, node)
    } else if op.is::<Pad>() {
        copy::pad(builder, node)
    } else if op.is::<Reshape>() {
        // The elements in the order of the operand, which no distances say under the other sizes.
        let operand = *node.operands.first()?;
        let view = &builder.views[operand.index()];
        let filled = builder.lowered.kind(operand).len() > 0;
        let job = filled.then(|| copy(builder.lowered.kind(operand), view)).flatten()?;
        Some((job, vec![view.root]))
    } else {
        windows::job(builder, node).or_else(|| pool::pooling(builder, node))
    }
}

/// The job of a convolution, with what it reads, and the sizes and the order of dimensions in which its result comes.
pub(super) fn convolution(builder: &mut Builder, node: &Node) -> Option<Arranged> {
    convolution::convolution(builder, node)
}

/// The job that puts a value in order.
pub(super) fn copy(kind: &Kind, view: &View) -> Option<Box<dyn Job>> {
    copy::copy(kind, view)
}
