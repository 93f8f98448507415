//! Convolutions, windows, cumulative ops, pooling and resizing against JAX: the cases of `oracles/convolution.txt`, which
//! `oracles/convolution.py` wrote. Each is also traced for symbolic sizes, where it must give the same bits.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use holotype::autodiff::gradients;
use holotype::exec::{Compiled, Executor};
use holotype::functional::{Conv, Interpolation, Layout, Padding, PerAxis, Pool, Resize};
use holotype::graph::Mode;
use holotype::ops::{Along, Convolution, ConvolutionDimensions, Reducer, Select, Window};
use holotype::prelude::*;
use holotype::tensor::{Data, Symbol, TensorType};
use holotype::trace::Tracer;

/// The lines of one case by key.
struct Case<'a> {
    line: usize,
    kind: &'a str,
    fields: BTreeMap<&'a str, &'a str>,
}

impl<'a> Case<'a> {
    fn all(text: &'a str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let Some((key, rest)) = line.split_once(' ') else { continue };
            match key {
                "#" => {}
                "case" => cases.push(Self { line: number + 1, kind: rest, fields: BTreeMap::new() }),
                _ => drop(cases.last_mut().unwrap().fields.insert(key, rest)),
            }
        }
        cases
    }

    fn list(&self, key: &str) -> Vec<i64> {
        let text = self.fields[key];
        if text == "-" { Vec::new() } else { text.split(',').map(|number| number.parse().unwrap()).collect() }
    }

    fn sizes(&self, key: &str) -> Vec<usize> {
        self.list(key).into_iter().map(|number| usize::try_from(number).unwrap()).collect()
    }

    fn flag(&self, key: &str) -> bool {
        self.list(key) == [1]
    }

    fn pairs(&self, key: &str) -> Vec<(i64, i64)> {
        self.list(key).chunks(2).map(|pair| (pair[0], pair[1])).collect()
    }

    fn per_axis(&self, key: &str) -> PerAxis {
        self.sizes(key).into()
    }

    fn tensor(&self, key: &str) -> Option<Tensor> {
        let parts: Vec<_> = self.fields.get(key)?.split(' ').collect();
        let list = |text: &str| {
            if text == "-" { Vec::new() } else { text.split(',').map(str::to_owned).collect::<Vec<_>>() }
        };
        let sizes: Vec<usize> = list(parts[1]).iter().map(|size| size.parse().unwrap()).collect();
        let elements: Vec<f64> = list(parts[2]).iter().map(|element| element.parse().unwrap()).collect();
        Some(Tensor::from_vec(sizes, elements).cast(parts[0].parse().unwrap()))
    }

    fn tensors(&self, key: &str) -> Vec<Tensor> {
        (0..).map_while(|index| self.tensor(&format!("{key}_{index}"))).collect()
    }

    fn windows(&self) -> (Vec<usize>, Vec<Window>) {
        let (strides, base, window) =
            (self.sizes("strides"), self.sizes("base_dilations"), self.sizes("window_dilations"));
        let widths = self.pairs("padding").into_iter().enumerate();
        let windows = widths.map(|(axis, (low, high))| {
            let moving = Window::new().stride(strides[axis]).padding(low, high);
            moving.base_dilation(base[axis]).window_dilation(window[axis])
        });
        (self.fields.get("sizes").map_or_else(Vec::new, |_| self.sizes("sizes")), windows.collect())
    }

    fn convolution(&self) -> Convolution {
        let groups = self.sizes("groups");
        Convolution {
            windows: self.windows().1,
            reversal: self.list("reversal").into_iter().map(|reversed| reversed == 1).collect(),
            dimensions: ConvolutionDimensions {
                input: self.sizes("input"),
                kernel: self.sizes("kernel"),
                output: self.sizes("output"),
            },
            feature_group_count: groups[0],
            batch_group_count: groups[1],
        }
    }

    fn layout(&self) -> Layout {
        if self.fields["layout"] == "last" { Layout::ChannelsLast } else { Layout::ChannelsFirst }
    }

    fn padding(&self) -> Padding {
        let width = |width: i64| usize::try_from(width).unwrap();
        match self.fields["padding"] {
            "same" => Padding::Same,
            "valid" => Padding::Valid,
            _ => {
                let pairs = self.pairs("padding").into_iter();
                Padding::Explicit(pairs.map(|(low, high)| (width(low), width(high))).collect())
            }
        }
    }

    fn conv(&self) -> Conv {
        let how = Conv::new().strides(self.per_axis("strides")).padding(self.padding()).layout(self.layout());
        let how = how.dilation(self.per_axis("dilation")).groups(self.sizes("groups")[0]);
        match self.fields.get("output_padding") {
            Some(_) => how.output_padding(self.per_axis("output_padding")),
            None => how,
        }
    }

    fn pool(&self) -> Pool {
        let how = Pool::new(self.per_axis("sizes")).strides(self.per_axis("strides")).padding(self.padding());
        let how = how.layout(self.layout()).dilation(self.per_axis("dilation"));
        how.count_include_pad(self.flag("count_include_pad"))
    }

    fn resize(&self) -> Resize {
        let interpolation = match self.fields["interpolation"] {
            "nearest" => Interpolation::Nearest,
            "linear" => Interpolation::Linear,
            _ => Interpolation::Cubic,
        };
        let how = Resize::new(self.list("sizes")).interpolation(interpolation).layout(self.layout());
        how.align_corners(self.flag("align_corners"))
    }

    fn along(&self) -> Along {
        let along = Along::axis(isize::try_from(self.list("axis")[0]).unwrap());
        let along = if self.flag("reverse") { along.reverse() } else { along };
        if self.flag("exclusive") { along.exclusive() } else { along }
    }

    fn run(&self, operands: &[Tensor]) -> Tensor {
        let x = &operands[0];
        match self.kind {
            "convolution" => x.convolution(&operands[1], &self.convolution()),
            "conv" => x.conv(&operands[1], &self.conv()),
            "conv_transpose" => x.conv_transpose(&operands[1], &self.conv()),
            "depthwise_conv" => x.depthwise_conv(&operands[1], &self.conv()),
            "separable_conv" => x.separable_conv(&operands[1], &operands[2], &self.conv()),
            "reduce_window" => {
                let reducer = match self.fields["reducer"] {
                    "sum" => Reducer::Sum,
                    "product" => Reducer::Product,
                    "max" => Reducer::Max,
                    _ => Reducer::Min,
                };
                let (sizes, windows) = self.windows();
                x.reduce_window(reducer, &sizes, &windows)
            }
            "select_and_scatter" => {
                let select =
                    if self.fields["select"] == "greatest" { Select::Greatest } else { Select::Least };
                let (sizes, windows) = self.windows();
                x.select_and_scatter(&operands[1], select, &sizes, &windows)
            }
            "cumsum" => x.cumsum(self.along()),
            "cumprod" => x.cumprod(self.along()),
            "cummax" => x.cummax(self.along()),
            "cummin" => x.cummin(self.along()),
            "max_pool" => x.max_pool(&self.pool()),
            "avg_pool" => x.avg_pool(&self.pool()),
            "adaptive_avg_pool" => x.adaptive_avg_pool(self.per_axis("counts"), self.layout()),
            "adaptive_max_pool" => x.adaptive_max_pool(self.per_axis("counts"), self.layout()),
            "resize" => x.resize(&self.resize()),
            other => panic!("line {}: {other}", self.line),
        }
    }

    /// The result and, if the case has gradients, the gradient of its weighted sum for each operand; computed by a function
    /// traced for operands of these types.
    fn traced(&self, types: &[TensorType], operands: &[Tensor]) -> Result<Vec<Tensor>> {
        let data: Vec<Data> =
            operands.iter().map(|operand| operand.data().cloned()).collect::<Result<_>>()?;
        let mut tracer = Tracer::new("case");
        let named = types.iter().enumerate().map(|(index, kind)| (format!("x{index}"), kind.clone()));
        tracer.function("f", Mode::Inference, named.collect(), |inputs| {
            let result = self.run(inputs).ok()?;
            let mut outputs = vec![(None, result.clone())];
            if self.fields.contains_key("gradient_0") {
                let loss = (&result * weights(&result)).sum();
                let of: Vec<_> = inputs.iter().collect();
                outputs.extend(gradients(&loss, &of, &[])?.tensors.into_iter().map(|tensor| (None, tensor)));
            }
            Ok(outputs)
        })?;
        let (graph, mut traced) = tracer.finish()?;
        let traced = traced.remove(0);
        let sizes = traced.signature.bind(&data)?;
        let runnable = Compiled.prepare(Arc::new(graph), Vec::new())?;
        let outputs = runnable.run(traced.function, data, &sizes)?;
        Ok(outputs.into_iter().map(Tensor::from_data).collect())
    }

    /// The types with a name for each size of the first operand that may be anything: none is 1, and channels are known.
    fn open_types(&self, types: &[TensorType]) -> Vec<TensorType> {
        let first = &types[0];
        if self.kind == "select_and_scatter" {
            // The number of windows would be a symbol, too.
            return types.to_vec();
        }
        let known = match (self.kind, self.fields.get("layout")) {
            (_, Some(&"last")) => vec![first.rank() - 1],
            (_, Some(_)) => vec![1],
            ("convolution", _) => vec![self.sizes("input")[1]],
            _ => Vec::new(),
        };
        // A batch that falls into groups does so for a known number only.
        let grouped = self.kind == "convolution" && self.sizes("groups")[1] > 1;
        let batch = grouped.then(|| self.sizes("input")[0]);
        let open = |(axis, size): (usize, &Dim)| {
            let is_known = known.contains(&axis) || batch == Some(axis) || *size == 1;
            if is_known { size.clone() } else { Dim::symbol(Symbol::named(&format!("n{axis}"))) }
        };
        let shape: Shape = first.shape.iter().enumerate().map(open).collect();
        [&[first.with_shape(shape)], &types[1..]].concat()
    }
}

/// `((7 i) mod 11 - 5) / 4`
fn weights(like: &Tensor) -> Tensor {
    let count = like.shape().elements().unwrap();
    let numbers = (Tensor::arange(count) * 7_i64).remainder(11_i64) - 5_i64;
    (numbers.cast(DType::F64) / 4.0).cast(like.dtype()).reshape(like.shape())
}

/// How far a result may be from that in `f64`, relative to 1 and the greatest of the results. Halves are rounded once on the
/// way to a result, and several times on the way to a gradient.
fn tolerance(dtype: DType, is_gradient: bool) -> f64 {
    let roundings = if is_gradient { 8.0 } else { 1.0 };
    match dtype {
        DType::F64 => 1e-12,
        DType::F32 => 2e-6,
        DType::F16 => roundings / 2048.0,
        DType::BF16 => roundings / 256.0,
        _ => 0.0,
    }
}

fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.cast(DType::F64).to_vec().unwrap()
}

fn compare(found: &Tensor, expected: &Tensor, is_gradient: bool) -> Result<(), String> {
    let describe = |tensor: &Tensor| tensor.data().map(Data::describe).map_err(|error| error.to_string());
    if describe(found)? != describe(expected)? {
        return Err(format!("{} instead of {}", describe(found)?, describe(expected)?));
    }
    let (found_values, expected) = (values(found), values(expected));
    let greatest =
        expected.iter().filter(|x| x.is_finite()).fold(1.0_f64, |greatest, x| greatest.max(x.abs()));
    let limit = tolerance(found.dtype(), is_gradient) * greatest;
    let near = |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= limit;
    if found_values.iter().zip(&expected).all(near) {
        return Ok(());
    }
    Err(format!("{found_values:?} instead of {expected:?}"))
}

fn check(case: &Case) -> Result<(), String> {
    let operands = case.tensors("operand");
    let eager = case.run(&operands);
    compare(&eager, &case.tensor("result").unwrap(), false)?;
    let types: Vec<_> =
        operands.iter().map(|operand| TensorType::new(operand.dtype(), operand.shape())).collect();
    let traced = case.traced(&types, &operands).map_err(|error| error.to_string())?;
    for (index, gradient) in case.tensors("gradient").iter().enumerate() {
        compare(&traced[index + 1], gradient, true)
            .map_err(|message| format!("gradient {index}: {message}"))?;
    }
    let open = case.open_types(&types);
    if open == types {
        return Ok(());
    }
    let of_any_size = match case.traced(&open, &operands) {
        Ok(traced) => traced,
        Err(error) if error.to_string().contains("cannot be told") => return Ok(()),
        Err(error) => return Err(format!("with sizes that are not known: {error}")),
    };
    for (index, (found, expected)) in of_any_size.iter().zip(&traced).enumerate() {
        // Windows of a known size may be taken by another way, with other rounding.
        compare(found, expected, true).map_err(|message| format!("{open:?}, output {index}: {message}"))?;
    }
    Ok(())
}

#[test]
fn every_case_gives_what_jax_gives() {
    let cases = Case::all(include_str!("oracles/convolution.txt"));
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            check(case).err().map(|message| format!("line {}, {}: {message}", case.line, case.kind))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() > 400, "{} cases", cases.len());
}

#[test]
fn what_does_not_fit_is_refused_with_what_to_do() {
    let image = Tensor::zeros([1, 4, 4, 3]);
    let error = |tensor: Tensor| tensor.error().map(ToString::to_string).unwrap_or_default();
    let kernel = Tensor::zeros([3, 3, 3, 2]);
    for (found, expected) in [
        (image.conv(Tensor::zeros([3, 3, 2, 2]), &Conv::new()), "features"),
        (image.conv(Tensor::zeros([6, 5, 3, 2]), &Conv::new()), "a window of 6 does not fit into 4 elements"),
        (image.conv(Tensor::zeros([3, 3, 2]), &Conv::new()), "kernel of rank 4"),
        (image.conv(kernel.cast(DType::F64), &Conv::new()), "f32 and f64 differ"),
        (image.conv(&kernel, &Conv::new().strides([1, 2, 3])), "one number for each of 2"),
        (image.conv(&kernel, &Conv::new().strides(0)), "stride of 0"),
        (image.conv(Tensor::zeros([3, 3, 1, 2]), &Conv::new().groups(3)), "3 groups"),
        (image.conv_transpose(&kernel, &Conv::new()), "features"),
        (image.conv_transpose(kernel.transpose([0, 1, 3, 2]), &Conv::new().groups(2)), "2 groups"),
        (image.conv(&kernel, &Conv::new().output_padding(1)), "transposed"),
        (image.conv(&kernel, &Conv::new().padding([(0, 0), (0, 0), (0, 0)])), "one pair for each of 2"),
        (image.max_pool(&Pool::new(0)), "a window of 0"),
        (image.max_pool(&Pool::new(9).strides(1)), "does not fit"),
        (Tensor::zeros([2, 2]).max_pool(&Pool::new(1)), "[batch, space.., channels]"),
        (image.cast(DType::I32).avg_pool(&Pool::new(2)), "float tensors, not i32"),
        (image.adaptive_avg_pool(0, Layout::ChannelsLast), "of 0 windows along dimension 1"),
        (image.resize(&Resize::new([2])), "2 spatial dimensions, not 1"),
        (image.cumsum(4), "no dimension 4"),
        (image.cummax(Along::axis(0).exclusive()), "no elements"),
        (image.cast(DType::Bool).cumsum(0), "numeric"),
    ] {
        let found = error(found);
        assert!(
            found.contains(expected) && found.contains("tests/convolution.rs"),
            "{found:?} lacks {expected:?}"
        );
    }
}

#[test]
fn global_pools_leave_batch_and_channels() {
    let x = Tensor::arange(24).reshape([2, 3, 2, 2]).cast(DType::F32);
    let mean = x.global_avg_pool(Layout::ChannelsFirst);
    assert_eq!(mean.to_vec::<f32>().unwrap(), [1.5, 5.5, 9.5, 13.5, 17.5, 21.5]);
    assert_eq!(x.global_max_pool(Layout::ChannelsLast).to_vec::<f32>().unwrap(), [10.0, 11.0, 22.0, 23.0]);
}

#[test]
fn a_sum_over_halves_is_rounded_once() {
    let x = Tensor::from([2048.0_f32, 1.0, 1.0]).cast(DType::F16).reshape([1, 3, 1]);
    let sum = x.conv(Tensor::ones([3, 1, 1]).cast(DType::F16), &Conv::new());
    assert_eq!(sum.cast(DType::F32).to_vec::<f32>().unwrap(), [2050.0]);
    let large = Tensor::full([1, 100, 1], 60_000.0_f32).cast(DType::F16).avg_pool(&Pool::new(100));
    assert_eq!(large.cast(DType::F32).to_vec::<f32>().unwrap(), [60_000.0]);
}

/// A network of strided windows says its sizes for every image.
#[test]
fn sizes_behind_strided_windows_are_exact() {
    let symbol = |name: &str| Dim::symbol(Symbol::named(name));
    let kind =
        TensorType::new(DType::F32, Shape::from([symbol("batch"), symbol("h"), symbol("w"), Dim::from(3)]));
    let mut tracer = Tracer::new("network");
    let same = Conv::new().strides(2).padding(Padding::Same);
    let body = |inputs: &[Tensor]| {
        let x = inputs[0].conv(Tensor::ones([3, 3, 3, 4]), &same).max_pool(&Pool::new(2));
        let larger =
            x.conv_transpose(Tensor::ones([2, 2, 3, 4]), &Conv::new().strides(2).padding(Padding::Same));
        let flat = x.flatten();
        Ok([x, larger, flat].map(|tensor| (None, tensor)).to_vec())
    };
    tracer.function("f", Mode::Inference, vec![("x".to_owned(), kind)], body).unwrap();
    let (_, traced) = tracer.finish().unwrap();
    let shapes: Vec<_> = traced[0].signature.outputs.iter().map(|(_, kind)| kind.shape.to_string()).collect();
    assert_eq!(
        shapes,
        [
            "[batch, floor((h + 1)/4), floor((w + 1)/4), 4]",
            "[batch, 2*floor((h + 1)/4), 2*floor((w + 1)/4), 3]",
            "[batch, 4*floor((h + 1)/4)*floor((w + 1)/4)]",
        ]
    );
}
