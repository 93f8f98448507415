//! The Cholesky decomposition.

use serde::{Deserialize, Serialize};

use super::matrices::{Matrices, square, triangle};
use super::number::Float;
use super::triangular_solve::{TransposeA, TriangularSolve};
use super::unary::{arity, dtype_error, require};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// The lower triangular `L` with `L Lᵀ = A`, of symmetric positive definite matrices `A`: `[.., n, n]`. Float dtypes.
    /// ([StableHLO `cholesky`](https://openxla.org/stablehlo/spec#cholesky))
    ///
    /// `A` is made symmetric, `(A + Aᵀ)/2`, and so is its gradient, as in JAX. A matrix that is not positive definite
    /// gives NaN. Computed in `f64` and rounded once.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let a = Tensor::from([[4.0_f32, 2.0], [2.0, 10.0]]);
    /// assert_eq!(a.cholesky().to_vec::<f32>()?, [2.0, 0.0, 1.0, 3.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn cholesky(&self) -> Self {
        if self.rank() < 2 || !self.dtype().is_float() {
            // The op says what it takes.
            return apply(Cholesky { lower: true }, &[self]);
        }
        apply(Cholesky { lower: true }, &[&((self + self.t()) * 0.5)])
    }
}

/// The triangular factor of matrices of which it reads one triangle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cholesky {
    /// Whether the factor is the lower triangular `L` with `L Lᵀ = A`, read from the lower triangle of `A`; otherwise the
    /// upper triangular `U` with `Uᵀ U = A`, read from the upper one.
    pub lower: bool,
}

impl Cholesky {
    fn factor<T: Float>(&self, operand: &Data) -> Result<Vec<Data>> {
        let matrices = Matrices::new(operand.sizes());
        let n = matrices.rows;
        let elements = operand.elements::<T>()?;
        let mut result = vec![T::ZERO; elements.len()];
        for start in matrices.starts() {
            let place = |i: usize, j: usize| start + if self.lower { i * n + j } else { j * n + i };
            let factor = lower(n, |i, j| elements[place(i, j)].to_f64());
            for i in 0..n {
                for j in 0..=i {
                    let value = factor.as_ref().map_or(f64::NAN, |factor| factor[i * n + j]);
                    result[place(i, j)] = T::from_f64(value);
                }
            }
        }
        Ok(vec![Data::new::<T>(operand.sizes(), result)?])
    }
}

/// The lower factor, row by row (Golub and Van Loan, "Matrix computations", 4.2); none if a pivot is not positive.
fn lower(n: usize, element: impl Fn(usize, usize) -> f64) -> Option<Vec<f64>> {
    let mut factor = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| factor[i * n + k] * factor[j * n + k]).sum();
            let rest = element(i, j) - dot;
            factor[i * n + j] = if j < i {
                rest / factor[j * n + j]
            } else if rest > 0.0 && rest.is_finite() {
                rest.sqrt()
            } else {
                return None;
            };
        }
    }
    Some(factor)
}

/// The lower triangle with half of the diagonal.
fn half(matrix: &Tensor) -> Tensor {
    (triangle(matrix, true, false) + triangle(matrix, true, true)) * 0.5
}

impl Op for Cholesky {
    const NAME: &'static str = "cholesky";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        require(operand.dtype, DType::is_float, "float")?;
        Ok(vec![square(operand, constraints)?])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        for_dtype!(operand.dtype(), T in float => self.factor::<T>(operand), else => Err(dtype_error(operand)))
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        // Murray, "Differentiation of the Cholesky decomposition" (2016), equation 10.
        let turned = |matrix: &Tensor| if self.lower { matrix.clone() } else { matrix.t() };
        let (factor, gradient) = (turned(&results[0]), turned(&gradients[0]));
        let inner = half(&factor.t().matmul(gradient));
        let solve = TriangularSolve::default();
        let transposed = TriangularSolve { transpose_a: TransposeA::Transpose, ..solve.clone() };
        let inner = factor.triangular_solve(inner, transposed);
        let inner = factor.triangular_solve(inner, TriangularSolve { left_side: false, ..solve });
        // Only one triangle is read, so its elements stand for those of the other too.
        vec![Some(turned(&half(&(&inner + inner.t()))))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX has no decompositions of matrices")
    }

    fn samples() -> Vec<Sample> {
        let of = |lower| Self { lower };
        let x = || Tensor::from([[4.0_f32, 1.5, 0.5], [1.5, 3.0, -1.0], [0.5, -1.0, 2.5]]);
        let several = Tensor::from([[[2.0_f64, 0.5], [0.5, 1.0]], [[1.5, -0.25], [-0.25, 3.0]]]);
        vec![
            Sample::new(of(true), [x()]),
            Sample::new(of(false), [x()]),
            Sample::new(of(true), [several]),
            Sample::new(of(true), [Tensor::from([[half::f16::from_f32(4.0)]])]),
            Sample::new(of(false), [Tensor::from_vec([2, 0, 0], Vec::<f32>::new())]),
        ]
    }
}

op!(Cholesky);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_that_is_not_positive_definite_gives_nan() {
        for wrong in [[[1.0_f64, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]], [[f64::NAN, 0.0], [0.0, 1.0]]] {
            let factor = Tensor::from(wrong).cholesky().to_vec::<f64>().unwrap();
            assert!(factor[0].is_nan() && factor[2].is_nan() && factor[3].is_nan() && factor[1] == 0.0);
        }
    }

    #[test]
    fn the_gradient_is_symmetric_in_the_method_and_one_triangle_in_the_op() {
        let a = Tensor::from([[4.0_f64, 7.0], [2.0, 10.0]]);
        let factor = apply(Cholesky { lower: true }, &[&a]);
        assert_eq!(factor.to_vec::<f64>().unwrap(), [2.0, 0.0, 1.0, 3.0]);
        let upper = apply(Cholesky { lower: false }, &[&a.t()]);
        assert_eq!(upper.to_vec::<f64>().unwrap(), [2.0, 1.0, 0.0, 3.0]);
        let gradients =
            Cholesky { lower: true }.gradient(&[a], std::slice::from_ref(&factor), &[factor.ones_like()]);
        let gradient = gradients[0].as_ref().unwrap().to_vec::<f64>().unwrap();
        assert_eq!(gradient[1], 0.0);
    }

    #[test]
    fn operands_that_are_no_square_matrices_are_refused() {
        let error = |x: Tensor| x.cholesky().error().unwrap().to_string();
        assert!(error(Tensor::from([1.0_f32])).contains("square"));
        assert!(error(Tensor::zeros([2, 3])).contains('3'));
        assert!(error(Tensor::from([[1]])).contains("float"));
    }
}
