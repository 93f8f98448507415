//! The sizes that a signature may state.

use std::fmt;

use crate::tensor::SizeRange;

/// The size a dimension may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DimSpec {
    /// `None`: whatever is needed.
    Any,
    /// This number.
    Size(usize),
    /// A named size: the same name is the same size, and may be anything.
    Named(&'static str),
    /// A size taken from the module's configuration; none if the field's value is no size.
    Field {
        /// The field.
        name: &'static str,
        /// Its value.
        size: Option<usize>,
    },
}

/// A number that can be a size in a signature.
#[diagnostic::on_unimplemented(
    message = "a size in a signature is an integer, not `{Self}`",
    label = "not an integer",
    note = "`self.field` in a signature names an integer field: `usize`, `u32`, `i64`, …"
)]
pub trait Size {
    /// The size; none for a negative number.
    fn size(&self) -> Option<usize>;
}

macro_rules! sizes {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Size for $type {
            fn size(&self) -> Option<usize> {
                (*self).try_into().ok()
            }
        }
    )*};
}

sizes!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl DimSpec {
    /// A size taken from an integer field.
    pub fn field<T: Size>(name: &'static str, value: &T) -> Self {
        Self::Field { name, size: value.size() }
    }
}

impl fmt::Display for DimSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("None"),
            Self::Size(size) | Self::Field { size: Some(size), .. } => write!(f, "{size}"),
            Self::Named(name) | Self::Field { name, size: None } => f.write_str(name),
        }
    }
}

/// A size that must be a multiple, or lie in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeRule {
    /// The named size.
    pub size: &'static str,
    /// What is said of it.
    pub rule: Rule,
}

/// What a signature may say of a named size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `batch in 1..=64`
    Within(SizeRange),
    /// `seq % 8 == 0`
    Multiple(usize),
}

impl SizeRule {
    /// `size in min..=max`
    pub const fn within(size: &'static str, min: usize, max: Option<usize>) -> Self {
        Self { size, rule: Rule::Within(SizeRange { min, max }) }
    }

    /// `size % divisor == 0`
    pub const fn multiple(size: &'static str, divisor: usize) -> Self {
        Self { size, rule: Rule::Multiple(divisor) }
    }
}

impl fmt::Display for SizeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Rule::Within(range) => write!(f, "{} in {range}", self.size),
            Rule::Multiple(divisor) => write!(f, "{} % {divisor} == 0", self.size),
        }
    }
}
