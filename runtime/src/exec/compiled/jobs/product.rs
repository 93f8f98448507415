//! Products of matrices.

use holotype_kernels::fused::Behind;
use holotype_kernels::gemm::{Matrix, Output, PackedRight, Product, Right};
use holotype_kernels::threads::threads;

use super::order::Order;
use super::packs::Pack;
use crate::exec::compiled::build::Builder;
use crate::exec::compiled::lowered::{Id, Kind, Node, Work};
use crate::exec::compiled::plan::{Fits, Job, Part, message, other_count};
use crate::exec::compiled::views::{View, row_major};
use crate::ops::DotGeneral;
use crate::tensor::DType;

/// Right operands of so few elements stay in a cache while block after block of rows is computed.
const NEAR: usize = 1 << 17;
/// Where each element of a row takes no more steps of depth than this, before and after, reading rows again takes longer than
/// reading right operands again.
const SHALLOW: usize = 256;
/// Threads share a single row's right operand of so many elements.
const SHARED: usize = 1 << 18;
/// Of rows no longer than this, what each thread reads lies so close to what the others read that caches fetch that too.
const CLOSE: usize = 512;

/// Where the matrices of an operand lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    row: usize,
    column: usize,
    batch: usize,
}

impl Layout {
    fn matrix<'a>(&self, data: &'a [f32]) -> Matrix<'a> {
        Matrix { data, row_stride: self.row, column_stride: self.column, batch_stride: self.batch }
    }
}

/// Products of the matrices that two operands hold.
#[derive(Clone, Debug)]
pub(in crate::exec::compiled) struct Products {
    /// Rows, depth and columns.
    sizes: [usize; 3],
    left: Layout,
    right: Layout,
    batch: usize,
    /// For each run over the batch, where it starts in the operands and in the result.
    starts: Vec<[usize; 3]>,
    /// From one row and one matrix of the result to the next.
    out: [usize; 2],
    /// The right operand packed, where it does not change from call to call.
    pack: Option<Pack>,
}

impl Job for Products {
    fn describe(&self) -> String {
        let [rows, depth, columns] = self.sizes;
        let count = self.count();
        let packed = if self.place_of_pack().is_some() { ", packed" } else { "" };
        format!("product {count} x [{rows}, {depth}] [{depth}, {columns}]{packed}")
    }

    fn operations(&self) -> u64 {
        let count = self.count();
        self.sizes.iter().fold(2 * count as u64, |product, &size| product.saturating_mul(size as u64))
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let ([left, right], [out]) = (reads, writes) else { return other_count() };
        self.with(left, right, |product| product.write(self.output(out))).map_err(message)
    }

    fn columns(&self) -> Option<usize> {
        self.is_in_order().then_some(self.sizes[2])
    }

    fn run_before(&self, reads: &mut [Part<'_>], out: &mut [u8], behind: &mut Behind<'_>) -> Fits {
        let [left, right] = reads else { return other_count() };
        let out = bytemuck::cast_slice_mut(out);
        self.with(left, right, |product| behind.product(product, 0, out)).map_err(message)
    }

    fn gives_blocks(&self) -> bool {
        self.is_in_order()
    }

    fn run_in_blocks(&self, reads: &mut [Part<'_>], behind: &mut Behind<'_>) -> Fits {
        let [left, right] = reads else { return other_count() };
        self.with(left, right, |product| behind.product_in_blocks(product, 0)).map_err(message)
    }

    fn products(&self) -> Option<&Products> {
        Some(self)
    }

    fn reordered(&self, sizes: &[usize], strides: &[isize]) -> Option<Box<dyn Job>> {
        Some(Box::new(self.arranged(sizes, strides)?))
    }
}

impl Products {
    /// Calls `call` with the products of these operands.
    pub(super) fn with<R>(
        &self,
        left: &Part<'_>,
        right: &Part<'_>,
        call: impl FnOnce(Product<'_>) -> R,
    ) -> R {
        let (lhs, rhs): (&[f32], &[f32]) =
            (bytemuck::cast_slice(left.bytes()), bytemuck::cast_slice(right.bytes()));
        let [_, depth, columns] = self.sizes;
        let packed = self.place_of_pack().filter(|_| right.version() != 0).and_then(|pack| {
            let [_, start, _] = self.starts.first().copied().unwrap_or_default();
            let Layout { row, column, batch } = self.right;
            let key = [0, start, row, column, batch, depth, columns, rhs.len()];
            pack.of(right.version(), key, || {
                let matrix = self.right.matrix(rhs.get(start..).unwrap_or_default());
                PackedRight::new(matrix, depth, columns).ok()
            })
        });
        let matrix = match &packed {
            Some(packed) => Right::Packed(packed),
            None => Right::Plain(self.right.matrix(rhs)),
        };
        let product = Product::new(self.sizes, self.left.matrix(lhs), matrix);
        call(product.batch(self.batch).runs(&self.starts))
    }

    /// The place of the packed right operand, if it is worth one. A single row reads each element once, as fast from rows as from
    /// panels, unless threads share the columns of short rows.
    fn place_of_pack(&self) -> Option<&Pack> {
        let [rows, depth, columns] = self.sizes;
        let is_shared = || columns <= CLOSE && depth.saturating_mul(columns) >= SHARED && threads() > 1;
        self.pack.as_ref().filter(|_| rows > 1 || is_shared())
    }

    /// The place of the result.
    pub(super) fn output<'a>(&self, out: &'a mut [u8]) -> Output<'a> {
        let [row_stride, batch_stride] = self.out;
        Output { data: bytemuck::cast_slice_mut(out), row_stride, batch_stride }
    }

    /// Whether the result lies row by row, one matrix behind the other.
    fn is_in_order(&self) -> bool {
        let [rows, _, columns] = self.sizes;
        let each = self.batch * rows * columns;
        self.out == [columns, rows * columns]
            && self.starts.iter().enumerate().all(|(run, start)| start[2] == run * each)
    }

    /// The same with a result of these sizes, whose elements would be so far apart in the present one.
    pub(super) fn arranged(&self, sizes: &[usize], strides: &[isize]) -> Option<Self> {
        let [rows, _, columns] = self.sizes;
        let order = Order::of(sizes, strides)?;
        let row = order.stride(columns, rows)?;
        let of_matrix = rows * columns;
        let fits =
            self.is_in_order() && order.stride(1, columns)? == 1 && order.count == self.count() * of_matrix;
        let (batch, starts, next) = if let Some(next) = order.stride(of_matrix, self.batch) {
            (self.batch, self.starts.clone(), next)
        } else {
            // Each matrix is a run of its own.
            let matrix = |start: &[usize; 3], index: usize| {
                [
                    start[0] + index * self.left.batch,
                    start[1] + index * self.right.batch,
                    start[2] + index * of_matrix,
                ]
            };
            let each = |start| (0..self.batch).map(move |index| matrix(start, index));
            (1, self.starts.iter().flat_map(each).collect(), 0)
        };
        let place = |[left, right, out]: [usize; 3]| [left, right, order.place(out)];
        let starts: Vec<_> = starts.into_iter().map(place).collect();
        // Each run ends before the next one begins.
        let reach = (rows - 1) * row + (batch - 1) * next + columns;
        let ascends = starts.windows(2).all(|pair| pair[0][2] + reach <= pair[1][2]);
        (fits && ascends).then(|| Self { batch, starts, out: [row, next], ..self.clone() })
    }

    fn count(&self) -> usize {
        self.batch * self.starts.len()
    }

    /// Whether products of what these give are computed faster block of rows by block of rows.
    pub(super) fn is_near(&self, then: &Self) -> bool {
        let [_, depth, columns] = self.sizes;
        let steps = depth.saturating_add(then.sizes[2]);
        steps <= SHALLOW || steps.saturating_mul(columns) <= NEAR
    }

    /// Whether all of what other products give, in order, is the left operand.
    pub(super) fn follows(&self, first: &Self) -> bool {
        let [rows, depth, columns] = first.sizes;
        let own = Layout { row: columns, column: 1, batch: rows * columns };
        let batch = if self.batch == 1 { own.batch } else { self.left.batch };
        let column = if columns == 1 { 1 } else { self.left.column };
        let row = if rows == 1 { columns } else { self.left.row };
        let each = self.batch * rows * columns;
        depth > 0
            && self.sizes[..2] == [rows, columns]
            && self.count() == first.count()
            && first.is_in_order()
            && Layout { row, column, batch } == own
            && self.starts.iter().enumerate().all(|(run, start)| start[0] == run * each)
    }
}

/// The dimensions of an operand: their sizes and distances.
type Axes = Vec<(usize, isize)>;

/// Dimensions as one; none if their elements do not lie in line.
fn in_line(axes: &[(usize, isize)]) -> Option<(usize, usize)> {
    let large: Vec<_> = axes.iter().filter(|(size, _)| *size != 1).collect();
    let fits = large.windows(2).all(|pair| pair[0].1 == pair[1].1 * pair[1].0.cast_signed());
    let size = large.iter().map(|(size, _)| size).product();
    let stride = large.last().map_or(0, |(_, stride)| *stride);
    fits.then_some((size, usize::try_from(stride).ok()?))
}

/// One operand.
struct Side {
    root: Id,
    offset: usize,
    batch: Axes,
    free: (usize, usize),
    contracting: (usize, usize),
}

impl Side {
    fn of(builder: &mut Builder, id: Id, batch: &[usize], contracting: &[usize]) -> Option<Self> {
        let kind = builder.lowered.kind(id).clone();
        let free: Vec<usize> = (0..kind.sizes.len())
            .filter(|axis| !batch.contains(axis) && !contracting.contains(axis))
            .collect();
        let view = builder.views[id.index()].clone();
        if let Some(side) = Self::read(&kind, &view, batch, &free, contracting) {
            return Some(side);
        }
        // The elements are put in the order of the dimensions first.
        let order: Vec<usize> = [batch, &free, contracting].concat();
        let sizes: Vec<usize> = order.iter().map(|&axis| kind.sizes[axis]).collect();
        let strides = order.iter().map(|&axis| view.strides[axis]).collect();
        let kind = Kind { dtype: kind.dtype, sizes };
        let root = builder.copied(&kind, &View { strides, ..view });
        let view = View { root, offset: 0, strides: row_major(&kind.sizes) };
        let axes: Vec<usize> = (0..order.len()).collect();
        let (batch, rest) = axes.split_at(batch.len());
        let (free, contracting) = rest.split_at(free.len());
        Self::read(&kind, &view, batch, free, contracting)
    }

    fn read(
        kind: &Kind,
        view: &View,
        batch: &[usize],
        free: &[usize],
        contracting: &[usize],
    ) -> Option<Self> {
        let axes = |axes: &[usize]| -> Axes {
            axes.iter().map(|&axis| (kind.sizes[axis], view.strides[axis])).collect()
        };
        let batch = axes(batch);
        if batch.iter().any(|(_, stride)| *stride < 0) {
            return None;
        }
        let (free, contracting) = (in_line(&axes(free))?, in_line(&axes(contracting))?);
        Some(Self { root: view.root, offset: view.offset, batch, free, contracting })
    }
}

/// The job of a `dot_general`, with what it reads.
pub(super) fn product(builder: &mut Builder, node: &Node) -> Option<(Box<dyn Job>, Vec<Id>)> {
    let (Work::Op(op), [lhs, rhs], [result]) =
        (&node.work, node.operands.as_slice(), node.results.as_slice())
    else {
        return None;
    };
    let dot = op.as_any().downcast_ref::<DotGeneral>()?;
    let is_single =
        |id: &Id| builder.lowered.kind(*id).dtype == DType::F32 && builder.lowered.kind(*id).len() > 0;
    if ![lhs, rhs, result].into_iter().all(is_single) {
        return None;
    }
    let left = Side::of(builder, *lhs, &dot.lhs_batching_dimensions, &dot.lhs_contracting_dimensions)?;
    let right = Side::of(builder, *rhs, &dot.rhs_batching_dimensions, &dot.rhs_contracting_dimensions)?;
    let sizes = [left.free.0, left.contracting.0, right.free.0];
    // As many of the last dimensions of the batch as lie in line on both sides run as one.
    let count = left.batch.len();
    let tail = |from: usize| Some((in_line(&left.batch[from..])?, in_line(&right.batch[from..])?));
    let from = (0..=count).find(|&from| tail(from).is_some())?;
    let ((batch, left_batch), (_, right_batch)) = tail(from)?;
    let mut starts = vec![[left.offset, right.offset, 0]];
    for ((size, left), (_, right)) in left.batch[..from].iter().zip(&right.batch[..from]) {
        let (left, right) = (usize::try_from(*left).ok()?, usize::try_from(*right).ok()?);
        starts = starts
            .iter()
            .flat_map(|start| {
                (0..*size).map(move |index| [start[0] + index * left, start[1] + index * right, 0])
            })
            .collect();
    }
    let each = batch * sizes[0] * sizes[2];
    starts.iter_mut().enumerate().for_each(|(run, start)| start[2] = run * each);
    let alone = batch == 1 && starts.len() == 1;
    let pack = alone.then(|| builder.pack(right.root)).flatten();
    let job = Products {
        sizes,
        left: Layout { row: left.free.1, column: left.contracting.1, batch: left_batch },
        right: Layout { row: right.contracting.1, column: right.free.1, batch: right_batch },
        batch,
        starts,
        out: [sizes[2], sizes[0] * sizes[2]],
        pack,
    };
    Some((Box::new(job), vec![left.root, right.root]))
}
