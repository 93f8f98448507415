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

    /// 2 to the power of each element. Numeric dtypes; integers as [`Tensor::pow`] says.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([3.0_f32, -1.0]).exp2().to_vec::<f32>()?, [8.0, 0.5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn exp2(&self) -> Self {
        (self.ones_like() * 2).pow(self)
    }

    /// The logarithm to base 2 of each element. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([8.0_f32, 0.5]).log2().to_vec::<f32>()?, [3.0, -1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn log2(&self) -> Self {
        self.log() / std::f64::consts::LN_2
    }

    /// The logarithm to base 10 of each element. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([100.0_f32, 0.1]).log10().to_vec::<f32>()?, [2.0, -1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn log10(&self) -> Self {
        self.log() / std::f64::consts::LN_10
    }

    /// The integer part of each element: rounded toward 0. Float dtypes; the gradient is 0.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.7_f32, -1.7]).trunc().to_vec::<f32>()?, [1.0, -1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn trunc(&self) -> Self {
        self.less(0).select(self.ceil(), self.floor())
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

    #[test]
    fn powers_and_logarithms_of_whole_numbers_are_exact() {
        let x = Tensor::from([-1074.0_f64, 0.0, 1023.0, f64::NEG_INFINITY]);
        assert_eq!(x.exp2().to_vec::<f64>().unwrap(), [5e-324, 1.0, f64::powi(2.0, 1023), 0.0]);
        let parts = Tensor::from([-0.5_f32, f32::NEG_INFINITY, 2.5]).trunc().to_vec::<f32>().unwrap();
        assert!(parts[0] == 0.0 && parts[0].is_sign_negative() && parts[1..] == [f32::NEG_INFINITY, 2.0]);
    }
}
