//! The inverse of the error function.

use serde::{Deserialize, Serialize};

use super::unary;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType};

impl Tensor {
    /// The number whose error function each element is; infinite at -1 and 1, NaN beyond. Float dtypes.
    /// ([CHLO `erf_inv`](https://openxla.org/stablehlo/generated/chlo#chloerf_inv_chloerfinvop))
    ///
    /// The quantile of the normal distribution at `p` is `√2 erf_inv(2p - 1)`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([0.0_f32, 1.0]).erf_inv().to_vec::<f32>()?, [0.0, f32::INFINITY]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn erf_inv(&self) -> Self {
        apply(ErfInv, &[self])
    }
}

/// `erf⁻¹ x`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ErfInv;

impl Op for ErfInv {
    const NAME: &'static str = "erf_inv";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        unary::float(&operands[0], |x| double(x.into()) as f32, double)
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let y = &results[0];
        vec![Some(&gradients[0] * (std::f64::consts::PI.sqrt() / 2.0) * (y * y).exp())]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX has no inverse of the error function")
    }

    fn samples() -> Vec<Sample> {
        vec![
            Sample::new(Self, [Tensor::from([[0.0_f32, 0.75, -0.5]])]),
            Sample::new(Self, [Tensor::from([0.25_f64])]),
            Sample::new(Self, [Tensor::from([half::f16::from_f32(0.25)])]),
            Sample::new(Self, [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

/// The coefficients of a quotient of polynomials, the highest power first.
type Quotient = [[f64; 8]; 2];

/// Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988): near the
/// middle, and toward the ends up to and beyond a probability of `e^-25`.
const MIDDLE: Quotient = [
    [
        2_509.080_928_730_122_7,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ],
    [
        5_226.495_278_852_545,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ],
];
const TAIL: Quotient = [
    [
        0.000_774_545_014_278_341_4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        0.000_547_593_808_499_534_5,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
];
const END: Quotient = [
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_7e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        0.000_786_869_131_145_613_3,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ],
];

fn quotient([above, below]: &Quotient, x: f64) -> f64 {
    let polynomial = |coefficients: &[f64; 8]| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    polynomial(above) / polynomial(below)
}

/// Within 2 ULP: the quantile of the normal distribution, one step of Newton's method, and a division by √2.
fn double(x: f64) -> f64 {
    let magnitude = x.abs();
    if x == 0.0 || x.is_nan() {
        return x;
    }
    if magnitude >= 1.0 {
        return if magnitude == 1.0 { x * f64::INFINITY } else { f64::NAN };
    }
    if magnitude < 1e-8 {
        // The next term of the series is too small.
        return x / std::f64::consts::FRAC_2_SQRT_PI;
    }
    if magnitude <= 0.85 {
        let half = x / 2.0;
        return half * quotient(&MIDDLE, 0.180_625 - half * half) * std::f64::consts::FRAC_1_SQRT_2;
    }
    let r = (-libm::log((1.0 - magnitude) / 2.0)).sqrt();
    let quantile = if r <= 5.0 { quotient(&TAIL, r - 1.6) } else { quotient(&END, r - 5.0) };
    let y = quantile * std::f64::consts::FRAC_1_SQRT_2;
    // `1 - magnitude` is exact, and so is the difference of two numbers that are close.
    let error = libm::erfc(y) - (1.0 - magnitude);
    let y = y + error * libm::exp(y * y) / std::f64::consts::FRAC_2_SQRT_PI;
    y.copysign(x)
}

op!(ErfInv);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_sign_of_zero_are_exact() {
        let y = Tensor::from([-0.0_f64, 1.0, -1.0]).erf_inv().to_vec::<f64>().unwrap();
        let bits = |y: &[f64]| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&y), bits(&[-0.0, f64::INFINITY, f64::NEG_INFINITY]));
        assert!(
            Tensor::from([1.5_f64, f64::NEG_INFINITY])
                .erf_inv()
                .to_vec::<f64>()
                .unwrap()
                .iter()
                .all(|y| y.is_nan())
        );
    }
}
