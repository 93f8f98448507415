//! Integers and truth values as bits.

use crate::tensor::Element;

/// An element that is a word of bits.
pub(crate) trait Bits: Element {
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn not(self) -> Self;
}

/// An integer as a word of bits. An amount is read as an unsigned number, so a negative one is beyond every width.
pub(crate) trait Word: Bits {
    fn shift_left(self, amount: Self) -> Self;
    /// Fills with the top bit, of unsigned integers too.
    fn shift_right_arithmetic(self, amount: Self) -> Self;
    fn shift_right_logical(self, amount: Self) -> Self;
    fn ones(self) -> Self;
    fn leading_zeros(self) -> Self;
}

macro_rules! bits {
    ($($type:ty),*) => {$(
        impl Bits for $type {
            fn and(self, other: Self) -> Self {
                self & other
            }
            fn or(self, other: Self) -> Self {
                self | other
            }
            fn xor(self, other: Self) -> Self {
                self ^ other
            }
            fn not(self) -> Self {
                !self
            }
        }
    )*};
}

bits!(i8, i16, i32, i64, u8, u16, u32, u64, bool);

macro_rules! words {
    ($($type:ty, $signed:ty, $unsigned:ty;)*) => {$(
        impl Word for $type {
            fn shift_left(self, amount: Self) -> Self {
                let amount = amount as $unsigned;
                if amount < <$type>::BITS as $unsigned { self << amount } else { 0 }
            }
            fn shift_right_arithmetic(self, amount: Self) -> Self {
                let amount = (amount as $unsigned).min(<$type>::BITS as $unsigned - 1);
                (self as $signed >> amount) as Self
            }
            fn shift_right_logical(self, amount: Self) -> Self {
                let amount = amount as $unsigned;
                if amount < <$type>::BITS as $unsigned { (self as $unsigned >> amount) as Self } else { 0 }
            }
            fn ones(self) -> Self {
                self.count_ones() as Self
            }
            fn leading_zeros(self) -> Self {
                <$type>::leading_zeros(self) as Self
            }
        }
    )*};
}

words! {
    i8, i8, u8; i16, i16, u16; i32, i32, u32; i64, i64, u64;
    u8, i8, u8; u16, i16, u16; u32, i32, u32; u64, i64, u64;
}
