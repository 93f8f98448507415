//! The numbers that stand for words in a file. They never change.

use crate::graph::{Mode, Role};
use crate::tensor::DType;

/// A word with numbers for its values.
pub(super) trait Numbered: Copy + PartialEq + 'static {
    /// What the word is for, in errors.
    const WORD: &'static str;
    /// The values with their numbers.
    const NUMBERS: &'static [(u8, Self)];

    /// The number of a value; every value has one.
    fn number(self) -> u8 {
        Self::NUMBERS.iter().find(|(_, value)| *value == self).map_or(u8::MAX, |(number, _)| *number)
    }

    /// The value with a number.
    fn from_number(number: u8) -> Result<Self, String> {
        let known = Self::NUMBERS.iter().find(|(known, _)| *known == number);
        known.map(|(_, value)| *value).ok_or_else(|| format!("there is no {} {number}", Self::WORD))
    }
}

impl Numbered for DType {
    const WORD: &'static str = "dtype";
    const NUMBERS: &'static [(u8, Self)] = &[
        (1, Self::F32),
        (2, Self::F64),
        (3, Self::F16),
        (4, Self::BF16),
        (5, Self::I8),
        (6, Self::I16),
        (7, Self::I32),
        (8, Self::I64),
        (9, Self::U8),
        (10, Self::U16),
        (11, Self::U32),
        (12, Self::U64),
        (13, Self::Bool),
    ];
}

impl Numbered for Role {
    const WORD: &'static str = "role";
    const NUMBERS: &'static [(u8, Self)] = &[(1, Self::Trainable), (2, Self::Frozen), (3, Self::State)];
}

impl Numbered for Mode {
    const WORD: &'static str = "mode";
    const NUMBERS: &'static [(u8, Self)] = &[(1, Self::Inference), (2, Self::Training)];
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $word:literal, $($variant:ident = $number:literal),*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(super) enum $name { $($variant),* }

        impl Numbered for $name {
            const WORD: &'static str = $word;
            const NUMBERS: &'static [(u8, Self)] = &[$(($number, Self::$variant)),*];
        }
    };
}

numbered!(
    /// What a node does.
    OperationKind, "operation",
    Op = 1, Constant = 2, Read = 3, Assign = 4, Call = 5, Case = 6, While = 7, Scan = 8, Unwind = 9
);
numbered!(
    /// What a function was made from.
    OriginKind, "origin", Layer = 1, Composition = 2, Derived = 3
);
numbered!(
    /// What an object is.
    Kind, "kind of object", Module = 1, List = 2, Map = 3, Nothing = 4, Variable = 5, Config = 6
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_number() {
        for dtype in DType::ALL {
            assert_eq!(DType::from_number(dtype.number()), Ok(dtype));
        }
        assert!(DType::from_number(0).is_err());
        assert_eq!(Mode::from_number(Mode::Training.number()), Ok(Mode::Training));
        assert_eq!(Role::from_number(Role::State.number()), Ok(Role::State));
    }
}
