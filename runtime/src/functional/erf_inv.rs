//! The inverse of the error function.

use super::composition::float_composition;
use crate::tensor::{DType, Tensor};

/// Coefficients in `w - 3.125`, for `w` below 6.25, highest power first.
const NEAR: [f64; 23] = [
    -3.644_412_064_017_82e-21,
    -1.685_059_138_182_016_6e-19,
    1.285_848_071_525_64e-18,
    1.115_787_767_802_518e-17,
    -1.333_171_662_854_621e-16,
    2.097_276_787_596_856e-17,
    6.637_638_134_358_324e-15,
    -4.054_566_272_975_207e-14,
    -8.151_934_197_605_472e-14,
    2.633_509_315_308_232_3e-12,
    -1.297_513_325_345_325_3e-11,
    -5.415_412_054_294_628e-11,
    1.051_212_273_321_532_3e-9,
    -4.112_633_980_346_984e-9,
    -2.907_036_995_788_200_5e-8,
    4.234_787_782_793_24e-7,
    -1.365_469_200_083_467_9e-6,
    -1.388_252_336_278_646_9e-5,
    1.867_342_080_340_571_4e-4,
    -7.407_025_341_662_67e-4,
    -6.033_670_871_430_149e-3,
    0.240_158_182_425_589_62,
    1.653_654_562_683_102_7,
];

/// Coefficients in `√w - 3.25`, for `w` below 16.
const FAR: [f64; 19] = [
    2.213_737_692_177_568_7e-9,
    9.075_656_193_888_539e-8,
    -2.751_740_629_706_454_5e-7,
    1.823_962_921_438_922_8e-8,
    1.502_740_396_890_982_8e-6,
    -4.013_867_526_981_546e-6,
    2.923_444_908_995_544_6e-6,
    1.247_530_448_167_117_9e-5,
    -4.731_822_900_905_573_4e-5,
    6.828_485_145_957_318e-5,
    2.403_111_038_709_74e-5,
    -3.550_375_203_628_475e-4,
    9.532_893_797_373_805e-4,
    -1.688_275_556_023_504_7e-3,
    2.491_442_096_107_851e-3,
    -3.751_208_507_569_241e-3,
    5.370_914_553_590_064e-3,
    1.005_258_967_694_159_2,
    3.083_885_610_492_220_6,
];

/// Coefficients in `√w - 5`, beyond.
const FARTHEST: [f64; 17] = [
    -2.710_992_061_643_857_3e-11,
    -2.555_641_816_996_525e-10,
    1.507_657_269_350_054_8e-9,
    -3.789_465_440_126_737e-9,
    7.615_701_208_078_34e-9,
    -1.496_002_662_714_924e-8,
    2.914_795_345_090_108e-8,
    -6.771_199_775_845_234e-8,
    2.290_048_222_802_665_5e-7,
    -9.929_827_294_231_7e-7,
    4.526_062_597_223_154e-6,
    -1.968_177_810_553_167e-5,
    7.599_527_703_001_776e-5,
    -2.150_301_193_004_447_7e-4,
    -1.387_193_183_362_312_2e-4,
    1.010_300_464_864_534_4,
    4.849_906_401_408_584,
];

impl Tensor {
    /// The number whose error function is `x`, for `x` between -1 and 1, where it is infinite; beyond, NaN. Float dtypes,
    /// computed in `f64`.
    ///
    /// Giles, "Approximating the erfinv function", GPU Computing Gems, 2011: polynomials in `w = -ln(1 - x²)`, with a relative
    /// error of about `2^-50`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([0.0_f32, 0.5, 1.0]);
    /// assert_eq!(x.erf_inv().to_vec::<f32>()?, [0.0, 0.476_936_28, f32::INFINITY]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn erf_inv(&self) -> Self {
        let own = self.dtype();
        float_composition("erf_inv", self, |x| {
            let x = x.cast(DType::F64);
            let edge = x.abs().greater_equal(1.0);
            let inside = edge.select(0.0, &x);
            let w = -((1.0 - &inside).log() + (&inside + 1.0).log());
            // Near 0 the sum of logarithms cancels.
            let w = inside.abs().less(0.5).select(-(-inside.square()).log1p(), w);
            let near = w.less(6.25);
            let root = near.select(1.0, &w).sqrt();
            let farthest = w
                .greater_equal(16.0)
                .select(polynomial(&FARTHEST, &(&root - 5.0)), polynomial(&FAR, &(root - 3.25)));
            let factor = near.select(polynomial(&NEAR, &(near.select(&w, 0.0) - 3.125)), farthest);
            let limit = x.abs().equal(1.0).select(&x * f64::INFINITY, f64::NAN);
            edge.select(limit, factor * inside).cast(own)
        })
    }
}

fn polynomial(coefficients: &[f64], x: &Tensor) -> Tensor {
    coefficients.iter().fold(x.zeros_like(), |sum, coefficient| sum * x + *coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from scipy.special.erfinv.
    #[test]
    fn it_undoes_the_error_function() {
        let x = Tensor::linspace(DType::F64, -0.999_999, 0.999_999, 4001);
        let again = x.erf_inv().erf().to_vec::<f64>().unwrap();
        for (x, again) in x.to_vec::<f64>().unwrap().iter().zip(again) {
            assert!((x - again).abs() <= 1e-15, "{x} {again}");
        }
        let edges = Tensor::from([-1.0_f64, 1.0, 1.5, f64::NAN, -0.0, 1e-300, 1.0 - f64::EPSILON / 2.0]);
        let found = edges.erf_inv().to_vec::<f64>().unwrap();
        assert_eq!(found[..2], [f64::NEG_INFINITY, f64::INFINITY]);
        assert!(found[2].is_nan() && found[3].is_nan() && found[4] == 0.0);
        assert!((found[5] / 8.862_269_254_527_581e-301 - 1.0).abs() < 1e-15);
        assert!((found[6] / 5.863_584_748_755_167 - 1.0).abs() < 1e-15, "{}", found[6]);
        assert!(Tensor::from([1]).erf_inv().error().unwrap().to_string().contains("erf_inv([1; i32])"));
    }
}
