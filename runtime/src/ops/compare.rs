//! Comparison of elements.

use serde::{Deserialize, Serialize};

use super::binary::{self, zip};
use super::operand::Operand;
use crate::error::Result;
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Element, Sizes, Tensor, TensorType, for_dtype};

macro_rules! comparisons {
    ($($method:ident, $direction:ident, $sign:literal;)*) => {
        impl Tensor {$(
            #[doc = concat!("Whether `x ", $sign, " y`, element by element, broadcast as in NumPy: a tensor of `bool`.")]
            ///
            /// Every dtype, the same on both sides. A NaN is unequal to everything and neither less nor greater.
            /// ([StableHLO `compare`](https://openxla.org/stablehlo/spec#compare))
            #[track_caller]
            pub fn $method(&self, other: impl Operand) -> Self {
                binary::broadcast_apply(Compare { direction: Direction::$direction }, self, other)
            }
        )*}
    };
}

comparisons! {
    equal, Equal, "==";
    not_equal, NotEqual, "!=";
    less, Less, "<";
    less_equal, LessEqual, "<=";
    greater, Greater, ">";
    greater_equal, GreaterEqual, ">=";
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// `x == y`
    Equal,
    /// `x != y`
    NotEqual,
    /// `x < y`
    Less,
    /// `x <= y`
    LessEqual,
    /// `x > y`
    Greater,
    /// `x >= y`
    GreaterEqual,
}

impl Direction {
    fn holds<T: Element>(self, x: T, y: T) -> bool {
        match self {
            Self::Equal => x == y,
            Self::NotEqual => x != y,
            Self::Less => x < y,
            Self::LessEqual => x <= y,
            Self::Greater => x > y,
            Self::GreaterEqual => x >= y,
        }
    }

    /// The kernel for `f32`, of which most comparisons are.
    fn single(self) -> ElementKernel {
        match self {
            Self::Equal => ElementKernel::map2(|x: f32, y: f32| x == y),
            Self::NotEqual => ElementKernel::map2(|x: f32, y: f32| x != y),
            Self::Less => ElementKernel::map2(|x: f32, y: f32| x < y),
            Self::LessEqual => ElementKernel::map2(|x: f32, y: f32| x <= y),
            Self::Greater => ElementKernel::map2(|x: f32, y: f32| x > y),
            Self::GreaterEqual => ElementKernel::map2(|x: f32, y: f32| x >= y),
        }
    }

    /// One kernel for all comparisons of a dtype.
    fn any<T: Element>(self) -> ElementKernel {
        ElementKernel::plain2(move |x: T, y: T| self.holds(x, y))
    }
}

/// Whether a comparison holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compare {
    /// Which.
    pub direction: Direction,
}

impl Op for Compare {
    const NAME: &'static str = "compare";
    const ELEMENT_WISE: bool = true;
    const NO_GRADIENT: Option<&'static str> = Some("its result is a truth value");

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let types = binary::infer(operands, constraints, |_| true, "all")?;
        Ok(types.into_iter().map(|kind| kind.with_dtype(DType::Bool)).collect())
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [left, right] = operands else { return Err(check_failed("it takes 2 operands")) };
        for_dtype!(left.dtype(), T => zip::<T, bool>(left, right, &|x, y| self.direction.holds(x, y)))
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        match operands.first()? {
            DType::F32 => Some(self.direction.single()),
            DType::F64 => Some(self.direction.any::<f64>()),
            // Truth values are bytes, 0 or 1.
            DType::U8 | DType::Bool => Some(self.direction.any::<u8>()),
            DType::I32 => Some(self.direction.any::<i32>()),
            DType::I64 => Some(self.direction.any::<i64>()),
            _ => None,
        }
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None, None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Equal, Less, LessOrEqual, Greater, GreaterOrEqual, Not")
    }

    fn samples() -> Vec<Sample> {
        use Direction::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        let mut samples = Vec::new();
        for direction in [Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual] {
            let op = Self { direction };
            samples.extend([
                Sample::new(
                    op.clone(),
                    [Tensor::from([1.0_f32, f32::NAN, -0.0]), Tensor::from([2.0_f32, 1.0, 0.0])],
                ),
                Sample::new(op.clone(), [Tensor::from([[1_u8], [3]]), Tensor::from([[1_u8], [2]])]),
                Sample::new(op.clone(), [Tensor::from([true]), Tensor::from([false])]),
                Sample::new(op, [Tensor::from(Vec::<i64>::new()), Tensor::from(Vec::<i64>::new())]),
            ]);
        }
        samples
    }
}

op!(Compare);
