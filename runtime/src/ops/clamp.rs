//! Numbers kept between two bounds.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::binary::{self, equal_shapes};
use super::number::Number;
use super::operand::{Operand, broadcast_operands};
use super::places::filled;
use super::unary::{arity, require};
use super::{maximum, minimum};
use crate::error::{Location, Result};
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply, check_failed, type_of};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// Each element, but at least `low` and at most `high`; `high` where the two are the wrong way round. Numeric dtypes,
    /// all the same, broadcast as in NumPy.
    /// ([StableHLO `clamp`](https://openxla.org/stablehlo/spec#clamp))
    ///
    /// NaN if one of the three is. Within the bounds, and on them, the gradient goes to the element, as in TensorFlow and
    /// PyTorch; outside it goes to the bound.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([-2.0_f32, 0.5, 7.0]);
    /// assert_eq!(x.clamp(0.0, 1.0).to_vec::<f32>()?, [0.0, 0.5, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn clamp(&self, low: impl Operand, high: impl Operand) -> Self {
        let location = Location::caller();
        let (low, high) = (low.to_tensor(self), high.to_tensor(self));
        if low.rank() == 0 && high.rank() == 0 {
            return apply(Clamp, &[&low, self, &high]);
        }
        let broadcast = |x: &Self, bound: &Self| broadcast_operands(Clamp::NAME, x, bound, &location);
        match broadcast(self, &low).and_then(|(x, low)| Ok((low, broadcast(&x, &high)?))) {
            Ok((low, (x, high))) => {
                let shape = type_of(&x).map(|kind| kind.shape).unwrap_or_default();
                apply(Clamp, &[&low.broadcast_at(&shape, &location), &x, &high])
            }
            Err(failed) => failed,
        }
    }
}

/// `min(max(x, low), high)`; the operands are the lower bound, `x` and the upper bound.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Clamp;

/// A bound, with an element for each of a tensor of these sizes.
fn spread(bound: &Data, sizes: &[usize]) -> Result<Data> {
    if !bound.sizes().is_empty() {
        return Ok(bound.clone());
    }
    Data::from_storage(bound.dtype(), sizes.to_vec(), Arc::new(filled(bound, sizes)?))
}

impl Op for Clamp {
    const NAME: &'static str = "clamp";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [low, operand, high] = arity(operands)?;
        require(operand.dtype, DType::is_numeric, "numeric")?;
        let mut shape = operand.shape.clone();
        for bound in [low, high] {
            if bound.dtype != operand.dtype {
                return Err(format!("the dtypes {} and {} differ: convert one", operand.dtype, bound.dtype));
            }
            if bound.rank() > 0 {
                shape = equal_shapes(&shape, &bound.shape, constraints)?;
            }
        }
        Ok(vec![operand.with_shape(shape)])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [low, operand, high] = operands else { return Err(check_failed("it takes 3 operands")) };
        let sizes = operand.sizes();
        let mut least = binary::numeric::<maximum::Kernel>(&[operand.clone(), spread(low, sizes)?])?;
        least.push(spread(high, sizes)?);
        binary::numeric::<minimum::Kernel>(&least)
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        (operands == [DType::F32; 3])
            .then(|| ElementKernel::map3(|low: f32, x, high| Number::minimum(Number::maximum(x, low), high)))
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let ([low, x, high], gradient) = (operands, &gradients[0]) else { return vec![None; 3] };
        let (below, above) = (x.less(low), x.maximum(low).greater(high));
        let outside = below.logical_or(&above);
        let of_bound = |bound: &Tensor, there: Tensor| {
            let gradient = there.select(gradient, gradient.zeros_like());
            if bound.rank() == 0 { gradient.sum() } else { gradient }
        };
        vec![
            Some(of_bound(low, below.logical_and(above.logical_not()))),
            Some(outside.select(gradient.zeros_like(), gradient)),
            Some(of_bound(high, above)),
        ]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Max, Min")
    }

    fn samples() -> Vec<Sample> {
        let number = Tensor::scalar::<f32>;
        let x = || Tensor::from([[-2.0_f32, 0.5, 7.0, 0.25]]);
        let empty = || Tensor::from_vec([0, 2], Vec::<half::f16>::new());
        vec![
            Sample::new(Self, [number(0.0), x(), number(1.0)]),
            Sample::new(Self, [Tensor::from([[-3.0_f32, 1.0, 0.0, 2.0]]), x(), number(1.5)]),
            Sample::new(Self, [number(2.0), x(), Tensor::from([[-3.0_f32, 1.0, 8.0, 2.5]])]),
            Sample::new(Self, [Tensor::scalar(3_u8), Tensor::from([1_u8, 200]), Tensor::scalar(9_u8)]),
            Sample::new(Self, [empty(), empty(), Tensor::scalar(half::f16::ONE)]),
        ]
    }
}

op!(Clamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_stays_and_the_upper_bound_wins() {
        let x = Tensor::from([f32::NAN, 1.0, 5.0, -5.0]);
        let y = x.clamp(2.0, 0.0).to_vec::<f32>().unwrap();
        assert!(y[0].is_nan() && y[1..] == [0.0; 3]);
        assert!(x.clamp(f32::NAN, 9.0).to_vec::<f32>().unwrap().iter().all(|y| y.is_nan()));
    }

    #[test]
    fn bounds_are_broadcast() {
        let x = Tensor::from([[1, 5], [9, 3]]);
        let y = x.clamp(Tensor::from([2, 4]), Tensor::from([[6], [4]]));
        assert_eq!(y.to_vec::<i32>().unwrap(), [2, 5, 4, 4]);
        assert!(x.clamp(Tensor::from([1, 2, 3]), 4).error().is_some());
        assert!(x.clamp(Tensor::scalar(1.0_f32), 4).error().unwrap().to_string().contains("differ"));
    }

    #[test]
    fn on_a_bound_the_element_gets_the_gradient() {
        let operands = [Tensor::scalar(0.0_f32), Tensor::from([0.0_f32, 1.0, 2.0]), Tensor::scalar(1.0_f32)];
        let gradients = Clamp.gradient(&operands, &[operands[1].clamp(0.0, 1.0)], &[Tensor::ones([3])]);
        let values: Vec<_> = gradients.into_iter().map(|g| g.unwrap().to_vec::<f32>().unwrap()).collect();
        assert_eq!(values, [vec![0.0], vec![1.0, 1.0, 0.0], vec![1.0]]);
    }
}
