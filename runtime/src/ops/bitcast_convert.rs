//! The same bits as another dtype.

use serde::{Deserialize, Serialize};

use super::unary::{arity, require};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Sizes, Tensor, TensorType};

impl Tensor {
    /// The bits of the elements read as another dtype. Every dtype but `bool`.
    ///
    /// Where the new elements are smaller, several make up one old element, and stand along a new last dimension, the one
    /// with the low bits first; where they are larger, the last dimension goes.
    /// ([StableHLO `bitcast_convert`](https://openxla.org/stablehlo/spec#bitcast_convert))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let bits = Tensor::from([1.0_f32]).bitcast_convert(DType::U16);
    /// assert_eq!((bits.shape().to_string(), bits.to_vec::<u16>()?), ("[1, 2]".into(), vec![0, 0x3f80]));
    /// assert_eq!(bits.bitcast_convert(DType::F32).to_vec::<f32>()?, [1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn bitcast_convert(&self, dtype: DType) -> Self {
        apply(BitcastConvert { dtype }, &[self])
    }
}

/// The operand's bits as another dtype.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BitcastConvert {
    /// The dtype of the result.
    pub dtype: DType,
}

/// Bytes with the lowest of each element first, from the order of the machine, or back.
fn little_endian(bytes: &[u8], width: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if cfg!(target_endian = "big") {
        bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    bytes
}

impl Op for BitcastConvert {
    const NAME: &'static str = "bitcast_convert";
    const NO_GRADIENT: Option<&'static str> = Some("bits do not vary continuously");

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        for dtype in [operand.dtype, self.dtype] {
            require(dtype, DType::is_numeric, "numeric")?;
        }
        let (from, to) = (operand.dtype.size(), self.dtype.size());
        let mut shape = operand.shape.to_vec();
        if from > to {
            shape.push(Dim::from(from / to));
        } else if from < to {
            let several = Dim::from(to / from);
            let fits = shape.pop().is_some_and(|last| constraints.equal(&last, &several).is_ok());
            if !fits {
                return Err(format!(
                    "{several} elements of {} make up one of {}: the last dimension of {operand} must be {several}",
                    operand.dtype, self.dtype
                ));
            }
        }
        Ok(vec![operand.with_shape(shape).with_dtype(self.dtype)])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        let (from, to) = (operand.dtype().size(), self.dtype.size());
        let mut sizes = operand.sizes().to_vec();
        if from > to {
            sizes.push(from / to);
        } else if from < to {
            sizes.pop();
        }
        let bytes = little_endian(&little_endian(operand.bytes(), from), to);
        Ok(vec![Data::from_bytes(self.dtype, sizes, &bytes)?])
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX has no bitcast of tensors")
    }

    fn samples() -> Vec<Sample> {
        let of = |dtype| Self { dtype };
        vec![
            Sample::new(of(DType::I32), [Tensor::from([[1.5_f32, -0.0, f32::NAN]])]),
            Sample::new(of(DType::U8), [Tensor::from([0x1234_i16, -2])]),
            Sample::new(of(DType::F64), [Tensor::from([[0_u32, 0x3ff0_0000]])]),
            Sample::new(of(DType::BF16), [Tensor::from([0x3f80_u16])]),
            Sample::new(of(DType::U16), [Tensor::from_vec([0, 2], Vec::<half::f16>::new())]),
        ]
    }
}

op!(BitcastConvert);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_change_with_the_low_bits_first() {
        let wide = Tensor::from([[0x0102_0304_u32], [0xff]]);
        let bytes = wide.bitcast_convert(DType::U8);
        assert_eq!(bytes.shape().concrete(), Some(vec![2, 1, 4]));
        assert_eq!(bytes.to_vec::<u8>().unwrap(), [4, 3, 2, 1, 255, 0, 0, 0]);
        assert_eq!(bytes.bitcast_convert(DType::I32).to_vec::<i32>().unwrap(), [0x0102_0304, 255]);
        assert_eq!(Tensor::scalar(-1_i8).bitcast_convert(DType::U8).to_scalar::<u8>().unwrap(), 255);
        let nan = f32::from_bits(0xffc0_1234);
        let bits = Tensor::scalar(nan).bitcast_convert(DType::U32).bitcast_convert(DType::F32);
        assert_eq!(bits.to_scalar::<f32>().unwrap().to_bits(), nan.to_bits());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let error = |x: Tensor, dtype| x.bitcast_convert(dtype).error().unwrap().to_string();
        assert!(error(Tensor::from([1_u8, 2, 3]), DType::U16).contains("must be 2"));
        assert!(error(Tensor::scalar(1_u8), DType::U16).contains("must be 2"));
        assert!(error(Tensor::from([true]), DType::U8).contains("numeric"));
        assert!(error(Tensor::from([1_u8]), DType::Bool).contains("numeric"));
    }
}
