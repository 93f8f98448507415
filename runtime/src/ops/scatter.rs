//! Updates of windows of a tensor, found by indices.

use serde::{Deserialize, Serialize};

use super::index_dimensions::{IndexDimensions, OutOfBounds, Windows};
use super::number::Number;
use super::operand::Operand;
use super::places::with;
use super::unary::{arity, dtype_error, require};
use super::wide::Wide;
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Sizes, Tensor, TensorType};

impl Tensor {
    /// This tensor with windows, at which the indices point, put together with updates.
    ///
    /// The general form; see [`IndexDimensions`] for what goes where. Every dtype; of truth values there is no
    /// [`Combine::Add`] or [`Combine::Multiply`]. Updates of the same dtype, indices of an integer dtype. Updates are made in row-major order, so that of
    /// several for one element the last stays with [`Combine::Set`].
    /// ([StableHLO `scatter`](https://openxla.org/stablehlo/spec#scatter), which has [`OutOfBounds::Drop`])
    ///
    /// ```
    /// use holotype::ops::{Combine, IndexDimensions, OutOfBounds};
    /// use holotype::prelude::*;
    /// let counts = Tensor::from([0, 0, 0]);
    /// let each = IndexDimensions {
    ///     collapsed_slice_dims: vec![0],
    ///     start_index_map: vec![0],
    ///     index_vector_dim: 1,
    ///     ..IndexDimensions::default()
    /// };
    /// let (at, ones) = (Tensor::from([2, 0, 2, 9]), Tensor::from([1, 1, 1, 1]));
    /// let counts = counts.scatter(&at, &ones, Combine::Add, &each, OutOfBounds::Drop);
    /// assert_eq!(counts.to_vec::<i32>()?, [1, 0, 2]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn scatter(
        &self,
        scatter_indices: impl Operand,
        updates: impl Operand,
        combine: Combine,
        dimensions: &IndexDimensions,
        out_of_bounds: OutOfBounds,
    ) -> Self {
        let (indices, updates) = (scatter_indices.to_tensor(self), updates.to_tensor(self));
        let op = Scatter { combine, dimensions: dimensions.clone(), out_of_bounds };
        apply(op, &[self, &indices, &updates])
    }
}

/// How an update and what is there are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    /// The update replaces it.
    Set,
    /// `+`, in `f64` for floats.
    Add,
    /// `*`, in `f64` for floats.
    Multiply,
    /// The lesser; NaN if one is; of truth values `and`.
    Min,
    /// The greater; NaN if one is; of truth values `or`.
    Max,
}

/// The first operand with windows, at which the second points, put together with the third.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scatter {
    /// How.
    pub combine: Combine,
    /// What goes where.
    pub dimensions: IndexDimensions,
    /// What becomes of updates that leave the operand.
    pub out_of_bounds: OutOfBounds,
}

/// For each update, in order, the place that it goes to.
type Places<'p> = &'p mut dyn Iterator<Item = Option<usize>>;

impl Scatter {
    /// Where the updates go.
    fn windows(&self, [operand, indices, updates]: [&Data; 3]) -> Result<Windows> {
        let mut window = vec![1; operand.sizes().len()];
        for (axis, &dimension) in
            self.dimensions.window_dims(window.len()).into_iter().zip(&self.dimensions.offset_dims)
        {
            window[axis] = updates.sizes()[dimension];
        }
        self.dimensions.windows(operand.sizes(), indices, &window, self.out_of_bounds)
    }

    fn combined<T: Number>(&self, mut to: Vec<T>, updates: &[T], places: Places<'_>) -> Vec<T> {
        let combine: fn(T, T) -> T = match self.combine {
            Combine::Set => |_, update| update,
            Combine::Add => T::add,
            Combine::Multiply => T::multiply,
            Combine::Min => T::minimum,
            Combine::Max => T::maximum,
        };
        for (place, &update) in places.zip(updates) {
            if let Some(element) = place.and_then(|place| to.get_mut(place)) {
                *element = combine(*element, update);
            }
        }
        to
    }

    fn with(&self, combine: Combine, operand: &Tensor, indices: &Tensor, updates: &Tensor) -> Tensor {
        operand.scatter(indices, updates, combine, &self.dimensions, self.out_of_bounds)
    }

    /// What stands where each update goes; 0 for updates that leave the operand.
    fn read(&self, operand: &Tensor, indices: &Tensor, updates: &Tensor) -> Tensor {
        let (shape, rank) = (updates.shape(), operand.rank());
        let mut slice = vec![Dim::from(1_i64); rank];
        for (axis, &dimension) in
            self.dimensions.window_dims(rank).into_iter().zip(&self.dimensions.offset_dims)
        {
            slice[axis] = shape[dimension].clone();
        }
        // Also where a window is clamped: a gather with Drop would read beside it.
        operand.gather(indices, slice, &self.dimensions, self.out_of_bounds)
    }

    /// Which updates stay: those that no later one replaces.
    fn last(&self, operand: &Tensor, indices: &Tensor, updates: &Tensor) -> Tensor {
        let shape = updates.shape();
        let count = shape.elements().unwrap_or_else(|| Dim::from(i64::MIN));
        let numbers = (Tensor::arange(count) + 1_i64).reshape(shape);
        let none = operand.zeros_like().cast(DType::Bool).cast(DType::I64);
        let written = self.with(Combine::Set, &none, indices, &numbers);
        self.read(&written, indices, updates).equal(&numbers)
    }
}

impl Op for Scatter {
    const NAME: &'static str = "scatter";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [operand, indices, updates] = arity(operands)?;
        if matches!(self.combine, Combine::Add | Combine::Multiply) {
            require(operand.dtype, DType::is_numeric, "numeric")?;
        }
        if operand.dtype != updates.dtype {
            return Err(format!("the dtypes {} and {} differ: convert one", operand.dtype, updates.dtype));
        }
        let dims = &self.dimensions;
        dims.check(operand, indices, constraints)?;
        let batch = dims.batch_sizes(indices);
        if updates.rank() != batch.len() + dims.offset_dims.len() {
            return Err(format!(
                "the updates {updates} do not have one dimension for each of {indices} and a window"
            ));
        }
        for (dimension, size) in dims.batch_dims(updates.rank()).into_iter().zip(&batch) {
            constraints
                .equal(&updates.shape[dimension], size)
                .map_err(|message| format!("there is one window for each index: {message}"))?;
        }
        for (axis, &dimension) in dims.window_dims(operand.rank()).into_iter().zip(&dims.offset_dims) {
            let rest =
                operand.shape[axis].checked_sub(&updates.shape[dimension]).ok_or("a size overflows")?;
            if rest.constant().is_some_and(|rest| rest < 0) {
                return Err(format!("a window of {updates} does not fit in dimension {axis} of {operand}"));
            }
        }
        Ok(vec![operand.clone()])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [operand, indices, updates] = operands else { return Err(check_failed("it takes 3 operands")) };
        let windows = self.windows([operand, indices, updates])?;
        let mut places = windows.places(updates.sizes());
        if self.combine == Combine::Set {
            return Ok(vec![with(operand, places, updates)?]);
        }
        let combined = match (Wide::of(operand)?, Wide::of(updates)?) {
            (Wide::Signed(to), Wide::Signed(updates)) => {
                Wide::Signed(self.combined(to.into_owned(), &updates, &mut places).into())
            }
            (Wide::Unsigned(to), Wide::Unsigned(updates)) => {
                Wide::Unsigned(self.combined(to.into_owned(), &updates, &mut places).into())
            }
            (Wide::Float(to), Wide::Float(updates)) => {
                Wide::Float(self.combined(to.into_owned(), &updates, &mut places).into())
            }
            _ => return Err(dtype_error(updates)),
        };
        Ok(vec![combined.narrow(operand.dtype(), operand.sizes())?])
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let [operand, indices, updates] = operands else { return vec![None; 3] };
        let gradient = &gradients[0];
        let read = |tensor: &Tensor| self.read(tensor, indices, updates);
        let with = |combine, to: &Tensor, values: &Tensor| self.with(combine, to, indices, values);
        let (of_operand, of_updates) = match self.combine {
            Combine::Add => (gradient.clone(), read(gradient)),
            Combine::Set => {
                let kept = with(Combine::Set, gradient, &updates.zeros_like());
                (kept, self.last(operand, indices, updates).select(read(gradient), 0))
            }
            Combine::Multiply => {
                // As of `reduce`: the product of the others that are not 0, times the others that are.
                let zero = updates.equal(0);
                let (others, zeros) = (zero.select(updates.ones_like(), updates), zero.select(updates, 0));
                let sum = |values: &Tensor| read(&with(Combine::Add, &operand.zeros_like(), values)) - values;
                let product = read(&with(Combine::Multiply, operand, &others)) / &others;
                let count = sum(&zero.cast(updates.dtype()));
                let with_one = count.equal(1).select(&product * sum(&zeros), 0);
                let derivative = count.equal(0).select(product, with_one);
                let factor = with(Combine::Multiply, &operand.ones_like(), updates);
                (gradient * factor, read(gradient) * derivative)
            }
            Combine::Min | Combine::Max => {
                // Elements that tie share the gradient.
                let stays = operand.equal(&results[0]).cast(operand.dtype());
                let chosen = updates.equal(read(&results[0])).cast(updates.dtype());
                let share = gradient / with(Combine::Add, &stays, &chosen);
                (&share * stays, read(&share) * chosen)
            }
        };
        vec![Some(of_operand), None, Some(of_updates)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("ScatterND, ScatterElements")
    }

    fn samples() -> Vec<Sample> {
        let rows = IndexDimensions {
            offset_dims: vec![1],
            collapsed_slice_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: 1,
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
        let x = Tensor::from([[1.5_f32, -2.0, 0.5], [3.0, 0.25, -1.0], [2.0, 7.0, 1.0]]);
        let of_rows = Tensor::from([[0.5_f32, 4.0], [-1.5, 0.75], [2.5, 0.0], [3.5, 6.0]]);
        let of_each = Tensor::from([[2.5_f32, -0.5], [0.0, 4.0], [5.0, 0.0]]);
        let (at_rows, at_each) =
            (Tensor::from([1_i64, 0, 1, 7]), Tensor::from([[0_i32, 0], [2, 2], [-1, 1]]));
        let mut samples = Vec::new();
        for combine in [Combine::Set, Combine::Add, Combine::Multiply, Combine::Min, Combine::Max] {
            for out_of_bounds in [OutOfBounds::Drop, OutOfBounds::Clamp] {
                let by = |dimensions: &IndexDimensions| Self {
                    combine,
                    dimensions: dimensions.clone(),
                    out_of_bounds,
                };
                samples.extend([
                    Sample::new(by(&rows), [x.clone(), at_rows.clone(), of_rows.clone()]),
                    Sample::new(by(&along), [x.clone(), at_each.clone(), of_each.clone()]),
                    Sample::new(
                        by(&along),
                        [Tensor::from([[3_u8, 250]]), Tensor::from([[1_u8, 1]]), Tensor::from([[5_u8, 9]])],
                    ),
                ]);
            }
        }
        let set = Self { combine: Combine::Set, dimensions: rows, out_of_bounds: OutOfBounds::Drop };
        samples.push(Sample::new(
            set.clone(),
            [Tensor::from([[true], [true]]), Tensor::from([1_i16]), Tensor::from([[false]])],
        ));
        let (none, nowhere) = (Tensor::from_vec([0, 2], Vec::<f64>::new()), Tensor::from(Vec::<i32>::new()));
        samples.push(Sample::new(set, [Tensor::from([[1.0_f64, 2.0]]), nowhere, none]));
        samples
    }
}

op!(Scatter);

#[cfg(test)]
mod tests {
    use super::*;

    fn each() -> IndexDimensions {
        IndexDimensions {
            collapsed_slice_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: 1,
            ..IndexDimensions::default()
        }
    }

    #[test]
    fn updates_are_made_in_order_and_those_outside_left_out() {
        let (x, at) = (Tensor::from([10_i32, 20, 30]), Tensor::from([0, 0, -1, 3, 2]));
        let updates = Tensor::from([1, 2, 3, 4, 5]);
        let by =
            |combine, bounds| x.scatter(&at, &updates, combine, &each(), bounds).to_vec::<i32>().unwrap();
        assert_eq!(by(Combine::Set, OutOfBounds::Drop), [2, 20, 5]);
        assert_eq!(by(Combine::Add, OutOfBounds::Drop), [13, 20, 35]);
        assert_eq!(by(Combine::Multiply, OutOfBounds::Drop), [20, 20, 150]);
        assert_eq!(by(Combine::Min, OutOfBounds::Drop), [1, 20, 5]);
        assert_eq!(by(Combine::Max, OutOfBounds::Drop), [10, 20, 30]);
        assert_eq!(by(Combine::Add, OutOfBounds::Clamp), [16, 20, 39]);
        let (x, updates) = (Tensor::from([true, false]), Tensor::from([true, false, false, true]));
        let by = |combine| {
            x.scatter(Tensor::from([0, 0, 1, 1]), &updates, combine, &each(), OutOfBounds::Drop)
                .to_vec::<bool>()
        };
        assert_eq!(by(Combine::Min).unwrap(), [false, false]);
        assert_eq!(by(Combine::Max).unwrap(), [true, true]);
    }

    #[test]
    fn a_window_half_outside_is_written_as_far_as_it_fits() {
        let window = IndexDimensions {
            offset_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: 0,
            ..IndexDimensions::default()
        };
        let x = Tensor::from([0_u8, 0, 0]);
        let write = |at: i32, bounds| {
            x.scatter(Tensor::from([at]), Tensor::from([1_u8, 2]), Combine::Set, &window, bounds)
        };
        assert_eq!(write(2, OutOfBounds::Drop).to_vec::<u8>().unwrap(), [0, 0, 1]);
        assert_eq!(write(-1, OutOfBounds::Drop).to_vec::<u8>().unwrap(), [2, 0, 0]);
        assert_eq!(write(2, OutOfBounds::Clamp).to_vec::<u8>().unwrap(), [0, 1, 2]);
    }

    #[test]
    fn halves_add_up_without_loss() {
        let x = Tensor::from([2048.0_f32]).cast(DType::F16);
        let ones = Tensor::ones([4]).cast(DType::F16);
        let sum = x.scatter(Tensor::from([0, 0, 0, 0]), &ones, Combine::Add, &each(), OutOfBounds::Drop);
        assert_eq!(sum.cast(DType::F32).to_vec::<f32>().unwrap(), [2052.0]);
    }

    #[test]
    fn operands_that_do_not_fit_are_refused() {
        let (x, at) = (Tensor::from([1.0_f32, 2.0]), Tensor::from([0, 1]));
        let error = |updates: Tensor| {
            let result = x.scatter(&at, updates, Combine::Add, &each(), OutOfBounds::Drop);
            result.error().map(ToString::to_string).unwrap_or_default()
        };
        assert!(error(Tensor::from([1.0_f32])).contains("one window for each index"));
        assert!(error(Tensor::from([1, 2])).contains("f32 and i32"));
        assert!(error(Tensor::from([[1.0_f32, 2.0]])).contains("one dimension for each"));
        let truth = Tensor::from([true]);
        let sum = truth.scatter(Tensor::from([0]), &truth, Combine::Add, &each(), OutOfBounds::Drop);
        assert!(sum.error().unwrap().to_string().contains("numeric"));
    }
}
