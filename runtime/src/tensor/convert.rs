//! Tensors from Rust values and `ndarray` arrays, and back.

use ndarray::{Array, ArrayD, ArrayView, Dimension};

use super::data::Data;
use super::dtype::Element;
use super::handle::Tensor;
use super::scalar::Scalar;
use crate::error::{Error, Result};

impl Tensor {
    /// A tensor of shape `[len]`, `[rows, columns]`, … from elements in row-major order.
    ///
    /// A number of elements other than the product of the sizes is an error that the tensor carries.
    pub fn from_vec<T: Element>(sizes: impl Into<Vec<usize>>, elements: Vec<T>) -> Self {
        Data::new(sizes, elements).map(Self::from_data).into()
    }

    /// A tensor without dimensions.
    pub fn scalar<T: Element>(value: T) -> Self {
        Self::from_data(Data::scalar(value))
    }

    /// The elements as an `ndarray` array of any rank; copies them.
    ///
    /// # Errors
    /// The error the tensor carries; [`Error::Conversion`] if `T` is not its dtype; [`Error::NoValue`] while it is traced.
    #[track_caller]
    pub fn to_array<T: Element>(&self) -> Result<ArrayD<T>> {
        Ok(self.data()?.view::<T>()?.to_owned())
    }

    /// The elements as an `ndarray` array of any rank; moves them where no other tensor shares them.
    ///
    /// # Errors
    /// As [`Tensor::to_array`].
    #[track_caller]
    pub fn into_array<T: Element>(self) -> Result<ArrayD<T>> {
        self.into_data()?.into_array()
    }

    /// The elements in row-major order; copies them.
    ///
    /// # Errors
    /// As [`Tensor::to_array`].
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        Ok(self.data()?.elements::<T>()?.to_vec())
    }

    /// The only element.
    ///
    /// # Errors
    /// As [`Tensor::to_array`], and if there is not exactly one element.
    #[track_caller]
    pub fn to_scalar<T: Element>(&self) -> Result<T> {
        let data = self.data()?;
        match data.elements::<T>()? {
            [value] => Ok(*value),
            _ => Err(Error::Conversion {
                expected: "one number".into(),
                found: data.describe(),
                advice: "reduce it to one element first, or use `to_vec`".into(),
            }),
        }
    }
}

impl<T: Element, D: Dimension> From<Array<T, D>> for Tensor {
    /// Takes the array's memory over; copies only if it is not in row-major order.
    fn from(array: Array<T, D>) -> Self {
        Self::from_data(Data::from(array.into_dyn()))
    }
}

impl<T: Element, D: Dimension> From<&Array<T, D>> for Tensor {
    fn from(array: &Array<T, D>) -> Self {
        Self::from(array.to_owned())
    }
}

impl<T: Element, D: Dimension> From<ArrayView<'_, T, D>> for Tensor {
    fn from(array: ArrayView<'_, T, D>) -> Self {
        Self::from(array.to_owned())
    }
}

impl<T: Element> From<T> for Tensor {
    /// A tensor without dimensions.
    fn from(value: T) -> Self {
        Self::scalar(value)
    }
}

impl<T: Element> From<Vec<T>> for Tensor {
    fn from(elements: Vec<T>) -> Self {
        Self::from_vec([elements.len()], elements)
    }
}

impl<T: Element> From<&[T]> for Tensor {
    fn from(elements: &[T]) -> Self {
        Self::from(elements.to_vec())
    }
}

impl<T: Element, const N: usize> From<[T; N]> for Tensor {
    fn from(elements: [T; N]) -> Self {
        Self::from(elements.to_vec())
    }
}

impl<T: Element, const N: usize, const M: usize> From<[[T; N]; M]> for Tensor {
    fn from(rows: [[T; N]; M]) -> Self {
        Self::from_vec([M, N], rows.concat())
    }
}

impl<T: Element, const N: usize, const M: usize, const L: usize> From<[[[T; N]; M]; L]> for Tensor {
    fn from(blocks: [[[T; N]; M]; L]) -> Self {
        Self::from_vec([L, M, N], blocks.concat().concat())
    }
}

impl From<Scalar> for Tensor {
    /// A tensor without dimensions, of [`Scalar::default_dtype`].
    fn from(scalar: Scalar) -> Self {
        scalar
            .to_data(scalar.default_dtype())
            .map_err(|message| Error::Conversion {
                expected: "a tensor".into(),
                found: format!("{scalar:?}"),
                advice: message,
            })
            .map(Self::from_data)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array0, Array3, array};

    #[test]
    fn arrays_of_every_rank_come_and_go() {
        let array = Array3::from_shape_fn((2, 0, 3), |(i, j, k)| (i + j + k) as u16);
        assert_eq!(Tensor::from(&array).to_array::<u16>().unwrap(), array.into_dyn());
        let scalar = Array0::from_elem((), true);
        assert_eq!(Tensor::from(scalar.clone()).into_array::<bool>().unwrap(), scalar.into_dyn());
        let view = array![[1.5_f64, 2.5]];
        assert_eq!(Tensor::from(view.t()).to_vec::<f64>().unwrap(), [1.5, 2.5]);
        assert_eq!(Tensor::from([[[1_i8, 2]], [[3, 4]]]).to_array::<i8>().unwrap().shape(), [2, 1, 2]);
    }

    #[test]
    fn reading_as_the_wrong_type_says_what_to_do() {
        let error = Tensor::from([1_i32]).to_vec::<f32>().unwrap_err().to_string();
        assert!(error.contains("[1; i32]") && error.contains(".cast(DType::F32)"), "{error}");
        let error = Tensor::from([1_i32, 2]).to_scalar::<i32>().unwrap_err().to_string();
        assert!(error.contains("one number"), "{error}");
        let error = Tensor::from_vec([2, 2], vec![1_u8]).to_vec::<u8>().unwrap_err().to_string();
        assert!(error.contains("product of the sizes"), "{error}");
    }
}
