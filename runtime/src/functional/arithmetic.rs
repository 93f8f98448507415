//! Arithmetic that other operations make up.

use crate::tensor::Tensor;

impl Tensor {
    /// The square of each element. Numeric dtypes; integers wrap.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([3.0_f32, -0.5]).square().to_vec::<f32>()?, [9.0, 0.25]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn square(&self) -> Self {
        self * self
    }

    /// `1 / x` of each element. Float dtypes; of 0 it is infinity with the sign of the zero.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([4.0_f32, -0.5]).reciprocal().to_vec::<f32>()?, [0.25, -2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn reciprocal(&self) -> Self {
        1.0 / self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_squares_that_wrap_and_no_reciprocals() {
        assert_eq!(Tensor::from([16_u8, 3]).square().to_vec::<u8>().unwrap(), [0, 9]);
        let error = Tensor::from([2_i32]).reciprocal().to_vec::<i32>().unwrap_err().to_string();
        assert!(error.contains("cast the tensor to a float dtype first"), "{error}");
        let zeros = Tensor::from([0.0_f32, -0.0]).reciprocal().to_vec::<f32>().unwrap();
        assert_eq!(zeros, [f32::INFINITY, f32::NEG_INFINITY]);
    }
}
