//! Convolution: sums of products under a kernel that moves over a tensor.

use ndarray::{Array3, ArrayView2, Axis, Slice};
use serde::{Deserialize, Serialize};

use super::convert::converted;
use super::convolution_columns::Image;
use super::convolution_dimensions::{ConvolutionDimensions, regrouped, swapped};
use super::factor::{Factor, computed_in, matrix};
use super::operand::Operand;
use super::places::Strided;
use super::unary::{arity, require};
use super::window::{self, Window};
use crate::error::Result;
use crate::graph::{Constraints, Mapping, Op, Sample, apply, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType, element_count};

/// About how many elements of the operand are put next to the kernel at a time.
const BLOCK: usize = 1 << 17;

impl Tensor {
    /// For each window of the tensor, the sum of the products with a kernel.
    ///
    /// The general form, with as many spatial dimensions as `how` has windows; see [`Convolution`] for what goes where, and
    /// [`Tensor::conv`] for the usual cases. Numeric dtypes, the same on both sides; integers wrap, halves are summed in
    /// `f32` and rounded once. ([StableHLO `convolution`](https://openxla.org/stablehlo/spec#convolution))
    ///
    /// ```
    /// use holotype::ops::Convolution;
    /// use holotype::prelude::*;
    /// let (x, kernel) = (Tensor::from([[[1, 2, 3, 4]]]), Tensor::from([[[1, 10]]]));
    /// let sums = x.convolution(&kernel, &Convolution::new(1));
    /// assert_eq!(sums.to_vec::<i32>()?, [21, 32, 43]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn convolution(&self, kernel: impl Operand, how: &Convolution) -> Self {
        apply(how.clone(), &[self, &kernel.to_tensor(self)])
    }
}

/// The sums of the products of the windows of the first operand with the second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Convolution {
    /// For each spatial dimension, how the kernel moves.
    pub windows: Vec<Window>,
    /// For each spatial dimension, whether the kernel lies the other way round.
    pub reversal: Vec<bool>,
    /// Which dimension of which tensor is what.
    pub dimensions: ConvolutionDimensions,
    /// The features of operand and result fall into so many groups, and each group is convolved by itself.
    pub feature_group_count: usize,
    /// The batch of the operand and the features of the result fall into so many groups, and each group is convolved by
    /// itself.
    pub batch_group_count: usize,
}

impl Convolution {
    /// Over this many spatial dimensions, moving by 1 without padding; see [`ConvolutionDimensions::new`] for the layout.
    pub fn new(spatial: usize) -> Self {
        Self {
            windows: vec![Window::new(); spatial],
            reversal: vec![false; spatial],
            dimensions: ConvolutionDimensions::new(spatial),
            feature_group_count: 1,
            batch_group_count: 1,
        }
    }

    /// For each spatial dimension its window, its size in the operand and in the kernel.
    fn spatial<'a>(
        &'a self,
        operand: &'a Shape,
        kernel: &'a Shape,
    ) -> impl Iterator<Item = (&'a Window, &'a Dim, &'a Dim)> {
        let axes = self.dimensions.input.iter().zip(&self.dimensions.kernel).skip(2);
        self.windows.iter().zip(axes).map(|(window, (&base, &size))| (window, &operand[base], &kernel[size]))
    }

    fn check(&self, operand: &TensorType, kernel: &TensorType) -> Result<(), String> {
        if operand.dtype != kernel.dtype {
            let (a, b) = (operand.dtype, kernel.dtype);
            return Err(format!("the dtypes {a} and {b} differ: convert one with `.cast(...)`"));
        }
        require(operand.dtype, DType::is_numeric, "numeric")?;
        let rank = self.windows.len() + 2;
        if operand.rank() != rank || kernel.rank() != rank || self.reversal.len() + 2 != rank {
            return Err(format!(
                "windows along {} dimensions need operands of rank {rank}, not {operand} and {kernel}",
                rank - 2
            ));
        }
        self.dimensions.check(rank)?;
        match (self.feature_group_count, self.batch_group_count) {
            (0, _) | (_, 0) => Err("there is at least 1 group".into()),
            (1, _) | (_, 1) => Ok(()),
            _ => Err("either features or the batch fall into groups, not both".into()),
        }
    }

    fn groups(&self) -> usize {
        self.feature_group_count.max(self.batch_group_count)
    }

    fn sums<T: Factor>(&self, [operand, kernel]: [&Data; 2], sizes: &Sizes) -> Result<Data> {
        let ConvolutionDimensions { input, kernel: weights, output } = &self.dimensions;
        let mut placed = Vec::new();
        for (window, (&base, &size)) in self.windows.iter().zip(input.iter().zip(weights).skip(2)) {
            placed.push(window.place(operand.sizes()[base], kernel.sizes()[size], sizes)?);
        }
        let counts: Vec<_> = placed.iter().map(|placed| placed.count).collect();
        let batch = operand.sizes()[input[0]] / self.batch_group_count;
        let features = kernel.sizes()[weights[0]];
        // The result with features last, then as it is to be.
        let channels_last = [&[batch], &counts[..], &[features]].concat();
        let mut output_order = vec![0; channels_last.len()];
        for (from, &to) in [&[output[0]], &output[2..], &[output[1]]].concat().iter().enumerate() {
            output_order[to] = from;
        }
        if element_count(&channels_last) == Some(0) {
            return Data::new(
                output_order.iter().map(|&axis| channels_last[axis]).collect::<Vec<_>>(),
                Vec::<T>::new(),
            );
        }
        // Features last, so that those of one place lie together.
        let order = [&[input[0]], &input[2..], &[input[1]]].concat();
        let image = Strided::whole(operand.sizes()).permuted(&order).read(operand)?;
        let order = [&weights[2..], &[weights[1], weights[0]]].concat();
        let kernel = Strided::whole(kernel.sizes()).permuted(&order).read(kernel)?;
        let window = kernel.sizes()[..placed.len()].to_vec();
        let length = kernel.len().checked_div(features).unwrap_or(0);
        let kernel = matrix(kernel.elements::<T>()?, length, features)?;
        let positions = counts.iter().product();
        let mut result = Array3::from_elem((batch, positions, features), T::default());
        if length > 0 {
            let (sizes, elements) = (image.sizes(), image.elements::<T>()?);
            let image = Image { sizes, elements, placed, window, reversal: &self.reversal };
            self.add_products(&image, kernel, &mut result)?;
        }
        let result = Data::new(channels_last, result.into_raw_vec_and_offset().0)?;
        Strided::whole(result.sizes()).permuted(&output_order).read(&result)
    }

    fn add_products<T: Factor>(
        &self,
        image: &Image<T>,
        kernel: ArrayView2<T>,
        result: &mut Array3<T>,
    ) -> Result<()> {
        let (batch, positions, features) = result.dim();
        let (groups, length) = (self.groups(), kernel.nrows());
        let (of_group, channels) = (features / groups, image.channels() / self.feature_group_count);
        let rows = (BLOCK / length).clamp(1, positions);
        for start in (0..positions).step_by(rows) {
            let end = (start + rows).min(positions);
            let places: Vec<_> = (start..end).map(|position| image.places(position)).collect();
            for (group, item) in (0..groups).flat_map(|group| (0..batch).map(move |item| (group, item))) {
                let by_batch = self.batch_group_count > 1;
                let (item_of, first) =
                    if by_batch { (group * batch + item, 0) } else { (item, group * channels) };
                let columns = image.columns(&places, item_of, first, channels);
                let (from, to) = (group * of_group, (group + 1) * of_group);
                let mut sums = result.index_axis_mut(Axis(0), item);
                sums.slice_axis_inplace(Axis(0), Slice::from(start..end));
                sums.slice_axis_inplace(Axis(1), Slice::from(from..to));
                let columns = matrix(&columns, end - start, length)?;
                T::product(columns, kernel.slice_axis(Axis(1), Slice::from(from..to)), sums);
            }
        }
        Ok(())
    }

    /// The convolution of the gradient of the result that gives that of the operand.
    fn toward_operand(&self, operand: &Shape, kernel: &Shape, result: &Shape) -> Option<Self> {
        let counts = self.dimensions.output.iter().skip(2).map(|&axis| &result[axis]);
        let along = self.spatial(operand, kernel).zip(counts);
        let windows = along.map(|((window, base, size), count)| window.toward_base(base, size, count));
        let ConvolutionDimensions { input, kernel, output } = &self.dimensions;
        Some(Self {
            windows: windows.collect::<Option<_>>()?,
            reversal: self.reversal.iter().map(|reversed| !reversed).collect(),
            dimensions: ConvolutionDimensions {
                input: output.clone(),
                kernel: swapped(kernel),
                output: input.clone(),
            },
            feature_group_count: self.groups(),
            batch_group_count: 1,
        })
    }

    /// The convolution of the operand with the gradient of the result that gives that of the kernel.
    fn toward_kernel(&self, operand: &Shape, kernel: &Shape, result: &Shape) -> Option<Self> {
        let counts = self.dimensions.output.iter().skip(2).map(|&axis| &result[axis]);
        let along = self.spatial(operand, kernel).zip(counts);
        let windows = along.map(|((window, base, size), count)| window.toward_window(base, size, count));
        let ConvolutionDimensions { input, kernel, output } = &self.dimensions;
        Some(Self {
            windows: windows.collect::<Option<_>>()?,
            reversal: vec![false; self.reversal.len()],
            dimensions: ConvolutionDimensions {
                input: swapped(input),
                kernel: swapped(output),
                output: swapped(kernel),
            },
            feature_group_count: self.batch_group_count,
            batch_group_count: self.feature_group_count,
        })
    }
}

impl Op for Convolution {
    const NAME: &'static str = "convolution";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [operand, kernel] = arity(operands)?;
        self.check(operand, kernel)?;
        let ConvolutionDimensions { input, kernel: weights, output } = &self.dimensions;
        let (in_group, features) = (&kernel.shape[weights[1]], &kernel.shape[weights[0]]);
        let needed = in_group.checked_mul(&Dim::from(self.feature_group_count)).ok_or("a size overflows")?;
        constraints
            .equal(&operand.shape[input[1]], &needed)
            .map_err(|message| format!("features of {operand}, with a kernel {kernel}: {message}"))?;
        let groups = Dim::from(self.groups());
        if features.exact_div(&groups).is_none() {
            return Err(format!("{features} features do not fall into {groups} groups"));
        }
        let batch = &operand.shape[input[0]];
        let batch = batch.exact_div(&Dim::from(self.batch_group_count)).ok_or_else(|| {
            format!("a batch of {batch} does not fall into {} groups", self.batch_group_count)
        })?;
        let mut shape = vec![Dim::from(0); output.len()];
        (shape[output[0]], shape[output[1]]) = (batch, features.clone());
        for (axis, (window, base, size)) in self.spatial(&operand.shape, &kernel.shape).enumerate() {
            let count = window.count(base, size);
            shape[output[axis + 2]] =
                count.map_err(|message| format!("dimension {}: {message}", input[axis + 2]))?;
        }
        Ok(vec![operand.with_shape(Shape::new(shape))])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [operand, kernel] = operands else { return Err(check_failed("it takes 2 operands")) };
        let dtype = operand.dtype();
        let wide = computed_in(dtype);
        let both = [&converted(operand, wide)?, &converted(kernel, wide)?];
        let result = match wide {
            DType::F32 => self.sums::<f32>(both, sizes),
            DType::F64 => self.sums::<f64>(both, sizes),
            _ => self.sums::<i64>(both, sizes),
        };
        Ok(vec![converted(&result?, dtype)?])
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (operand, kernel, gradient) = (&operands[0], &operands[1], &gradients[0]);
        let shapes = (operand.shape(), kernel.shape(), results[0].shape());
        let overflow = || Tensor::from_error(check_failed("convolution: a size of its gradient overflows"));
        let ConvolutionDimensions { input, kernel: weights, .. } = &self.dimensions;
        let of_operand = self.toward_operand(&shapes.0, &shapes.1, &shapes.2).map_or_else(overflow, |how| {
            let kernel = regrouped(kernel, weights[0], weights[1], self.groups());
            let result = gradient.convolution(kernel, &how);
            regrouped(&result, input[1], input[0], self.batch_group_count)
        });
        let of_kernel = self.toward_kernel(&shapes.0, &shapes.1, &shapes.2).map_or_else(overflow, |how| {
            let reversed = weights[2..].iter().zip(&self.reversal).filter(|(_, reversed)| **reversed);
            let reversed: Vec<_> = reversed.map(|(axis, _)| axis.cast_signed()).collect();
            let result = operand.convolution(gradient, &how);
            if reversed.is_empty() { result } else { result.flip(reversed) }
        });
        vec![Some(of_operand), Some(of_kernel)]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Conv, ConvTranspose")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        Some(Self { windows: window::map_dims(&self.windows, map)?, ..self.clone() })
    }

    fn samples() -> Vec<Sample> {
        let numbers = |sizes: &[usize]| {
            let values = (0..sizes.iter().product()).map(|i: usize| (i * 5 % 13) as f32 / 4.0 - 1.5);
            Tensor::from_vec(sizes, values.collect::<Vec<_>>())
        };
        let whole = |sizes: &[usize]| numbers(sizes).cast(DType::I8);
        let along = |window: Window| Self { windows: vec![window], ..Self::new(1) };
        let channels_last = Self {
            windows: vec![
                Window::new().stride(2).padding(0, 1),
                Window::new().padding(1, 0).window_dilation(2),
            ],
            dimensions: ConvolutionDimensions {
                input: vec![0, 3, 1, 2],
                kernel: vec![3, 2, 0, 1],
                output: vec![0, 3, 1, 2],
            },
            reversal: vec![true, false],
            ..Self::new(2)
        };
        let (dilated, trimmed) =
            (Window::new().base_dilation(2).padding(2, 1), Window::new().stride(3).padding(-1, 2));
        vec![
            Sample::new(along(Window::new()), [numbers(&[2, 3, 5]), numbers(&[2, 3, 3])]),
            Sample::new(
                along(Window::new().stride(2).padding(1, 1)),
                [numbers(&[1, 2, 6]), numbers(&[4, 2, 3])],
            ),
            Sample::new(channels_last, [numbers(&[2, 4, 5, 2]), numbers(&[2, 2, 2, 3])]),
            Sample::new(
                Self { feature_group_count: 2, ..along(dilated.clone()) },
                [numbers(&[2, 4, 3]), numbers(&[6, 2, 2])],
            ),
            Sample::new(
                Self { batch_group_count: 2, ..along(trimmed) },
                [numbers(&[4, 2, 7]), numbers(&[4, 2, 2])],
            ),
            Sample::new(
                Self { reversal: vec![true], ..along(dilated.window_dilation(2)) },
                [numbers(&[1, 1, 2]), numbers(&[1, 1, 2])],
            ),
            Sample::new(
                Self::new(3),
                [numbers(&[1, 1, 2, 2, 3]).cast(DType::F64), numbers(&[1, 1, 1, 2, 2]).cast(DType::F64)],
            ),
            Sample::new(
                Self::new(0),
                [numbers(&[2, 3]).cast(DType::BF16), numbers(&[2, 3]).cast(DType::BF16)],
            ),
            Sample::new(
                along(Window::new()),
                [numbers(&[1, 2, 4]).cast(DType::F16), numbers(&[1, 2, 2]).cast(DType::F16)],
            ),
            Sample::new(along(Window::new().padding(1, 0)), [whole(&[1, 2, 3]) * 40_i8, whole(&[2, 2, 2])]),
            Sample::new(
                along(Window::new()),
                [Tensor::from([[[3_u32, u32::MAX]]]), Tensor::from([[[2_u32]]])],
            ),
            Sample::new(along(Window::new().padding(1, 1)), [numbers(&[1, 2, 0]), numbers(&[1, 2, 3])]),
            Sample::new(along(Window::new()), [numbers(&[2, 0, 3]), numbers(&[1, 0, 2])]),
            Sample::new(along(Window::new().stride(2)), [numbers(&[0, 1, 3]), numbers(&[0, 1, 1])]),
        ]
    }
}

op!(Convolution);
