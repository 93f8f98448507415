//! Calls that are made many times with the same sizes.

use arrayvec::ArrayVec;

use super::callable::Callable;
use crate::error::Result;
use crate::exec;
use crate::tensor::{DType, Elements, ElementsMut, Sizes, TensorType};
use crate::trace::Signature;

/// The most inputs, and outputs, of a prepared call.
const MOST: usize = 64;
/// Most calls have no more.
const FEW: usize = 4;

/// A function that is ready for many calls with the same sizes: nothing is looked up, and fast kernels read the inputs where they
/// lie and write the outputs where they are wanted.
///
/// ```
/// use holotype::prelude::*;
///
/// #[derive(Module)]
/// struct Double;
///
/// #[layer]
/// impl Double {
///     #[signature(x = [None; f32])]
///     fn call(&self, x: &Tensor) -> Tensor {
///         x * 2.0
///     }
/// }
///
/// let program = Program::trace(&Double)?;
/// let mut double = program.function("call").prepare(&[Tensor::zeros([3])])?;
/// let mut y = [0.0_f32; 3];
/// double.run(&[(&[1.0_f32, 2.0, 3.0]).into()], &mut [(&mut y).into()])?;
/// assert_eq!(y, [2.0, 4.0, 6.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Prepared<'p> {
    signature: &'p Signature,
    inputs: Vec<(DType, usize)>,
    outputs: Vec<(DType, usize)>,
    call: Box<dyn exec::Prepared + 'p>,
}

impl<'p> Prepared<'p> {
    pub(super) fn new(
        signature: &'p Signature,
        sizes: &Sizes,
        call: Box<dyn exec::Prepared + 'p>,
    ) -> Result<Self> {
        let bytes = |kind: &TensorType| {
            let sizes = kind.shape.evaluate(sizes).unwrap_or_default();
            (kind.dtype, sizes.iter().product::<usize>() * kind.dtype.size())
        };
        let inputs: Vec<_> = signature.inputs.iter().map(|(_, kind)| bytes(kind)).collect();
        let outputs: Vec<_> = signature.outputs.iter().map(|(_, kind)| bytes(kind)).collect();
        if inputs.len() > MOST || outputs.len() > MOST {
            let message = format!("a prepared call has at most {MOST} inputs and {MOST} outputs: use `call`");
            return Err(signature.error(None, message));
        }
        Ok(Self { signature, inputs, outputs, call })
    }

    /// Calls the function; `outputs` take what it gives.
    ///
    /// # Errors
    /// [`Error::Signature`](crate::Error::Signature) if there are not as many inputs and outputs as the function has, or their dtypes or numbers
    /// of elements are others; what a check in the graph says of the values.
    pub fn run(&mut self, inputs: &[Elements<'_>], outputs: &mut [ElementsMut<'_>]) -> Result<()> {
        self.check("inputs", &self.inputs, inputs.iter().map(|part| (part.dtype(), part.bytes().len())))?;
        self.check(
            "outputs",
            &self.outputs,
            outputs.iter_mut().map(|part| (part.dtype(), part.bytes().len())),
        )?;
        // Lists on the stack are as long as the call needs: moving long ones takes time.
        if inputs.len().max(outputs.len()) <= FEW {
            self.run_with::<FEW>(inputs, outputs)
        } else {
            self.run_with::<MOST>(inputs, outputs)
        }
    }

    /// (Not inlined, so that a call with few values takes little of the stack.)
    #[inline(never)]
    fn run_with<const N: usize>(
        &mut self,
        inputs: &[Elements<'_>],
        outputs: &mut [ElementsMut<'_>],
    ) -> Result<()> {
        let (mut read, mut written) = (ArrayVec::<&[u8], N>::new(), ArrayVec::<&mut [u8], N>::new());
        for input in inputs {
            read.push(input.bytes());
        }
        for output in outputs {
            written.push(output.bytes());
        }
        self.call.run(&read, &mut written)
    }

    fn check(
        &self,
        what: &str,
        expected: &[(DType, usize)],
        found: impl ExactSizeIterator<Item = (DType, usize)>,
    ) -> Result<()> {
        if found.len() != expected.len() {
            let message = format!("the call was prepared for {} {what}, not {}", expected.len(), found.len());
            return Err(self.signature.error(None, message));
        }
        for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
            if *expected != found {
                let elements =
                    |(dtype, bytes): (DType, usize)| format!("{} elements of {dtype}", bytes / dtype.size());
                let message = format!(
                    "the call was prepared for {} as number {index} of the {what}, not {}",
                    elements(*expected),
                    elements(found)
                );
                return Err(self.signature.error(None, message));
            }
        }
        Ok(())
    }
}

impl<'p> Callable<'p> {
    /// Makes the function ready for many calls with inputs of the dtypes and sizes of these.
    ///
    /// # Errors
    /// As [`Callable::call`], and if the function has more than 64 inputs or outputs.
    pub fn prepare(&self, inputs: &[crate::tensor::Tensor]) -> Result<Prepared<'p>> {
        let (program, entry, sizes) = self.bound(inputs)?;
        Prepared::new(&entry.signature, &sizes, program.prepare_entry(entry, &sizes)?)
    }

    /// How a call with inputs of these sizes runs: the steps of its plan, which ops share a loop, and where values lie.
    ///
    /// # Errors
    /// As [`Callable::call`].
    pub fn explain(&self, inputs: &[crate::tensor::Tensor]) -> Result<String> {
        let (program, entry, sizes) = self.bound(inputs)?;
        program.explain_entry(entry, &sizes)
    }
}
