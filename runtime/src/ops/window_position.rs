//! The place of the greatest or least element of each window.

use serde::{Deserialize, Serialize};

use super::number::Number;
use super::unary::{arity, require};
use super::wide::Wide;
use super::window::{Window, Windows, counts, map_dims};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Sizes, Tensor, TensorType};

impl Tensor {
    /// For each window, the place of its greatest or least element, as `i64`: the index among all elements of the tensor
    /// in row-major order, the first of equal ones, the first NaN if there is one; -1 for a window of padding only.
    /// Numeric dtypes.
    ///
    /// (StableHLO says it as `reduce_window` of the elements together with their indices.)
    ///
    /// ```
    /// use holotype::ops::{Select, Window};
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 5, 2], [4, 0, 5]]);
    /// let places = x.window_position(Select::Greatest, &[2, 2], &[Window::new(), Window::new()]);
    /// assert_eq!(places.to_vec::<i64>()?, [1, 1]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn window_position(&self, select: Select, sizes: &[usize], windows: &[Window]) -> Self {
        apply(WindowPosition { select, sizes: sizes.to_vec(), windows: windows.to_vec() }, &[self])
    }
}

/// Which element of a window is meant; the first of equal ones, the first NaN if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Select {
    /// The greatest.
    Greatest,
    /// The least.
    Least,
}

impl Select {
    /// Calls `chosen` for every window in order, with the place of the element that is meant, if there is one.
    pub(super) fn each<T: Number>(
        self,
        elements: &[T],
        windows: &Windows,
        chosen: &mut dyn FnMut(Option<usize>),
    ) {
        let is_nan = |x: T| x.partial_cmp(&x).is_none();
        windows.each(&mut |places| {
            let mut best: Option<usize> = None;
            places.each(&mut |place| {
                let takes = |best: usize| {
                    let (new, old) = (elements[place], elements[best]);
                    let better = match self {
                        Self::Greatest => new > old,
                        Self::Least => new < old,
                    };
                    better || (is_nan(new) && !is_nan(old))
                };
                if best.is_none_or(takes) {
                    best = Some(place);
                }
            });
            chosen(best);
        });
    }
}

/// For each window, the place of an element of the operand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WindowPosition {
    /// Which element.
    pub select: Select,
    /// For each dimension, the size of a window.
    pub sizes: Vec<usize>,
    /// For each dimension, how the windows lie.
    pub windows: Vec<Window>,
}

impl Op for WindowPosition {
    const NAME: &'static str = "window_position";
    const NO_GRADIENT: Option<&'static str> = Some("its results are places");

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        require(operand.dtype, DType::is_numeric, "numeric")?;
        Ok(vec![TensorType::new(DType::I64, counts(&self.windows, &self.sizes, operand)?)])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand] = operands else { return Err(check_failed("it takes 1 operand")) };
        let windows = Windows::new(&self.windows, operand.sizes(), &self.sizes, sizes)?;
        let mut positions = Vec::new();
        let mut found = |place: Option<usize>| {
            positions.push(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1));
        };
        match Wide::of(operand)? {
            Wide::Signed(elements) => self.select.each(&elements, &windows, &mut found),
            Wide::Unsigned(elements) => self.select.each(&elements, &windows, &mut found),
            Wide::Float(elements) => self.select.each(&elements, &windows, &mut found),
        }
        Ok(vec![Data::new::<i64>(windows.counts(), positions)?])
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("MaxPool")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        Some(Self { windows: map_dims(&self.windows, map)?, ..self.clone() })
    }

    fn samples() -> Vec<Sample> {
        let mut samples = Vec::new();
        for select in [Select::Greatest, Select::Least] {
            let all = window_samples().into_iter();
            samples.extend(all.map(|(sizes, windows, x)| Sample::new(Self { select, sizes, windows }, [x])));
            let op = Self { select, sizes: vec![2], windows: vec![Window::new()] };
            samples.push(Sample::new(op, [Tensor::from([1.0_f32, f32::NAN, 7.0, f32::NAN, f32::NAN])]));
        }
        samples
    }
}

op!(WindowPosition);

/// Windows of all kinds over numeric tensors without equal elements.
pub(super) fn window_samples() -> Vec<(Vec<usize>, Vec<Window>, Tensor)> {
    let numbers = |sizes: &[usize]| {
        let values = (0..sizes.iter().product()).map(|i: usize| (i * 5 % 17) as f32 / 4.0 - 1.625);
        Tensor::from_vec(sizes, values.collect::<Vec<_>>())
    };
    let image = vec![
        Window::new(),
        Window::new().stride(2).padding(0, 1),
        Window::new().padding(1, -1),
        Window::new(),
    ];
    let dilated = Window::new().base_dilation(2).window_dilation(3).padding(1, 1);
    vec![
        (vec![1, 3, 2, 1], image, numbers(&[1, 4, 4, 1])),
        (vec![3], vec![Window::new().stride(2).padding(1, 1)], numbers(&[7])),
        (vec![2], vec![Window::new().stride(3).padding(1, 1)], numbers(&[5])),
        (vec![2, 1], vec![dilated, Window::new()], numbers(&[4, 2]).cast(DType::F64)),
        (vec![2], vec![Window::new()], numbers(&[3]).cast(DType::F16)),
        (vec![1, 2], vec![Window::new(), Window::new().padding(1, 1)], numbers(&[2, 1]).cast(DType::BF16)),
        (vec![2], vec![Window::new().stride(3).padding(4, 0)], Tensor::from([i8::MAX, 3, -5, -5, 9])),
        (
            vec![2, 2],
            vec![Window::new(), Window::new().padding(1, 1)],
            Tensor::from_vec([2, 0], Vec::<u32>::new()),
        ),
        (vec![], vec![], Tensor::scalar(2.5_f32)),
    ]
}
