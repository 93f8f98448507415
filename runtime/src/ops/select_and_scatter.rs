//! Numbers added where the greatest or least element of each window is.

use serde::{Deserialize, Serialize};

use super::index_dimensions::{IndexDimensions, OutOfBounds};
use super::number::Number;
use super::operand::Operand;
use super::unary::{arity, dtype_error, require};
use super::wide::Wide;
use super::window::{Window, Windows, counts, map_dims};
use super::window_position::{Select, window_samples};
use crate::error::Result;
use crate::graph::{Constraints, Exact, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType};

impl Tensor {
    /// Zeros in the shape of this tensor, with the numbers of `source`, one for each window, added where the greatest or
    /// least element of the window is: the gradient of a maximum or minimum of windows.
    ///
    /// Of equal elements it is the first. Numeric dtypes, the same for both; floats are added in `f64`.
    /// ([StableHLO `select_and_scatter`](https://openxla.org/stablehlo/spec#select_and_scatter) that selects by `GE` or `LE`
    /// and adds to 0, here also with dilations)
    ///
    /// ```
    /// use holotype::ops::{Select, Window};
    /// use holotype::prelude::*;
    /// let (x, source) = (Tensor::from([1, 5, 2, 4]), Tensor::from([10, 20, 30]));
    /// let added = x.select_and_scatter(source, Select::Greatest, &[2], &[Window::new()]);
    /// assert_eq!(added.to_vec::<i32>()?, [0, 30, 0, 30]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn select_and_scatter(
        &self,
        source: impl Operand,
        select: Select,
        sizes: &[usize],
        windows: &[Window],
    ) -> Self {
        let op = SelectAndScatter { select, sizes: sizes.to_vec(), windows: windows.to_vec() };
        apply(op, &[self, &source.to_tensor(self)])
    }
}

/// The numbers of the second operand, added up where an element of each window of the first is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SelectAndScatter {
    /// Which element.
    pub select: Select,
    /// For each dimension, the size of a window.
    pub sizes: Vec<usize>,
    /// For each dimension, how the windows lie.
    pub windows: Vec<Window>,
}

impl SelectAndScatter {
    fn added<T: Number>(&self, elements: &[T], source: &[T], windows: &Windows) -> Vec<T> {
        let mut numbers = source.iter();
        let mut sums = vec![T::ZERO; elements.len()];
        self.select.each(elements, windows, &mut |place| {
            if let (Some(&number), Some(place)) = (numbers.next(), place) {
                sums[place] = sums[place].add(number);
            }
        });
        sums
    }
}

impl Op for SelectAndScatter {
    const NAME: &'static str = "select_and_scatter";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [operand, source] = arity(operands)?;
        require(operand.dtype, DType::is_numeric, "numeric")?;
        let counts = counts(&self.windows, &self.sizes, operand)?;
        if source.dtype != operand.dtype || source.rank() != operand.rank() {
            return Err(format!("for the windows {counts} of {operand}, the source cannot be {source}"));
        }
        for (count, size) in counts.iter().zip(source.shape.iter()) {
            constraints.equal(size, count).map_err(|message| {
                format!(
                    "{operand} has the windows {counts}, and {source} is to be one number for each: {message}"
                )
            })?;
        }
        Ok(vec![operand.clone()])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand, source] = operands else { return Err(check_failed("it takes 2 operands")) };
        let windows = Windows::new(&self.windows, operand.sizes(), &self.sizes, sizes)?;
        let sums = match (Wide::of(operand)?, Wide::of(source)?) {
            (Wide::Signed(elements), Wide::Signed(source)) => {
                Wide::Signed(self.added(&elements, &source, &windows).into())
            }
            (Wide::Unsigned(elements), Wide::Unsigned(source)) => {
                Wide::Unsigned(self.added(&elements, &source, &windows).into())
            }
            (Wide::Float(elements), Wide::Float(source)) => {
                Wide::Float(self.added(&elements, &source, &windows).into())
            }
            _ => return Err(dtype_error(source)),
        };
        Ok(vec![sums.narrow(operand.dtype(), operand.sizes())?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let places = operands[0].window_position(self.select, &self.sizes, &self.windows);
        let count = gradients[0].shape().elements().unwrap_or_else(|| Dim::from(i64::MIN));
        let each = IndexDimensions {
            collapsed_slice_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: self.sizes.len(),
            ..IndexDimensions::default()
        };
        let gradient = gradients[0].reshape(Shape::from([count]));
        vec![None, Some(gradient.gather(places, [1], &each, OutOfBounds::Drop))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("MaxPool, ScatterElements")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        Some(Self { windows: map_dims(&self.windows, map)?, ..self.clone() })
    }

    fn samples() -> Vec<Sample> {
        let mut samples = Vec::new();
        for select in [Select::Greatest, Select::Least] {
            for (sizes, windows, x) in window_samples() {
                let kind = TensorType::new(x.dtype(), x.shape());
                let count = counts(&windows, &sizes, &kind).ok().and_then(|counts| counts.concrete());
                let count = count.unwrap_or_default();
                let numbers = (0..count.iter().product()).map(|i: usize| i as f32 - 2.0);
                let source = Tensor::from_vec(count, numbers.collect::<Vec<_>>()).cast(x.dtype());
                samples.push(Sample::new(Self { select, sizes, windows }, [x, source]));
            }
        }
        samples.retain(|sample| {
            sample.op.infer(&sample.operands.iter().map(Data::kind).collect::<Vec<_>>(), &mut Exact).is_ok()
        });
        samples
    }
}

op!(SelectAndScatter);
