//! Convolutions, channels last.

use holotype_kernels::convolution::{Axis, Convolution, Kernel, PackedKernel, Weights};
use holotype_kernels::fused::Behind;
use holotype_kernels::gemm::Unfit;

use super::Arranged;
use super::packs::{Key, Pack};
use crate::exec::compiled::build::Builder;
use crate::exec::compiled::lowered::{Id, Kind, Node, Work};
use crate::exec::compiled::plan::{Fits, Job, Part, message, other_count};
use crate::exec::compiled::views::View;
use crate::ops;
use crate::tensor::DType;

/// Where the elements of the kernel lie.
#[derive(Debug)]
struct Layout {
    offset: usize,
    spatial: [usize; 3],
    channel: usize,
    group: usize,
    feature: usize,
}

impl Layout {
    fn kernel<'a>(&self, data: &'a [f32]) -> Kernel<'a> {
        let Self { offset, spatial, channel, group, feature } = *self;
        Kernel { data: data.get(offset..).unwrap_or_default(), spatial, channel, group, feature }
    }
}

/// The sums of the windows of an input with a kernel.
#[derive(Debug)]
struct Forward {
    convolution: Convolution,
    features: usize,
    description: String,
    operations: u64,
    kernel: Layout,
    /// The kernel packed, where it does not change from call to call, and by what it is known.
    pack: Option<(Pack, Key)>,
}

impl Job for Forward {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn operations(&self) -> u64 {
        self.operations
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let ([input, kernel], [out]) = (reads, writes) else { return other_count() };
        self.with_weights(kernel, |weights| {
            let (input, out) = (bytemuck::cast_slice(input.bytes()), bytemuck::cast_slice_mut(out));
            self.convolution.write(input, weights, out, None)
        })
    }

    fn columns(&self) -> Option<usize> {
        Some(self.features)
    }

    fn run_before(&self, reads: &mut [Part<'_>], out: &mut [u8], behind: &mut Behind<'_>) -> Fits {
        let [input, kernel] = reads else { return other_count() };
        self.with_weights(kernel, |weights| {
            let (input, out) = (bytemuck::cast_slice(input.bytes()), bytemuck::cast_slice_mut(out));
            behind.convolution(&self.convolution, input, weights, out)
        })
    }
}

impl Forward {
    /// Calls `write` with the kernel, packed if that has been done or is worth it.
    fn with_weights(&self, kernel: &Part<'_>, write: impl FnOnce(Weights<'_>) -> Result<(), Unfit>) -> Fits {
        let weights = self.kernel.kernel(bytemuck::cast_slice(kernel.bytes()));
        let packed = self.pack.as_ref().filter(|_| kernel.version() != 0).and_then(|(pack, key)| {
            pack.of(kernel.version(), *key, || PackedKernel::new(weights, &self.convolution).ok())
        });
        let weights = packed.as_ref().map_or(Weights::Plain(weights), |packed| Weights::Packed(packed));
        write(weights).map_err(message)
    }
}

/// The gradient of a kernel: the sums over the batch and the windows.
#[derive(Debug)]
struct Gradient {
    convolution: Convolution,
    description: String,
    operations: u64,
}

impl Job for Gradient {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn operations(&self) -> u64 {
        self.operations
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let ([input, gradient], [out]) = (reads, writes) else { return other_count() };
        let (input, gradient) = (bytemuck::cast_slice(input.bytes()), bytemuck::cast_slice(gradient.bytes()));
        let written =
            self.convolution.write_kernel_gradient(input, gradient, bytemuck::cast_slice_mut(out), false);
        written.map_err(message)
    }
}

/// A value with its dimensions in another order, and that order.
fn arranged(builder: &Builder, id: Id, order: &[usize]) -> (Kind, View) {
    let (kind, view) = (builder.lowered.kind(id), &builder.views[id.index()]);
    let sizes = order.iter().map(|&axis| kind.sizes[axis]).collect();
    let strides = order.iter().map(|&axis| view.strides[axis]).collect();
    (Kind { dtype: kind.dtype, sizes }, View { strides, ..view.clone() })
}

fn in_order(builder: &mut Builder, (kind, view): (Kind, View)) -> Id {
    let whole = view.offset == 0 && builder.lowered.kind(view.root).len() == kind.len();
    if whole && view.is_contiguous(&kind.sizes) { view.root } else { builder.copied(&kind, &view) }
}

/// What a convolution does along each dimension, and the sizes of what it is made of.
struct Spatial {
    axes: Vec<Axis>,
    counts: Vec<usize>,
}

fn spatial(op: &ops::Convolution, builder: &Builder, node: &Node) -> Option<Spatial> {
    let sizes = |index: usize| &builder.lowered.kind(node.operands[index]).sizes;
    let result = &builder.lowered.kind(*node.results.first()?).sizes;
    let dimensions = &op.dimensions;
    let mut this = Spatial { axes: Vec::new(), counts: Vec::new() };
    for (index, window) in op.windows.iter().enumerate() {
        let whole = |dim: &crate::tensor::Dim| isize::try_from(dim.constant()?).ok();
        this.axes.push(Axis {
            size: sizes(0)[dimensions.input[index + 2]],
            kernel: sizes(1)[dimensions.kernel[index + 2]],
            stride: window.stride,
            low: whole(&window.low)?,
            high: whole(&window.high)?,
            input_dilation: window.base_dilation,
            kernel_dilation: window.window_dilation,
            reversed: op.reversal[index],
        });
        this.counts.push(result[dimensions.output[index + 2]]);
    }
    Some(this)
}

/// The convolution whose gradient of the kernel this one is: windows and steps change places.
fn of_gradient(axis: &Axis, count: usize) -> Option<Axis> {
    let span = |size: usize, dilation: usize| (size.cast_signed() - 1) * dilation.cast_signed() + 1;
    let reach = span(count, axis.stride) - 1;
    let needed = span(axis.kernel, axis.kernel_dilation) + reach;
    (!axis.reversed).then(|| Axis {
        size: axis.size,
        kernel: count,
        stride: axis.kernel_dilation,
        low: axis.low,
        high: needed - span(axis.size, axis.input_dilation) - axis.low,
        input_dilation: axis.input_dilation,
        kernel_dilation: axis.stride,
        reversed: false,
    })
}

/// The job of a `convolution`, with what it reads and where its result goes; that may have its dimensions in another order.
pub(super) fn convolution(builder: &mut Builder, node: &Node) -> Option<Arranged> {
    let (Work::Op(op), [input, kernel], [result]) =
        (&node.work, node.operands.as_slice(), node.results.as_slice())
    else {
        return None;
    };
    let op = op.as_any().downcast_ref::<ops::Convolution>()?;
    let filled = [input, kernel, result].into_iter().all(|id| builder.lowered.kind(*id).len() > 0);
    if !filled || builder.lowered.kind(*input).dtype != DType::F32 || op.windows.len() > 3 {
        return None;
    }
    let Spatial { axes, counts } = spatial(op, builder, node)?;
    let dimensions = &op.dimensions;
    let size = |id: Id, axis: usize| builder.lowered.kind(id).sizes[axis];
    let (batch, channels) = (size(*input, dimensions.input[0]), size(*input, dimensions.input[1]));
    let features = size(*kernel, dimensions.kernel[0]);
    let product = |sizes: &mut dyn Iterator<Item = usize>| sizes.product::<usize>();
    let is_gradient = op.batch_group_count > 1
        || product(&mut axes.iter().map(|axis| axis.kernel)) > 2 * product(&mut counts.iter().copied());
    let put = |first: &[usize], spatial: &[usize], last: &[usize]| [first, spatial, last].concat();
    if is_gradient && op.feature_group_count == 1 {
        let of = axes.iter().zip(&counts).map(|(axis, count)| of_gradient(axis, *count));
        if let Some(axes) = of.collect::<Option<Vec<_>>>() {
            let made = Convolution::new(channels, &axes, batch, features, op.batch_group_count).ok()?;
            let order = put(&[dimensions.input[1]], &dimensions.input[2..], &[dimensions.input[0]]);
            let of_input = arranged(builder, *input, &order);
            let order = put(&[dimensions.kernel[1]], &dimensions.kernel[2..], &[dimensions.kernel[0]]);
            let of_kernel = arranged(builder, *kernel, &order);
            let reads = vec![in_order(builder, of_input), in_order(builder, of_kernel)];
            let order = put(&[], &dimensions.output[2..], &[dimensions.output[0], dimensions.output[1]]);
            let (kind, _) = arranged(builder, *result, &order);
            let description = format!("gradient of convolution kernel {:?}", kind.sizes);
            let operations = operations(kind.len(), builder.lowered.kind(*kernel), &dimensions.kernel);
            let job = Gradient { convolution: made, description, operations };
            return Some((Box::new(job), reads, kind, order));
        }
    }
    if op.batch_group_count > 1 {
        return None;
    }
    let made = Convolution::new(batch, &axes, channels, features, op.feature_group_count).ok()?;
    let view = builder.views[kernel.index()].clone();
    let stride = |axis: usize| usize::try_from(view.strides[axis]).ok();
    let mut spatial = [0; 3];
    let rank = axes.len();
    for (index, &axis) in dimensions.kernel[2..].iter().enumerate() {
        spatial[3 - rank + index] = stride(axis)?;
    }
    let feature = stride(dimensions.kernel[0])?;
    let layout = Layout {
        offset: view.offset,
        spatial,
        channel: stride(dimensions.kernel[1])?,
        group: features / op.feature_group_count * feature,
        feature,
    };
    let order = put(&[dimensions.input[0]], &dimensions.input[2..], &[dimensions.input[1]]);
    let of_input = arranged(builder, *input, &order);
    let reads = vec![in_order(builder, of_input), view.root];
    let order = put(&[dimensions.output[0]], &dimensions.output[2..], &[dimensions.output[1]]);
    let (kind, _) = arranged(builder, *result, &order);
    // What the order of a packed kernel depends on; the same variable may be packed for others.
    let shape = axes.iter().fold(op.feature_group_count, |hash, axis| {
        let parts =
            [axis.kernel, axis.stride, axis.input_dilation, axis.kernel_dilation, usize::from(axis.reversed)];
        let parts = parts.into_iter().chain([axis.low.cast_unsigned(), axis.size, axis.high.cast_unsigned()]);
        parts.fold(hash, |hash, part| hash.wrapping_mul(0x0100_0000_01b3).wrapping_add(part))
    });
    let key = [1, layout.offset, spatial[0], spatial[1], spatial[2], layout.channel, feature, shape];
    let pack = builder.pack(view.root).map(|pack| (pack, key));
    let description = format!("convolution to {:?} by {:?}", kind.sizes, builder.lowered.kind(*kernel).sizes);
    let operations = operations(kind.len(), builder.lowered.kind(*kernel), &dimensions.kernel);
    let job = Forward { convolution: made, features, description, operations, kernel: layout, pack };
    Some((Box::new(job), reads, kind, order))
}

/// The multiplications and additions for so many results.
fn operations(results: usize, kernel: &Kind, dimensions: &[usize]) -> u64 {
    let depth: usize = dimensions[1..].iter().map(|&axis| kernel.sizes[axis]).product();
    (2 * results as u64).saturating_mul(depth as u64)
}
