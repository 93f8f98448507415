//! Numbers that count.

use serde::{Deserialize, Serialize};

use super::convert::converted;
use super::places::Strided;
use super::unary::{arity, require};
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType, element_count};

impl Tensor {
    /// The index along one dimension, at every element: `0, 1, 2, …`; a negative dimension counts from the last.
    ///
    /// Numeric dtypes; an index that the dtype cannot hold wraps in integers and is rounded in floats.
    /// ([StableHLO `iota`](https://openxla.org/stablehlo/spec#iota))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let columns = Tensor::iota(DType::F32, [2, 3], 1);
    /// assert_eq!(columns.to_vec::<f32>()?, [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn iota(dtype: DType, shape: impl Into<Shape>, axis: isize) -> Self {
        let (shape, location) = (shape.into(), Location::caller());
        match super::axes::axis(axis, shape.rank()) {
            Ok(dimension) => apply(Iota { dtype, shape, dimension }, &[]),
            Err(message) => Self::failed("iota", &[], message, location),
        }
    }

    /// The numbers `0, 1, …, n - 1` of dtype `i64`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::arange(3).to_vec::<i64>()?, [0, 1, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn arange(n: impl Into<Dim>) -> Self {
        let op = Iota { dtype: DType::I64, shape: Shape::from([n.into()]), dimension: 0 };
        apply(op, &[]).failing_as("iota", "arange")
    }
}

/// The index along a dimension.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Iota {
    /// The dtype of the result.
    pub dtype: DType,
    /// The shape of the result.
    pub shape: Shape,
    /// The dimension that counts.
    pub dimension: usize,
}

impl Op for Iota {
    const NAME: &'static str = "iota";
    const NO_GRADIENT: Option<&'static str> = Some("it has no operands");

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [] = arity(operands)?;
        require(self.dtype, DType::is_numeric, "numeric")?;
        if self.dimension >= self.shape.rank() {
            return Err(format!("there is no dimension {} in {}", self.dimension, self.shape));
        }
        if let Some(size) = self.shape.iter().find(|size| size.constant().is_some_and(|size| size < 0)) {
            return Err(format!("{size} is no size"));
        }
        Ok(vec![TensorType::new(self.dtype, self.shape.clone())])
    }

    fn kernel(&self, _: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let target = self.shape.evaluate(sizes).filter(|target| element_count(target).is_some());
        let target = target.ok_or_else(|| check_failed("iota: a size of the shape is not known"))?;
        let count = target[self.dimension];
        let numbers = Data::new([count], (0..count as i64).collect())?;
        let mut sizes = vec![1; target.len()];
        sizes[self.dimension] = count;
        let mut repeated = Strided::whole(&sizes);
        for axis in (0..target.len()).filter(|&axis| axis != self.dimension) {
            repeated.repeat(axis, target[axis]);
        }
        Ok(vec![converted(&repeated.read(&numbers)?, self.dtype)?])
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        Vec::new()
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Range, Expand")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let shape: Option<Shape> = self.shape.iter().map(map).collect();
        Some(Self { shape: shape?, ..self.clone() })
    }

    fn samples() -> Vec<Sample> {
        let of = |dtype, shape: &[i64], dimension| Self { dtype, shape: Shape::from(shape), dimension };
        let each = DType::ALL.into_iter().filter(|dtype| *dtype != DType::Bool);
        let each = each.map(|dtype| Sample::new(of(dtype, &[2, 3], 1), []));
        let others = [
            Sample::new(of(DType::F32, &[2, 3], 0), []),
            Sample::new(of(DType::U8, &[300], 0), []),
            Sample::new(of(DType::I64, &[0, 1], 1), []),
        ];
        each.chain(others).collect()
    }
}

op!(Iota);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_along_one_dimension() {
        assert_eq!(Tensor::iota(DType::I8, [2, 2], 0).to_vec::<i8>().unwrap(), [0, 0, 1, 1]);
        assert_eq!(Tensor::iota(DType::I8, [2, 2], -1).to_vec::<i8>().unwrap(), [0, 1, 0, 1]);
        assert_eq!(Tensor::iota(DType::U8, [258], 0).to_vec::<u8>().unwrap()[255..], [255, 0, 1]);
        assert!(Tensor::iota(DType::Bool, [2], 0).error().is_some());
        assert!(Tensor::iota(DType::F32, (), 0).error().is_some());
        assert!(Tensor::arange(-1).error().unwrap().to_string().contains("-1 is no size"));
    }
}
