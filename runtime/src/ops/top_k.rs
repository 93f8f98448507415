//! The greatest elements.

use serde::{Deserialize, Serialize};

use super::index_dimensions::OutOfBounds;
use super::ordering::{Lines, along, places};
use super::places::pick;
use super::scatter::Combine;
use super::unary::arity;
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply_many, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Sizes, Tensor, TensorType};

impl Tensor {
    /// The `k` greatest elements along the last dimension, the greatest first, and their indices, of dtype `i64`.
    ///
    /// Every dtype. Of equal elements the first comes first; NaN counts as the greatest.
    /// ([CHLO `top_k`](https://openxla.org/stablehlo/generated/chlo#chlotop_k_chlotopkop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let [values, indices] = Tensor::from([[1.0_f32, 5.0, 3.0, 5.0]]).top_k(3);
    /// assert_eq!(values.to_vec::<f32>()?, [5.0, 5.0, 3.0]);
    /// assert_eq!(indices.to_vec::<i64>()?, [1, 3, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn top_k(&self, k: impl Into<Dim>) -> [Self; 2] {
        let mut results = apply_many(TopK { k: k.into() }, &[self]).into_iter();
        let failed = || Self::failed("top_k", &[self], "it has 2 results", Location::caller());
        [results.next().unwrap_or_else(failed), results.next().unwrap_or_else(failed)]
    }
}

/// The greatest elements along the last dimension, and their indices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TopK {
    /// How many.
    pub k: Dim,
}

impl Op for TopK {
    const NAME: &'static str = "top_k";
    const RESULTS: usize = 2;

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        let mut shape = operand.shape.to_vec();
        let Some(last) = shape.last_mut() else {
            return Err("a tensor without dimensions has no last one".into());
        };
        let rest = last.checked_sub(&self.k).ok_or("a size overflows")?;
        if [&rest, &self.k].iter().any(|size| size.constant().is_some_and(|size| size < 0)) {
            return Err(format!("there are no {} greatest of {last} elements", self.k));
        }
        *last = self.k.clone();
        let values = operand.with_shape(shape);
        let indices = values.with_dtype(DType::I64);
        Ok(vec![values, indices])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        let (mut shape, k) = (operand.sizes().to_vec(), self.k.evaluate(sizes));
        let (Some(last), Some(k)) = (shape.last_mut(), k.filter(|k| operand.sizes().last() >= Some(k)))
        else {
            let of = operand.describe();
            return Err(check_failed(format!("top_k: there are no {} greatest elements in {of}", self.k)));
        };
        let length = std::mem::replace(last, k);
        let keys = places(operand)?;
        let mut found = Vec::new();
        for mut line in Lines::new(operand.sizes(), shape.len() - 1).iter() {
            line.sort_by_key(|&place| std::cmp::Reverse(keys[place]));
            found.extend_from_slice(&line[..k]);
        }
        let indices = found.iter().map(|place| (place % length.max(1)) as i64).collect();
        let values = pick(operand, &shape, found.into_iter().map(Some))?;
        Ok(vec![values, Data::new::<i64>(shape, indices)?])
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let operand = &operands[0];
        let dimensions = along(operand.rank() - 1, operand.rank());
        let back = || {
            let zeros = operand.zeros_like();
            zeros.scatter(&results[1], &gradients[0], Combine::Add, &dimensions, OutOfBounds::Drop)
        };
        vec![operand.dtype().is_float().then(back)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("TopK")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        Some(Self { k: map(&self.k)? })
    }

    fn samples() -> Vec<Sample> {
        let of = |k: i64| Self { k: Dim::from(k) };
        let x = Tensor::from([[1.5_f32, -2.0, 0.25, 9.0], [-3.0, 4.0, 7.5, 0.5]]);
        vec![
            Sample::new(of(2), [x.clone()]),
            Sample::new(of(4), [x.clone()]),
            Sample::new(of(0), [x]),
            Sample::new(of(1), [Tensor::from([3_i32, 7, 7])]),
            Sample::new(of(2), [Tensor::from([[[true, false, true]]])]),
            Sample::new(of(1), [Tensor::from_vec([0, 2], Vec::<half::f16>::new())]),
        ]
    }
}

op!(TopK);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_comes_first_and_equal_elements_keep_their_order() {
        let [values, indices] = Tensor::from([0.0_f32, -0.0, f32::NAN, 1.0, f32::NAN]).top_k(4);
        assert_eq!(indices.to_vec::<i64>().unwrap(), [2, 4, 3, 0]);
        let values = values.to_vec::<f32>().unwrap();
        assert!(values[1].is_nan() && values[2..] == [1.0, 0.0]);
    }

    #[test]
    fn more_than_there_are_is_refused() {
        let x = Tensor::from([1, 2]);
        assert!(x.top_k(3)[0].error().unwrap().to_string().contains("no 3 greatest of 2"));
        assert!(x.top_k(-1)[1].error().is_some());
        assert!(Tensor::scalar(1).top_k(0)[0].error().unwrap().to_string().contains("without dimensions"));
    }
}
