//! The lesser of two elements.

use serde::{Deserialize, Serialize};

use super::binary::{self, NumberFunction};
use super::number::Number;
use super::operand::Operand;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The lesser of two elements, broadcast as in NumPy. Every dtype, the same on both sides; of truth values it is
    /// `and`.
    /// ([StableHLO `minimum`](https://openxla.org/stablehlo/spec#minimum))
    ///
    /// NaN if either is; 0 is greater than -0. Where the two are equal, each gets half of the gradient.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let y = Tensor::from([-1.0_f32, 2.0]).minimum(0.0);
    /// assert_eq!(y.to_vec::<f32>()?, [-1.0, 0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn minimum(&self, other: impl Operand) -> Self {
        if self.dtype() == DType::Bool {
            self.logical_and(other)
        } else {
            binary::broadcast_apply(Minimum, self, other)
        }
    }
}

/// `min(x, y)`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Minimum;

pub(super) struct Kernel;

impl NumberFunction for Kernel {
    fn call<T: Number>(x: T, y: T) -> T {
        x.minimum(y)
    }
}

impl Op for Minimum {
    const NAME: &'static str = "minimum";
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

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (x, y, gradient) = (&operands[0], &operands[1], &gradients[0]);
        // Where neither is NaN, exactly one of the three holds; a NaN gets no gradient.
        let tie = x.equal(y).select(gradient * 0.5, gradient.zeros_like());
        vec![Some(x.less(y).select(gradient, &tie)), Some(y.less(x).select(gradient, &tie))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Min")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[1.0_f32, -2.5]]), Tensor::from([[0.5_f32, 4.0]])]),
            Sample::new(Self, [Tensor::from([i8::MAX, -3]), Tensor::from([1_i8, 3])]),
            Sample::new(Self, [Tensor::scalar(2.5_f64), Tensor::scalar(-1.5_f64)]),
            Sample::new(
                Self,
                [
                    Tensor::from_vec([0, 2], Vec::<half::f16>::new()),
                    Tensor::from_vec([0, 2], Vec::<half::f16>::new()),
                ],
            ),
            Sample::new(Self, [Tensor::scalar(1_u64), Tensor::scalar(2_u64)]),
        ]
    }
}

op!(Minimum);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_wins_and_zeros_are_ordered() {
        let y = Tensor::from([f32::NAN, 1.0]).minimum(Tensor::from([1.0, f32::NAN])).to_vec::<f32>().unwrap();
        assert!(y[0].is_nan() && y[1].is_nan());
        let y = Tensor::from([0.0_f32, -0.0]).minimum(Tensor::from([-0.0_f32, 0.0])).to_vec::<f32>().unwrap();
        assert_eq!(y.iter().map(|y| y.to_bits()).collect::<Vec<_>>(), [(-0.0_f32).to_bits(); 2]);
    }

    #[test]
    fn equal_elements_share_the_gradient() {
        let (x, y) = (Tensor::from([1.0_f32, 2.0, 3.0]), Tensor::from([2.0_f32, 2.0, 2.0]));
        let gradients =
            Minimum.gradient(&[x.clone(), y.clone()], &[x.minimum(&y)], &[Tensor::from([8.0_f32; 3])]);
        let gradients: Vec<_> = gradients.into_iter().map(|g| g.unwrap().to_vec::<f32>().unwrap()).collect();
        assert_eq!(gradients, [[8.0, 4.0, 0.0], [0.0, 4.0, 8.0]]);
    }

    #[test]
    fn of_truth_values_it_is_and() {
        let (x, y) = (Tensor::from([true, true, false]), Tensor::from([true, false, false]));
        assert_eq!(x.minimum(&y).to_vec::<bool>().unwrap(), [true, false, false]);
    }
}
