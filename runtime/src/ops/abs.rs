//! The absolute value.

use serde::{Deserialize, Serialize};

use super::number::Number;
use super::unary::{self, NumberFunction, is_signed};
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The absolute value of each element. Numeric dtypes; the lowest signed integer wraps to itself.
    /// ([StableHLO `abs`](https://openxla.org/stablehlo/spec#abs))
    ///
    /// The gradient at 0 is 0.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-2.0_f32, 3.0]).abs().to_vec::<f32>()?, [2.0, 3.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn abs(&self) -> Self {
        if self.dtype().is_unsigned_int() { self.clone() } else { apply(Abs, &[self]) }
    }
}

/// `|x|`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Abs;

struct Kernel;

impl NumberFunction for Kernel {
    fn call<T: Number>(x: T) -> T {
        x.abs()
    }
}

impl Op for Abs {
    const NAME: &'static str = "abs";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, is_signed, "signed numeric")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::numeric::<Kernel>(&operands[0])
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::element::<Kernel>(operands)
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&gradients[0] * operands[0].sign())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Abs")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.5_f32, 1.0, -2.5]])]),
            Sample::new(Self, [Tensor::from([-0.5_f64])]),
            Sample::new(Self, [Tensor::from([i8::MIN, 3])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(-0.5)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Abs);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;

    #[test]
    fn signs_go_and_the_gradient_at_zero_is_zero() {
        let x = Tensor::from([-0.0_f64, f64::NEG_INFINITY, f64::NAN]);
        let y = x.abs().to_vec::<f64>().unwrap();
        assert_eq!((y[0].to_bits(), y[1]), (0, f64::INFINITY));
        assert!(y[2].is_nan());
        let gradient = Abs.gradient(std::slice::from_ref(&x), &[x.abs()], &[x.ones_like()]).remove(0);
        assert_eq!(gradient.unwrap().to_vec::<f64>().unwrap()[..2], [0.0, -1.0]);
    }

    #[test]
    fn unsigned_tensors_stay_and_truth_values_are_refused() {
        assert_eq!(Tensor::from([200_u8]).abs().to_vec::<u8>().unwrap(), [200]);
        let error = Tensor::from([true]).abs().to_vec::<bool>().unwrap_err().to_string();
        assert!(error.contains("signed numeric") && error.contains(DType::Bool.name()), "{error}");
    }
}
