//! The opposite number.

use serde::{Deserialize, Serialize};

use super::number::Number;
use super::unary::{self, NumberFunction};
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// Each element with the opposite sign; also `-x`. Numeric dtypes; integers wrap.
    /// ([StableHLO `negate`](https://openxla.org/stablehlo/spec#negate))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!((-Tensor::from([2.0_f32])).to_vec::<f32>()?, [-2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn negate(&self) -> Self {
        apply(Negate, &[self])
    }
}

/// `-x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Negate;

struct Kernel;

impl NumberFunction for Kernel {
    fn call<T: Number>(x: T) -> T {
        x.negate()
    }
}

impl Op for Negate {
    const NAME: &'static str = "negate";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_numeric, "numeric")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::numeric::<Kernel>(&operands[0])
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        unary::element::<Kernel>(operands)
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(-&gradients[0])]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Neg")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.0_f32, 1.0, -2.5]])]),
            Sample::new(Self, [Tensor::from([0.5_f64])]),
            Sample::new(Self, [Tensor::from([i8::MIN, 3])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.5)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

op!(Negate);
