//! Windows of a tensor, found by indices.

use serde::{Deserialize, Serialize};

use super::index_dimensions::{IndexDimensions, OutOfBounds};
use super::operand::Operand;
use super::places::pick;
use super::scatter::Combine;
use super::unary::arity;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{Data, Dim, Shape, Sizes, Tensor, TensorType};

impl Tensor {
    /// The windows of this tensor at which the indices point, with `slice_sizes` for each dimension of this tensor.
    ///
    /// The general form, of which [`Tensor::take`] and [`Tensor::take_along_axis`] are cases; see [`IndexDimensions`] for
    /// what goes where, and an example. Every dtype; indices of an integer dtype.
    /// ([StableHLO `gather`](https://openxla.org/stablehlo/spec#gather), which has [`OutOfBounds::Clamp`])
    #[track_caller]
    pub fn gather(
        &self,
        start_indices: impl Operand,
        slice_sizes: impl Into<Shape>,
        dimensions: &IndexDimensions,
        out_of_bounds: OutOfBounds,
    ) -> Self {
        let (dimensions, slice_sizes) = (dimensions.clone(), slice_sizes.into());
        let indices = start_indices.to_tensor(self);
        apply(Gather { dimensions, slice_sizes, out_of_bounds }, &[self, &indices])
    }
}

/// The windows of the first operand at which the second points.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gather {
    /// What goes where.
    pub dimensions: IndexDimensions,
    /// The size of a window along each dimension of the operand; 1 where it is collapsed or batching.
    pub slice_sizes: Shape,
    /// What becomes of indices that leave the operand.
    pub out_of_bounds: OutOfBounds,
}

impl Gather {
    fn gathered(&self, operand: &Data, indices: &Data, slice: &[usize]) -> Result<Data> {
        let dims = &self.dimensions;
        let windows = dims.windows(operand.sizes(), indices, slice, self.out_of_bounds)?;
        let kind = TensorType::new(indices.dtype(), Shape::from(indices.sizes()));
        let window = dims.window_dims(slice.len()).into_iter().map(|axis| Dim::from(slice[axis])).collect();
        let shape = dims.values_shape(&kind, window).concrete();
        let shape = shape.ok_or_else(|| check_failed("gather: a size is not known"))?;
        let mut outside = false;
        let gathered =
            pick(operand, &shape, windows.places(&shape).inspect(|place| outside |= place.is_none()))?;
        if self.out_of_bounds == OutOfBounds::Clamp && outside {
            let message = format!("gather: no window of sizes {slice:?} lies in {}", operand.describe());
            return Err(check_failed(message));
        }
        Ok(gathered)
    }
}

impl Op for Gather {
    const NAME: &'static str = "gather";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [operand, indices] = arity(operands)?;
        self.dimensions.check(operand, indices, constraints)?;
        if self.slice_sizes.rank() != operand.rank() {
            return Err(format!(
                "slice_sizes {} are not one for each dimension of {operand}",
                self.slice_sizes
            ));
        }
        let window_dims = self.dimensions.window_dims(operand.rank());
        for (axis, (slice, size)) in self.slice_sizes.iter().zip(operand.shape.iter()).enumerate() {
            let rest = size.checked_sub(slice).ok_or("a size overflows")?;
            let negative = |dim: &Dim| dim.constant().is_some_and(|dim| dim < 0);
            if window_dims.contains(&axis) && (negative(slice) || negative(&rest)) {
                return Err(format!(
                    "a window of size {slice} does not fit in dimension {axis} of {operand}"
                ));
            }
            if !window_dims.contains(&axis) && *slice != 1 {
                return Err(format!(
                    "a window has size 1 in dimension {axis}, which the result lacks, not {slice}"
                ));
            }
        }
        let window = window_dims.into_iter().map(|axis| self.slice_sizes[axis].clone()).collect();
        let values = self.dimensions.values_shape(indices, window);
        let lie_nowhere = operand.shape.iter().any(|size| *size == 0)
            && values.elements().and_then(|count| count.constant()).is_some_and(|count| count > 0);
        if self.out_of_bounds == OutOfBounds::Clamp && lie_nowhere {
            return Err(format!("no window of sizes {} lies in {operand}", self.slice_sizes));
        }
        Ok(vec![operand.with_shape(values)])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand, indices] = operands else { return Err(check_failed("it takes 2 operands")) };
        let slice = self.slice_sizes.evaluate(sizes);
        let slice = slice.ok_or_else(|| check_failed("gather: a size of the window is not known"))?;
        Ok(vec![self.gathered(operand, indices, &slice)?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (zeros, indices) = (operands[0].zeros_like(), &operands[1]);
        let sum = zeros.scatter(indices, &gradients[0], Combine::Add, &self.dimensions, self.out_of_bounds);
        vec![Some(sum), None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("GatherND, Gather, GatherElements")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let slice_sizes: Option<Shape> = self.slice_sizes.iter().map(map).collect();
        Some(Self { slice_sizes: slice_sizes?, ..self.clone() })
    }

    fn samples() -> Vec<Sample> {
        let rows = IndexDimensions {
            offset_dims: vec![1],
            collapsed_slice_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: 1,
            ..IndexDimensions::default()
        };
        let windows = IndexDimensions {
            offset_dims: vec![0, 2],
            start_index_map: vec![1, 0],
            index_vector_dim: 0,
            ..IndexDimensions::default()
        };
        let along = IndexDimensions {
            collapsed_slice_dims: vec![1],
            operand_batching_dims: vec![0],
            start_indices_batching_dims: vec![0],
            start_index_map: vec![1],
            index_vector_dim: 2,
            ..IndexDimensions::default()
        };
        let of = |dimensions: &IndexDimensions, slice: &[i64], out_of_bounds| Self {
            dimensions: dimensions.clone(),
            slice_sizes: Shape::from(slice),
            out_of_bounds,
        };
        let x = Tensor::from([[1.5_f32, -2.0, 0.5], [3.0, 0.25, -1.0]]);
        let corners = Tensor::from([[1_i32, 5, 0], [0, 0, -1]]);
        let columns = Tensor::from([[2_u8, 0, 0, 9], [1, 1, 2, 0]]);
        let mut samples = Vec::new();
        for bounds in [OutOfBounds::Clamp, OutOfBounds::Drop] {
            samples.extend([
                Sample::new(of(&rows, &[1, 2], bounds), [x.clone(), Tensor::from([1_i64, 0, 1, 7])]),
                Sample::new(of(&windows, &[1, 2], bounds), [x.clone(), corners.clone()]),
                Sample::new(of(&along, &[1, 1], bounds), [x.clone(), columns.clone()]),
                Sample::new(
                    of(&rows, &[1, 1], bounds),
                    [Tensor::from([[true], [false]]), Tensor::from([1_i8])],
                ),
            ]);
        }
        let empty = Tensor::from_vec([2, 0], Vec::<half::f16>::new());
        samples.push(Sample::new(of(&rows, &[1, 0], OutOfBounds::Clamp), [empty, Tensor::from([1_u64])]));
        let none = Tensor::from(Vec::<i32>::new());
        let table = Tensor::from([[1_i16, 2]]);
        samples.push(Sample::new(of(&rows, &[1, 2], OutOfBounds::Clamp), [table, none]));
        samples
    }
}

op!(Gather);

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> IndexDimensions {
        IndexDimensions {
            offset_dims: vec![1],
            collapsed_slice_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: 1,
            ..IndexDimensions::default()
        }
    }

    #[test]
    fn indices_outside_are_clamped_or_read_as_zero() {
        let x = Tensor::from([[1_i32, 2], [3, 4]]);
        let at = Tensor::from([-5_i32, 1, i32::MAX]);
        let clamped = x.gather(&at, [1, 2], &rows(), OutOfBounds::Clamp);
        assert_eq!(clamped.to_vec::<i32>().unwrap(), [1, 2, 3, 4, 3, 4]);
        let dropped = x.gather(&at, [1, 2], &rows(), OutOfBounds::Drop);
        assert_eq!(dropped.to_vec::<i32>().unwrap(), [0, 0, 3, 4, 0, 0]);
        let huge = x.gather(Tensor::from([u64::MAX]), [1, 2], &rows(), OutOfBounds::Clamp);
        assert_eq!(huge.to_vec::<i32>().unwrap(), [3, 4]);
    }

    #[test]
    fn nothing_is_read_of_an_empty_dimension() {
        let empty = Tensor::zeros([0, 2]);
        let none = empty.gather(Tensor::from(Vec::<i32>::new()), [1, 2], &rows(), OutOfBounds::Clamp);
        assert_eq!(none.shape().concrete(), Some(vec![0, 2]));
        let one = empty.gather(Tensor::from([0]), [1, 2], &rows(), OutOfBounds::Clamp);
        assert!(one.error().unwrap().to_string().contains("[0, 2; f32]"));
    }

    #[test]
    fn dimensions_that_do_not_fit_are_refused() {
        type Change = fn(&mut IndexDimensions);
        let (x, at) = (Tensor::zeros([2, 3]), Tensor::from([0]));
        let mistakes: [(Change, [i64; 2], &str); 8] = [
            (|dims| dims.offset_dims = vec![2], [1, 3], "offset_dims [2]"),
            (|dims| dims.offset_dims = vec![], [1, 3], "either collapsed"),
            (|dims| dims.collapsed_slice_dims = vec![2], [1, 3], "[2]"),
            (|dims| dims.start_index_map = vec![0, 1], [1, 3], "1 components"),
            (|dims| dims.start_index_map = vec![3], [1, 3], "[3]"),
            (|dims| dims.index_vector_dim = 2, [1, 3], "no dimension 2"),
            (|_| (), [2, 3], "size 1 in dimension 0"),
            (|_| (), [1, 4], "window of size 4"),
        ];
        for (change, slice, part) in mistakes {
            let mut dims = rows();
            change(&mut dims);
            let error = x.gather(&at, slice, &dims, OutOfBounds::Clamp).error().unwrap().to_string();
            assert!(error.contains(part), "{error}");
        }
        let floats = x.gather(Tensor::from([0.0_f32]), [1, 3], &rows(), OutOfBounds::Clamp);
        assert!(floats.error().unwrap().to_string().contains("integer index"));
    }
}
