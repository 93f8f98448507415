//! Shapes: lists of sizes, and what users may write for one.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::dim::{Dim, Sizes};
use super::dtype::DType;

/// The size of each dimension of a tensor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shape(Vec<Dim>);

impl Shape {
    /// The shape with these sizes.
    pub fn new(dims: Vec<Dim>) -> Self {
        Self(dims)
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The sizes, if all of them are known.
    pub fn concrete(&self) -> Option<Vec<usize>> {
        self.0.iter().map(Dim::as_usize).collect()
    }

    /// The sizes when the symbols have these values.
    pub fn evaluate(&self, sizes: &Sizes) -> Option<Vec<usize>> {
        self.0.iter().map(|dim| dim.evaluate(sizes)).collect()
    }

    /// The number of elements; none if it overflows.
    pub fn elements(&self) -> Option<Dim> {
        self.0.iter().try_fold(Dim::from(1_i64), |product, dim| product.checked_mul(dim))
    }

    /// The sizes as a list that can be changed.
    pub fn into_dims(self) -> Vec<Dim> {
        self.0
    }
}

impl Deref for Shape {
    type Target = [Dim];

    fn deref(&self) -> &[Dim] {
        &self.0
    }
}

impl FromIterator<Dim> for Shape {
    fn from_iter<I: IntoIterator<Item = Dim>>(dims: I) -> Self {
        Self(dims.into_iter().collect())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, dim) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            fmt::Display::fmt(dim, f)?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

/// The dtype and shape of a tensor: all that is known of it while it is traced.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TensorType {
    /// The element type.
    pub dtype: DType,
    /// The size of each dimension.
    pub shape: Shape,
}

impl TensorType {
    /// The type of tensors with this dtype and shape.
    pub fn new(dtype: DType, shape: Shape) -> Self {
        Self { dtype, shape }
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.shape.rank()
    }

    /// The same shape with another dtype.
    pub fn with_dtype(&self, dtype: DType) -> Self {
        Self { dtype, shape: self.shape.clone() }
    }

    /// The same dtype with another shape.
    pub fn with_shape(&self, shape: impl Into<Shape>) -> Self {
        Self { dtype: self.dtype, shape: shape.into() }
    }
}

impl fmt::Display for TensorType {
    /// `[2, ?; f32]`; with the alternate flag anonymous sizes show their number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, dim) in self.shape.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            fmt::Display::fmt(dim, f)?;
        }
        write!(f, "; {}]", self.dtype)
    }
}

impl fmt::Debug for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

impl From<Vec<Dim>> for Shape {
    fn from(dims: Vec<Dim>) -> Self {
        Self(dims)
    }
}

impl From<&Shape> for Shape {
    fn from(shape: &Shape) -> Self {
        shape.clone()
    }
}

impl From<&[Dim]> for Shape {
    fn from(dims: &[Dim]) -> Self {
        Self(dims.to_vec())
    }
}

impl From<()> for Shape {
    /// The shape of a scalar.
    fn from((): ()) -> Self {
        Self(Vec::new())
    }
}

impl<const N: usize> From<[Dim; N]> for Shape {
    fn from(dims: [Dim; N]) -> Self {
        Self(dims.into())
    }
}

macro_rules! from_integers {
    ($($type:ty),*) => {$(
        impl<const N: usize> From<[$type; N]> for Shape {
            fn from(sizes: [$type; N]) -> Self {
                sizes.into_iter().map(Dim::from).collect()
            }
        }

        impl From<Vec<$type>> for Shape {
            fn from(sizes: Vec<$type>) -> Self {
                sizes.into_iter().map(Dim::from).collect()
            }
        }

        impl From<&[$type]> for Shape {
            fn from(sizes: &[$type]) -> Self {
                sizes.iter().copied().map(Dim::from).collect()
            }
        }
    )*};
}

from_integers!(i32, i64, usize);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Symbol;

    #[test]
    fn types_print_as_in_signatures() {
        let shape = Shape::from([Dim::symbol(Symbol::anonymous(0)), Dim::from(5)]);
        let tensor = TensorType::new(DType::F32, shape);
        assert_eq!(tensor.to_string(), "[?, 5; f32]");
        assert_eq!(format!("{tensor:#}"), "[?0, 5; f32]");
        assert_eq!(TensorType::new(DType::Bool, Shape::from(())).to_string(), "[; bool]");
    }

    #[test]
    fn integer_literals_need_no_suffix() {
        assert_eq!(Shape::from([2, 3]).concrete(), Some(vec![2, 3]));
        assert_eq!(Shape::from([2, -1]).concrete(), None);
        assert_eq!(Shape::from([usize::MAX]).elements(), Some(Dim::from(i64::MAX)));
    }
}
