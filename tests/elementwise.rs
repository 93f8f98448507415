//! Element-wise ops against exact results: `oracles/elementwise.py` computes them and says how.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use holotype::prelude::*;
use holotype::tensor::Element;

type Function = fn(&[Tensor]) -> Tensor;

/// Each op of the file with the distance from the exact result that it may have, in units in the last place of `f32`,
/// `f64` and the halves: none where IEEE 754 demands the nearest number, 1 or 2 for functions whose error is below 1 or 1.5
/// units before the exact result is itself rounded, 4 where terms of a sum cancel.
const OPS: [(&str, [u64; 3], Function); 43] = [
    ("abs", [0, 0, 0], |x| x[0].abs()),
    ("acos", [1, 1, 1], |x| x[0].acos()),
    ("acosh", [1, 1, 1], |x| x[0].acosh()),
    ("asin", [1, 1, 1], |x| x[0].asin()),
    ("asinh", [1, 1, 1], |x| x[0].asinh()),
    ("atan", [1, 1, 1], |x| x[0].atan()),
    ("atan2", [1, 1, 1], |x| x[0].atan2(&x[1])),
    ("atanh", [1, 1, 1], |x| x[0].atanh()),
    ("cbrt", [1, 1, 1], |x| x[0].cbrt()),
    ("ceil", [0, 0, 0], |x| x[0].ceil()),
    ("cosh", [1, 1, 1], |x| x[0].cosh()),
    ("cosine", [1, 1, 1], |x| x[0].cos()),
    ("digamma", [1, 4, 1], |x| x[0].digamma()),
    ("erf", [1, 1, 1], |x| x[0].erf()),
    ("erf_inv", [1, 2, 1], |x| x[0].erf_inv()),
    ("erfc", [1, 1, 1], |x| x[0].erfc()),
    ("exp2", [1, 1, 1], |x| x[0].exp2()),
    ("exponential", [1, 1, 1], |x| x[0].exp()),
    ("exponential_minus_one", [1, 1, 1], |x| x[0].exp_m1()),
    ("floor", [0, 0, 0], |x| x[0].floor()),
    ("lgamma", [1, 2, 1], |x| x[0].lgamma()),
    ("log", [1, 1, 1], |x| x[0].log()),
    ("log10", [2, 2, 2], |x| x[0].log10()),
    ("log2", [2, 2, 2], |x| x[0].log2()),
    ("log_plus_one", [1, 1, 1], |x| x[0].log1p()),
    ("logistic", [1, 2, 1], |x| x[0].sigmoid()),
    ("maximum", [0, 0, 0], |x| x[0].maximum(&x[1])),
    ("minimum", [0, 0, 0], |x| x[0].minimum(&x[1])),
    ("next_after", [0, 0, 0], |x| x[0].next_after(&x[1])),
    ("power", [1, 1, 1], |x| x[0].pow(&x[1])),
    ("remainder", [0, 0, 0], |x| &x[0] % &x[1]),
    ("round_nearest_afz", [0, 0, 0], |x| x[0].round_half_away()),
    ("round_nearest_even", [0, 0, 0], |x| x[0].round()),
    ("rsqrt", [1, 2, 1], |x| x[0].rsqrt()),
    ("sign", [0, 0, 0], |x| x[0].sign()),
    ("sine", [1, 1, 1], |x| x[0].sin()),
    ("sinh", [1, 1, 1], |x| x[0].sinh()),
    ("sqrt", [0, 0, 0], |x| x[0].sqrt()),
    ("tan", [1, 1, 1], |x| x[0].tan()),
    ("tanh", [1, 2, 1], |x| x[0].tanh()),
    ("tetragamma", [1, 4, 1], |x| x[0].polygamma(2)),
    ("trigamma", [1, 4, 1], |x| x[0].polygamma(1)),
    ("trunc", [0, 0, 0], |x| x[0].trunc()),
];

trait Bits: Element {
    fn from_bits(bits: u64) -> Self;
    fn to_f64(self) -> f64;
    /// The magnitude, counted in units in the last place from 0.
    fn units(self) -> u64;
}

macro_rules! bits {
    ($($type:ty),*) => {$(
        impl Bits for $type {
            fn from_bits(bits: u64) -> Self {
                Self::from_bits(bits.try_into().unwrap())
            }
            fn to_f64(self) -> f64 {
                self.into()
            }
            fn units(self) -> u64 {
                (if self.is_sign_negative() { -self } else { self }).to_bits().into()
            }
        }
    )*};
}

bits!(f32, f64, half::f16, half::bf16);

/// Whether two numbers are at most so many units apart; the sign, infinity and NaN must be the same.
fn close<T: Bits>(found: T, expected: T, tolerance: u64) -> bool {
    let (a, b) = (found.to_f64(), expected.to_f64());
    if a.is_nan() || b.is_nan() {
        return a.is_nan() && b.is_nan();
    }
    let same_kind = a.is_sign_negative() == b.is_sign_negative() && a.is_finite() == b.is_finite();
    same_kind && found.units().abs_diff(expected.units()) <= tolerance
}

/// The lines of the file by op and dtype, each the bits of the operands and of the result.
fn cases() -> BTreeMap<(&'static str, &'static str), Vec<Vec<u64>>> {
    let mut cases = BTreeMap::<_, Vec<_>>::new();
    for line in include_str!("oracles/elementwise.txt").lines() {
        let mut words = line.split(' ');
        let key = (words.next().unwrap(), words.next().unwrap());
        let numbers = words.map(|word| u64::from_str_radix(word, 16).unwrap()).collect();
        cases.entry(key).or_default().push(numbers);
    }
    cases
}

fn check<T: Bits>(op: &str, function: Function, tolerance: u64, cases: &[Vec<u64>]) -> Vec<String> {
    let column = |index: usize| cases.iter().map(|case| T::from_bits(case[index])).collect::<Vec<_>>();
    let arity = cases[0].len() - 1;
    let operands: Vec<_> = (0..arity).map(|index| Tensor::from(column(index))).collect();
    let found = function(&operands).to_vec::<T>().unwrap();
    let wrong = |(index, (&found, expected)): (usize, (&T, T))| {
        let operands: Vec<_> = (0..arity).map(|operand| column(operand)[index]).collect();
        (!close(found, expected, tolerance))
            .then(|| format!("{op} {operands:?}: {found:?} instead of {expected:?} ({})", T::DTYPE))
    };
    found.iter().zip(column(arity)).enumerate().filter_map(wrong).collect()
}

#[test]
fn results_are_the_exact_ones_within_the_stated_distance() {
    let cases = cases();
    let mut wrong = Vec::new();
    for (op, [single, double, half], function) in OPS {
        wrong.extend(check::<f32>(op, function, single, &cases[&(op, "f32")]));
        wrong.extend(check::<f64>(op, function, double, &cases[&(op, "f64")]));
        wrong.extend(check::<half::f16>(op, function, half, &cases[&(op, "f16")]));
        wrong.extend(check::<half::bf16>(op, function, half, &cases[&(op, "bf16")]));
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_op_of_the_file_is_checked_on_twenty_operands_or_so() {
    for ((op, dtype), cases) in cases() {
        assert!(OPS.iter().any(|(known, ..)| *known == op), "{op} is in the file but not in the test");
        assert!(cases.len() >= 19, "{op} {dtype} has {} cases", cases.len());
    }
}
