//! Tensors printed for people.

use std::fmt;

use ndarray::ArrayD;

use super::dtype::for_dtype;
use super::handle::{Repr, Tensor};

impl fmt::Display for Tensor {
    /// The elements as `ndarray` prints them (long axes shortened, precision respected), then the dtype and shape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.repr() {
            Repr::Concrete(data) => {
                let elements: Vec<&dyn fmt::Display> = for_dtype!(data.dtype(), T => {
                    let elements = data.elements::<T>().map_err(|_| fmt::Error)?;
                    elements.iter().map(|element| element as _).collect()
                });
                let array = ArrayD::from_shape_vec(data.sizes(), elements).map_err(|_| fmt::Error)?;
                fmt::Display::fmt(&array, f)?;
                write!(f, " {}", self.describe())
            }
            Repr::Symbolic(symbolic) => write!(f, "traced tensor {}", symbolic.kind),
            Repr::Failed(error) => write!(f, "failed tensor: {error}"),
        }
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_prints_its_elements_and_its_type() {
        let tensor = Tensor::from([[1.0_f32, 2.5], [-3.0, 0.0]]);
        assert_eq!(tensor.to_string(), "[[1, 2.5],\n [-3, 0]] [2, 2; f32]");
        assert_eq!(format!("{:.2}", Tensor::from([0.125_f64])), "[0.12] [1; f64]");
        assert_eq!(format!("{:?}", Tensor::scalar(true)), "Tensor(true [; bool])");
    }
}
