//! The inverse of the distribution function of the normal distribution, for random numbers.

use crate::tensor::Tensor;

/// Coefficients of powers of `w - 3.125`, highest power first.
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

/// The number whose error function is `x`, for `x` of dtype `f64` within ±0.99; the bits of random numbers depend on each of
/// its steps.
///
/// Giles, "Approximating the erfinv function", GPU Computing Gems, 2011: a polynomial in `w = -ln(1 - x²)`, with a relative
/// error of about `2^-50` where `w` is below 6.25.
#[track_caller]
pub(super) fn central_erf_inv(x: &Tensor) -> Tensor {
    let w = -(-x.square()).log1p() - 3.125;
    NEAR.iter().fold(x.zeros_like(), |sum, coefficient| sum * &w + *coefficient) * x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;

    #[test]
    fn it_undoes_the_error_function() {
        let x = Tensor::linspace(DType::F64, -0.99, 0.99, 4001);
        let again = central_erf_inv(&x).erf().to_vec::<f64>().unwrap();
        for (x, again) in x.to_vec::<f64>().unwrap().iter().zip(again) {
            assert!((x - again).abs() <= 1e-15, "{x} {again}");
        }
        // By scipy.special.erfinv.
        let found =
            central_erf_inv(&Tensor::from([0.5_f64, -0.954_499_736_103_641_6])).to_vec::<f64>().unwrap();
        for (found, expected) in found.iter().zip([0.476_936_276_204_469_9, -std::f64::consts::SQRT_2]) {
            assert!((found / expected - 1.0).abs() < 4e-15, "{found} is not {expected}");
        }
    }
}
