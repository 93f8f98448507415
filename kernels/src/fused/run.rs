//! Building and running a loop.

use super::build::build;
use super::error::Mismatch;
use super::memory::{Base, Piece, run, with_bases};
use super::node::{Node, Output, Source};
use super::plan::{Plan, Target};
use crate::threads;

/// The work, in bytes moved, that is worth a second thread.
const WORTH: usize = 1 << 18;

/// A loop over rows and columns, ready to be run.
///
/// ```
/// use holotype_kernels::element::Kernel;
/// use holotype_kernels::fused::{Loop, Node, Output, Source};
/// use holotype_kernels::reduce::{Max, RowReducer};
///
/// // Each row less its greatest element.
/// let nodes = vec![
///     Node::contiguous(4, &[2], 3),
///     Node::Reduce { reducer: RowReducer::new::<Max<f32>>(), operand: 0 },
///     Node::Apply { kernel: Kernel::map2(|x: f32, y: f32| x - y), operands: vec![0, 1] },
/// ];
/// let shifted = Loop::new(&[2], 3, &nodes, &[Output::Full(2)]).ok_or("nodes do not fit")?;
/// let x = [1.0_f32, 4.0, 2.0, -1.0, -2.0, -3.0];
/// let mut y = [0.0_f32; 6];
/// let mut inputs = [Source::Shared(bytemuck::cast_slice(&x))];
/// shifted.run(&mut inputs, &mut [bytemuck::cast_slice_mut(&mut y)])?;
/// assert_eq!(y, [-3.0, 0.0, -2.0, 0.0, -1.0, -2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Loop {
    pub(super) plan: Plan,
}

impl Loop {
    /// The loop over the rows that `outer` counts, with `columns` columns each.
    ///
    /// `None` where nodes do not fit: an operand that is not an earlier node or whose size is not that of the kernel, strides
    /// for another number of dimensions or from before the start of the input, [`Output::Rows`] of what is not the same
    /// in all columns, [`Output::InPlace`] over what is not contiguous, twice, or of another size, and reductions of more
    /// than [`MAX_COLUMNS`](super::MAX_COLUMNS) columns.
    pub fn new(outer: &[usize], columns: usize, nodes: &[Node], outputs: &[Output]) -> Option<Self> {
        Some(Self { plan: build(outer, columns, nodes, outputs)? })
    }

    /// The bytes that each input must have.
    pub fn input_bytes(&self) -> &[usize] {
        &self.plan.bytes
    }

    /// The bytes that each output has, but for those in place.
    pub fn output_bytes(&self) -> impl Iterator<Item = usize> + '_ {
        let new = self.plan.outputs.iter().filter(|output| matches!(output.target, Target::New(_)));
        new.map(|output| self.plan.bytes_of(output))
    }

    /// Computes the outputs from the inputs; `outputs` are those that are not in place, in their order.
    ///
    /// Outputs that are in place are written when all blocks of inputs that they depend on have been read.
    pub fn run(&self, inputs: &mut [Source<'_>], outputs: &mut [&mut [u8]]) -> Result<(), Mismatch> {
        with_bases(self.plan.views.len() + self.plan.outputs.len(), |bases| {
            self.check(inputs, outputs, bases)?;
            self.blocks(bases);
            Ok(())
        })
    }

    /// Checks what is given, and lists where it starts.
    fn check(
        &self,
        inputs: &mut [Source<'_>],
        outputs: &mut [&mut [u8]],
        bases: &mut [Base],
    ) -> Result<(), Mismatch> {
        let plan = &self.plan;
        if inputs.len() != plan.bytes.len() {
            return Err(Mismatch::Inputs { expected: plan.bytes.len(), found: inputs.len() });
        }
        let expected =
            self.plan.outputs.iter().filter(|output| matches!(output.target, Target::New(_))).count();
        if outputs.len() != expected {
            return Err(Mismatch::Outputs { expected, found: outputs.len() });
        }
        for (index, (input, &expected)) in inputs.iter_mut().zip(&plan.bytes).enumerate() {
            let found = input.len();
            if found < expected {
                return Err(Mismatch::Input { index, expected, found });
            }
            bases[index] = Base(match input {
                Source::Shared(bytes) => bytes.as_ptr().cast_mut(),
                Source::Exclusive(bytes) => bytes.as_mut_ptr(),
            });
        }
        for (at, output) in (plan.views.len()..).zip(&plan.outputs) {
            match output.target {
                Target::New(index) => {
                    let (expected, bytes) = (plan.bytes_of(output), &mut outputs[index]);
                    if bytes.len() != expected {
                        return Err(Mismatch::Output { index, expected, found: bytes.len() });
                    }
                    bases[at] = Base(bytes.as_mut_ptr());
                }
                Target::Input(index) => {
                    if matches!(inputs[index], Source::Shared(_)) {
                        return Err(Mismatch::Shared { index });
                    }
                    let view = &plan.views[index];
                    bases[at] = Base(bases[index].0.wrapping_add(view.offset * view.size));
                }
            }
        }
        Ok(())
    }

    /// Runs all blocks, on several threads where that is worth it.
    #[expect(unsafe_code)]
    fn blocks(&self, bases: &[Base]) {
        let plan = &self.plan;
        let whole = plan.whole();
        let (down, across) = plan.blocks(whole);
        let blocks = down * across;
        let piece = |blocks| Piece { area: whole, blocks, moved: None };
        let threads = if plan.cost < WORTH { 1 } else { threads::threads() };
        if threads <= 1 || blocks <= 1 {
            // SAFETY: the sizes have been checked, and the slices are borrowed until the run has ended.
            unsafe { run(plan, bases, [piece(0..blocks)].into_iter()) };
            return;
        }
        let tasks = (plan.cost / (WORTH / 2)).clamp(threads, 8 * threads).min(blocks);
        threads::parallel(tasks, &|task| {
            let range = blocks * task / tasks..blocks * (task + 1) / tasks;
            // SAFETY: as above; each task has blocks of its own.
            unsafe { run(plan, bases, [piece(range)].into_iter()) };
        });
    }
}
