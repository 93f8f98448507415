//! The element types of tensors.

use std::fmt;
use std::str::FromStr;

use half::{bf16, f16};
use serde::{Deserialize, Serialize};

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DType {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// IEEE 754 binary16.
    F16,
    /// The upper half of an IEEE 754 binary32.
    BF16,
    /// Signed 8-bit integer, two's complement.
    I8,
    /// Signed 16-bit integer, two's complement.
    I16,
    /// Signed 32-bit integer, two's complement.
    I32,
    /// Signed 64-bit integer, two's complement.
    I64,
    /// Unsigned 8-bit integer.
    U8,
    /// Unsigned 16-bit integer.
    U16,
    /// Unsigned 32-bit integer.
    U32,
    /// Unsigned 64-bit integer.
    U64,
    /// Truth value, one byte, 0 or 1.
    Bool,
}

impl DType {
    /// Every dtype, in the order of the definition.
    pub const ALL: [Self; 13] = [
        Self::F32,
        Self::F64,
        Self::F16,
        Self::BF16,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::Bool,
    ];

    /// The name used in signatures: `f32`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::F16 => "f16",
            Self::BF16 => "bf16",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::Bool => "bool",
        }
    }

    /// The size of one element in bytes.
    pub fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 | Self::Bool => 1,
            Self::F16 | Self::BF16 | Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// Whether the elements are floating-point numbers.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64 | Self::F16 | Self::BF16)
    }

    /// Whether the elements are integers (truth values are not).
    pub fn is_int(self) -> bool {
        !self.is_float() && self != Self::Bool
    }

    /// Whether the elements are signed integers.
    pub fn is_signed_int(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64)
    }

    /// Whether the elements are unsigned integers (truth values are not).
    pub fn is_unsigned_int(self) -> bool {
        self.is_int() && !self.is_signed_int()
    }

    /// Whether arithmetic is defined: everything but truth values.
    pub fn is_numeric(self) -> bool {
        self != Self::Bool
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DType {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|dtype| dtype.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|dtype| dtype.name()).collect();
            format!("unknown dtype `{name}`; the known ones are {}", known.join(", "))
        })
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A Rust type that is the element type of tensors.
///
/// Implemented for `f32 f64 f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64 bool` and for nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an element type of tensors",
    note = "the element types are f32 f64 f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64 bool"
)]
pub trait Element:
    sealed::Sealed
    + bytemuck::NoUninit
    + bytemuck::CheckedBitPattern
    + Copy
    + PartialEq
    + PartialOrd
    + fmt::Debug
    + fmt::Display
    + Default
    + Send
    + Sync
    + 'static
{
    /// The dtype of tensors with elements of this type.
    const DTYPE: DType;
}

macro_rules! elements {
    ($($type:ty => $dtype:ident),* $(,)?) => {$(
        impl sealed::Sealed for $type {}
        impl Element for $type {
            const DTYPE: DType = DType::$dtype;
        }
    )*};
}

elements! {
    f32 => F32, f64 => F64, f16 => F16, bf16 => BF16,
    i8 => I8, i16 => I16, i32 => I32, i64 => I64,
    u8 => U8, u16 => U16, u32 => U32, u64 => U64,
    bool => Bool,
}

/// Runs an expression with a type alias bound to the Rust type of a dtype.
///
/// `for_dtype!(dtype, T => expression)` covers all dtypes. With a class, `for_dtype!(dtype, T in numeric =>
/// expression, else => other)` covers those of the class (`float`, `int`, `numeric`) and evaluates `other` for the rest.
macro_rules! for_dtype {
    ($dtype:expr, $T:ident => $body:expr) => {
        $crate::tensor::for_dtype!(@match $dtype, $T, $body, [F32 F64 F16 BF16 I8 I16 I32 I64 U8 U16 U32 U64 Bool], {})
    };
    ($dtype:expr, $T:ident in numeric => $body:expr, else => $other:expr) => {
        $crate::tensor::for_dtype!(@match $dtype, $T, $body, [F32 F64 F16 BF16 I8 I16 I32 I64 U8 U16 U32 U64], { _ => $other })
    };
    ($dtype:expr, $T:ident in float => $body:expr, else => $other:expr) => {
        $crate::tensor::for_dtype!(@match $dtype, $T, $body, [F32 F64 F16 BF16], { _ => $other })
    };
    ($dtype:expr, $T:ident in int => $body:expr, else => $other:expr) => {
        $crate::tensor::for_dtype!(@match $dtype, $T, $body, [I8 I16 I32 I64 U8 U16 U32 U64], { _ => $other })
    };
    (@match $dtype:expr, $T:ident, $body:expr, [$($name:ident)*], { $($rest:tt)* }) => {
        match $dtype {
            $($crate::tensor::DType::$name => {
                type $T = $crate::tensor::for_dtype!(@type $name);
                $body
            })*
            $($rest)*
        }
    };
    (@type F32) => { f32 };
    (@type F64) => { f64 };
    (@type F16) => { ::half::f16 };
    (@type BF16) => { ::half::bf16 };
    (@type I8) => { i8 };
    (@type I16) => { i16 };
    (@type I32) => { i32 };
    (@type I64) => { i64 };
    (@type U8) => { u8 };
    (@type U16) => { u16 };
    (@type U32) => { u32 };
    (@type U64) => { u64 };
    (@type Bool) => { bool };
}
pub(crate) use for_dtype;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_rust_types() {
        for dtype in DType::ALL {
            let size = for_dtype!(dtype, T => {
                assert_eq!(T::DTYPE, dtype);
                size_of::<T>()
            });
            assert_eq!(dtype.size(), size);
            assert_eq!(dtype.name().parse(), Ok(dtype));
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = "float".parse::<DType>().unwrap_err();
        assert!(error.contains("f32, f64, f16, bf16, i8"), "{error}");
    }
}
