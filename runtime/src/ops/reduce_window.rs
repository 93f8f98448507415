//! Reductions of windows: sum, product, maximum and minimum of the elements of each.

use serde::{Deserialize, Serialize};

use super::number::{Float, Number};
use super::product::product_gradient;
use super::reduce::Reducer;
use super::unary::arity;
use super::window::{Window, Windows, counts, map_dims, toward_base};
use super::window_position::{Select, window_samples};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Element, Sizes, Tensor, TensorType, for_dtype};

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
    fn folded<T: Element, A: Copy>(
        &self,
        operand: &Data,
        sizes: &Sizes,
        start: A,
        fold: impl Fn(A, T) -> A,
        finish: impl Fn(A) -> T,
    ) -> Result<Data> {
        let windows = Windows::new(&self.windows, operand.sizes(), &self.sizes, sizes)?;
        let (elements, mut results) = (operand.elements::<T>()?, Vec::new());
        windows.each(|places| {
            let mut together = start;
            places.each(&mut |place| together = fold(together, elements[place]));
            results.push(finish(together));
        });
        Data::new(windows.counts(), results)
    }

    fn numbers<T: Number>(&self, operand: &Data, sizes: &Sizes) -> Result<Data> {
        let (start, fold): (T, fn(T, T) -> T) = match self.reducer {
            Reducer::Sum => (T::ZERO, Number::add),
            Reducer::Product => (T::ONE, Number::multiply),
            Reducer::Max => (T::LOWEST, Number::maximum),
            Reducer::Min => (T::HIGHEST, Number::minimum),
        };
        self.folded(operand, sizes, start, fold, |result| result)
    }

    fn floats<T: Float>(&self, operand: &Data, sizes: &Sizes) -> Result<Data> {
        match self.reducer {
            Reducer::Sum => self.folded(operand, sizes, 0.0, |sum, x: T| sum + x.to_f64(), T::from_f64),
            Reducer::Product => {
                self.folded(operand, sizes, 1.0, |product, x: T| product * x.to_f64(), T::from_f64)
            }
            Reducer::Max | Reducer::Min => self.numbers::<T>(operand, sizes),
        }
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
        let result = match operand.dtype() {
            DType::Bool if self.reducer == Reducer::Max => {
                self.folded::<bool, _>(operand, sizes, false, |any, x| any | x, |any| any)
            }
            DType::Bool => self.folded::<bool, _>(operand, sizes, true, |all, x| all & x, |all| all),
            dtype if dtype.is_float() => {
                for_dtype!(dtype, T in float => self.floats::<T>(operand, sizes), else => Err(check_failed("no kernel")))
            }
            dtype => {
                for_dtype!(dtype, T in int => self.numbers::<T>(operand, sizes), else => Err(check_failed("no kernel")))
            }
        };
        Ok(vec![result?])
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
