//! The error function.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The error function of each element, between -1 and 1. Float dtypes.
    /// ([CHLO `erf`](https://openxla.org/stablehlo/generated/chlo#chloerf_chloerfop))
    ///
    /// `erf x = 2/√π ∫₀ˣ e^(-t²) dt`; the normal distribution's function is `(1 + erf(x/√2)) / 2`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 10.0]).erf().to_vec::<f32>()?, [0.0, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn erf(&self) -> Self {
        apply(Erf, &[self])
    }
}

/// `2/√π ∫₀ˣ e^(-t²) dt`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Erf;

impl Op for Erf {
    const NAME: &'static str = "erf";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], libm::erff, libm::erf)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::single(operands, holotype_kernels::math::erf)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let x = &operands[0];
        vec![Some(&gradients[0] * std::f64::consts::FRAC_2_SQRT_PI * (-(x * x)).exp())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Erf")
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

op!(Erf);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_sign_of_zero_are_exact() {
        let y = Tensor::from([f32::NEG_INFINITY, 10.0, -0.0]).erf().to_vec::<f32>().unwrap();
        assert_eq!((y[0], y[1], y[2].to_bits()), (-1.0, 1.0, (-0.0_f32).to_bits()));
    }
}
