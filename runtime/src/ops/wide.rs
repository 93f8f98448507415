//! Elements of every dtype as numbers of three types that hold them all, in which the reference kernels compute.
//!
//! What wraps at the width of a dtype is the same if it wraps at 64 bits first, as for sums and products; sums and products
//! of floats are those of `f64`, rounded once.

use std::borrow::Cow;

use super::number::Number;
use crate::error::Result;
use crate::tensor::{DType, Data, Element, bf16_from_f64, f16_from_f64, for_dtype};

/// The elements of a tensor.
pub(crate) enum Wide<'a> {
    /// Signed integers.
    Signed(Cow<'a, [i64]>),
    /// Unsigned integers, and truth values as 0 and 1.
    Unsigned(Cow<'a, [u64]>),
    /// Floats.
    Float(Cow<'a, [f64]>),
}

/// `for_wide!(wide, elements => expression)` computes other elements of the same type from a vector of them.
macro_rules! for_wide {
    ($wide:expr, $elements:ident => $body:expr) => {
        match $wide {
            $crate::ops::wide::Wide::Signed($elements) => $crate::ops::wide::Wide::Signed($body.into()),
            $crate::ops::wide::Wide::Unsigned($elements) => $crate::ops::wide::Wide::Unsigned($body.into()),
            $crate::ops::wide::Wide::Float($elements) => $crate::ops::wide::Wide::Float($body.into()),
        }
    };
}
pub(crate) use for_wide;

impl<'a> Wide<'a> {
    pub fn of(data: &'a Data) -> Result<Self> {
        Ok(match data.dtype() {
            DType::I8 => Self::Signed(widened::<i8, _>(data)?),
            DType::I16 => Self::Signed(widened::<i16, _>(data)?),
            DType::I32 => Self::Signed(widened::<i32, _>(data)?),
            DType::I64 => Self::Signed(data.elements()?.into()),
            DType::U8 => Self::Unsigned(widened::<u8, _>(data)?),
            DType::U16 => Self::Unsigned(widened::<u16, _>(data)?),
            DType::U32 => Self::Unsigned(widened::<u32, _>(data)?),
            DType::U64 => Self::Unsigned(data.elements()?.into()),
            DType::Bool => Self::Unsigned(widened::<bool, _>(data)?),
            DType::F16 => Self::Float(widened::<half::f16, _>(data)?),
            DType::BF16 => Self::Float(widened::<half::bf16, _>(data)?),
            DType::F32 => Self::Float(widened::<f32, _>(data)?),
            DType::F64 => Self::Float(data.elements()?.into()),
        })
    }

    /// A tensor of these numbers, converted as [`Tensor::cast`](crate::tensor::Tensor::cast) says.
    pub fn narrow(&self, dtype: DType, sizes: &[usize]) -> Result<Data> {
        for_dtype!(dtype, T => Data::new::<T>(sizes, self.to::<T>()))
    }

    fn to<T: Narrow>(&self) -> Vec<T> {
        match self {
            Self::Signed(numbers) => each(numbers, |number| T::from_int(number.into())),
            Self::Unsigned(numbers) => each(numbers, |number| T::from_int(number.into())),
            Self::Float(numbers) => each(numbers, T::from_float),
        }
    }
}

fn widened<T: Element + Into<W>, W: Clone>(data: &Data) -> Result<Cow<'static, [W]>> {
    Ok(each(data.elements::<T>()?, T::into).into())
}

/// A plain loop, of which there are many: an iterator takes ten times as long to compile.
fn each<T: Copy, U>(elements: &[T], convert: impl Fn(T) -> U) -> Vec<U> {
    let mut converted = Vec::with_capacity(elements.len());
    for &element in elements {
        converted.push(convert(element));
    }
    converted
}

/// One of the three types.
pub(crate) trait WideNumber: Number {
    /// The least and the greatest element of a dtype.
    fn limits(dtype: DType) -> [Self; 2];
}

impl WideNumber for i64 {
    fn limits(dtype: DType) -> [Self; 2] {
        let unused = 64 - 8 * dtype.size();
        [Self::MIN >> unused, Self::MAX >> unused]
    }
}

impl WideNumber for u64 {
    fn limits(dtype: DType) -> [Self; 2] {
        [0, if dtype == DType::Bool { 1 } else { Self::MAX >> (64 - 8 * dtype.size()) }]
    }
}

impl WideNumber for f64 {
    fn limits(_: DType) -> [Self; 2] {
        [Self::NEG_INFINITY, Self::INFINITY]
    }
}

/// An element that every number converts to.
trait Narrow: Element {
    fn from_int(value: i128) -> Self;
    fn from_float(value: f64) -> Self;
}

macro_rules! narrow {
    ($($type:ty, $value:ident => $int:expr, $float:expr;)*) => {$(
        impl Narrow for $type {
            fn from_int($value: i128) -> Self {
                $int
            }
            fn from_float($value: f64) -> Self {
                $float
            }
        }
    )*};
}

narrow! {
    i8, value => value as Self, value as Self;
    i16, value => value as Self, value as Self;
    i32, value => value as Self, value as Self;
    i64, value => value as Self, value as Self;
    u8, value => value as Self, value as Self;
    u16, value => value as Self, value as Self;
    u32, value => value as Self, value as Self;
    u64, value => value as Self, value as Self;
    bool, value => value != 0, value != 0.0;
    f32, value => value as Self, value as Self;
    f64, value => value as Self, value;
    half::f16, value => f16_from_f64(sticky(value)), f16_from_f64(value);
    half::bf16, value => bf16_from_f64(sticky(value)), bf16_from_f64(value);
}

/// An `f64` that rounds to the same half as the integer: bits too low to matter are gathered in one.
fn sticky(value: i128) -> f64 {
    let magnitude = value.unsigned_abs();
    let shift = 128_u32.saturating_sub(magnitude.leading_zeros()).saturating_sub(50);
    let kept = (magnitude >> shift) << shift;
    let rounded = if kept == magnitude { kept } else { kept | (1 << shift) } as f64;
    if value < 0 { -rounded } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dtype_goes_there_and_back() {
        for dtype in DType::ALL {
            let numbers = Wide::Unsigned(vec![0, 1, 1, 0].into());
            let data = numbers.narrow(dtype, &[2, 2]).unwrap();
            let back = Wide::of(&data).unwrap().narrow(dtype, &[2, 2]).unwrap();
            assert!(data.dtype() == dtype && back.same_bits(&data));
        }
    }

    #[test]
    fn integers_wrap_and_limits_are_those_of_the_dtype() {
        let wrapped = Wide::Signed(vec![300, -129].into()).narrow(DType::I8, &[2]).unwrap();
        assert_eq!(wrapped.elements::<i8>().unwrap(), [44, 127]);
        assert_eq!(i64::limits(DType::I16), [i64::from(i16::MIN), i64::from(i16::MAX)]);
        assert_eq!(i64::limits(DType::I64), [i64::MIN, i64::MAX]);
        assert_eq!(u64::limits(DType::U32), [0, u64::from(u32::MAX)]);
        assert_eq!(u64::limits(DType::U64), [0, u64::MAX]);
    }
}
