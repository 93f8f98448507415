//! Loops behind products and convolutions, on blocks of their results that are still in a cache.

#![expect(unsafe_code)]

use super::error::Mismatch;
use super::extent::{Area, Layout};
use super::memory::{Base, Piece, run, with_bases};
use super::node::Source;
use super::plan::{Plan, Target, Written};
use super::run::Loop;
use super::step::Step;
use crate::convolution::{Convolution, Weights};
use crate::gemm::{Block, Chain, Output, Part, Product, Unfit};

/// A loop one of whose inputs is computed by products or a convolution, with its other inputs and its outputs.
///
/// Each block of the result is worked on as soon as it is done, by the thread that has computed it. The bits are those of the
/// product followed by the loop.
#[derive(Debug)]
pub struct Behind<'a> {
    plan: &'a Plan,
    /// The number of the input that is computed.
    input: usize,
    /// Where inputs and outputs start; what is computed has no place yet.
    bases: &'a [Base],
}

impl Loop {
    /// Whether the loop can run on so many rows of an input of so many columns at a time: the input has all elements in the order
    /// of the loop, and rows that the loop reduces lie within one row of it.
    pub fn fits_behind(&self, input: usize, columns: usize) -> bool {
        let plan = &self.plan;
        let Some(view) = plan.views.get(input) else { return false };
        view.size == size_of::<f32>()
            && view.offset == 0
            && plan.shape.is_contiguous(view)
            && (!needs_rows(plan) || columns.is_multiple_of(plan.shape.columns.max(1)))
    }

    /// Calls `compute` with the loop behind what computes the input of this number. `inputs` are all but that one, and
    /// `outputs` all that are not in place, in their order. An output in place of that input lies where the product puts its result.
    ///
    /// ```
    /// use holotype_kernels::element::Kernel;
    /// use holotype_kernels::fused::{Loop, Node, Output, Source};
    /// use holotype_kernels::gemm::{Matrix, Product, Right};
    ///
    /// // x w + b, for x of [2, 1] and w of [1, 3].
    /// let nodes = vec![
    ///     Node::contiguous(4, &[2], 3),
    ///     Node::Input { size: 4, offset: 0, strides: vec![0], column_stride: 1 },
    ///     Node::Apply { kernel: Kernel::map2(|x: f32, y: f32| x + y), operands: vec![0, 1] },
    /// ];
    /// let bias = Loop::new(&[2], 3, &nodes, &[Output::InPlace { node: 2, input: 0 }]).ok_or("nodes do not fit")?;
    /// let (x, w, b) = ([1.0, 2.0], [1.0, 2.0, 3.0], [10.0_f32, 20.0, 30.0]);
    /// let product = Product::new([2, 1, 3], Matrix::new(&x, 1), Right::Plain(Matrix::new(&w, 3)));
    /// let mut y = [0.0; 6];
    /// let mut inputs = [Source::Shared(bytemuck::cast_slice(&b))];
    /// bias.behind(0, &mut inputs, &mut [], |behind| behind.product(product, 0, &mut y))??;
    /// assert_eq!(y, [11.0, 22.0, 33.0, 12.0, 24.0, 36.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If inputs or outputs have other sizes than the loop, or the loop cannot run behind that input: see
    /// [`Self::fits_behind`].
    pub fn behind<R>(
        &self,
        input: usize,
        inputs: &mut [Source<'_>],
        outputs: &mut [&mut [u8]],
        compute: impl FnOnce(&mut Behind<'_>) -> R,
    ) -> Result<R, Mismatch> {
        let plan = &self.plan;
        if inputs.len() + 1 != plan.views.len() {
            return Err(Mismatch::Inputs { expected: plan.views.len(), found: inputs.len() + 1 });
        }
        if !self.fits_behind(input, plan.shape.columns) {
            return Err(Mismatch::Behind { input });
        }
        let new = plan.outputs.iter().filter(|output| matches!(output.target, Target::New(_))).count();
        if outputs.len() != new {
            return Err(Mismatch::Outputs { expected: new, found: outputs.len() });
        }
        with_bases(plan.views.len() + plan.outputs.len(), |bases| {
            let mut given = inputs.iter_mut();
            for (index, &expected) in plan.bytes.iter().enumerate() {
                if index == input {
                    continue;
                }
                if let Some(source) = given.next() {
                    if source.len() < expected {
                        return Err(Mismatch::Input { index, expected, found: source.len() });
                    }
                    let written =
                        |output: &Written| matches!(output.target, Target::Input(input) if input == index);
                    bases[index] = Base(match source {
                        Source::Exclusive(bytes) => bytes.as_mut_ptr(),
                        Source::Shared(_) if plan.outputs.iter().any(written) => {
                            return Err(Mismatch::Shared { index });
                        }
                        Source::Shared(bytes) => bytes.as_ptr().cast_mut(),
                    });
                }
            }
            for (at, output) in (plan.views.len()..).zip(&plan.outputs) {
                bases[at] = match output.target {
                    Target::New(index) => {
                        let (expected, bytes) = (plan.bytes_of(output), &mut outputs[index]);
                        if bytes.len() != expected {
                            return Err(Mismatch::Output { index, expected, found: bytes.len() });
                        }
                        Base(bytes.as_mut_ptr())
                    }
                    Target::Input(other) => {
                        let view = &plan.views[other];
                        Base(bases[other].0.wrapping_add(view.offset * view.size))
                    }
                };
            }
            Ok(compute(&mut Behind { plan, input, bases }))
        })
    }
}

impl Behind<'_> {
    /// Computes products whose results, one behind the other, are the elements of the input from `first` on, and runs the loop on
    /// them.
    ///
    /// # Errors
    /// If operands or the result do not fit the product, or the result does not fit the loop.
    pub fn product(&mut self, product: Product<'_>, first: usize, out: &mut [f32]) -> Result<(), Unfit> {
        let [_, rows, columns] = product.sizes();
        self.check_product(&product, first, out.len())?;
        let finish = |block: Block<'_>| {
            let at = (block.batch * rows + block.rows.start) * columns;
            // SAFETY: the block has whole rows of what has been checked, and no other block has them.
            unsafe { self.run(first + at, block.data) };
        };
        product.finish(&finish).write(Output::new(out, rows, columns))
    }

    /// Computes a chain of products, and runs the loop on what the first of them gives, which is the input; another loop may run on
    /// what the second one gives. What lies in place of the input goes to `between`, if that is given, and is otherwise
    /// gone.
    ///
    /// # Errors
    /// If operands or results do not fit the products, or do not fit the loops.
    pub fn chain(
        &mut self,
        chain: Chain<'_>,
        between: Option<&mut [f32]>,
        last: Option<&mut Behind<'_>>,
        out: Output<'_>,
    ) -> Result<(), Unfit> {
        let [batch, rows, columns] = chain.first.sizes();
        self.check_product(&chain.first, 0, batch * rows * columns)?;
        let finish = |block: Block<'_>| {
            let at = (block.batch * rows + block.rows.start) * columns;
            // SAFETY: the block has whole rows of what has been checked, and no other block has them.
            unsafe { self.run(at, block.data) };
        };
        let first = chain.first.finish(&finish);
        let Some(last) = last else { return Chain::new(first, chain.then).write(between, out) };
        let width = chain.then.columns;
        last.check_product(&chain.then, 0, batch * rows * width)?;
        if (out.row_stride, out.batch_stride) != (width, rows * width) {
            return Err(Unfit("rows that a loop follows do not lie one behind the other"));
        }
        let finish = |block: Block<'_>| {
            let at = (block.batch * rows + block.rows.start) * width;
            // SAFETY: as above.
            unsafe { last.run(at, block.data) };
        };
        Chain::new(first, chain.then.finish(&finish)).write(between, out)
    }

    /// Computes products whose results, one behind the other, are the elements of the input from `first` on, and runs the loop on
    /// them, block by block: they have no memory of their own. The loop reduces no rows, and writes nothing over that input.
    ///
    /// # Errors
    /// If operands do not fit the product, or the result does not fit the loop.
    pub fn product_in_blocks(&mut self, product: Product<'_>, first: usize) -> Result<(), Unfit> {
        let sizes @ [_, rows, columns] = product.sizes();
        let length = sizes.iter().try_fold(1, |all: usize, &size| all.checked_mul(size));
        self.check(first, length.unwrap_or(usize::MAX), sizes)?;
        let over_input =
            |output: &Written| matches!(output.target, Target::Input(other) if other == self.input);
        if !product.is_in_order() || needs_rows(self.plan) || self.plan.outputs.iter().any(over_input) {
            return Err(Unfit(
                "a loop that needs whole rows, or a place for the result, cannot follow a product in blocks",
            ));
        }
        product.in_blocks(&|part: Part<'_>| {
            let Part { batch, rows: own, columns: across, data } = part;
            let at = first + (batch * rows + own.start) * columns + across.start;
            if across.len() == columns {
                // SAFETY: the rows are within what has been checked, and no other block has them.
                unsafe { self.run(at, data) };
            } else {
                // SAFETY: as above, for these columns of the rows.
                unsafe { self.run_rows(at, columns, across.len(), data) };
            }
        })
    }

    /// Computes a convolution whose result is the input, and runs the loop on it.
    ///
    /// # Errors
    /// If operands or the result do not fit the convolution, or the result does not fit the loop.
    pub fn convolution(
        &mut self,
        convolution: &Convolution,
        data: &[f32],
        weights: Weights<'_>,
        out: &mut [f32],
    ) -> Result<(), Unfit> {
        let [batch, rows, columns] = convolution.result_rows();
        self.check(0, out.len(), [batch, rows, columns])?;
        let finish = |block: Block<'_>| {
            let at = (block.batch * rows + block.rows.start) * columns;
            // SAFETY: the block has whole rows of what has been checked, and no other block has them.
            unsafe { self.run(at, block.data) };
        };
        convolution.write(data, weights, out, Some(&finish))
    }

    /// Checks that results of products lie one behind the other within the loop, and rows of the loop in their rows.
    fn check_product(&self, product: &Product<'_>, first: usize, length: usize) -> Result<(), Unfit> {
        if !product.is_in_order() {
            return Err(Unfit("the results of products that a loop follows do not lie one behind the other"));
        }
        self.check(first, length, product.sizes())
    }

    /// Checks that rows lie within the loop, and rows of the loop in them.
    fn check(&self, first: usize, length: usize, sizes: [usize; 3]) -> Result<(), Unfit> {
        let plan = self.plan;
        let [_, _, columns] = sizes;
        if sizes.iter().try_fold(1, |all: usize, &size| all.checked_mul(size)) != Some(length) {
            return Err(Unfit("the result has another size than the product that a loop follows"));
        }
        let all = plan.shape.rows * plan.shape.columns;
        if first.checked_add(length).is_none_or(|end| end > all) {
            return Err(Unfit("the result of a product has more elements than the loop behind it"));
        }
        let rows = plan.shape.columns.max(1);
        if needs_rows(plan) && !(first.is_multiple_of(rows) && columns.is_multiple_of(rows)) {
            return Err(Unfit("rows that a loop reduces are not in one row of the product before it"));
        }
        Ok(())
    }

    /// Runs the loop for rows that are parts of longer ones, of `columns` elements: `first` is the number of the first element.
    ///
    /// # Safety
    ///
    /// The elements are in the loop, which reduces no rows and writes nothing over this input, and each element is given once.
    unsafe fn run_rows(&self, first: usize, columns: usize, length: usize, block: &mut [f32]) {
        let rows = block.chunks_exact_mut(length).enumerate();
        let pieces = rows.flat_map(|(row, data)| {
            let at = first + row * columns;
            let start = Base(data.as_mut_ptr().wrapping_sub(at).cast());
            self.plan.areas(at, at + length).map(move |area| self.piece(area, Some((self.input, start))))
        });
        // SAFETY: sizes have been checked, the slices are borrowed until the product has ended, and the table points into the block
        // only for elements of the areas.
        unsafe { run(self.plan, self.bases, pieces) };
    }

    fn piece(&self, area: Area, moved: Option<(usize, Base)>) -> Piece {
        let (down, across) = self.plan.blocks(area);
        Piece { area, blocks: 0..down * across, moved }
    }

    /// Runs the loop for the elements of a block, the first of which is the one of this number.
    ///
    /// # Safety
    ///
    /// The elements are in the loop, rows that are reduced whole, and each element is given once.
    unsafe fn run(&self, first: usize, block: &mut [f32]) {
        let (plan, end) = (self.plan, first + block.len());
        with_bases(self.bases.len(), |bases| {
            bases.copy_from_slice(self.bases);
            let start = Base(block.as_mut_ptr().wrapping_sub(first).cast());
            bases[self.input] = start;
            for (base, output) in bases[plan.views.len()..].iter_mut().zip(&plan.outputs) {
                if matches!(output.target, Target::Input(input) if input == self.input) {
                    *base = start;
                }
            }
            let pieces = plan.areas(first, end).map(|area| self.piece(area, None));
            // SAFETY: sizes have been checked, the slices are borrowed until the product has ended, and the table points into the
            // block only for elements of the areas.
            unsafe { run(plan, bases, pieces) };
        });
    }
}

/// Whether a loop reduces rows, or writes something once for each of them.
fn needs_rows(plan: &Plan) -> bool {
    plan.steps.iter().flatten().any(|step| matches!(step, Step::Reduce { .. }))
        || plan.outputs.iter().any(|output| output.layout != Layout::Block)
}

impl Plan {
    /// Elements in a row as the end of a row, whole rows, and the start of a row, as far as there are any.
    fn areas(&self, first: usize, end: usize) -> impl Iterator<Item = Area> + use<> {
        let columns = self.shape.columns.max(1);
        // Small blocks take longer to divide than to compute.
        let divided =
            |count: usize| if count < columns { (0, count) } else { (count / columns, count % columns) };
        let (row, column) = divided(first);
        let head = if column == 0 { first } else { (first - column + columns).min(end) };
        let body = row + usize::from(column > 0);
        let (rows, rest) = divided(end - head);
        let area =
            |row: usize, rows: usize, column: usize, columns: usize| Area { row, rows, column, columns };
        [
            area(row, usize::from(head > first), column, head - first),
            area(body, rows, 0, columns),
            area(body + rows, usize::from(rest > 0), 0, rest),
        ]
        .into_iter()
        .filter(|area| area.rows > 0)
    }
}
