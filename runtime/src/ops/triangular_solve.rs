//! Systems of equations with triangular matrices.

use serde::{Deserialize, Serialize};

use super::binary::equal_shapes;
use super::matrices::{Matrices, square, triangle};
use super::number::Float;
use super::operand::{Operand, broadcast_shapes};
use super::unary::{arity, dtype_error, require};
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed, constrain, type_of};
use crate::op;
use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType, for_dtype};

impl Tensor {
    /// The `X` with `A X = B`, where `A` are these triangular matrices, `[.., n, n]`, and `B` is `[.., n, k]`; see
    /// [`TriangularSolve`] for `X A = B`, for the upper triangle, and for the transpose. Float dtypes, the same on both
    /// sides; the dimensions before the last two are broadcast.
    /// ([StableHLO `triangular_solve`](https://openxla.org/stablehlo/spec#triangular_solve))
    ///
    /// Only one triangle of `A` is read. A 0 on its diagonal gives infinity or NaN. Computed in `f64` and rounded once.
    ///
    /// ```
    /// use holotype::ops::TriangularSolve;
    /// use holotype::prelude::*;
    /// let a = Tensor::from([[2.0_f32, 0.0], [1.0, 4.0]]);
    /// let b = Tensor::from([[6.0_f32], [5.0]]);
    /// let x = a.triangular_solve(&b, TriangularSolve::default());
    /// assert_eq!(x.to_vec::<f32>()?, [3.0, 0.5]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn triangular_solve(&self, b: impl Operand, options: TriangularSolve) -> Self {
        let (b, location) = (b.to_tensor(self), Location::caller());
        let (Some(left), Some(right)) = (type_of(self), type_of(&b)) else {
            return Self::failed(TriangularSolve::NAME, &[self, &b], "", location);
        };
        if left.rank() < 2 || right.rank() < 2 {
            return apply(options, &[self, &b]);
        }
        let batch = |kind: &TensorType| -> Shape { kind.shape[..kind.rank() - 2].iter().cloned().collect() };
        let shape = constrain(|constraints| broadcast_shapes(&batch(&left), &batch(&right), constraints));
        match shape {
            Ok(shape) => {
                let batched = |operand: &Self, kind: &TensorType| {
                    let matrix = &kind.shape[kind.rank() - 2..];
                    let shape: Shape = shape.iter().chain(matrix).cloned().collect();
                    operand.broadcast_at(&shape, &location)
                };
                apply(options, &[&batched(self, &left), &batched(&b, &right)])
            }
            Err(message) => Self::failed(TriangularSolve::NAME, &[self, &b], message, location),
        }
    }
}

/// Whether a matrix is transposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransposeA {
    /// `A`
    NoTranspose,
    /// `Aᵀ`
    Transpose,
}

/// The `X` with `op(A) X = B` or `X op(A) = B`, where `op(A)` is `A` or its transpose.
///
/// ```
/// use holotype::ops::TriangularSolve;
/// let upper = TriangularSolve { lower: false, ..TriangularSolve::default() };
/// assert!(upper.left_side && !upper.unit_diagonal);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriangularSolve {
    /// Whether `A` stands on the left of `X`; so by default.
    pub left_side: bool,
    /// Whether the lower triangle of `A` is read; so by default.
    pub lower: bool,
    /// Whether the diagonal counts as ones and is not read.
    pub unit_diagonal: bool,
    /// Whether `A` is transposed.
    pub transpose_a: TransposeA,
}

impl Default for TriangularSolve {
    fn default() -> Self {
        Self { left_side: true, lower: true, unit_diagonal: false, transpose_a: TransposeA::NoTranspose }
    }
}

impl TriangularSolve {
    fn solved<T: Float>(&self, a: &Data, b: &Data) -> Result<Vec<Data>> {
        let (of_a, of_b) = (Matrices::new(a.sizes()), Matrices::new(b.sizes()));
        let (n, from) = (of_a.rows, a.elements::<T>()?);
        let mut result = b.elements::<T>()?.to_vec();
        // `X M = B` is `Mᵀ Xᵀ = Bᵀ`: columns become rows.
        let turned = (self.transpose_a == TransposeA::Transpose) == self.left_side;
        let (lines, line_stride, stride) =
            if self.left_side { (of_b.columns, 1, of_b.columns) } else { (of_b.rows, of_b.columns, 1) };
        let forward = self.lower != turned;
        let order: Vec<usize> = if forward { (0..n).collect() } else { (0..n).rev().collect() };
        for (of_a, of_b) in of_a.starts().zip(of_b.starts()) {
            let element =
                |i: usize, j: usize| from[of_a + if turned { j * n + i } else { i * n + j }].to_f64();
            for line in 0..lines {
                let place = |i: usize| of_b + line * line_stride + i * stride;
                let mut x = vec![0.0; n];
                for (done, &i) in order.iter().enumerate() {
                    let known: f64 = order[..done].iter().map(|&j| element(i, j) * x[j]).sum();
                    let rest = result[place(i)].to_f64() - known;
                    x[i] = if self.unit_diagonal { rest } else { rest / element(i, i) };
                }
                for (i, x) in x.into_iter().enumerate() {
                    result[place(i)] = T::from_f64(x);
                }
            }
        }
        Ok(vec![Data::new::<T>(b.sizes(), result)?])
    }
}

impl Op for TriangularSolve {
    const NAME: &'static str = "triangular_solve";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [a, b] = arity(operands)?;
        require(a.dtype, DType::is_float, "float")?;
        if a.dtype != b.dtype {
            return Err(format!("the dtypes {} and {} differ: convert one", a.dtype, b.dtype));
        }
        let a = square(a, constraints)?;
        let rank = a.rank();
        if b.rank() != rank {
            return Err(format!("it takes as many matrices on the right as on the left, not {b}"));
        }
        let batch = |kind: &TensorType| -> Shape { kind.shape[..rank - 2].iter().cloned().collect() };
        let mut shape: Vec<Dim> = equal_shapes(&batch(&a), &batch(b), constraints)?.into_dims();
        let mut matrix = b.shape[rank - 2..].to_vec();
        let side = usize::from(!self.left_side);
        matrix[side] = constraints
            .equal(&matrix[side], &a.shape[rank - 1])
            .map_err(|message| format!("the matrices {a} and {b} do not fit: {message}"))?;
        shape.extend(matrix);
        Ok(vec![b.with_shape(shape)])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [a, b] = operands else { return Err(check_failed("it takes 2 operands")) };
        for_dtype!(a.dtype(), T in float => self.solved::<T>(a, b), else => Err(dtype_error(a)))
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        // Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008), 2.3.
        let (a, x) = (&operands[0], &results[0]);
        let transposed = self.transpose_a == TransposeA::Transpose;
        let transpose_a = if transposed { TransposeA::NoTranspose } else { TransposeA::Transpose };
        let of_b = a.triangular_solve(&gradients[0], Self { transpose_a, ..self.clone() });
        let of_a = match (self.left_side, transposed) {
            (true, false) => of_b.matmul(x.t()),
            (true, true) => x.matmul(of_b.t()),
            (false, false) => x.t().matmul(&of_b),
            (false, true) => of_b.t().matmul(x),
        };
        vec![Some(triangle(&-of_a, self.lower, self.unit_diagonal)), Some(of_b)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX does not solve systems of equations")
    }

    fn samples() -> Vec<Sample> {
        let a = || Tensor::from([[2.0_f32, -0.5, 0.75], [1.5, -1.25, 0.25], [0.5, 1.0, 1.5]]);
        let tall = Tensor::from([[1.0_f32, 2.0], [-0.5, 0.25], [3.0, -1.0]]);
        let wide = tall.t();
        let mut samples = Vec::new();
        for (lower, unit_diagonal) in [(true, false), (false, false), (true, true), (false, true)] {
            for transpose_a in [TransposeA::NoTranspose, TransposeA::Transpose] {
                let of = |left_side| Self { left_side, lower, unit_diagonal, transpose_a };
                samples.push(Sample::new(of(true), [a(), tall.clone()]));
                samples.push(Sample::new(of(false), [a(), wide.clone()]));
            }
        }
        let several = Tensor::from([[[2.0_f64, 0.5], [0.5, 1.0]], [[1.5, -0.25], [-0.25, 3.0]]]);
        let column = Tensor::from([[[1.0_f64], [2.0]], [[0.5], [-1.0]]]);
        let half = |x: f32| Tensor::from([[half::f16::from_f32(x)]]);
        samples.push(Sample::new(Self::default(), [several, column]));
        samples.push(Sample::new(Self::default(), [half(2.0), half(3.0)]));
        let empty = |sizes: [usize; 2]| Tensor::from_vec(sizes, Vec::<half::bf16>::new());
        samples.push(Sample::new(Self::default(), [empty([0, 0]), empty([0, 2])]));
        samples
    }
}

op!(TriangularSolve);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_before_the_matrices_are_broadcast() {
        let a = Tensor::from([[2.0_f32, 9.0], [1.0, 4.0]]);
        let b = Tensor::from([[[6.0_f32], [5.0]], [[2.0], [1.0]]]);
        let x = a.triangular_solve(&b, TriangularSolve::default());
        assert_eq!(x.to_vec::<f32>().unwrap(), [3.0, 0.5, 1.0, 0.0]);
    }

    #[test]
    fn a_zero_on_the_diagonal_is_no_error() {
        let a = Tensor::from([[0.0_f64]]);
        let x = a
            .triangular_solve(Tensor::from([[1.0, 0.0]]), TriangularSolve::default())
            .to_vec::<f64>()
            .unwrap();
        assert!(x[0] == f64::INFINITY && x[1].is_nan());
        let unit = TriangularSolve { unit_diagonal: true, ..TriangularSolve::default() };
        assert_eq!(a.triangular_solve(Tensor::from([[1.0]]), unit).to_vec::<f64>().unwrap(), [1.0]);
    }

    #[test]
    fn operands_that_do_not_fit_are_refused() {
        let a = Tensor::ones([2, 2]);
        let error = |a: &Tensor, b: Tensor| {
            a.triangular_solve(b, TriangularSolve::default()).error().unwrap().to_string()
        };
        assert!(error(&a, Tensor::ones([3, 1])).contains("do not fit"));
        assert!(error(&a, Tensor::ones([2])).contains("as many matrices"));
        assert!(error(&Tensor::ones([2, 3]), Tensor::ones([2, 1])).contains("square"));
        assert!(error(&a, Tensor::from([[1_i32], [2]])).contains("differ"));
    }
}
