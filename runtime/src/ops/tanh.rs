//! The hyperbolic tangent.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The hyperbolic tangent of each element, between -1 and 1. Float dtypes.
    /// ([StableHLO `tanh`](https://openxla.org/stablehlo/spec#tanh))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 40.0]).tanh().to_vec::<f32>()?, [0.0, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn tanh(&self) -> Self {
        apply(Tanh, &[self])
    }
}

/// `(e^x - e^-x) / (e^x + e^-x)`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tanh;

impl Op for Tanh {
    const NAME: &'static str = "tanh";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], |x| double(x.into()) as f32, double)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::tanh)
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let y = &results[0];
        vec![Some(&gradients[0] * (1 - y) * (1 + y))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Tanh")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.0_f32, 1.0, -2.5]])]),
            Sample::new(Self, [Tensor::from([0.5_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.5)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

/// Within 1.5 ULP. Near 0, where that of `libm` is beyond 2, Lambert's continued fraction: `tanh x = x / (1 + c)` with
/// `c = x² / (3 + x² / (5 + ...))`; the first level left out changes nothing below 0.4.
fn double(x: f64) -> f64 {
    if x.abs() >= 0.4 || x == 0.0 {
        return libm::tanh(x);
    }
    let square = x * x;
    let c = [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0].iter().fold(0.0, |c, odd| square / (odd + c));
    x - x * (c / (1.0 + c))
}

op!(Tanh);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_sign_of_zero_are_exact() {
        let y = Tensor::from([f32::NEG_INFINITY, 40.0, -0.0]).tanh().to_vec::<f32>().unwrap();
        assert_eq!((y[0], y[1], y[2].to_bits()), (-1.0, 1.0, (-0.0_f32).to_bits()));
    }
}
