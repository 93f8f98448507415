//! How far tensors are apart, in units in the last place.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use holotype::prelude::*;

/// What is apart by more than any number of units: a NaN and a number, two shapes, integers that differ.
pub const OTHER: u64 = u64::MAX;

/// Stands for all ops together.
const EVERY: &str = "every op";

/// What units are of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The number, whose zeros differ by their sign.
    Value,
    /// The number, whose zeros are the same.
    Derivative,
    /// 1 if the number is below.
    AtLeastOne,
}

/// How many units lie between two tensors where they are farthest apart; 0 means the same bits, or NaN in both.
pub fn distance(found: &Tensor, expected: &Tensor, scale: Scale) -> Result<u64> {
    if scale == Scale::AtLeastOne {
        return from_one(found, expected);
    }
    let (found, expected) = (found.data()?, expected.data()?);
    if found.describe() != expected.describe() {
        return Ok(OTHER);
    }
    let dtype = expected.dtype();
    let size = dtype.size();
    let pairs = found.bytes().chunks(size).zip(expected.bytes().chunks(size));
    let apart = |(found, expected)| {
        let (found, expected) = (bits(found), bits(expected));
        match infinity(dtype) {
            _ if found == expected => 0,
            Some(infinity) => between(found, expected, infinity, 8 * size - 1, scale == Scale::Derivative),
            None => OTHER,
        }
    };
    Ok(pairs.map(apart).max().unwrap_or(0))
}

/// The distance of numbers in units of 1 or, where it is greater, of the expected number.
fn from_one(found: &Tensor, expected: &Tensor) -> Result<u64> {
    let unit = if expected.dtype() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    let numbers = |tensor: &Tensor| tensor.cast(DType::F64).to_vec::<f64>();
    let apart = |(found, expected): (f64, f64)| (found - expected).abs() / expected.abs().max(1.0) / unit;
    let pairs = numbers(found)?.into_iter().zip(numbers(expected)?);
    Ok(pairs
        .map(apart)
        .map(|units| if units.is_nan() { OTHER } else { units.ceil() as u64 })
        .max()
        .unwrap_or(0))
}

fn bits(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte))
}

/// The bits of infinity.
fn infinity(dtype: DType) -> Option<u64> {
    Some(match dtype {
        DType::F16 => 0x7c00,
        DType::BF16 => 0x7f80,
        DType::F32 => 0x7f80_0000,
        DType::F64 => 0x7ff0_0000_0000_0000,
        _ => return None,
    })
}

fn between(found: u64, expected: u64, infinity: u64, sign: usize, either_zero: bool) -> u64 {
    let parts = |bits: u64| (bits & ((1 << sign) - 1), bits >> sign == 1);
    let ((a, a_negative), (b, b_negative)) = (parts(found), parts(expected));
    if a > infinity && b > infinity {
        0
    } else if a >= infinity || b >= infinity {
        OTHER
    } else if a_negative == b_negative {
        a.abs_diff(b)
    } else if a + b > 0 {
        a + b
    } else if either_zero {
        0
    } else {
        OTHER
    }
}

/// How many tensors agree, and how well.
#[derive(Default)]
pub struct Agreement {
    tensors: usize,
    exact: usize,
    within_one: usize,
    pub most: u64,
}

impl Agreement {
    pub fn add(&mut self, units: u64) {
        self.tensors += 1;
        self.exact += usize::from(units == 0);
        self.within_one += usize::from(units <= 1);
        self.most = self.most.max(units);
    }
}

impl Display for Agreement {
    fn fmt(&self, f: &mut Formatter) -> std::fmt::Result {
        write!(f, "{} tensors, {} exact", self.tensors, self.exact)?;
        if self.exact < self.tensors {
            write!(f, ", {} within 1 ULP, all within {}", self.within_one, self.most)?;
        }
        Ok(())
    }
}

/// Agreements by what was compared, by op and by dtype.
#[derive(Default)]
pub struct Report(BTreeMap<(&'static str, String, String), Agreement>);

impl Report {
    pub fn add(&mut self, what: &'static str, op: &str, dtype: &str, units: u64) {
        for (op, dtype) in [(op, dtype), (EVERY, dtype)] {
            self.0.entry((what, op.to_owned(), dtype.to_owned())).or_default().add(units);
        }
    }

    pub fn tensors(&self, what: &'static str) -> usize {
        let of = |((own, op, _), agreement): (&(&str, String, String), &Agreement)| {
            if *own == what && op == EVERY { agreement.tensors } else { 0 }
        };
        self.0.iter().map(of).sum()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter) -> std::fmt::Result {
        for ((what, op, dtype), agreement) in &self.0 {
            writeln!(f, "basics {what}, {op} {dtype}: {agreement}")?;
        }
        Ok(())
    }
}
