//! The lines of `oracles/basics.txt`, and the ops that they name.

use std::collections::BTreeMap;
use std::str::FromStr;

use half::{bf16, f16};
use holotype::prelude::*;

/// A line: ops, attributes, and tensors by key.
pub struct Case<'a> {
    pub line: usize,
    pub ops: Vec<&'a str>,
    fields: BTreeMap<&'a str, &'a str>,
    tensors: Vec<(&'a str, Tensor)>,
}

impl<'a> Case<'a> {
    pub fn all(text: &'a str) -> Vec<Self> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        lines.map(|(number, line)| Self::new(number + 1, line)).collect()
    }

    fn new(line: usize, text: &'a str) -> Self {
        let mut words = text.split(' ');
        let ops = words.next().unwrap().split(',').collect();
        let mut case = Self { line, ops, fields: BTreeMap::new(), tensors: Vec::new() };
        for (key, value) in words.map(|word| word.split_once('=').unwrap()) {
            if value.contains(':') {
                case.tensors.push((key, tensor(value)));
            } else {
                case.fields.insert(key, value);
            }
        }
        case
    }

    /// The tensors of a key, in order.
    pub fn tensors(&self, key: &str) -> Vec<Tensor> {
        self.tensors.iter().filter(|(own, _)| *own == key).map(|(_, tensor)| tensor.clone()).collect()
    }

    fn list<T: FromStr<Err: std::fmt::Debug>>(&self, key: &str) -> Vec<T> {
        list(self.fields[key])
    }

    fn dims(&self, key: &str) -> Vec<Dim> {
        self.list::<i64>(key).into_iter().map(Dim::from).collect()
    }

    /// One of the ops on operands; `results` tells the shape of an `iota`.
    pub fn run(&self, op: &str, x: &[Tensor]) -> Tensor {
        if let Some(dtype) = op.strip_prefix("convert_") {
            return x[0].cast(dtype.parse().unwrap());
        }
        match op {
            "broadcast_in_dim" => {
                let (shape, own) = (self.dims("shape"), x[0].shape());
                let mut aligned = vec![Dim::from(1_i64); shape.len()];
                for (from, to) in self.list::<usize>("dimensions").into_iter().enumerate() {
                    aligned[to] = own[from].clone();
                }
                x[0].reshape(aligned).broadcast_to(shape)
            }
            "concatenate" => {
                Tensor::concatenate(&x.iter().collect::<Vec<_>>(), self.list::<isize>("axis")[0])
            }
            "reshape" => x[0].reshape(self.dims("shape")),
            "transpose" => x[0].transpose(self.list::<isize>("axes")),
            "reverse" => x[0].flip(self.list::<isize>("axes")),
            "slice" => {
                let bounds = self.list::<i64>("start").into_iter().zip(self.list::<i64>("limit"));
                let along = bounds.zip(self.list("stride")).enumerate();
                along.fold(x[0].clone(), |x, (axis, ((start, limit), stride))| {
                    x.slice_axis_step(axis.cast_signed(), start..limit, stride)
                })
            }
            "iota" => {
                let shape = self.tensors("y")[0].shape();
                Tensor::iota(self.fields["dtype"].parse().unwrap(), shape, self.list::<isize>("axis")[0])
            }
            "sum" => x[0].sum_axis(self.list::<isize>("axes")),
            "prod" => x[0].prod_axis(self.list::<isize>("axes")),
            "max" => x[0].max_axis(self.list::<isize>("axes")),
            "min" => x[0].min_axis(self.list::<isize>("axes")),
            "any" => x[0].any_axis(self.list::<isize>("axes")),
            "all" => x[0].all_axis(self.list::<isize>("axes")),
            "argmax" => x[0].argmax(self.list::<isize>("axis")[0]),
            "argmin" => x[0].argmin(self.list::<isize>("axis")[0]),
            op => of_elements(op, x),
        }
    }
}

/// An op on elements, which has no attributes.
fn of_elements(op: &str, x: &[Tensor]) -> Tensor {
    let one = |function: fn(&Tensor) -> Tensor| function(&x[0]);
    let two = |function: fn(&Tensor, &Tensor) -> Tensor| function(&x[0], &x[1]);
    match op {
        "abs" => one(Tensor::abs),
        "acos" => one(Tensor::acos),
        "acosh" => one(Tensor::acosh),
        "add" => two(|x, y| x + y),
        "asin" => one(Tensor::asin),
        "asinh" => one(Tensor::asinh),
        "atan" => one(Tensor::atan),
        "atan2" => two(|y, x| y.atan2(x)),
        "atanh" => one(Tensor::atanh),
        "cbrt" => one(Tensor::cbrt),
        "ceil" => one(Tensor::ceil),
        "cosh" => one(Tensor::cosh),
        "cosine" => one(Tensor::cos),
        "digamma" => one(Tensor::digamma),
        "divide" => two(|x, y| x / y),
        "equal" => two(|x, y| x.equal(y)),
        "erf" => one(Tensor::erf),
        "erf_inv" => one(Tensor::erf_inv),
        "erfc" => one(Tensor::erfc),
        "exp2" => one(Tensor::exp2),
        "exponential" => one(Tensor::exp),
        "exponential_minus_one" => one(Tensor::exp_m1),
        "floor" => one(Tensor::floor),
        "greater" => two(|x, y| x.greater(y)),
        "greater_equal" => two(|x, y| x.greater_equal(y)),
        "is_finite" => one(Tensor::is_finite),
        "less" => two(|x, y| x.less(y)),
        "less_equal" => two(|x, y| x.less_equal(y)),
        "lgamma" => one(Tensor::lgamma),
        "log" => one(Tensor::log),
        "log10" => one(Tensor::log10),
        "log2" => one(Tensor::log2),
        "log_plus_one" => one(Tensor::log1p),
        "logistic" => one(Tensor::sigmoid),
        "maximum" => two(|x, y| x.maximum(y)),
        "minimum" => two(|x, y| x.minimum(y)),
        "multiply" => two(|x, y| x * y),
        "negate" => one(|x| -x),
        "next_after" => two(|x, y| x.next_after(y)),
        "not_equal" => two(|x, y| x.not_equal(y)),
        "power" => two(|x, y| x.pow(y)),
        "remainder" => two(|x, y| x % y),
        "round_nearest_afz" => one(Tensor::round_half_away),
        "round_nearest_even" => one(Tensor::round),
        "rsqrt" => one(Tensor::rsqrt),
        "select" => x[0].select(&x[1], &x[2]),
        "sign" => one(Tensor::sign),
        "sine" => one(Tensor::sin),
        "sinh" => one(Tensor::sinh),
        "sqrt" => one(Tensor::sqrt),
        "subtract" => two(|x, y| x - y),
        "tan" => one(Tensor::tan),
        "tanh" => one(Tensor::tanh),
        "tetragamma" => one(|x| x.polygamma(2)),
        "trigamma" => one(|x| x.polygamma(1)),
        "trunc" => one(Tensor::trunc),
        other => panic!("{other} is in the file but not in the test"),
    }
}

fn list<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    if text == "-" { Vec::new() } else { text.split(',').map(|number| number.parse().unwrap()).collect() }
}

fn tensor(text: &str) -> Tensor {
    let parts: Vec<_> = text.split(':').collect();
    let (dtype, sizes): (DType, Vec<usize>) = (parts[0].parse().unwrap(), list(parts[1]));
    let digits = 2 * dtype.size();
    let bits = parts[2]
        .as_bytes()
        .chunks(digits)
        .map(|digits| u64::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
    macro_rules! of {
        ($($kind:ident: $from:expr),*) => {
            match dtype {
                $(DType::$kind => Tensor::from_vec(sizes, bits.map($from).collect::<Vec<_>>()),)*
            }
        };
    }
    of!(
        F32: |bits| f32::from_bits(bits as u32), F64: f64::from_bits,
        F16: |bits| f16::from_bits(bits as u16), BF16: |bits| bf16::from_bits(bits as u16),
        I8: |bits| bits as i8, I16: |bits| bits as i16, I32: |bits| bits as i32, I64: |bits| bits as i64,
        U8: |bits| bits as u8, U16: |bits| bits as u16, U32: |bits| bits as u32, U64: |bits| bits,
        Bool: |bits| bits == 1
    )
}
