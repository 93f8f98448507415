//! Addition.

use serde::{Deserialize, Serialize};

use super::binary::{self, NumberFunction};
use super::number::Number;
use super::operand::Operand;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The sum of two tensors, element by element, broadcast as in NumPy; also `a + b`.
    ///
    /// Numeric dtypes, the same on both sides; integers wrap.
    /// ([StableHLO `add`](https://openxla.org/stablehlo/spec#add))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let sum = Tensor::from([[1.0_f32], [2.0]]) + Tensor::from([10.0_f32, 20.0]);
    /// assert_eq!(sum.to_vec::<f32>()?, [11.0, 21.0, 12.0, 22.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn add(&self, other: impl Operand) -> Self {
        binary::broadcast_apply(Add, self, other)
    }
}

/// `x + y`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Add;

struct Kernel;

impl NumberFunction for Kernel {
    fn call<T: Number>(x: T, y: T) -> T {
        x.add(y)
    }
}

impl Op for Add {
    const NAME: &'static str = "add";
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

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(gradients[0].clone()), Some(gradients[0].clone())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Add")
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

op!(Add);
