//! Numbers as a smaller float format holds them.

use half::{bf16, f16};
use serde::{Deserialize, Serialize};

use super::unary::{self, dtype_error, map};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Element, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// Each element as a float format with so many bits of exponent and mantissa holds it; the dtype stays. Float dtypes.
    /// ([StableHLO `reduce_precision`](https://openxla.org/stablehlo/spec#reduce_precision))
    ///
    /// Rounds to the nearest, ties to even. What is too great becomes infinite, what is below the least normal number of
    /// the format 0; NaN stays. A format may be larger than the dtype, which then limits. The gradient passes, in the same
    /// precision.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1.0_f32 / 3.0, 70_000.0]);
    /// assert_eq!(x.reduce_precision(5, 10).to_vec::<f32>()?, [0.333_251_95, f32::INFINITY]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn reduce_precision(&self, exponent_bits: u32, mantissa_bits: u32) -> Self {
        apply(ReducePrecision { exponent_bits, mantissa_bits }, &[self])
    }
}

/// The operand in a smaller float format.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReducePrecision {
    /// The number of bits of the exponent, at least 1.
    pub exponent_bits: u32,
    /// The number of bits of the mantissa.
    pub mantissa_bits: u32,
}

/// A float as its bits, in the low end of a `u64`.
trait Format: Element {
    const EXPONENT: u32;
    const MANTISSA: u32;
    fn bits(self) -> u64;
    fn of_bits(bits: u64) -> Self;
}

macro_rules! formats {
    ($($type:ty, $exponent:literal, $mantissa:literal;)*) => {$(
        impl Format for $type {
            const EXPONENT: u32 = $exponent;
            const MANTISSA: u32 = $mantissa;
            fn bits(self) -> u64 {
                self.to_bits().into()
            }
            fn of_bits(bits: u64) -> Self {
                Self::from_bits(bits as _)
            }
        }
    )*};
}

formats! { f32, 8, 23; f64, 11, 52; f16, 5, 10; bf16, 8, 7; }

impl ReducePrecision {
    fn reduced<T: Format>(&self, x: T) -> T {
        let all = (1_u64 << T::EXPONENT) - 1;
        let (sign, mut bits) = (x.bits() & 1 << (T::EXPONENT + T::MANTISSA), x.bits());
        bits ^= sign;
        if bits > all << T::MANTISSA {
            return x;
        }
        if let Some(dropped) = T::MANTISSA.checked_sub(self.mantissa_bits).filter(|&dropped| dropped > 0) {
            // To even: half of the last bit that stays, less one unless that bit is set. A carry goes into the exponent.
            let last = bits >> dropped & 1;
            bits = (bits + ((1 << (dropped - 1)) - 1) + last) >> dropped << dropped;
        }
        if self.exponent_bits < T::EXPONENT {
            let (own, reduced) = ((1_u64 << (T::EXPONENT - 1)) - 1, (1_u64 << (self.exponent_bits - 1)) - 1);
            let exponent = bits >> T::MANTISSA;
            if exponent > own + reduced {
                bits = all << T::MANTISSA;
            } else if exponent <= own - reduced {
                bits = 0;
            }
        }
        T::of_bits(bits | sign)
    }
}

impl Op for ReducePrecision {
    const NAME: &'static str = "reduce_precision";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        if self.exponent_bits == 0 {
            return Err("a float format has at least 1 bit of exponent".into());
        }
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        for_dtype!(operand.dtype(), T in float => map::<T, T>(operand, &|x| self.reduced(x)), else => Err(dtype_error(operand)))
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(gradients[0].reduce_precision(self.exponent_bits, self.mantissa_bits))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Cast")
    }

    fn samples() -> Vec<Sample> {
        // The gradient is not that of the steps that rounding makes, so samples with elements keep every bit of a double.
        let of = |exponent_bits, mantissa_bits| Self { exponent_bits, mantissa_bits };
        vec![
            Sample::new(of(11, 52), [Tensor::from([[1.5_f32, -2.25, 0.1]])]),
            Sample::new(of(12, 60), [Tensor::from([0.3_f64])]),
            Sample::new(of(5, 10), [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
            Sample::new(of(8, 7), [Tensor::from(Vec::<f32>::new())]),
        ]
    }
}

op!(ReducePrecision);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formats_of_the_halves_round_as_conversions_do() {
        let x = Tensor::from([1.1_f32, -3.3e-3, 65_519.0, 65_520.0, 6.2e-5, -0.0, f32::NEG_INFINITY]);
        let same = |reduced: Tensor, dtype| {
            let converted = x.cast(dtype).cast(DType::F32).to_vec::<f32>().unwrap();
            let bits = |x: Vec<f32>| x.into_iter().map(f32::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(reduced.to_vec().unwrap()), bits(converted));
        };
        same(x.reduce_precision(5, 10), DType::F16);
        same(x.reduce_precision(8, 7), DType::BF16);
        same(x.reduce_precision(11, 52), DType::F32);
        let tiny =
            Tensor::from([3e-5_f32, -1e-40, f32::NAN]).reduce_precision(5, 10).to_vec::<f32>().unwrap();
        assert!(tiny[0].to_bits() == 0 && tiny[1].to_bits() == 1 << 31 && tiny[2].is_nan());
        assert!(x.reduce_precision(0, 3).error().unwrap().to_string().contains("at least 1 bit"));
    }
}
