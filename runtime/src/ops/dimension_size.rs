//! The size of a dimension, as a number to compute with.

use serde::{Deserialize, Serialize};

use super::unary::arity;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType};

impl Tensor {
    /// A size as a tensor of dtype `i64` without dimensions: `Tensor::size(x.dim(0))`.
    ///
    /// In a trace the size may be symbolic, also a sum or product of others; the number is that of the call.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::zeros([4, 3]);
    /// assert_eq!(Tensor::size(x.dim(0) * x.dim(1)).to_scalar::<i64>()?, 12);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn size(size: impl Into<Dim>) -> Self {
        apply(DimensionSize { size: size.into() }, &[])
    }
}

/// A size as a number.
///
/// StableHLO's `get_dimension_size`, of a size that is worked out from symbols rather than from an operand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DimensionSize {
    /// The size.
    pub size: Dim,
}

impl Op for DimensionSize {
    const NAME: &'static str = "dimension_size";
    const NO_GRADIENT: Option<&'static str> = Some("it has no operands");

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [] = arity(operands)?;
        if self.size.constant().is_some_and(|size| size < 0) {
            return Err(format!("{} is no size", self.size));
        }
        Ok(vec![TensorType::new(DType::I64, Shape::from(()))])
    }

    fn kernel(&self, _: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let size = self.size.evaluate(sizes).and_then(|size| i64::try_from(size).ok());
        let size = size.ok_or_else(|| check_failed(format!("the size {} is not known", self.size)))?;
        Ok(vec![Data::scalar(size)])
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        Vec::new()
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Shape, Gather, Add, Mul")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        Some(Self { size: map(&self.size)? })
    }

    fn samples() -> Vec<Sample> {
        vec![Sample::new(Self { size: Dim::from(5) }, []), Sample::new(Self { size: Dim::from(0) }, [])]
    }
}

op!(DimensionSize);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Symbol;

    #[test]
    fn a_polynomial_becomes_the_number_of_the_call() {
        let n = Symbol::named("n");
        let op = DimensionSize { size: Dim::symbol(n.clone()) * 3 + 1 };
        let result = op.kernel(&[], &Sizes::from([(n, 2)])).unwrap();
        assert_eq!(result[0].elements::<i64>().unwrap(), [7]);
        assert!(op.kernel(&[], &Sizes::new()).is_err());
        assert!(Tensor::size(-1).error().is_some());
    }
}
