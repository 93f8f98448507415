//! Numbers for the spatial dimensions of an image.

use serde::{Deserialize, Serialize};

/// A number for each spatial dimension, or one for all: `2`, `[2, 1]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerAxis(Vec<usize>);

impl PerAxis {
    /// The numbers for this many dimensions.
    pub(crate) fn of(&self, count: usize, what: &str) -> Result<Vec<usize>, String> {
        match self.0.as_slice() {
            [all] => Ok(vec![*all; count]),
            each if each.len() == count => Ok(each.to_vec()),
            each => Err(format!("{what} {each:?} are not one number for each of {count} spatial dimensions")),
        }
    }
}

impl From<usize> for PerAxis {
    fn from(all: usize) -> Self {
        Self(vec![all])
    }
}

impl<const N: usize> From<[usize; N]> for PerAxis {
    fn from(each: [usize; N]) -> Self {
        Self(each.to_vec())
    }
}

impl From<&[usize]> for PerAxis {
    fn from(each: &[usize]) -> Self {
        Self(each.to_vec())
    }
}

impl From<Vec<usize>> for PerAxis {
    fn from(each: Vec<usize>) -> Self {
        Self(each)
    }
}

/// A number for each of `N` spatial dimensions: one for all, or `N` of them.
pub trait EachAxis<const N: usize> {
    /// The numbers.
    fn each(self) -> [usize; N];
}

impl<const N: usize> EachAxis<N> for usize {
    fn each(self) -> [usize; N] {
        [self; N]
    }
}

impl<const N: usize> EachAxis<N> for [usize; N] {
    fn each(self) -> [usize; N] {
        self
    }
}
