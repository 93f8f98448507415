//! Activation functions.

use super::composition::float_composition;
use crate::error::Location;
use crate::graph::{composition, type_of};
use crate::tensor::Tensor;

impl Tensor {
    /// `max(x, 0)` of each element; a NaN stays. Numeric dtypes. The gradient at 0 is 0.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-1.0_f32, 2.0]).relu().to_vec::<f32>()?, [0.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn relu(&self) -> Self {
        let location = Location::caller();
        match type_of(self) {
            Some(own) if !own.dtype.is_numeric() => {
                let message =
                    "it takes numeric tensors, not bool: convert the operand with `.cast(...)` first";
                Self::failed("relu", &[self], message, location)
            }
            _ => composition("relu", &[self], |x| x[0].less_equal(0).select(0, &x[0])),
        }
    }

    /// `x` where it is not negative, elsewhere `slope * x`. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-2.0_f32, 2.0]).leaky_relu(0.5).to_vec::<f32>()?, [-1.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn leaky_relu(&self, slope: f64) -> Self {
        float_composition("leaky_relu", self, |x| x.less(0.0).select(x * slope, x))
    }

    /// `x` where it is positive, elsewhere `alpha * (e^x - 1)`. Float dtypes.
    ///
    /// Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units (ELUs)",
    /// 2015.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([f32::NEG_INFINITY, 2.0]).elu(1.0).to_vec::<f32>()?, [-1.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn elu(&self, alpha: f64) -> Self {
        float_composition("elu", self, |x| {
            let positive = x.greater(0.0);
            // Where the exponential is not chosen it must not overflow, or its gradient would be infinity times 0.
            positive.select(x, positive.select(0.0, x).exp_m1() * alpha)
        })
    }

    /// `ln(1 + e^x)` of each element, without overflow. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-1e4_f32, 1e4]).softplus().to_vec::<f32>()?, [0.0, 1e4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn softplus(&self) -> Self {
        float_composition("softplus", self, |x| x.maximum(0.0) + (-x.abs()).exp().log1p())
    }

    /// `x / (1 + |x|)` of each element. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([-1.0_f32, 3.0]).softsign().to_vec::<f32>()?, [-0.5, 0.75]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn softsign(&self) -> Self {
        float_composition("softsign", self, |x| x / (x.abs() + 1.0))
    }

    /// `x * Φ(x)` of each element, where `Φ` is the distribution function of the standard normal distribution. Float
    /// dtypes.
    ///
    /// Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016; the exact form,
    /// `x/2 * (1 + erf(x / √2))`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 10.0]).gelu().to_vec::<f32>()?, [0.0, 10.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn gelu(&self) -> Self {
        float_composition("gelu", self, |x| x * 0.5 * ((x * std::f64::consts::FRAC_1_SQRT_2).erf() + 1.0))
    }

    /// The form of [`Tensor::gelu`] that some models were trained with:
    /// `x/2 * (1 + tanh(√(2/π) * (x + 0.044715 x^3)))`. Float dtypes.
    #[track_caller]
    pub fn gelu_tanh(&self) -> Self {
        float_composition("gelu_tanh", self, |x| {
            let scale = std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2;
            let inner = (x + x.square() * x * 0.044_715) * scale;
            x * 0.5 * (inner.tanh() + 1.0)
        })
    }

    /// `x * sigmoid(x)` of each element; also called swish. Float dtypes.
    ///
    /// Ramachandran, Zoph and Le, "Searching for activation functions", 2017.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 100.0]).silu().to_vec::<f32>()?, [0.0, 100.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn silu(&self) -> Self {
        float_composition("silu", self, |x| x * x.sigmoid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;

    fn close(found: &Tensor, expected: &[f64]) {
        let found = found.to_vec::<f64>().unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-14 * (1.0 + expected.abs()), "{found} is not {expected}");
        }
    }

    /// Values from mpmath at 50 digits.
    #[test]
    fn values_are_those_of_the_formulas() {
        let x = Tensor::from([-3.0_f64, -0.5, 0.25, 2.0]);
        close(
            &x.gelu(),
            &[
                -0.004_049_694_094_890_283_6,
                -0.154_268_769_362_993_45,
                0.149_676_581_420_730_93,
                1.954_499_736_103_641_6,
            ],
        );
        close(
            &x.gelu_tanh(),
            &[
                -0.003_637_392_081_773_018_8,
                -0.154_285_990_174_856_08,
                0.149_675_350_701_685,
                1.954_597_694_087_775,
            ],
        );
        close(
            &x.silu(),
            &[
                -0.142_277_619_532_700_34,
                -0.188_770_334_399_072_8,
                0.140_544_125_221_449_53,
                1.761_594_155_955_764_9,
            ],
        );
        close(
            &x.softplus(),
            &[
                0.048_587_351_573_742_06,
                0.474_076_984_180_106_7,
                0.825_939_419_878_843_6,
                2.126_928_011_042_972_5,
            ],
        );
        close(&x.elu(2.0), &[-1.900_425_863_264_272, -0.786_938_680_574_733_2, 0.25, 2.0]);
        close(&x.leaky_relu(0.1), &[-0.3, -0.05, 0.25, 2.0]);
        close(&x.softsign(), &[-0.75, -1.0 / 3.0, 0.2, 2.0 / 3.0]);
    }

    #[test]
    fn relu_takes_integers_and_keeps_nan() {
        assert_eq!(Tensor::from([-3_i8, 0, 4]).relu().to_vec::<i8>().unwrap(), [0, 0, 4]);
        assert_eq!(Tensor::from([3_u64]).relu().to_vec::<u64>().unwrap(), [3]);
        let x = Tensor::from([f32::NAN]);
        for y in [x.relu(), x.leaky_relu(0.1), x.elu(1.0), x.softplus(), x.gelu()] {
            assert!(y.to_scalar::<f32>().unwrap().is_nan());
        }
        assert_eq!(Tensor::zeros([0, 2]).cast(DType::F16).gelu().shape().concrete(), Some(vec![0, 2]));
    }

    #[test]
    fn another_dtype_is_an_error_at_the_users_place() {
        let error = Tensor::from([1]).gelu().error().unwrap().to_string();
        assert!(error.contains("gelu([1; i32])") && error.contains("activation.rs"), "{error}");
        assert!(Tensor::from([true]).relu().error().unwrap().to_string().contains("numeric"));
    }
}
