//! Reductions of windows: sum, product, maximum and minimum of the elements of each.

use serde::{Deserialize, Serialize};

use super::product::product_gradient;
use super::reduce::Reducer;
use super::unary::arity;
use super::wide::{Wide, WideNumber, for_wide};
use super::window::{Window, Windows, counts, map_dims, toward_base};
use super::window_position::{Select, window_samples};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Sizes, Tensor, TensorType};

impl Tensor {
    /// The elements of each window put together.
    ///
    /// `sizes` and `windows` say for each dimension how large a window is and how it moves. Padding counts as 0 for a sum,
    /// as 1 for a product, and is never the greatest or least. Numeric dtypes; of truth values, the greatest and the least.
    /// The gradient of a maximum or minimum goes to the first of equal elements.
    /// ([StableHLO `reduce_window`](https://openxla.org/stablehlo/spec#reduce_window); see [`Tensor::max_pool`] and
    /// [`Tensor::avg_pool`] for images)
    ///
    /// ```
    /// use holotype::ops::{Reducer, Window};
    /// use holotype::prelude::*;
    /// let x = Tensor::from([1, 5, 2, 4]);
    /// let greatest = x.reduce_window(Reducer::Max, &[2], &[Window::new().stride(2)]);
    /// assert_eq!(greatest.to_vec::<i32>()?, [5, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn reduce_window(&self, reducer: Reducer, sizes: &[usize], windows: &[Window]) -> Self {
        apply(ReduceWindow { reducer, sizes: sizes.to_vec(), windows: windows.to_vec() }, &[self])
    }
}

/// The elements of each window put together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReduceWindow {
    /// How.
    pub reducer: Reducer,
    /// For each dimension, the size of a window.
    pub sizes: Vec<usize>,
    /// For each dimension, how the windows lie.
    pub windows: Vec<Window>,
}

impl ReduceWindow {
    fn folded<T: WideNumber>(&self, elements: &[T], windows: &Windows, dtype: DType) -> Vec<T> {
        let (start, combine) = self.reducer.fold::<T>(dtype);
        let mut results = Vec::new();
        windows.each(&mut |places| {
            let mut together = start;
            places.each(&mut |place| together = combine(together, elements[place]));
            results.push(together);
        });
        results
    }
}

impl Op for ReduceWindow {
    const NAME: &'static str = "reduce_window";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        if operand.dtype == DType::Bool && matches!(self.reducer, Reducer::Sum | Reducer::Product) {
            return Err(
                "it takes numeric tensors, not bool: convert the operand with `.cast(...)` first".into()
            );
        }
        Ok(vec![operand.with_shape(counts(&self.windows, &self.sizes, operand)?)])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        let windows = Windows::new(&self.windows, operand.sizes(), &self.sizes, sizes)?;
        let dtype = operand.dtype();
        let folded = for_wide!(Wide::of(operand)?, elements => self.folded(&elements, &windows, dtype));
        Ok(vec![folded.narrow(dtype, &windows.counts())?])
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (x, gradient) = (&operands[0], &gradients[0]);
        let select = match self.reducer {
            Reducer::Max => Select::Greatest,
            Reducer::Min => Select::Least,
            Reducer::Sum | Reducer::Product => {
                let windows = match toward_base(&self.windows, &self.sizes, &x.shape(), &results[0].shape()) {
                    Ok(windows) => windows,
                    Err(error) => return vec![Some(Tensor::from_error(error))],
                };
                let back = |tensor: &Tensor| tensor.reduce_window(Reducer::Sum, &self.sizes, &windows);
                if self.reducer == Reducer::Sum {
                    return vec![Some(back(gradient))];
                }
                let put =
                    |reducer, tensor: &Tensor| tensor.reduce_window(reducer, &self.sizes, &self.windows);
                return vec![Some(product_gradient(x, gradient, put, back))];
            }
        };
        vec![Some(x.select_and_scatter(gradient, select, &self.sizes, &self.windows))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("MaxPool, AveragePool")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        Some(Self { windows: map_dims(&self.windows, map)?, ..self.clone() })
    }

    fn samples() -> Vec<Sample> {
        let mut samples = Vec::new();
        for reducer in [Reducer::Sum, Reducer::Product, Reducer::Max, Reducer::Min] {
            let all = window_samples().into_iter();
            samples.extend(all.map(|(sizes, windows, x)| Sample::new(Self { reducer, sizes, windows }, [x])));
        }
        for reducer in [Reducer::Max, Reducer::Min] {
            let op = Self { reducer, sizes: vec![2], windows: vec![Window::new().padding(1, 0)] };
            samples.push(Sample::new(op, [Tensor::from([true, false, false])]));
        }
        let (zeros, windows) = (Tensor::from([0.0_f32, 2.0, 3.0, 0.0, 0.0, 4.0, 0.0]), vec![Window::new()]);
        samples.push(Sample::new(Self { reducer: Reducer::Product, sizes: vec![3], windows }, [zeros]));
        samples
    }
}

op!(ReduceWindow);
