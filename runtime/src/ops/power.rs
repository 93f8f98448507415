//! Powers.

use serde::{Deserialize, Serialize};

use super::binary::{self, NumberFunction};
use super::number::Number;
use super::operand::Operand;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// Each element to the power of another, broadcast as in NumPy: `x.pow(2.0)`, `x.pow(&p)`.
    /// ([StableHLO `power`](https://openxla.org/stablehlo/spec#power))
    ///
    /// Numeric dtypes, the same on both sides. Floats as IEEE 754 states `pow`: anything to the power of 0 is 1, 1 to the
    /// power of anything is 1, and a negative number to a power that is no integer is NaN. Integers wrap, and an integer
    /// to a negative power is 0, except for 1 and -1.
    ///
    /// The gradient of the base is `y x^(y-1)`, and 0 where both are 0. The gradient of the exponent is `x^y ln x`, and 0
    /// where the base is 0 or negative, as in TensorFlow, so that `|x|^p` learns `p`. Integers have none.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([2.0_f32, 9.0]).pow(Tensor::from([3.0_f32, 0.5])).to_vec::<f32>()?, [8.0, 3.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn pow(&self, exponent: impl Operand) -> Self {
        binary::broadcast_apply(Power, self, exponent)
    }
}

/// `x^y`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Power;

struct Kernel;

impl NumberFunction for Kernel {
    fn call<T: Number>(x: T, y: T) -> T {
        x.power(y)
    }
}

impl Op for Power {
    const NAME: &'static str = "power";
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
        match operands {
            [DType::F32, DType::F32] => Some(holotype_kernels::math::pow()),
            [DType::F32, _] => None,
            _ => binary::element::<Kernel>(operands),
        }
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (x, y, gradient) = (&operands[0], &operands[1], &gradients[0]);
        if !x.dtype().is_float() {
            return vec![None, None];
        }
        // x^0 is 1 for every x, so its derivative at 0 is 0, and not the NaN of 0 * 0^-1.
        let corner = x.equal(0).logical_and(y.equal(0));
        let base = y * x.pow(corner.select(y, y - 1));
        // The logarithm never sees the elements that the outer choice drops, so that they stay out of second derivatives
        // too; and where the power is 0, `0 ln x` is 0 also for an infinite x.
        let flat = x.less_equal(0).logical_or(results[0].equal(0));
        let slope = &results[0] * flat.select(x.ones_like(), x).log();
        let exponent = flat.select(slope.zeros_like(), &slope);
        vec![Some(gradient * base), Some(gradient * exponent)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Pow")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[1.5_f32, 0.5]]), Tensor::from([[2.5_f32, -1.0]])]),
            Sample::new(Self, [Tensor::from([2_i8, -3, 0]), Tensor::from([-1_i8, 3, 0])]),
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

op!(Power);

#[cfg(test)]
mod tests {
    use super::*;

    fn gradients(x: &[f64], y: &[f64]) -> [Vec<f64>; 2] {
        let (x, y) = (Tensor::from(x), Tensor::from(y));
        let gradients = Power.gradient(&[x.clone(), y.clone()], &[x.pow(&y)], &[x.ones_like()]);
        [0, 1].map(|index| gradients[index].as_ref().unwrap().to_vec().unwrap())
    }

    #[test]
    fn edges_are_those_of_ieee_754() {
        let (nan, infinity) = (f64::NAN, f64::INFINITY);
        let x = Tensor::from([nan, 1.0, -1.0, 0.0, -0.0, -8.0, 0.5]);
        let y = Tensor::from([0.0, nan, infinity, -1.0, -3.0, 1.0 / 3.0, infinity]);
        let z = x.pow(y).to_vec::<f64>().unwrap();
        assert_eq!(z[..5], [1.0, 1.0, 1.0, infinity, -infinity]);
        assert!(z[5].is_nan());
        assert_eq!(z[6], 0.0);
    }

    #[test]
    fn the_gradient_of_the_base_is_that_of_mathematics_at_zero() {
        let [base, _] = gradients(&[0.0, 0.0, 0.0, 0.0, -2.0], &[0.0, 1.0, 2.0, 0.5, 3.0]);
        assert_eq!(base, [0.0, 1.0, 0.0, f64::INFINITY, 12.0]);
    }

    #[test]
    fn the_gradient_of_the_exponent_is_zero_where_the_base_is_not_positive() {
        let [_, exponent] = gradients(
            &[0.0, 0.0, 0.0, -2.0, -2.0, 1.0, f64::INFINITY],
            &[0.0, 2.0, -1.0, 3.0, 0.5, 7.0, -1.0],
        );
        assert_eq!(exponent, [0.0; 7]);
        assert!(gradients(&[f64::NAN], &[2.0])[1][0].is_nan());
    }
}
