//! The number of bits that are set.

use serde::{Deserialize, Serialize};

use super::bits::Word;
use super::unary::{self, dtype_error, map};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// The number of bits of each element that are set. Integer dtypes.
    /// ([StableHLO `popcnt`](https://openxla.org/stablehlo/spec#popcnt))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([5_i8, -1]).popcnt().to_vec::<i8>()?, [2, 8]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn popcnt(&self) -> Self {
        apply(Popcnt, &[self])
    }
}

/// The number of ones in the binary digits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Popcnt;

impl Op for Popcnt {
    const NAME: &'static str = "popcnt";
    const ELEMENT_WISE: bool = true;
    const NO_GRADIENT: Option<&'static str> = Some("its operand and its result are integers");

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_int, "integer")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        for_dtype!(operand.dtype(), T in int => map::<T, T>(operand, &Word::ones), else => Err(dtype_error(operand)))
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX does not count bits")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[-1_i8, 0, 5]])]),
            Sample::new(Self, [Tensor::from([u64::MAX, 6])]),
            Sample::new(Self, [Tensor::scalar(-9_i32)]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<u16>::new())]),
        ]
    }
}

op!(Popcnt);
