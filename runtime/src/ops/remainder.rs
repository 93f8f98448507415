//! The remainder of a division.

use serde::{Deserialize, Serialize};

use super::binary::{self, NumberFunction};
use super::number::Number;
use super::operand::Operand;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The remainder of a division that rounds toward zero, element by element, broadcast as in NumPy.
    /// ([StableHLO `remainder`](https://openxla.org/stablehlo/spec#remainder))
    ///
    /// Numeric dtypes, the same on both sides. The result has the sign of the dividend, as `%` in Rust and C; `%` in
    /// Python has that of the divisor. An integer by zero gives the dividend, a float NaN.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let y = Tensor::from([7.5_f32, -7.5]).remainder(2.0);
    /// assert_eq!(y.to_vec::<f32>()?, [1.5, -1.5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn remainder(&self, other: impl Operand) -> Self {
        binary::broadcast_apply(Remainder, self, other)
    }
}

/// `x - y * trunc(x / y)`, exactly.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remainder;

struct Kernel;

impl NumberFunction for Kernel {
    fn call<T: Number>(x: T, y: T) -> T {
        x.remainder(y)
    }
}

impl Op for Remainder {
    const NAME: &'static str = "remainder";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        binary::infer(operands, constraints, DType::is_numeric, "numeric")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        binary::numeric::<Kernel>(operands)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        binary::element::<Kernel>(operands)
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (x, y, gradient) = (&operands[0], &operands[1], &gradients[0]);
        if !x.dtype().is_float() {
            return vec![None, None];
        }
        // `x - remainder` is a multiple of y: rounding removes only the error of the division, where truncating `x / y`
        // would miss by one next to a multiple.
        let quotient = ((x - &results[0]) / y).round();
        vec![Some(gradient.clone()), Some(-(gradient * quotient))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Mod")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[7.25_f32, -7.25]]), Tensor::from([[2.0_f32, 4.0]])]),
            Sample::new(Self, [Tensor::from([i8::MAX, -7, i8::MIN]), Tensor::from([0_i8, 3, -1])]),
            Sample::new(Self, [Tensor::scalar(2.5_f64), Tensor::scalar(-1.5_f64)]),
            Sample::new(
                Self,
                [
                    Tensor::from_vec([0, 2], Vec::<half::f16>::new()),
                    Tensor::from_vec([0, 2], Vec::<half::f16>::new()),
                ],
            ),
            Sample::new(Self, [Tensor::scalar(7_u64), Tensor::scalar(2_u64)]),
        ]
    }
}

op!(Remainder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_those_of_fmod() {
        let x = Tensor::from([-0.0_f64, 5.0, f64::INFINITY, 5.0]);
        let y = x.remainder(Tensor::from([3.0_f64, f64::INFINITY, 3.0, 0.0])).to_vec::<f64>().unwrap();
        assert_eq!((y[0].to_bits(), y[1]), ((-0.0_f64).to_bits(), 5.0));
        assert!(y[2].is_nan() && y[3].is_nan());
        assert_eq!(
            Tensor::from([i32::MIN, -7]).remainder(Tensor::from([-1, 0])).to_vec::<i32>().unwrap(),
            [0, -7]
        );
    }

    #[test]
    fn the_gradient_of_the_divisor_counts_whole_times() {
        // The quotient 0.3 / 0.1 rounds up to 3, but 0.1 goes into 0.3 only twice.
        let (x, y) = (Tensor::from([0.3_f64, -7.5]), Tensor::from([0.1_f64, 2.0]));
        let gradient =
            Remainder.gradient(&[x.clone(), y.clone()], &[x.remainder(&y)], &[x.ones_like()]).remove(1);
        assert_eq!(gradient.unwrap().to_vec::<f64>().unwrap(), [-2.0, 3.0]);
    }
}
