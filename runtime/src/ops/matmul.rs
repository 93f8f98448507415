//! Products of matrices, vectors and batches of them, by NumPy's rule.

use super::operand::{Operand, broadcast_shapes};
use crate::error::Location;
use crate::graph::{Constraints, constrain, type_of};
use crate::tensor::{Dim, Shape, Tensor, TensorType};

impl Tensor {
    /// The product of two matrices; of a vector and a matrix; of batches of matrices.
    ///
    /// As NumPy's `matmul`: the last dimension of this tensor and the second to last of the other are summed over and
    /// must be equal; a tensor of rank 1 is a row on the left and a column on the right, and that dimension goes from the
    /// result; dimensions before the last two index matrices and are broadcast. A tensor without dimensions is an error.
    ///
    /// | this | other | result |
    /// |---|---|---|
    /// | `[m, k]` | `[k, n]` | `[m, n]` |
    /// | `[k]` | `[k]` | `[]` |
    /// | `[k]` | `[.., k, n]` | `[.., n]` |
    /// | `[.., m, k]` | `[k]` | `[.., m]` |
    /// | `[2, 1, m, k]` | `[5, k, n]` | `[2, 5, m, n]` |
    ///
    /// Numeric dtypes, the same on both sides; integers wrap, halves are summed in `f32` and rounded once.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.matmul(Tensor::from([[1.0_f32], [10.0]])).to_vec::<f32>()?, [21.0, 43.0]);
    /// assert_eq!(x.matmul(Tensor::from([1.0_f32, 10.0])).shape().to_string(), "[2]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn matmul(&self, other: impl Operand) -> Self {
        let other = other.to_tensor(self);
        let location = Location::caller();
        let (Some(left), Some(right)) = (type_of(self), type_of(&other)) else {
            return Self::failed("matmul", &[self, &other], "", location);
        };
        let batch = match constrain(|constraints| check(&left, &right, constraints)) {
            Ok(batch) => batch,
            Err(message) => return Self::failed("matmul", &[self, &other], message, location),
        };
        let rows = right.rank().saturating_sub(2);
        if left.rank() == 1 || right.rank() <= 2 {
            // Without matrices on both sides to pair up, the remaining dimensions stand in the right order by themselves.
            return self.dot_general(&other, (&[left.rank() - 1], &[rows]), (&[], &[]));
        }
        let batched = |operand: &Self, kind: &TensorType| {
            let matrix = &kind.shape[kind.rank() - 2..];
            operand.broadcast_at(&batch.iter().chain(matrix).cloned().collect::<Shape>(), &location)
        };
        let rank = batch.rank();
        let indices: Vec<_> = (0..rank).collect();
        batched(self, &left).dot_general(
            batched(&other, &right),
            (&[rank + 1], &[rank]),
            (&indices, &indices),
        )
    }
}

/// What the dimensions that index matrices broadcast to.
fn check(left: &TensorType, right: &TensorType, constraints: &mut dyn Constraints) -> Result<Shape, String> {
    if left.dtype != right.dtype {
        let (a, b) = (left.dtype, right.dtype);
        return Err(format!("the dtypes {a} and {b} differ: convert one with `.cast(DType::{a:?})`"));
    }
    if left.rank() == 0 || right.rank() == 0 {
        return Err("a tensor without dimensions is no matrix: multiply by it with `*`".into());
    }
    let (k, row) = (left.rank() - 1, right.rank().saturating_sub(2));
    constraints.equal(&left.shape[k], &right.shape[row]).map_err(|message| {
        format!(
            "the last size of {} ({}) and the {} size of {} ({}) must be equal: {message}",
            left.shape,
            left.shape[k],
            if right.rank() == 1 { "only" } else { "second to last" },
            right.shape,
            right.shape[row],
        )
    })?;
    let batch = |kind: &TensorType| -> Vec<Dim> { kind.shape[..kind.rank().saturating_sub(2)].to_vec() };
    broadcast_shapes(&Shape::new(batch(left)), &Shape::new(batch(right)), constraints).map_err(|message| {
        format!(
            "of {} and {} the sizes before the last two must broadcast: {message}",
            left.shape, right.shape
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(left: &[i64], right: &[i64]) -> Option<Vec<usize>> {
        let product = Tensor::zeros(left).matmul(Tensor::zeros(right));
        product.ok().ok().and_then(|product| product.shape().concrete())
    }

    #[test]
    fn shapes_are_numpys() {
        assert_eq!(shape(&[4], &[4]), Some(vec![]));
        assert_eq!(shape(&[4], &[4, 3]), Some(vec![3]));
        assert_eq!(shape(&[2, 4], &[4]), Some(vec![2]));
        assert_eq!(shape(&[5, 2, 4], &[4]), Some(vec![5, 2]));
        assert_eq!(shape(&[4], &[6, 5, 4, 3]), Some(vec![6, 5, 3]));
        assert_eq!(shape(&[6, 5, 2, 4], &[4, 3]), Some(vec![6, 5, 2, 3]));
        assert_eq!(shape(&[2, 4], &[5, 4, 3]), Some(vec![5, 2, 3]));
        assert_eq!(shape(&[2, 1, 2, 4], &[5, 4, 3]), Some(vec![2, 5, 2, 3]));
        assert_eq!(shape(&[0, 2, 4], &[1, 4, 3]), Some(vec![0, 2, 3]));
        assert_eq!(shape(&[], &[4]), None);
        assert_eq!(shape(&[2, 4], &[3, 4]), None);
        assert_eq!(shape(&[2, 2, 4], &[3, 4, 1]), None);
    }

    #[test]
    fn batches_pair_up() {
        let x = Tensor::from([[[1_i32, 2]], [[3, 4]]]);
        let y = Tensor::from([[[1_i32], [10]], [[100], [1000]]]);
        assert_eq!(x.matmul(&y).to_vec::<i32>().unwrap(), [21, 4300]);
        let z = Tensor::from([[1_i32, 1], [2, 0]]).matmul(&y);
        assert_eq!(z.to_vec::<i32>().unwrap(), [11, 2, 1100, 200]);
    }

    #[test]
    fn the_error_says_which_sizes_must_agree() {
        let wrong = Tensor::zeros([2, 4]).matmul(Tensor::zeros([3, 4]));
        let error = wrong.error().unwrap().to_string();
        for part in ["matmul([2, 4; f32], [3, 4; f32])", "last size of [2, 4] (4)", "[3, 4] (3)", "matmul.rs"]
        {
            assert!(error.contains(part), "{error}");
        }
        let error = Tensor::zeros([2, 2]).matmul(Tensor::from([1, 2])).error().unwrap().to_string();
        assert!(error.contains("f32 and i32") && error.contains(".cast(DType::F32)"), "{error}");
        assert!(Tensor::zeros([2, 2]).matmul(2.0).error().unwrap().to_string().contains('*'));
    }
}
