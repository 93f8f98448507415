//! Rust numbers as operands: they take the dtype of the tensor they meet.

use half::{bf16, f16};

use super::data::Data;
use super::dtype::{DType, Element};
use super::rounding::{bf16_from_f64, f16_from_f64};

/// A number whose dtype is decided by the tensor it meets.
///
/// An integer meets any numeric dtype that can hold it; a float meets the float dtypes only, so that nothing is
/// truncated in silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// A floating-point number, rounded to the tensor's dtype.
    Float(f64),
    /// An integer.
    Int(i128),
    /// A truth value.
    Bool(bool),
}

impl Scalar {
    /// The dtype of a tensor made from this number alone: `f32`, `i32` (`i64`, `u64` where it does not fit) or `bool`.
    pub fn default_dtype(self) -> DType {
        match self {
            Self::Float(_) => DType::F32,
            Self::Int(value) if i32::try_from(value).is_ok() => DType::I32,
            Self::Int(value) if i64::try_from(value).is_ok() => DType::I64,
            Self::Int(_) => DType::U64,
            Self::Bool(_) => DType::Bool,
        }
    }

    /// The number as one element of the dtype.
    ///
    /// # Errors
    /// If the dtype cannot hold it, in words.
    pub fn to_data(self, dtype: DType) -> Result<Data, String> {
        match self {
            Self::Bool(value) if dtype == DType::Bool => Ok(Data::scalar(value)),
            Self::Float(value) => float(value, dtype).ok_or_else(|| {
                format!("the float {value} meets a {dtype} tensor: cast the tensor to a float dtype first")
            }),
            Self::Int(value) => int(value, dtype).ok_or_else(|| {
                format!("the integer {value} does not fit the dtype {dtype} of the tensor it meets")
            }),
            Self::Bool(value) => {
                Err(format!("the truth value {value} meets a {dtype} tensor: compare the tensor first"))
            }
        }
    }
}

fn float(value: f64, dtype: DType) -> Option<Data> {
    Some(match dtype {
        DType::F64 => Data::scalar(value),
        DType::F32 => Data::scalar(value as f32),
        DType::F16 => Data::scalar(f16_from_f64(value)),
        DType::BF16 => Data::scalar(bf16_from_f64(value)),
        _ => return None,
    })
}

fn int(value: i128, dtype: DType) -> Option<Data> {
    fn fit<T: Element + TryFrom<i128>>(value: i128) -> Option<Data> {
        T::try_from(value).ok().map(Data::scalar)
    }
    match dtype {
        DType::I8 => fit::<i8>(value),
        DType::I16 => fit::<i16>(value),
        DType::I32 => fit::<i32>(value),
        DType::I64 => fit::<i64>(value),
        DType::U8 => fit::<u8>(value),
        DType::U16 => fit::<u16>(value),
        DType::U32 => fit::<u32>(value),
        DType::U64 => fit::<u64>(value),
        DType::Bool => None,
        _ => float(value as f64, dtype),
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),*) => {$(
        impl From<$type> for Scalar {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    f32 => Float, f64 => Float, f16 => Float, bf16 => Float,
    i8 => Int, i16 => Int, i32 => Int, i64 => Int, u8 => Int, u16 => Int, u32 => Int, u64 => Int,
    bool => Bool
}

impl From<usize> for Scalar {
    fn from(value: usize) -> Self {
        Self::Int(value as i128)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_the_dtype_it_meets_or_says_why_not() {
        assert_eq!(
            Scalar::from(2).to_data(DType::F16).unwrap().elements::<f16>().unwrap(),
            [f16::from_f32(2.0)]
        );
        assert_eq!(Scalar::from(255).to_data(DType::U8).unwrap().elements::<u8>().unwrap(), [255]);
        assert!(Scalar::from(-1).to_data(DType::U8).unwrap_err().contains("does not fit"));
        assert!(Scalar::from(0.5).to_data(DType::I32).unwrap_err().contains("cast the tensor"));
        assert!(Scalar::from(1).to_data(DType::Bool).is_err());
    }
}
