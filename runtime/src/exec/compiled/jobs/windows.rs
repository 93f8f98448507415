//! Windows at places that tensors say: gather, scatter, and slices with a dynamic start.

use std::fmt;

use holotype_kernels::windows::{Dimension, Extent, Outside, Windows};

use super::Alone;
use super::combine::{Update, update};
use crate::exec::compiled::build::Builder;
use crate::exec::compiled::lowered::{Id, Kind, Node, Work};
use crate::exec::compiled::plan::{Fits, Job, Part, message, other_count};
use crate::exec::compiled::views::{View, row_major};
use crate::ops::{Combine, DynamicSlice, DynamicUpdateSlice, Gather, IndexDimensions, OutOfBounds, Scatter};
use crate::tensor::{DType, for_dtype};

/// Reads the integer of a number among bytes; one that is too large is the largest.
pub(super) type Read = fn(&[u8], usize) -> i64;

/// The place of integers among what a job reads.
#[derive(Clone)]
struct Integers {
    read: Read,
    /// Which of the values it reads holds them.
    part: usize,
    /// Where they start.
    offset: usize,
}

impl Integers {
    fn of(dtype: DType, part: usize, offset: usize) -> Option<Self> {
        let read: Read = for_dtype!(dtype, T in int => |bytes, at| {
            let size = size_of::<T>();
            let element = bytes.get(at.saturating_mul(size)..).and_then(|bytes| bytes.get(..size));
            element.map_or(0, |element| {
                i64::try_from(i128::from(bytemuck::pod_read_unaligned::<T>(element))).unwrap_or(i64::MAX)
            })
        }, else => return None);
        Some(Self { read, part, offset })
    }
}

impl fmt::Debug for Integers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Integers({} from {})", self.part, self.offset)
    }
}

/// The numbers of windows: those of one tensor, or the first of each of several.
#[derive(Debug)]
enum Numbers {
    One(Integers),
    Each(Vec<Integers>),
}

impl Numbers {
    fn get(&self, reads: &[Part<'_>], at: usize) -> i64 {
        let (integers, at) = match self {
            Self::One(integers) => (integers, at),
            Self::Each(each) => match each.get(at) {
                Some(integers) => (integers, 0),
                None => return 0,
            },
        };
        reads.get(integers.part).map_or(0, |part| (integers.read)(part.bytes(), integers.offset + at))
    }
}

/// Puts what lies in windows of the first value into the result.
#[derive(Debug)]
struct Gathered {
    windows: Windows,
    size: usize,
    numbers: Numbers,
    name: &'static str,
    sizes: Vec<usize>,
}

impl Job for Gathered {
    fn describe(&self) -> String {
        format!("{} {:?}", self.name, self.sizes)
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let (Some(from), [to]) = (reads.first(), writes) else { return other_count() };
        let number = |at: usize| self.numbers.get(reads, at);
        self.windows.gather(self.size, from.bytes(), &number, to).map_err(message)
    }
}

/// The first value with windows changed by the second.
#[derive(Debug)]
struct Scattered {
    windows: Windows,
    update: Update,
    numbers: Numbers,
    name: &'static str,
    sizes: Vec<usize>,
}

impl Job for Scattered {
    fn describe(&self) -> String {
        format!("{} {:?}", self.name, self.sizes)
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let ([from, updates, ..], [to]) = (&*reads, writes) else { return other_count() };
        let Some(from) = from.bytes().get(..to.len()) else { return other_count() };
        let number = |at: usize| self.numbers.get(reads, at);
        self.update.run(&self.windows, from, &number, updates.bytes(), to)
    }
}

/// The values of windows and the tensor they are of, as `dims` says.
fn windows(
    dims: &IndexDimensions,
    values: &[usize],
    indices: &Kind,
    tensor: (&Kind, usize, &[isize]),
    out_of_bounds: OutOfBounds,
) -> Option<Windows> {
    let strides = row_major(&indices.sizes);
    let component = strides.get(dims.index_vector_dim).map_or(0, |stride| stride.unsigned_abs());
    let others = (0..indices.sizes.len()).filter(|axis| *axis != dims.index_vector_dim);
    let mut batch = others.map(|axis| {
        let goes_along = dims.start_indices_batching_dims.iter().position(|own| *own == axis);
        let along = goes_along.and_then(|index| dims.operand_batching_dims.get(index)).copied();
        (strides[axis].unsigned_abs(), along)
    });
    let mut within = dims.window_dims(tensor.0.sizes.len()).into_iter();
    let mut dimensions = Vec::with_capacity(values.len());
    for (axis, &size) in values.iter().enumerate() {
        let (numbers, along) =
            if dims.offset_dims.contains(&axis) { (0, Some(within.next()?)) } else { batch.next()? };
        dimensions.push(Dimension { size, numbers, along });
    }
    let (kind, offset, strides) = tensor;
    let extents: Vec<Extent> = kind
        .sizes
        .iter()
        .zip(strides)
        .enumerate()
        .map(|(axis, (&size, &stride))| {
            let number = dims.start_index_map.iter().position(|other| *other == axis);
            Extent { size, stride, number: number.map(|number| number * component) }
        })
        .collect();
    let outside = match out_of_bounds {
        OutOfBounds::Clamp => Outside::Clamp,
        OutOfBounds::Drop => Outside::Drop,
    };
    Windows::new(&dimensions, &extents, offset, outside)
}

/// Whether all values have elements; those without are left to the reference kernel.
fn are_filled(builder: &Builder, node: &Node) -> bool {
    node.operands.iter().chain(&node.results).all(|id| builder.lowered.kind(*id).len() > 0)
}

/// The job of an op on windows, with what it reads; none if it is another op, an operand has no elements, a window does not fit, or
/// there are more dimensions than the kernel takes.
pub(super) fn job(builder: &mut Builder, node: &Node) -> Option<Alone> {
    let Work::Op(op) = &node.work else { return None };
    if !are_filled(builder, node) {
        return None;
    }
    let op = op.as_any();
    if let Some(op) = op.downcast_ref::<Gather>() {
        gather(builder, node, op)
    } else if let Some(op) = op.downcast_ref::<Scatter>() {
        scatter(builder, node, op)
    } else if op.is::<DynamicSlice>() {
        slice(builder, node)
    } else if op.is::<DynamicUpdateSlice>() {
        update_slice(builder, node)
    } else {
        None
    }
}

fn gather(builder: &mut Builder, node: &Node, op: &Gather) -> Option<Alone> {
    let ([operand, indices], [result]) = (node.operands.as_slice(), node.results.as_slice()) else {
        return None;
    };
    let view = builder.views[operand.index()].clone();
    let [kind, own, sizes] = [operand, indices, result].map(|id| builder.lowered.kind(*id).clone());
    let windows =
        windows(&op.dimensions, &sizes.sizes, &own, (&kind, view.offset, &view.strides), op.out_of_bounds)?;
    let numbers = Numbers::One(Integers::of(own.dtype, 1, 0)?);
    let (size, sizes) = (kind.dtype.size(), sizes.sizes);
    let job = Gathered { windows, size, numbers, name: "gather", sizes };
    Some((Box::new(job), vec![view.root, builder.in_order(*indices)]))
}

fn scatter(builder: &mut Builder, node: &Node, op: &Scatter) -> Option<Alone> {
    let [operand, indices, updates] = node.operands.as_slice() else { return None };
    let [kind, own, values] = [operand, indices, updates].map(|id| builder.lowered.kind(*id).clone());
    let tensor = (&kind, 0, &*row_major(&kind.sizes));
    let windows = windows(&op.dimensions, &values.sizes, &own, tensor, op.out_of_bounds)?;
    // Where each window has a place of its own, no element changes twice.
    let batch = (0..own.sizes.len()).filter(|axis| *axis != op.dimensions.index_vector_dim);
    let once = batch
        .filter(|axis| own.sizes[*axis] > 1)
        .all(|axis| op.dimensions.start_indices_batching_dims.contains(&axis));
    let update = update(op.combine, kind.dtype, once)?;
    let numbers = Numbers::One(Integers::of(own.dtype, 2, 0)?);
    let job = Scattered { windows, update, numbers, name: "scatter", sizes: kind.sizes };
    let reads = [operand, updates, indices].map(|id| builder.in_order(*id));
    Some((Box::new(job), reads.to_vec()))
}

/// The windows and numbers of a part of a tensor with these starts, which are read from `first` on.
fn part(
    builder: &Builder,
    (kind, view): (&Kind, &View),
    sizes: &[usize],
    (starts, first): (&[Id], usize),
) -> Option<(Windows, Numbers, Vec<Id>)> {
    let dimension = |(axis, &size)| Dimension { size, numbers: 0, along: Some(axis) };
    let dimensions: Vec<_> = sizes.iter().enumerate().map(dimension).collect();
    let extents = kind.sizes.iter().zip(&view.strides).enumerate();
    let extents: Vec<_> =
        extents.map(|(axis, (&size, &stride))| Extent { size, stride, number: Some(axis) }).collect();
    let windows = Windows::new(&dimensions, &extents, view.offset, Outside::Clamp)?;
    let (mut integers, mut reads) = (Vec::new(), Vec::new());
    for start in starts {
        let view = &builder.views[start.index()];
        integers.push(Integers::of(builder.lowered.kind(*start).dtype, first + reads.len(), view.offset)?);
        reads.push(view.root);
    }
    Some((windows, Numbers::Each(integers), reads))
}

fn slice(builder: &Builder, node: &Node) -> Option<Alone> {
    let ([operand, starts @ ..], [result]) = (node.operands.as_slice(), node.results.as_slice()) else {
        return None;
    };
    let (kind, view) = (builder.lowered.kind(*operand), &builder.views[operand.index()]);
    let sizes = builder.lowered.kind(*result).sizes.clone();
    let (windows, numbers, starts) = part(builder, (kind, view), &sizes, (starts, 1))?;
    let job = Gathered { windows, size: kind.dtype.size(), numbers, name: "dynamic slice", sizes };
    Some((Box::new(job), [vec![view.root], starts].concat()))
}

fn update_slice(builder: &mut Builder, node: &Node) -> Option<Alone> {
    let [operand, updates, starts @ ..] = node.operands.as_slice() else { return None };
    let kind = builder.lowered.kind(*operand).clone();
    let own = View { root: *operand, offset: 0, strides: row_major(&kind.sizes) };
    let sizes = builder.lowered.kind(*updates).sizes.clone();
    let (windows, numbers, starts) = part(builder, (&kind, &own), &sizes, (starts, 2))?;
    let update = update(Combine::Set, kind.dtype, false)?;
    let reads = [builder.in_order(*operand), builder.in_order(*updates)];
    let job = Scattered { windows, update, numbers, name: "dynamic update slice", sizes: kind.sizes };
    Some((Box::new(job), [reads.to_vec(), starts].concat()))
}
