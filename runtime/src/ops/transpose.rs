//! Dimensions in another order.

use serde::{Deserialize, Serialize};

use super::axes::{Axes, axis};
use super::places::Strided;
use super::unary::arity;
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{Data, Shape, Sizes, Tensor, TensorType};

impl Tensor {
    /// The dimensions in another order: dimension `i` of the result is dimension `axes[i]` of the tensor. Every dtype.
    ///
    /// Each dimension stands once in `axes`; negative numbers count from the last.
    /// ([StableHLO `transpose`](https://openxla.org/stablehlo/spec#transpose))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[[1, 2, 3], [4, 5, 6]]]);
    /// assert_eq!(x.transpose([2, 0, 1]).shape().to_string(), "[3, 1, 2]");
    /// assert_eq!(x.transpose([2, 0, 1]).to_vec::<i32>()?, [1, 4, 2, 5, 3, 6]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn transpose(&self, axes: impl Axes) -> Self {
        let (numbers, location) = (axes.numbers(), Location::caller());
        let Some(own) = type_of(self) else { return self.clone() };
        let permutation: Result<Vec<_>, _> = numbers.iter().map(|&number| axis(number, own.rank())).collect();
        match permutation {
            Ok(permutation) if permutation.iter().copied().eq(0..own.rank()) => self.clone(),
            Ok(permutation) => apply(Transpose { permutation }, &[self]),
            Err(message) => Self::failed("transpose", &[self], message, location),
        }
    }

    /// The last two dimensions swapped: of a matrix, its transpose. Every dtype, rank 2 or more.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([[1, 2], [3, 4]]).t().to_vec::<i32>()?, [1, 3, 2, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn t(&self) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let Some(last) = own.rank().checked_sub(1).filter(|&last| last > 0) else {
            let message =
                format!("a tensor of rank {} has no last two dimensions: reshape it first", own.rank());
            return Self::failed("t", &[self], message, location);
        };
        let mut permutation: Vec<_> = (0..own.rank()).collect();
        permutation.swap(last - 1, last);
        apply(Transpose { permutation }, &[self])
    }
}

/// The operand with its dimension `permutation[i]` as dimension `i`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transpose {
    /// For each dimension of the result, the dimension of the operand.
    pub permutation: Vec<usize>,
}

impl Op for Transpose {
    const NAME: &'static str = "transpose";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        let mut sorted = self.permutation.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..operand.rank()) {
            return Err(format!(
                "{:?} is not an order of the {} dimensions of {operand}: name each once",
                self.permutation,
                operand.rank()
            ));
        }
        let shape: Shape = self.permutation.iter().map(|&axis| operand.shape[axis].clone()).collect();
        Ok(vec![operand.with_shape(shape)])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        Ok(vec![Strided::whole(operand.sizes()).permuted(&self.permutation).read(operand)?])
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let mut inverse = vec![0_isize; self.permutation.len()];
        for (to, &from) in self.permutation.iter().enumerate() {
            inverse[from] = to.cast_signed();
        }
        vec![Some(gradients[0].transpose(inverse))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Transpose")
    }

    fn samples() -> Vec<Sample> {
        let to = |permutation: &[usize]| Self { permutation: permutation.to_vec() };
        vec![
            Sample::new(to(&[1, 0]), [Tensor::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]])]),
            Sample::new(to(&[2, 0, 1]), [Tensor::from([[[1_i16, 2]], [[3, 4]], [[5, 6]]])]),
            Sample::new(to(&[1, 2, 0]), [Tensor::from([[[1.0_f64, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]])]),
            Sample::new(to(&[0, 2, 1]), [Tensor::from_vec([2, 0, 3], Vec::<bool>::new())]),
            Sample::new(to(&[]), [Tensor::scalar(half::f16::from_f32(1.5))]),
        ]
    }
}

op!(Transpose);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_count_from_the_last_too() {
        let x = Tensor::from([[[1_u8, 2, 3], [4, 5, 6]]]);
        let y = x.transpose([-1, 0, -2]);
        assert_eq!(y.shape().concrete(), Some(vec![3, 1, 2]));
        assert_eq!(y.to_vec::<u8>().unwrap(), [1, 4, 2, 5, 3, 6]);
        assert_eq!(x.t().to_vec::<u8>().unwrap(), [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn an_order_that_is_none_is_refused() {
        let x = Tensor::from([[1.0_f32, 2.0]]);
        let error = x.transpose([0, 0]).to_vec::<f32>().unwrap_err().to_string();
        assert!(error.contains("name each once") && error.contains("transpose.rs"), "{error}");
        assert!(x.transpose(1).error().is_some());
        assert!(x.transpose([0, 2]).error().is_some());
        assert!(Tensor::from([1]).t().error().unwrap().to_string().contains("rank 1"));
    }
}
