//! A check that integers are in a range.

use serde::{Deserialize, Serialize};

use super::position::position;
use super::unary::{self, dtype_error};
use super::wide::Wide;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Sizes, Tensor, TensorType};

impl Tensor {
    /// The same tensor, or an error when the function runs if an element is less than `low`, or `high` or more. Integer
    /// dtypes.
    ///
    /// `high` may be a symbolic size, such as the number of classes; `i64::MAX` is no bound. The error names `what` is wrong
    /// and the first such element: `label 12 at [3] is out of range: expected 0 to 9`. It stays in a saved model.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let labels = Tensor::from([3, 12]);
    /// assert_eq!(labels.check_range(0, 13, "label").to_vec::<i32>()?, [3, 12]);
    /// let error = labels.check_range(0, 10, "label").to_vec::<i32>().unwrap_err();
    /// assert!(error.to_string().contains("label 12 at [1] is out of range: expected 0 to 9"));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn check_range(&self, low: i64, high: impl Into<Dim>, what: &str) -> Self {
        apply(CheckRange { low, high: high.into(), what: what.to_owned() }, &[self])
    }
}

/// The operand, if all of it is in `low..high`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckRange {
    /// The lowest value that is allowed.
    pub low: i64,
    /// One more than the highest value that is allowed.
    pub high: Dim,
    /// What the elements are, for the error.
    pub what: String,
}

impl CheckRange {
    fn check(&self, operand: &Data, high: i128) -> Result<Vec<Data>> {
        let low = i128::from(self.low);
        let outside = |element: &i128| !(low..high).contains(element);
        let wrong = match Wide::of(operand)? {
            Wide::Signed(all) => all.iter().copied().map(i128::from).enumerate().find(|(_, x)| outside(x)),
            Wide::Unsigned(all) => all.iter().copied().map(i128::from).enumerate().find(|(_, x)| outside(x)),
            Wide::Float(_) => return Err(dtype_error(operand)),
        };
        let Some((index, element)) = wrong else { return Ok(vec![operand.clone()]) };
        let expected = match element {
            _ if low >= high => "none, as the range is empty".into(),
            // The highest bound there is stands for none.
            element if element < low && high == i128::from(i64::MAX) => format!("{low} or more"),
            _ => format!("{low} to {}", high - 1),
        };
        let (what, place) = (&self.what, position(index, operand.sizes()));
        Err(check_failed(format!("{what} {element}{place} is out of range: expected {expected}")))
    }
}

impl Op for CheckRange {
    const NAME: &'static str = "check_range";
    const NO_GRADIENT: Option<&'static str> = Some("its operand and its result are integers");

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_int, "integer")
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let operand = &operands[0];
        // A number may be negative, what symbols evaluate to may not.
        let size = self.high.constant().map(i128::from);
        let high = size
            .or_else(|| self.high.evaluate(sizes).map(|size| size as i128))
            .ok_or_else(|| check_failed(format!("the bound {} of the range is not known", self.high)))?;
        self.check(operand, high)
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        // ONNX has no checks: the values pass through.
        Mapping::Operator("Identity")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        Some(Self { high: map(&self.high)?, ..self.clone() })
    }

    fn samples() -> Vec<Sample> {
        let op = |low, high: i64| Self { low, high: high.into(), what: "x".into() };
        vec![
            Sample::new(op(0, 10), [Tensor::from([[0_i32, 9]])]),
            Sample::new(op(-5, -1), [Tensor::from([-5_i8, -2])]),
            Sample::new(op(0, i64::MAX), [Tensor::scalar(7_u64)]),
            Sample::new(op(0, 0), [Tensor::from_vec([0, 2], Vec::<u16>::new())]),
        ]
    }
}

op!(CheckRange);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Symbol;

    #[test]
    fn the_error_names_the_first_element_outside() {
        let error =
            |x: Tensor, low, high: i64| x.check_range(low, high, "label").ok().unwrap_err().to_string();
        let found = error(Tensor::from([1, 9, 0, 12, 13]), 0, 10);
        assert!(found.starts_with("label 12 at [3] is out of range: expected 0 to 9\n"), "{found}");
        let found = error(Tensor::from([[u64::MAX], [0]]), -1, i64::MAX);
        assert!(found.starts_with("label 18446744073709551615 at [0, 0] is out"), "{found}");
        let found = error(Tensor::scalar(-3_i8), -2, -1);
        assert!(found.starts_with("label -3 is out of range: expected -2 to -2\n"), "{found}");
        assert!(error(Tensor::scalar(0_u8), 0, 0).contains("the range is empty"));
        assert!(error(Tensor::scalar(0_u8), 1, i64::MAX).contains("expected 1 or more\n"));
        assert!(error(Tensor::scalar(u64::MAX), 1, i64::MAX).contains("expected 1 to 9223372036854775806\n"));
    }

    #[test]
    fn a_symbolic_bound_is_evaluated_and_substituted() {
        let classes = Symbol::named("classes");
        let op = CheckRange { low: 0, high: Dim::symbol(classes.clone()), what: "label".into() };
        let labels = [Data::new([2], vec![0_u8, 2]).unwrap()];
        let run = |size| op.kernel(&labels, &Sizes::from([(classes.clone(), size)]));
        assert!(run(3).is_ok());
        assert!(run(2).unwrap_err().to_string().contains("label 2 at [1] is out of range: expected 0 to 1"));
        assert!(op.kernel(&labels, &Sizes::new()).is_err());
        let known = Op::map_dims(&op, &mut |_| Some(Dim::from(3_i64))).unwrap();
        assert_eq!(known.high, 3);
    }
}
