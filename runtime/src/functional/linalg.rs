//! Linear algebra that decompositions make up.

use crate::graph::type_of;
use crate::ops::{Operand, TransposeA, TriangularSolve};
use crate::tensor::{DType, Shape, Tensor};

impl Tensor {
    /// The `X` with `A X = B`, where these lower triangular matrices are the factors of `A`: what [`Tensor::cholesky`]
    /// gives. `[.., n, n]` and `[.., n, k]`; the dimensions before the last two are broadcast. Float dtypes.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let factor = Tensor::from([[4.0_f32, 2.0], [2.0, 10.0]]).cholesky();
    /// let x = factor.cholesky_solve(Tensor::from([[8.0_f32], [22.0]]));
    /// assert_eq!(x.to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn cholesky_solve(&self, b: impl Operand) -> Self {
        let inner = self.triangular_solve(b, TriangularSolve::default());
        let transposed = TriangularSolve { transpose_a: TransposeA::Transpose, ..TriangularSolve::default() };
        self.triangular_solve(inner, transposed)
    }

    /// The `X` with `A X = B`, where these matrices are symmetric and positive definite: `[.., n, n]` and `[.., n, k]`.
    /// Float dtypes; NaN for a matrix that is not positive definite.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let a = Tensor::from([[4.0_f32, 2.0], [2.0, 10.0]]);
    /// let x = a.solve_positive_definite(Tensor::from([[8.0_f32], [22.0]]));
    /// assert_eq!(x.to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn solve_positive_definite(&self, b: impl Operand) -> Self {
        let b = b.to_tensor(self);
        self.cholesky().cholesky_solve(b)
    }

    /// The inverse of symmetric positive definite matrices, `[.., n, n]`. Float dtypes; NaN for a matrix that is not
    /// positive definite.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let a = Tensor::from([[4.0_f32, 0.0], [0.0, 0.25]]);
    /// assert_eq!(a.inverse_positive_definite().to_vec::<f32>()?, [0.25, 0.0, 0.0, 4.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn inverse_positive_definite(&self) -> Self {
        let factor = self.cholesky();
        match type_of(&factor) {
            Some(own) => factor.cholesky_solve(on_diagonal(&own.shape).cast(own.dtype)),
            None => factor,
        }
    }

    /// The logarithm of the determinant of symmetric positive definite matrices, `[.., n, n]`. Float dtypes; NaN for a
    /// matrix that is not positive definite.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let a = Tensor::from([[4.0_f64, 2.0], [2.0, 10.0]]);
    /// assert!((a.logdet_positive_definite().to_scalar::<f64>()? - 36_f64.ln()).abs() < 1e-14);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn logdet_positive_definite(&self) -> Self {
        let factor = self.cholesky();
        let Some(own) = type_of(&factor) else { return factor };
        on_diagonal(&own.shape).select(&factor, factor.ones_like()).log().sum_axis([-2, -1]) * 2
    }
}

/// Whether an element of matrices of this shape stands on the diagonal.
fn on_diagonal(shape: &Shape) -> Tensor {
    Tensor::iota(DType::I64, shape.clone(), -2).equal(Tensor::iota(DType::I64, shape.clone(), -1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_and_empty_matrices_are_solved() {
        let a = Tensor::from([[[2.0_f64, 1.0], [1.0, 3.0]], [[5.0, 0.0], [0.0, 1.0]]]);
        let identity = a.matmul(a.inverse_positive_definite()).to_vec::<f64>().unwrap();
        for (found, expected) in identity.iter().zip([1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0]) {
            assert!((found - expected).abs() < 1e-15, "{identity:?}");
        }
        let none = Tensor::zeros([0, 0]);
        assert_eq!(none.logdet_positive_definite().to_scalar::<f32>().unwrap(), 0.0);
        assert_eq!(none.inverse_positive_definite().shape().concrete(), Some(vec![0, 0]));
        let indefinite = Tensor::from([[1.0_f32, 2.0], [2.0, 1.0]]);
        assert!(indefinite.logdet_positive_definite().to_scalar::<f32>().unwrap().is_nan());
    }
}
