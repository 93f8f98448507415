//! Conversion to another dtype.

use half::{bf16, f16};
use serde::{Deserialize, Serialize};

use super::unary::{arity, map};
use super::wide::Wide;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{
    DType, Data, Element, Sizes, Tensor, TensorType, bf16_from_f64, f16_from_f64, for_dtype,
};

impl Tensor {
    /// Each element converted to another dtype; the tensor itself if it has the dtype already.
    ///
    /// Floats round to the nearest, ties to even; a float becomes an integer by dropping the fraction, beyond the range by
    /// the nearest bound, NaN by 0; an integer that does not fit another integer dtype wraps; a number is true if it is
    /// not 0. ([StableHLO `convert`](https://openxla.org/stablehlo/spec#convert))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.9_f32, -1.9]).cast(DType::I32).to_vec::<i32>()?, [1, -1]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn cast(&self, dtype: DType) -> Self {
        match type_of(self) {
            Some(own) if own.dtype != dtype => apply(Convert { dtype }, &[self]),
            _ => self.clone(),
        }
    }
}

/// The operand with another dtype.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Convert {
    /// The dtype of the result.
    pub dtype: DType,
}

/// A float of another dtype, by way of the narrowest type that holds both: not all machines widen halves to `f64` fast.
trait Float {
    fn to<U: FromFloat>(self) -> U;
}

trait FromFloat: Element {
    fn from_single(value: f32) -> Self;
    fn from_double(value: f64) -> Self;
}

macro_rules! floats {
    ($($type:ty, $from_own:ident, $single:expr, $double:expr);* $(;)?) => {$(
        impl Float for $type {
            fn to<U: FromFloat>(self) -> U {
                U::$from_own(self.into())
            }
        }

        impl FromFloat for $type {
            fn from_single(value: f32) -> Self {
                $single(value)
            }
            fn from_double(value: f64) -> Self {
                $double(value)
            }
        }
    )*};
}

floats! {
    f32, from_single, |value| value, |value| value as f32;
    f64, from_double, f64::from, |value| value;
    f16, from_single, f16::from_f32, f16_from_f64;
    bf16, from_single, bf16::from_f32, bf16_from_f64;
}

/// The elements converted to a dtype.
pub(super) fn converted(operand: &Data, dtype: DType) -> Result<Data> {
    let from = operand.dtype();
    if from.is_float() && dtype.is_float() {
        let result = for_dtype!(from, T in float => {
            for_dtype!(dtype, U in float => map::<T, U>(operand, &Float::to::<U>), else => Ok(Vec::new()))
        }, else => Ok(Vec::new()));
        return result?.pop().ok_or_else(|| check_failed("it takes 1 operand"));
    }
    Wide::of(operand)?.narrow(dtype, operand.sizes())
}

impl Op for Convert {
    const NAME: &'static str = "convert";
    const ELEMENT_WISE: bool = true;

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        Ok(vec![operand.with_dtype(self.dtype)])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        Ok(vec![converted(operand, self.dtype)?])
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        match (operands.first()?, self.dtype) {
            (DType::Bool, DType::F32) => Some(ElementKernel::map1(|x: bool| f32::from(u8::from(x)))),
            (DType::U8, DType::F32) => Some(ElementKernel::map1(|x: u8| f32::from(x))),
            (DType::I32, DType::F32) => Some(ElementKernel::map1(|x: i32| x as f32)),
            (DType::I64, DType::F32) => Some(ElementKernel::map1(|x: i64| x as f32)),
            (DType::F64, DType::F32) => Some(ElementKernel::map1(|x: f64| x as f32)),
            (DType::F32, DType::F64) => Some(ElementKernel::map1(|x: f32| f64::from(x))),
            (DType::F32, DType::I32) => Some(ElementKernel::map1(|x: f32| x as i32)),
            (DType::Bool, DType::F64) => Some(ElementKernel::plain1(|x: bool| f64::from(u8::from(x)))),
            (DType::I32, DType::F64) => Some(ElementKernel::plain1(|x: i32| f64::from(x))),
            (DType::I64, DType::F64) => Some(ElementKernel::plain1(|x: i64| x as f64)),
            (DType::Bool, DType::I32) => Some(ElementKernel::plain1(|x: bool| i32::from(x))),
            (DType::Bool, DType::I64) => Some(ElementKernel::plain1(|x: bool| i64::from(x))),
            (DType::U8, DType::I64) => Some(ElementKernel::plain1(|x: u8| i64::from(x))),
            (DType::I32, DType::I64) => Some(ElementKernel::plain1(|x: i32| i64::from(x))),
            (DType::I64, DType::I32) => Some(ElementKernel::plain1(|x: i64| x as i32)),
            (DType::I64, DType::Bool) => Some(ElementKernel::plain1(|x: i64| x != 0)),
            (DType::F32, DType::I64) => Some(ElementKernel::plain1(|x: f32| x as i64)),
            (DType::F16, DType::F32) => Some(ElementKernel::map1(f16::to_f32)),
            (DType::BF16, DType::F32) => Some(ElementKernel::map1(bf16::to_f32)),
            (DType::F32, DType::F16) => Some(ElementKernel::map1(f16::from_f32)),
            (DType::F32, DType::BF16) => Some(ElementKernel::map1(bf16::from_f32)),
            (DType::F32, DType::Bool) => Some(ElementKernel::map1(|x: f32| x != 0.0)),
            _ => None,
        }
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        // Truth values and integers do not vary continuously, so no gradient flows through them.
        let smooth = operands[0].dtype().is_float() && self.dtype.is_float();
        vec![smooth.then(|| gradients[0].cast(operands[0].dtype()))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Cast")
    }

    fn samples() -> Vec<Sample> {
        let mut samples = Vec::new();
        for dtype in DType::ALL {
            samples.extend([
                Sample::new(Self { dtype }, [Tensor::from([[1.5_f32, -2.75], [300.0, 0.0]])]),
                Sample::new(Self { dtype }, [Tensor::from([-1_i64, 7])]),
                Sample::new(Self { dtype }, [Tensor::from([true, false])]),
                Sample::new(Self { dtype }, [Tensor::from([half::f16::from_f32(0.5)])]),
                Sample::new(Self { dtype }, [Tensor::from(Vec::<u8>::new())]),
            ]);
        }
        samples
    }
}

op!(Convert);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_round_saturate_and_wrap() {
        let x = Tensor::from([f64::NAN, 300.0, -300.0, -0.9]);
        assert_eq!(x.cast(DType::I8).to_vec::<i8>().unwrap(), [0, 127, -128, 0]);
        assert_eq!(x.cast(DType::U8).to_vec::<u8>().unwrap(), [0, 255, 0, 0]);
        assert_eq!(Tensor::from([300_i32, -1]).cast(DType::U8).to_vec::<u8>().unwrap(), [44, 255]);
        assert_eq!(x.cast(DType::Bool).to_vec::<bool>().unwrap(), [true; 4]);
        // 2049 lies between the f16 neighbours 2048 and 2050; ties go to even.
        let halves = Tensor::from([2049_i32, 2051]).cast(DType::F16).to_vec::<f16>().unwrap();
        assert_eq!(halves, [f16::from_f32(2048.0), f16::from_f32(2052.0)]);
        // 2^62 + 2^53 + 1 rounds up in bf16 only if the last bit counts.
        let just_above_half = (1_i64 << 62) + (1 << 54) + 1;
        let expected = bf16::from_f64(((1_i64 << 62) + (1 << 55)) as f64);
        assert_eq!(Tensor::from([just_above_half]).cast(DType::BF16).to_vec::<bf16>().unwrap(), [expected]);
    }
}
