//! Pooling over windows, channels last.

use holotype_kernels::convolution::Axis;
use holotype_kernels::pool::{Extreme, Pool};

use crate::exec::compiled::build::Builder;
use crate::exec::compiled::lowered::{Id, Node, Work};
use crate::exec::compiled::plan::{Fits, Job, Part, message, other_count};
use crate::ops::{ReduceWindow, Reducer, Select, SelectAndScatter, Window};
use crate::tensor::DType;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Sum,
    Extreme(Extreme),
    /// The operands are the input and the gradient of the result.
    Gradient(Extreme),
}

#[derive(Debug)]
struct Pooling {
    pool: Pool,
    kind: Kind,
}

impl Job for Pooling {
    fn describe(&self) -> String {
        match self.kind {
            Kind::Sum => "window sums".into(),
            Kind::Extreme(which) => format!("window extremes: {which:?}"),
            Kind::Gradient(which) => format!("gradient of window extremes: {which:?}"),
        }
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let ([input, rest @ ..], [out]) = (reads, writes) else { return other_count() };
        let (input, out) = (bytemuck::cast_slice(input.bytes()), bytemuck::cast_slice_mut(out));
        let fits = match (self.kind, rest) {
            (Kind::Sum, _) => self.pool.write_sum(input, out),
            (Kind::Extreme(which), _) => self.pool.write_extreme(which, input, out),
            (Kind::Gradient(which), [gradient, ..]) => {
                self.pool.write_extreme_gradient(which, input, bytemuck::cast_slice(gradient.bytes()), out)
            }
            (Kind::Gradient(_), []) => return other_count(),
        };
        fits.map_err(message)
    }
}

/// The windows over a value whose first and last dimensions have none.
fn pool(sizes: &[usize], kernel: &[usize], windows: &[Window]) -> Option<Pool> {
    let (&batch, rest) = sizes.split_first()?;
    let (&channels, spatial) = rest.split_last()?;
    let plain = |axis: usize| {
        let window = &windows[axis];
        let zero = |dim: &crate::tensor::Dim| dim.constant() == Some(0);
        kernel[axis] == 1
            && window.stride == 1
            && zero(&window.low)
            && zero(&window.high)
            && window.base_dilation == 1
    };
    if spatial.is_empty() || spatial.len() > 3 || !plain(0) || !plain(sizes.len() - 1) {
        return None;
    }
    let mut axes = Vec::new();
    for axis in 1..sizes.len() - 1 {
        let window = &windows[axis];
        let whole = |dim: &crate::tensor::Dim| isize::try_from(dim.constant()?).ok();
        axes.push(Axis {
            size: sizes[axis],
            kernel: kernel[axis],
            stride: window.stride,
            low: whole(&window.low)?,
            high: whole(&window.high)?,
            input_dilation: window.base_dilation,
            kernel_dilation: window.window_dilation,
            reversed: false,
        });
    }
    Pool::new(batch, &axes, channels).ok()
}

fn extreme(select: Select) -> Extreme {
    match select {
        Select::Greatest => Extreme::Greatest,
        Select::Least => Extreme::Least,
    }
}

/// The job of a `reduce_window` or a `select_and_scatter`, with what it reads.
pub(super) fn pooling(builder: &mut Builder, node: &Node) -> Option<(Box<dyn Job>, Vec<Id>)> {
    let (Work::Op(op), [result]) = (&node.work, node.results.as_slice()) else { return None };
    let operand = builder.lowered.kind(*node.operands.first()?);
    let filled = operand.len() > 0 && builder.lowered.kind(*result).len() > 0;
    if operand.dtype != DType::F32 || !filled {
        return None;
    }
    let op = op.as_any();
    let (pool, kind) = if let Some(reduce) = op.downcast_ref::<ReduceWindow>() {
        let kind = match reduce.reducer {
            Reducer::Sum => Kind::Sum,
            Reducer::Max => Kind::Extreme(Extreme::Greatest),
            Reducer::Min => Kind::Extreme(Extreme::Least),
            Reducer::Product => return None,
        };
        (pool(&operand.sizes, &reduce.sizes, &reduce.windows)?, kind)
    } else {
        let scatter = op.downcast_ref::<SelectAndScatter>()?;
        (pool(&operand.sizes, &scatter.sizes, &scatter.windows)?, Kind::Gradient(extreme(scatter.select)))
    };
    let reads = node.operands.iter().map(|operand| builder.in_order(*operand)).collect();
    Some((Box::new(Pooling { pool, kind }), reads))
}
