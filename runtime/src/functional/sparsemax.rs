//! Sparsemax: shares that may be 0.

use super::composition::float_composition;
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::axis;
use crate::tensor::Tensor;

impl Tensor {
    /// The shares along a dimension that are nearest to the elements: not negative, with the sum 1, and unlike those of
    /// [`Tensor::softmax`] often 0. A negative dimension counts from the last. Float dtypes.
    ///
    /// Martins and Astudillo, "From softmax to sparsemax: a sparse model of attention and multi-label classification",
    /// ICML 2016.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([3.0_f32, 2.5, 0.0]).sparsemax(0).to_vec::<f32>()?, [0.75, 0.25, 0.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn sparsemax(&self, along: isize) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let along = match axis(along, own.rank()) {
            Ok(along) => along.cast_signed(),
            Err(message) => return Self::failed("sparsemax", &[self], message, location),
        };
        float_composition("sparsemax", self, |x| {
            // Shares do not depend on a shift; with the greatest at 0 no sum cancels.
            let z = x - x.stop_gradient().max_axis_keepdims(along);
            // An element has a share if those that are not less leave room for it.
            let sorted = z.stop_gradient().sort_descending(along);
            let rank = sorted.ones_like().cumsum(along);
            let has_room = (&sorted * rank + 1.0).greater(sorted.cumsum(along));
            let least = has_room.select(&sorted, f64::INFINITY).min_axis_keepdims(along);
            let has_share = z.greater_equal(least);
            let held = has_share.select(&z, 0.0).sum_axis_keepdims(along) - 1.0;
            let level = held / has_share.cast(x.dtype()).sum_axis_keepdims(along);
            has_share.select(&z - level, 0.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_the_nearest_with_the_sum_one() {
        let x = Tensor::from([[0.1_f64, 0.2, 0.3], [1.0, 1.0, 1.0], [-5.0, 7.0, 6.75]]);
        let y = x.sparsemax(-1).to_vec::<f64>().unwrap();
        let third = 1.0 / 3.0;
        let expected = [third - 0.1, third, third + 0.1, third, third, third, 0.0, 0.625, 0.375];
        for (found, expected) in y.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{y:?}");
        }
        let transposed = x.t().sparsemax(0).t().to_vec::<f64>().unwrap();
        assert_eq!(y, transposed);
        assert_eq!(Tensor::from([9.0_f32]).sparsemax(0).to_vec::<f32>().unwrap(), [1.0]);
        assert_eq!(Tensor::zeros([0, 3]).sparsemax(1).shape().concrete(), Some(vec![0, 3]));
        assert_eq!(Tensor::zeros([3, 0]).sparsemax(1).shape().concrete(), Some(vec![3, 0]));
        assert!(Tensor::zeros([3]).sparsemax(1).error().unwrap().to_string().contains("no dimension 1"));
    }
}
