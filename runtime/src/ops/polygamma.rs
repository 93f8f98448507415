//! The derivatives of the logarithm of the gamma function.

use serde::{Deserialize, Serialize};

use super::number::{Float, Number};
use super::unary::{self, dtype_error, map};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// The derivative of the logarithm of the gamma function at each element: [`Tensor::polygamma`] of order 0. Float
    /// dtypes.
    /// ([CHLO `digamma`](https://openxla.org/stablehlo/generated/chlo#chlodigamma_chlodigammaop))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// // The negative of Euler's constant.
    /// assert_eq!(Tensor::scalar(1.0_f32).digamma().to_scalar::<f32>()?, -0.577_215_7);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn digamma(&self) -> Self {
        self.polygamma(0)
    }

    /// The derivative of this order of the digamma function at each element, up to order 20. Float dtypes.
    /// ([CHLO `polygamma`](https://openxla.org/stablehlo/generated/chlo#chlopolygamma_chlopolygammaop))
    ///
    /// At the poles 0, -1, -2, … it is infinite for odd orders and NaN for even ones, whose sides differ in sign.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let trigamma = Tensor::scalar(1.0_f64).polygamma(1).to_scalar::<f64>()?;
    /// assert!((trigamma - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-14);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn polygamma(&self, order: u32) -> Self {
        apply(Polygamma { order }, &[self])
    }
}

/// The derivative of order `n + 1` of `ln Γ(x)`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Polygamma {
    /// `n`, at most 20: 0 is the digamma function.
    pub order: u32,
}

/// The greatest order: beyond it, factorials and powers lose too many digits.
const ORDERS: u32 = 20;

impl Op for Polygamma {
    const NAME: &'static str = "polygamma";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        if self.order > ORDERS {
            return Err(format!("the order {} is greater than {ORDERS}", self.order));
        }
        unary::infer(operands, constraints, DType::is_float, "float")
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        for_dtype!(operand.dtype(), T in float => map::<T, T>(operand, &|x| T::from_f64(polygamma(self.order, x.to_f64()))), else => Err(dtype_error(operand)))
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&gradients[0] * operands[0].polygamma(self.order.saturating_add(1)))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX has no gamma function")
    }

    fn samples() -> Vec<Sample> {
        let of = |order| Self { order };
        vec![
            Sample::new(of(0), [Tensor::from([[0.5_f32, 3.5, -2.25]])]),
            Sample::new(of(1), [Tensor::from([1.25_f64, 15.0])]),
            Sample::new(of(3), [Tensor::from([half::f16::from_f32(1.75)])]),
            Sample::new(of(2), [Tensor::from_vec([0, 2], Vec::<half::bf16>::new())]),
        ]
    }
}

/// The zero of the digamma function on the positive side, in two parts.
const ZERO: [f64; 2] = [1.461_632_144_968_362_2, 9.549_995_429_965_697e-17];

/// The derivatives of the digamma function there, divided by the factorials: its Taylor series without the first term.
const AT_ZERO: [f64; 37] = [
    0.967_672_245_447_621_2,
    -0.442_763_168_983_592_1,
    0.258_499_760_955_651,
    -0.163_942_705_442_406_52,
    0.107_824_050_691_262_37,
    -0.072_199_561_256_454_71,
    0.048_804_288_164_143_11,
    -0.033_161_126_474_847_36,
    0.022_597_648_232_218_104,
    -0.015_424_765_904_948_96,
    0.010_538_791_616_612_175,
    -0.007_204_534_386_356_869,
    0.004_926_781_395_729_853,
    -0.003_369_801_655_439_328,
    0.002_305_126_326_734_928,
    -0.001_576_936_771_430_197_2,
    0.001_078_825_201_916_296_7,
    -0.000_738_070_938_996_005_2,
    0.000_504_953_265_834_602,
    -0.000_345_468_025_106_307_7,
    0.000_236_356_015_640_270_53,
    -0.000_161_706_220_919_748_03,
    0.000_110_633_727_687_474_1,
    -7.569_179_582_195_066e-5,
    5.178_575_795_222_081e-5,
    -3.543_007_094_765_960_4e-5,
    2.424_006_611_860_132e-5,
    -1.658_424_227_185_413_5e-5,
    1.134_638_458_466_385e-5,
    -7.762_817_668_462_094e-6,
    5.311_060_920_889_863_6e-6,
    -3.633_650_789_801_045_6e-6,
    2.486_022_733_129_538e-6,
    -1.700_853_885_433_260_7e-6,
    1.163_667_536_354_884_3e-6,
    -7.961_425_431_241_97e-7,
    5.446_941_930_669_446e-7,
];

/// The Bernoulli numbers of even index, from 2 on.
const BERNOULLI: [f64; 15] = [
    0.166_666_666_666_666_66,
    -0.033_333_333_333_333_33,
    0.023_809_523_809_523_808,
    -0.033_333_333_333_333_33,
    0.075_757_575_757_575_76,
    -0.253_113_553_113_553_1,
    1.166_666_666_666_666_7,
    -7.092_156_862_745_098,
    54.971_177_944_862_156,
    -529.124_242_424_242_4,
    6_192.123_188_405_797,
    -86_580.253_113_553_12,
    1_425_517.166_666_666_7,
    -27_298_231.067_816_094,
    601_580_873.900_642_4,
];

/// The number beyond which the asymptotic series is exact enough, for order 0.
const FAR: f64 = 14.0;

fn polygamma(order: u32, x: f64) -> f64 {
    let pole = x <= 0.0 && x == x.floor();
    match (pole, order) {
        _ if x.is_nan() || x == f64::NEG_INFINITY => f64::NAN,
        (true, order) => {
            if order % 2 == 1 {
                f64::INFINITY
            } else {
                f64::NAN
            }
        }
        _ if x < 0.0 => {
            // Reflection (Abramowitz and Stegun 6.4.7).
            let other = polygamma(order, 1.0 - x);
            let cotangent = std::f64::consts::PI.powi(order.cast_signed() + 1) * cotangent(order, x);
            if order % 2 == 1 { -other - cotangent } else { other - cotangent }
        }
        (_, 0) => digamma(x),
        _ => {
            if order % 2 == 1 {
                positive(order, x)
            } else {
                -positive(order, x)
            }
        }
    }
}

/// The digamma function of a positive number: near its zero the Taylor series, so that no digits are lost there, and the
/// recurrence on both sides of that; further out the asymptotic series (Abramowitz and Stegun 6.3.5 and 6.3.18).
fn digamma(x: f64) -> f64 {
    let near = |x: f64| {
        let distance = (x - ZERO[0]) - ZERO[1];
        AT_ZERO.iter().rev().fold(0.0, |sum, c| (sum + c) * distance)
    };
    if x < 0.96 {
        return near(x + 1.0) - 1.0 / x;
    } else if x <= 1.96 {
        return near(x);
    } else if x <= 2.96 {
        return near(x - 1.0) + 1.0 / (x - 1.0);
    }
    let (mut below, mut far) = (0.0, x);
    while far < FAR {
        below += 1.0 / far;
        far += 1.0;
    }
    let square = 1.0 / (far * far);
    let (mut series, mut power) = (0.0, 1.0);
    for (index, bernoulli) in BERNOULLI.iter().take(8).enumerate() {
        power *= square;
        series += bernoulli * power / (2 * index + 2) as f64;
    }
    libm::log(far) - 0.5 / far - series - below
}

/// `n! ∑ (x + k)^-(n+1)` over `k` from 0, for a positive number and an order from 1: the first terms, then the asymptotic
/// series of the rest (Abramowitz and Stegun 6.4.10 and 6.4.11).
fn positive(order: u32, x: f64) -> f64 {
    let (n, steps) = (f64::from(order), order.cast_signed());
    let (mut sum, mut far) = (0.0, x);
    while far < FAR + n {
        sum += far.powi(-steps - 1);
        far += 1.0;
    }
    let mut power = far.powi(-steps);
    sum += power / n + power / (2.0 * far);
    let mut coefficient = n / 2.0 + 0.5;
    for (index, bernoulli) in BERNOULLI.iter().enumerate() {
        power /= far * far;
        sum += bernoulli * coefficient * power;
        let k = (2 * index + 2) as f64;
        coefficient *= (k + n) * (k + n + 1.0) / ((k + 1.0) * (k + 2.0));
    }
    sum * (1..=order).map(f64::from).product::<f64>()
}

/// The derivative of this order of the cotangent, at `πx`: a polynomial in the cotangent `c`, since `c' = -(1 + c²)`.
fn cotangent(order: u32, x: f64) -> f64 {
    // The cotangent repeats, and these differences are exact.
    let rest = x - x.round();
    let from_zero = (std::f64::consts::PI * (0.5 - rest.abs())).copysign(rest);
    let c =
        if rest.abs() > 0.25 { libm::tan(from_zero) } else { 1.0 / libm::tan(std::f64::consts::PI * rest) };
    let mut polynomial = vec![0.0, 1.0];
    for _ in 0..order {
        let derivative: Vec<f64> =
            polynomial.iter().enumerate().skip(1).map(|(power, c)| power as f64 * c).collect();
        polynomial = vec![0.0; derivative.len() + 2];
        for (power, c) in derivative.into_iter().enumerate() {
            polynomial[power] -= c;
            polynomial[power + 2] -= c;
        }
    }
    polynomial.iter().rev().fold(0.0, |sum, coefficient| sum * c + coefficient)
}

op!(Polygamma);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poles_and_ends_are_those_of_mathematics() {
        assert!(polygamma(0, -2.0).is_nan() && polygamma(0, f64::NEG_INFINITY).is_nan());
        assert_eq!((polygamma(1, 0.0), polygamma(3, -1.0)), (f64::INFINITY, f64::INFINITY));
        assert_eq!((polygamma(0, f64::INFINITY), polygamma(1, f64::INFINITY)), (f64::INFINITY, 0.0));
        let error = Tensor::scalar(1.0_f32).polygamma(21).error().unwrap().to_string();
        assert!(error.contains("greater than 20"), "{error}");
    }
}
