//! The dtypes that a signature may state.

use std::fmt;

use crate::tensor::DType;

/// The dtypes an input may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DTypeSpec {
    /// This one.
    Exact(DType),
    /// Any float dtype; the same wherever a signature says `float`.
    Float,
    /// Any integer dtype; the same wherever a signature says `int`.
    Int,
    /// Any dtype; the same wherever a signature says `any`.
    Any,
    /// Some of the dtypes of a class, the most usual first; the same wherever a signature says that class.
    Among(Class, &'static [DType]),
}

/// A class of dtypes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The float dtypes.
    Float,
    /// The integer dtypes.
    Int,
    /// All dtypes.
    Any,
}

impl DTypeSpec {
    /// The dtypes, the most usual first.
    pub fn dtypes(self) -> Vec<DType> {
        let all = DType::ALL.into_iter();
        match self {
            Self::Exact(dtype) => vec![dtype],
            Self::Float => all.filter(|dtype| dtype.is_float()).collect(),
            Self::Int => {
                let mut dtypes: Vec<_> = all.filter(|dtype| dtype.is_int()).collect();
                crate::sorted::sort_by_key(&mut dtypes, |&dtype| (dtype != DType::I64, dtype != DType::I32));
                dtypes
            }
            Self::Any => all.collect(),
            Self::Among(class, dtypes) => {
                let class = Self::from(class).dtypes();
                dtypes.iter().copied().filter(|dtype| class.contains(dtype)).collect()
            }
        }
    }

    /// What is the same dtype wherever a signature says it.
    pub(super) fn class(self) -> Self {
        match self {
            Self::Among(class, _) => class.into(),
            other => other,
        }
    }
}

impl From<Class> for DTypeSpec {
    fn from(class: Class) -> Self {
        match class {
            Class::Float => Self::Float,
            Class::Int => Self::Int,
            Class::Any => Self::Any,
        }
    }
}

impl fmt::Display for DTypeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(dtype) => fmt::Display::fmt(dtype, f),
            Self::Float => f.write_str("float"),
            Self::Int => f.write_str("int"),
            Self::Any => f.write_str("any"),
            Self::Among(class, dtypes) => {
                let dtypes: Vec<_> = dtypes.iter().map(ToString::to_string).collect();
                write!(f, "{} in [{}]", Self::from(*class), dtypes.join(", "))
            }
        }
    }
}
