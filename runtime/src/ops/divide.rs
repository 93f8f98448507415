//! Division.

use serde::{Deserialize, Serialize};

use super::binary::{self, NumberFunction};
use super::number::Number;
use super::operand::Operand;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The quotient of two tensors, element by element, broadcast as in NumPy; also `a / b`. Integers round toward zero; an integer divided by zero has all bits set.
    ///
    /// Numeric dtypes, the same on both sides; integers wrap.
    /// ([StableHLO `divide`](https://openxla.org/stablehlo/spec#divide))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let result = Tensor::from([[1.0_f32], [2.0]]) / Tensor::from([10.0_f32, 20.0]);
    /// assert_eq!(result.to_vec::<f32>()?, [0.1, 0.05, 0.2, 0.1]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn divide(&self, other: impl Operand) -> Self {
        binary::broadcast_apply(Divide, self, other)
    }
}

/// `x / y`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Divide;

struct Kernel;

impl NumberFunction for Kernel {
    fn call<T: Number>(x: T, y: T) -> T {
        x.divide(y)
    }
}

impl Op for Divide {
    const NAME: &'static str = "divide";
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
        // The square of y, by which mathematics divides x, would overflow, or be 0, long before the derivative does.
        let of_x = &gradients[0] / &operands[1];
        let of_y = -(&of_x * &results[0]);
        vec![Some(of_x), Some(of_y)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Div")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[1.0_f32, -2.5]]), Tensor::from([[0.5_f32, 4.0]])]),
            Sample::new(Self, [Tensor::from([i8::MAX, -3]), Tensor::from([1_i8, 3])]),
            Sample::new(
                Self,
                [Tensor::from_vec([0, 2], Vec::<f64>::new()), Tensor::from_vec([0, 2], Vec::<f64>::new())],
            ),
            Sample::new(Self, [Tensor::scalar(1_u64), Tensor::scalar(2_u64)]),
        ]
    }
}

op!(Divide);
