//! Sorting along a dimension.

use serde::{Deserialize, Serialize};

use super::axes::axis;
use super::binary::equal_shapes;
use super::index_dimensions::OutOfBounds;
use super::ordering::{Lines, along, places};
use super::places::pick;
use super::scatter::Combine;
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply_many, check_failed, type_of};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

/// The direction of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The least first; NaN last.
    Ascending,
    /// The greatest first; NaN before it.
    Descending,
}

impl Tensor {
    /// The elements in ascending order along a dimension, which may be negative to count from the last. Every dtype.
    ///
    /// NaN comes last; -0 and 0 count as the same, and elements that are the same stay in their order. `false` comes
    /// before `true`. ([StableHLO `sort`](https://openxla.org/stablehlo/spec#sort))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[3.0_f32, f32::NAN, -1.0], [2.0, 9.0, 4.0]]);
    /// assert_eq!(x.sort(1).to_vec::<f32>()?[3..], [2.0, 4.0, 9.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sort(&self, along: isize) -> Self {
        Self::sort_by(&[self], 1, along, Order::Ascending).swap_remove(0)
    }

    /// The elements in descending order; NaN comes first. Otherwise as [`Tensor::sort`].
    #[track_caller]
    pub fn sort_descending(&self, along: isize) -> Self {
        Self::sort_by(&[self], 1, along, Order::Descending).swap_remove(0)
    }

    /// The indices that sort a tensor along a dimension, of dtype `i64`: `x.take_along_axis(x.argsort(axis), axis)` is
    /// `x.sort(axis)`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([30, 10, 20, 10]).argsort(0).to_vec::<i64>()?, [1, 3, 2, 0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn argsort(&self, along: isize) -> Self {
        arguments(self, along, Order::Ascending)
    }

    /// The indices that sort a tensor in descending order; the first of equal elements comes first here too.
    #[track_caller]
    pub fn argsort_descending(&self, along: isize) -> Self {
        arguments(self, along, Order::Descending)
    }

    /// Several tensors of one shape, put into the order of the first `keys` of them along a dimension: by the first, among
    /// equal elements by the second, and so on. The sort is stable. Gives as many tensors as it takes.
    ///
    /// ```
    /// use holotype::ops::Order;
    /// use holotype::prelude::*;
    /// let (ages, names) = (Tensor::from([41, 7, 23]), Tensor::from([10, 20, 30]));
    /// let sorted = Tensor::sort_by(&[&ages, &names], 1, 0, Order::Descending);
    /// assert_eq!(sorted[1].to_vec::<i32>()?, [10, 30, 20]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sort_by(tensors: &[&Self], keys: usize, along: isize, order: Order) -> Vec<Self> {
        let location = Location::caller();
        let rank = tensors.first().map_or(0, |tensor| tensor.rank());
        let is_error = tensors.iter().any(|tensor| tensor.error().is_some());
        match axis(along, rank) {
            Ok(dimension) => apply_many(Sort { dimension, keys, order, operands: tensors.len() }, tensors),
            // An operand that is an error has no dimensions to count, and stays the error.
            Err(_) if is_error => {
                apply_many(Sort { dimension: 0, keys, order, operands: tensors.len() }, tensors)
            }
            Err(message) => {
                vec![Self::failed("sort", tensors, message, location); tensors.len().max(1)]
            }
        }
    }
}

#[track_caller]
fn arguments(x: &Tensor, along: isize, order: Order) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(x) else { return x.clone() };
    if let Err(message) = axis(along, own.rank()) {
        return Tensor::failed("argsort", &[x], message, location);
    }
    let places = Tensor::iota(DType::I64, own.shape, along);
    Tensor::sort_by(&[x, &places], 1, along, order).swap_remove(1)
}

/// The operands in the order of the first ones along a dimension; stable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sort {
    /// The dimension.
    pub dimension: usize,
    /// How many operands decide the order, from the first.
    pub keys: usize,
    /// The direction.
    pub order: Order,
    /// The number of operands, and of results.
    pub operands: usize,
}

impl Sort {
    /// For each place of the results the place of the operands whose elements go there.
    fn permutation(&self, operands: &[Data]) -> Result<Vec<usize>> {
        let keys: Vec<_> = operands.iter().take(self.keys).map(places).collect::<Result<_>>()?;
        let Some(first) = operands.first() else { return Err(check_failed("sort: no operands")) };
        let mut sources = vec![0; first.len()];
        for line in Lines::new(first.sizes(), self.dimension).iter() {
            let mut order = line.clone();
            order.sort_by(|&x, &y| {
                let along = keys.iter().map(|key| key[x].cmp(&key[y])).find(|order| order.is_ne());
                let along = along.unwrap_or(std::cmp::Ordering::Equal);
                if self.order == Order::Ascending { along } else { along.reverse() }
            });
            for (place, source) in line.into_iter().zip(order) {
                sources[place] = source;
            }
        }
        Ok(sources)
    }
}

impl Op for Sort {
    const NAME: &'static str = "sort";

    fn results(&self) -> usize {
        self.operands
    }

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let Some(first) = operands.first() else { return Err("it takes at least 1 operand".into()) };
        if operands.len() != self.operands {
            return Err(format!("it takes {} operands, not {}", self.operands, operands.len()));
        }
        if self.keys == 0 || self.keys > self.operands {
            return Err(format!("of {} operands, {} cannot decide the order", self.operands, self.keys));
        }
        if self.dimension >= first.rank() {
            return Err(format!("there is no dimension {} in {first}", self.dimension));
        }
        let mut shape = first.shape.clone();
        for operand in &operands[1..] {
            shape = equal_shapes(&shape, &operand.shape, constraints)?;
        }
        Ok(operands.iter().map(|operand| operand.with_shape(shape.clone())).collect())
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let sources = self.permutation(operands)?;
        operands
            .iter()
            .map(|operand| pick(operand, operand.sizes(), sources.iter().copied().map(Some)))
            .collect()
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (shape, axis) = (operands[0].shape(), self.dimension);
        let places = Tensor::iota(DType::I64, shape, axis.cast_signed());
        let keys = operands.iter().take(self.keys);
        let tensors: Vec<_> = keys.chain([&places]).collect();
        let sources =
            Tensor::sort_by(&tensors, self.keys, axis.cast_signed(), self.order).swap_remove(self.keys);
        let dimensions = along(axis, operands[0].rank());
        let back = |(operand, gradient): (&Tensor, &Tensor)| {
            let zeros = || operand.zeros_like();
            operand
                .dtype()
                .is_float()
                .then(|| zeros().scatter(&sources, gradient, Combine::Add, &dimensions, OutOfBounds::Drop))
        };
        operands.iter().zip(gradients).map(back).collect()
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("TopK, GatherElements")
    }

    fn samples() -> Vec<Sample> {
        let of = |dimension, keys, order, operands| Self { dimension, keys, order, operands };
        let (up, down) = (Order::Ascending, Order::Descending);
        let x = Tensor::from([[1.5_f32, -2.0, 0.25], [-3.0, 4.0, 7.5]]);
        let key = Tensor::from([[1_i32, 0, 1], [2, 2, 0]]);
        vec![
            Sample::new(of(0, 1, up, 1), [x.clone()]),
            Sample::new(of(1, 1, down, 1), [x.clone()]),
            Sample::new(of(1, 2, up, 2), [key.clone(), x.clone()]),
            Sample::new(of(1, 1, down, 3), [key, x.clone(), x]),
            Sample::new(of(0, 1, up, 2), [Tensor::from([true, false, true]), Tensor::from([1_u8, 2, 3])]),
            Sample::new(of(0, 1, up, 1), [Tensor::from_vec([0, 2], Vec::<half::f16>::new())]),
            Sample::new(of(1, 1, down, 1), [Tensor::from([[2.0_f64], [1.0]])]),
        ]
    }
}

op!(Sort);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_the_greatest_and_equal_elements_keep_their_order() {
        let x = Tensor::from([0.0_f32, f32::NAN, -0.0, f32::INFINITY, -1.0, f32::NAN]);
        assert_eq!(x.argsort(0).to_vec::<i64>().unwrap(), [4, 0, 2, 3, 1, 5]);
        assert_eq!(x.argsort_descending(0).to_vec::<i64>().unwrap(), [1, 5, 3, 0, 2, 4]);
        let sorted = x.sort(-1).to_vec::<f32>().unwrap();
        assert_eq!(sorted[..4], [-1.0, 0.0, -0.0, f32::INFINITY]);
        assert!(sorted[1].is_sign_positive() && sorted[2].is_sign_negative() && sorted[4].is_nan());
        assert_eq!(
            Tensor::from([u64::MAX, 0, 1 << 63]).sort_descending(0).to_vec::<u64>().unwrap(),
            [u64::MAX, 1 << 63, 0]
        );
    }

    #[test]
    fn later_keys_decide_among_equal_ones() {
        let (first, second) = (Tensor::from([2, 1, 2, 1]), Tensor::from([0.5_f32, 3.0, 0.25, -1.0]));
        let places = Tensor::arange(4);
        let sorted = Tensor::sort_by(&[&first, &second, &places], 2, 0, Order::Ascending);
        assert_eq!(sorted[2].to_vec::<i64>().unwrap(), [3, 1, 2, 0]);
    }

    #[test]
    fn operands_that_do_not_fit_are_refused() {
        let (x, y) = (Tensor::from([1, 2]), Tensor::from([1, 2, 3]));
        let error = |tensors: &[&Tensor], keys, axis| {
            let sorted = Tensor::sort_by(tensors, keys, axis, Order::Ascending);
            sorted[0].error().unwrap().to_string()
        };
        assert!(error(&[&x, &y], 1, 0).contains("differ"));
        assert!(error(&[&x], 2, 0).contains("2 cannot decide"));
        assert!(error(&[&x], 1, 1).contains("no dimension 1"));
        assert!(error(&[], 1, 0).contains("no dimension 0"));
        assert!(Tensor::scalar(1).argsort(0).error().is_some());
    }
}
