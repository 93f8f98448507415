//! Sizes that a tensor is said to have.

use crate::error::Location;
use crate::graph::{constrain, type_of};
use crate::tensor::{Dim, Tensor};

impl Tensor {
    /// The tensor itself, where its sizes are these; `None` stands for any size. Every dtype.
    ///
    /// In a trace, a size that nothing was known of is this one from here on: the signature of the function says so. TensorFlow has
    /// the same as `tf.ensure_shape`.
    ///
    /// ```
    /// use holotype::Tensor;
    /// assert!(Tensor::zeros([2, 3]).ensure_shape(&[None, Some(3)]).error().is_none());
    /// assert!(Tensor::zeros([2, 3]).ensure_shape(&[None, Some(4)]).error().is_some());
    /// ```
    ///
    /// # Errors
    /// The result carries an error if the tensor has another rank or other sizes.
    #[track_caller]
    pub fn ensure_shape(&self, sizes: &[Option<usize>]) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let text: Vec<_> = sizes
            .iter()
            .map(|size| size.map_or_else(|| "None".to_owned(), |size| size.to_string()))
            .collect();
        let wrong = |reason: &str| {
            let message = format!("expected sizes [{}]{reason}", text.join(", "));
            Self::failed("ensure_shape", &[self], message, location.clone())
        };
        if own.rank() != sizes.len() {
            return wrong(&format!(", found the rank {}", own.rank()));
        }
        for (axis, (found, expected)) in own.shape.iter().zip(sizes).enumerate() {
            let Some(expected) = expected.and_then(|size| i64::try_from(size).ok()) else { continue };
            let equal = constrain(|constraints| constraints.equal(found, &Dim::from(expected)));
            if let Err(message) = equal {
                return wrong(&format!(", in dimension {axis}: {message}"));
            }
        }
        self.clone()
    }
}
