//! The kernel of any element-wise op, for dtypes that have no fast one.

use std::sync::Arc;

use holotype_kernels::element::{Arithmetic, Block, Kernel};

use crate::graph::DynOp;
use crate::tensor::Buffer;
use crate::tensor::{DType, Data, Sizes};

/// The operation of an op on two `f32`, which loops can put together with others.
fn arithmetic(op: &Arc<dyn DynOp>, operands: &[DType]) -> Option<Arithmetic> {
    if operands != [DType::F32; 2] {
        return None;
    }
    match op.name() {
        "add" => Some(Arithmetic::Add),
        "subtract" => Some(Arithmetic::Subtract),
        "multiply" => Some(Arithmetic::Multiply),
        "divide" => Some(Arithmetic::Divide),
        _ => None,
    }
}

/// The fast kernel of an element-wise op for operands of these dtypes, or one made of its own.
pub(super) fn kernel(op: &Arc<dyn DynOp>, operands: &[DType], result: DType) -> Kernel {
    if let Some(operation) = arithmetic(op, operands) {
        return Kernel::arithmetic(operation);
    }
    op.element(operands).unwrap_or_else(|| {
        let sizes: Vec<_> = operands.iter().map(|dtype| dtype.size()).collect();
        Kernel::from_block(
            &sizes,
            result.size(),
            Own { op: op.clone(), operands: operands.to_vec(), result: result.size() },
        )
    })
}

/// The kernel of an op, applied to blocks.
struct Own {
    op: Arc<dyn DynOp>,
    operands: Vec<DType>,
    /// The size of an element of the result.
    result: usize,
}

impl Block for Own {
    fn run(&self, result: &mut [u8], operands: &[&[u8]; 3]) {
        let count = result.len() / self.result;
        let data = |(dtype, bytes): (&DType, &[u8])| {
            let mut buffer = Buffer::new(count * dtype.size())?;
            // An operand that is shorter than the result stands for one that repeats it.
            for part in buffer.bytes_mut().chunks_mut(bytes.len().max(1)) {
                part.copy_from_slice(bytes.get(..part.len())?);
            }
            Data::from_storage(*dtype, vec![count], Arc::new(buffer)).ok()
        };
        let operands: Option<Vec<Data>> =
            self.operands.iter().zip(operands.iter().copied()).map(data).collect();
        // The shape rule has let the operands through, so that the kernel does not fail.
        let computed = operands.and_then(|operands| self.op.kernel(&operands, &Sizes::new()).ok());
        match computed.as_deref() {
            Some([computed]) if computed.bytes().len() == result.len() => {
                result.copy_from_slice(computed.bytes());
            }
            _ => result.fill(0),
        }
    }
}
