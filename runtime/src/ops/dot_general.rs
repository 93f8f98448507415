//! Contraction of two tensors: the sum of products over pairs of dimensions.

use half::{bf16, f16};
use serde::{Deserialize, Serialize};

use super::convert::converted;
use super::factor::{Factor, computed_in, matrix, matrix_mut};
use super::operand::Operand;
use super::places::Strided;
use super::unary::{arity, require};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Shape, Sizes, Tensor, TensorType, element_count};

impl Tensor {
    /// The sum of products over pairs of contracting dimensions, for each index of the pairs of batching dimensions.
    ///
    /// The dimensions of the result are the batching ones in the given order, then the rest of this tensor's, then the
    /// rest of the other's. Numeric dtypes, the same on both sides; integers wrap, halves are summed in `f32` and rounded
    /// once. ([StableHLO `dot_general`](https://openxla.org/stablehlo/spec#dot_general))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let (x, y) = (Tensor::from([[1, 2], [3, 4]]), Tensor::from([[5, 6], [7, 8]]));
    /// // For each row of both, the scalar product.
    /// let products = x.dot_general(&y, (&[1], &[1]), (&[0], &[0]));
    /// assert_eq!(products.to_vec::<i32>()?, [17, 53]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn dot_general(
        &self,
        other: impl Operand,
        contracting: (&[usize], &[usize]),
        batching: (&[usize], &[usize]),
    ) -> Self {
        let op = DotGeneral {
            lhs_batching_dimensions: batching.0.to_vec(),
            rhs_batching_dimensions: batching.1.to_vec(),
            lhs_contracting_dimensions: contracting.0.to_vec(),
            rhs_contracting_dimensions: contracting.1.to_vec(),
        };
        apply(op, &[self, &other.to_tensor(self)])
    }
}

/// The sum of `lhs * rhs` over pairs of dimensions.
// The names are those of the specification.
#[allow(clippy::struct_field_names)]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DotGeneral {
    /// The dimensions of the left operand that index the products.
    pub lhs_batching_dimensions: Vec<usize>,
    /// The dimensions of the right operand that index the products.
    pub rhs_batching_dimensions: Vec<usize>,
    /// The dimensions of the left operand that are summed over.
    pub lhs_contracting_dimensions: Vec<usize>,
    /// The dimensions of the right operand that are summed over.
    pub rhs_contracting_dimensions: Vec<usize>,
}

/// The dimensions of one operand by what becomes of them.
struct Side<'a> {
    batching: &'a [usize],
    free: Vec<usize>,
    contracting: &'a [usize],
}

impl<'a> Side<'a> {
    fn new(batching: &'a [usize], contracting: &'a [usize], rank: usize) -> Self {
        let free = (0..rank).filter(|axis| !batching.contains(axis) && !contracting.contains(axis)).collect();
        Self { batching, free, contracting }
    }

    /// The operand as a batch of matrices, with their number, rows and columns; the rows of the right one are what is
    /// summed over.
    fn matrices(&self, operand: &Data, contract_rows: bool) -> Result<(Data, [usize; 3])> {
        let size = |axes: &[usize]| axes.iter().map(|&axis| operand.sizes()[axis]).product::<usize>();
        let free = self.free.as_slice();
        let (rows, columns) = if contract_rows { (self.contracting, free) } else { (free, self.contracting) };
        let order: Vec<_> = [self.batching, rows, columns].concat();
        let ordered = Strided::whole(operand.sizes()).permuted(&order).read(operand)?;
        Ok((ordered, [size(self.batching), size(rows), size(columns)]))
    }
}

impl DotGeneral {
    fn left(&self, rank: usize) -> Side<'_> {
        Side::new(&self.lhs_batching_dimensions, &self.lhs_contracting_dimensions, rank)
    }

    fn right(&self, rank: usize) -> Side<'_> {
        Side::new(&self.rhs_batching_dimensions, &self.rhs_contracting_dimensions, rank)
    }

    /// The products of matrices, batch by batch.
    fn products<T: Factor>(&self, left: &Data, right: &Data) -> Result<Vec<T>> {
        let (left, [batch, rows, inner]) = self.left(left.sizes().len()).matrices(left, false)?;
        let (right, [_, _, columns]) = self.right(right.sizes().len()).matrices(right, true)?;
        let (left, right) = (left.elements::<T>()?, right.elements::<T>()?);
        let mut result = vec![T::default(); batch * rows * columns];
        for index in 0..batch {
            let of = |size: usize| index * size..(index + 1) * size;
            T::product(
                matrix(&left[of(rows * inner)], rows, inner)?,
                matrix(&right[of(inner * columns)], inner, columns)?,
                matrix_mut(&mut result[of(rows * columns)], rows, columns)?,
            );
        }
        Ok(result)
    }

    fn check(&self, left: &TensorType, right: &TensorType) -> Result<(), String> {
        if left.dtype != right.dtype {
            return Err(format!(
                "the dtypes {} and {} differ: convert one with `.cast(...)`",
                left.dtype, right.dtype
            ));
        }
        require(left.dtype, DType::is_numeric, "numeric")?;
        let sides = [
            (left, &self.lhs_batching_dimensions, &self.lhs_contracting_dimensions),
            (right, &self.rhs_batching_dimensions, &self.rhs_contracting_dimensions),
        ];
        for (operand, batching, contracting) in sides {
            let mut used: Vec<_> = batching.iter().chain(contracting).copied().collect();
            used.sort_unstable();
            if used.windows(2).any(|pair| pair[0] == pair[1])
                || used.last().is_some_and(|&axis| axis >= operand.rank())
            {
                return Err(format!(
                    "the dimensions {batching:?} and {contracting:?} are not dimensions of {operand}, each once"
                ));
            }
        }
        if self.lhs_batching_dimensions.len() != self.rhs_batching_dimensions.len()
            || self.lhs_contracting_dimensions.len() != self.rhs_contracting_dimensions.len()
        {
            return Err("both operands need as many batching and as many contracting dimensions".into());
        }
        Ok(())
    }
}

impl Op for DotGeneral {
    const NAME: &'static str = "dot_general";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [left, right] = arity(operands)?;
        self.check(left, right)?;
        let mut shape = Vec::new();
        for (&a, &b) in self.lhs_batching_dimensions.iter().zip(&self.rhs_batching_dimensions) {
            shape.push(constraints.equal(&left.shape[a], &right.shape[b])?);
        }
        for (&a, &b) in self.lhs_contracting_dimensions.iter().zip(&self.rhs_contracting_dimensions) {
            constraints.equal(&left.shape[a], &right.shape[b])?;
        }
        shape.extend(self.left(left.rank()).free.iter().map(|&axis| left.shape[axis].clone()));
        shape.extend(self.right(right.rank()).free.iter().map(|&axis| right.shape[axis].clone()));
        Ok(vec![TensorType::new(left.dtype, Shape::new(shape))])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [left, right] = operands else { return Err(check_failed("it takes 2 operands")) };
        let (lhs, rhs) = (self.left(left.sizes().len()), self.right(right.sizes().len()));
        let mut sizes: Vec<_> = lhs.batching.iter().map(|&axis| left.sizes()[axis]).collect();
        sizes.extend(lhs.free.iter().map(|&axis| left.sizes()[axis]));
        sizes.extend(rhs.free.iter().map(|&axis| right.sizes()[axis]));
        if element_count(&sizes).and_then(|count| count.checked_mul(left.dtype().size())).is_none() {
            return Err(check_failed(format!(
                "dot_general: a result of sizes {sizes:?} does not fit in memory"
            )));
        }
        let dtype = left.dtype();
        let wide = computed_in(dtype);
        let (left, right) = (converted(left, wide)?, converted(right, wide)?);
        let result = match wide {
            DType::F32 => Data::new(sizes, self.products::<f32>(&left, &right)?),
            DType::F64 => Data::new(sizes, self.products::<f64>(&left, &right)?),
            _ => Data::new(sizes, self.products::<i64>(&left, &right)?),
        };
        Ok(vec![converted(&result?, dtype)?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (left, right) = (&operands[0], &operands[1]);
        let (lhs, rhs) = (self.left(left.rank()), self.right(right.rank()));
        let batch: Vec<_> = (0..lhs.batching.len()).collect();
        let split = batch.len() + lhs.free.len();
        let of_left: Vec<_> = (batch.len()..split).collect();
        let of_right: Vec<_> = (split..split + rhs.free.len()).collect();
        // The other operand's free dimensions are summed over. Whichever factor stands first gives the first dimensions of the product:
        // the one whose dimensions then need no other order, if there is one.
        let toward = |own: &Side, other: &Side, operand: &Tensor, summed: &[usize]| {
            let mut pairs: Vec<_> = other.contracting.iter().zip(own.contracting).collect();
            crate::sorted::sort(&mut pairs);
            let contracting: Vec<_> = pairs.into_iter().map(|(_, &axis)| axis).collect();
            let operand_first: Vec<_> =
                own.batching.iter().chain(&contracting).chain(&own.free).copied().collect();
            let in_order = operand_first.iter().copied().eq(0..operand_first.len());
            let (product, order) = if in_order {
                let product =
                    operand.dot_general(&gradients[0], (&other.free, summed), (other.batching, &batch));
                (product, operand_first)
            } else {
                let product =
                    gradients[0].dot_general(operand, (summed, &other.free), (&batch, other.batching));
                (product, own.batching.iter().chain(&own.free).chain(&contracting).copied().collect())
            };
            let mut permutation = vec![0_isize; order.len()];
            for (from, to) in order.into_iter().enumerate() {
                permutation[to] = from.cast_signed();
            }
            product.transpose(permutation)
        };
        vec![Some(toward(&lhs, &rhs, right, &of_right)), Some(toward(&rhs, &lhs, left, &of_left))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("MatMul, Einsum")
    }

    fn samples() -> Vec<Sample> {
        let op = |contracting: (&[usize], &[usize]), batching: (&[usize], &[usize])| Self {
            lhs_batching_dimensions: batching.0.to_vec(),
            rhs_batching_dimensions: batching.1.to_vec(),
            lhs_contracting_dimensions: contracting.0.to_vec(),
            rhs_contracting_dimensions: contracting.1.to_vec(),
        };
        let x = Tensor::from([[1.5_f32, -2.0, 0.5], [3.0, 0.25, -1.0]]);
        let half =
            |values: &[f32]| Tensor::from(values.iter().map(|&v| f16::from_f32(v)).collect::<Vec<_>>());
        let block =
            Tensor::from([[[1.0_f64, 2.0], [3.0, 4.0], [5.0, 6.0]], [[-1.0, 0.5], [2.0, -2.0], [0.0, 1.0]]]);
        vec![
            Sample::new(op((&[1], &[1]), (&[], &[])), [x.clone(), x.clone()]),
            Sample::new(op((&[0], &[0]), (&[1], &[1])), [x.clone(), x]),
            Sample::new(op((&[2, 1], &[0, 2]), (&[], &[])), [block.clone(), block.transpose([2, 0, 1])]),
            Sample::new(op((&[1], &[2]), (&[2], &[0])), [block.clone(), block.transpose([2, 0, 1])]),
            Sample::new(op((&[], &[]), (&[], &[])), [Tensor::from([2_u8, 200]), Tensor::from([3_u8, 4])]),
            Sample::new(
                op((&[0], &[0]), (&[], &[])),
                [Tensor::from([i64::MAX, 2]), Tensor::from([2_i64, 3])],
            ),
            Sample::new(op((&[0], &[0]), (&[], &[])), [half(&[0.5, 2.0]), half(&[3.0, -1.0])]),
            Sample::new(
                op((&[1], &[0]), (&[], &[])),
                [Tensor::from_vec([2, 0], Vec::<f32>::new()), Tensor::from_vec([0, 3], Vec::<f32>::new())],
            ),
            Sample::new(
                op((&[2], &[1]), (&[0], &[0])),
                [
                    Tensor::from_vec([0, 2, 1], Vec::<bf16>::new()),
                    Tensor::from_vec([0, 1, 2], Vec::<bf16>::new()),
                ],
            ),
        ]
    }
}

op!(DotGeneral);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_over_nothing_is_zero() {
        let (x, y) = (Tensor::zeros([2, 0]), Tensor::zeros([0, 3]));
        assert_eq!(x.matmul(&y).to_vec::<f32>().unwrap(), [0.0; 6]);
        let ints = x.cast(DType::I32).matmul(y.cast(DType::I32));
        assert_eq!(ints.to_vec::<i32>().unwrap(), [0; 6]);
        assert_eq!(Tensor::zeros([0, 2]).matmul(Tensor::zeros([2, 3])).shape().concrete(), Some(vec![0, 3]));
    }

    #[test]
    fn halves_are_rounded_once_and_integers_wrap() {
        // 2048 + 1 + 1 is 2050 in f32; rounded after each step in f16 it would stay 2048.
        let x = Tensor::from([2048.0_f32, 1.0, 1.0]).cast(DType::F16);
        let sum = x.dot_general(x.ones_like(), (&[0], &[0]), (&[], &[]));
        assert_eq!(sum.to_scalar::<f16>().unwrap(), f16::from_f32(2050.0));
        let x = Tensor::from([100_i8, 100]);
        assert_eq!(x.dot_general(&x, (&[0], &[0]), (&[], &[])).to_scalar::<i8>().unwrap(), 32);
    }

    #[test]
    fn wrong_dimensions_are_refused() {
        let x = Tensor::from([[1.0_f32, 2.0]]);
        for (contracting, batching) in [
            ((&[2][..], &[0][..]), (&[][..], &[][..])),
            ((&[0], &[0]), (&[0], &[1])),
            ((&[0, 1], &[0]), (&[], &[])),
            ((&[0], &[1]), (&[], &[])),
        ] {
            assert!(x.dot_general(&x, contracting, batching).error().is_some());
        }
        let truth = Tensor::from([true]);
        assert!(truth.dot_general(&truth, (&[0], &[0]), (&[], &[])).error().is_some());
    }
}
