//! Elements in the opposite order.

use serde::{Deserialize, Serialize};

use super::axes::{Axes, axes};
use super::places::Strided;
use super::unary::arity;
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The elements in the opposite order along dimensions; negative ones count from the last. Every dtype.
    /// ([StableHLO `reverse`](https://openxla.org/stablehlo/spec#reverse))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2], [3, 4]]);
    /// assert_eq!(x.flip(-1).to_vec::<i32>()?, [2, 1, 4, 3]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn flip(&self, along: impl Axes) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        match axes(&along.numbers(), own.rank()) {
            Ok(dimensions) => apply(Reverse { dimensions }, &[self]),
            Err(message) => Self::failed("flip", &[self], message, location),
        }
    }
}

/// The operand backwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reverse {
    /// The dimensions whose order changes, sorted.
    pub dimensions: Vec<usize>,
}

impl Op for Reverse {
    const NAME: &'static str = "reverse";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        let increasing = self.dimensions.windows(2).all(|pair| pair[0] < pair[1]);
        if !increasing || self.dimensions.last().is_some_and(|&axis| axis >= operand.rank()) {
            return Err(format!("dimensions {:?} are not those of {operand}", self.dimensions));
        }
        Ok(vec![operand.clone()])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        let mut reversed = Strided::whole(operand.sizes());
        for &axis in &self.dimensions {
            reversed.reverse(axis);
        }
        Ok(vec![reversed.read(operand)?])
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let along: Vec<_> = self.dimensions.iter().map(|&axis| axis.cast_signed()).collect();
        vec![Some(gradients[0].flip(along))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Slice")
    }

    fn samples() -> Vec<Sample> {
        let along = |dimensions: &[usize]| Self { dimensions: dimensions.to_vec() };
        let x = Tensor::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        vec![
            Sample::new(along(&[1]), [x.clone()]),
            Sample::new(along(&[0, 1]), [x]),
            Sample::new(along(&[0]), [Tensor::from([1_i8, 2, 3])]),
            Sample::new(along(&[1]), [Tensor::from_vec([1, 0], Vec::<bool>::new())]),
            Sample::new(along(&[]), [Tensor::scalar(1.0_f64)]),
        ]
    }
}

op!(Reverse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dimension_turns_around_by_itself() {
        let x = Tensor::from([[1_u8, 2, 3], [4, 5, 6]]);
        assert_eq!(x.flip(0).to_vec::<u8>().unwrap(), [4, 5, 6, 1, 2, 3]);
        assert_eq!(x.flip([-1, 0]).to_vec::<u8>().unwrap(), [6, 5, 4, 3, 2, 1]);
        assert!(x.flip([1, -1]).error().unwrap().to_string().contains("stands twice"));
    }
}
