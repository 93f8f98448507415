//! The number of zeros before the first bit that is set.

use serde::{Deserialize, Serialize};

use super::bits::Word;
use super::unary::{self, dtype_error, map};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// The number of zeros before the first bit that is set of each element; the width for 0. Integer dtypes.
    /// ([StableHLO `count_leading_zeros`](https://openxla.org/stablehlo/spec#count_leading_zeros))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1_u8, 0, 255]).count_leading_zeros().to_vec::<u8>()?, [7, 8, 0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn count_leading_zeros(&self) -> Self {
        apply(CountLeadingZeros, &[self])
    }
}

/// The number of zeros before the first one in the binary digits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CountLeadingZeros;

impl Op for CountLeadingZeros {
    const NAME: &'static str = "count_leading_zeros";
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
        for_dtype!(operand.dtype(), T in int => map::<T, T>(operand, &Word::leading_zeros), else => Err(dtype_error(operand)))
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

op!(CountLeadingZeros);
