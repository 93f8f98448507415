//! Sorting, dynamic slices, bits, precision and linear algebra against JAX and NumPy: the cases of
//! `oracles/primitives.txt`, which `oracles/primitives.py` wrote.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use holotype::autodiff::gradients;
use holotype::exec::{Compiled, Executor};
use holotype::graph::Mode;
use holotype::ops::{Order, TransposeA, TriangularSolve};
use holotype::prelude::*;
use holotype::tensor::Data;
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

    fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(&self, key: &str) -> T {
        self.fields[key].parse().unwrap()
    }

    /// The tensors `x0`, `x1`, …; those of gradients may have gaps.
    fn tensors(&self, key: char) -> Vec<(usize, Tensor)> {
        let tensor = |place: usize| Some((place, tensor(self.fields.get(format!("{key}{place}").as_str())?)));
        (0..8).filter_map(tensor).collect()
    }

    fn run(&self, x: &[Tensor]) -> Vec<Tensor> {
        let one = |y: Tensor| vec![y];
        match self.kind {
            "sort" => {
                let order =
                    if self.fields["order"] == "ascending" { Order::Ascending } else { Order::Descending };
                Tensor::sort_by(
                    &x.iter().collect::<Vec<_>>(),
                    self.number("keys"),
                    self.number("axis"),
                    order,
                )
            }
            "top_k" => x[0].top_k(self.number::<i64>("k")).to_vec(),
            "argmax" => one(x[0].argmax(self.number("axis"))),
            "argmin" => one(x[0].argmin(self.number("axis"))),
            "dynamic_slice" => {
                let sizes: Vec<i64> = list(self.fields["sizes"]);
                one(x[0].dynamic_slice(&x[1..], sizes))
            }
            "dynamic_update_slice" => one(x[0].dynamic_update_slice(&x[1], &x[2..])),
            "and" => one(&x[0] & &x[1]),
            "or" => one(&x[0] | &x[1]),
            "xor" => one(&x[0] ^ &x[1]),
            "not" => one(!&x[0]),
            "shift_left" => one(&x[0] << &x[1]),
            "shift_right_arithmetic" => one(x[0].shift_right_arithmetic(&x[1])),
            "shift_right_logical" => one(x[0].shift_right_logical(&x[1])),
            "popcnt" => one(x[0].popcnt()),
            "count_leading_zeros" => one(x[0].count_leading_zeros()),
            "bitcast_convert" => one(x[0].bitcast_convert(self.number("dtype"))),
            "clamp" => one(x[1].clamp(&x[0], &x[2])),
            "reduce_precision" => {
                one(x[0].reduce_precision(self.number("exponent"), self.number("mantissa")))
            }
            "cholesky" => one(x[0].cholesky()),
            "solve_positive_definite" => one(x[0].solve_positive_definite(&x[1])),
            "logdet" => one(x[0].logdet_positive_definite()),
            "triangular_solve" => {
                let is = |key| self.number::<u8>(key) == 1;
                let transpose_a =
                    if is("transpose_a") { TransposeA::Transpose } else { TransposeA::NoTranspose };
                let (left_side, lower) = (is("left_side"), is("lower"));
                let options =
                    TriangularSolve { left_side, lower, unit_diagonal: is("unit_diagonal"), transpose_a };
                one(x[0].triangular_solve(&x[1], options))
            }
            other => panic!("line {}: {other}", self.line),
        }
    }

    /// How far a float may be from the expected one, relative to `1 + |expected|`.
    fn tolerance(&self, dtype: DType) -> f64 {
        match self.kind {
            "cholesky" | "solve_positive_definite" | "logdet" | "triangular_solve" => {
                if dtype == DType::F64 {
                    1e-11
                } else {
                    1e-4
                }
            }
            _ => 0.0,
        }
    }

    /// What is wrong with results or gradients.
    fn compare(&self, what: &str, found: &Tensor, expected: &Tensor) -> Option<String> {
        let (found, expected) = match (found.data(), expected.data()) {
            (Ok(found), Ok(expected)) => (found, expected),
            (Err(error), _) | (_, Err(error)) => return Some(format!("line {}, {what}: {error}", self.line)),
        };
        let same = if expected.dtype().is_float() && found.describe() == expected.describe() {
            let limit = self.tolerance(expected.dtype());
            floats(found).iter().zip(&floats(expected)).all(|(found, expected)| {
                let exact = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                exact || (found - expected).abs() <= limit * (1.0 + expected.abs())
            })
        } else {
            found.same_bits(expected)
        };
        let show = |data: &Data| Tensor::from_data(data.clone()).to_string();
        (!same).then(|| {
            let (found, expected) = (show(found), show(expected));
            format!("line {}, {} {what}: {found} instead of {expected}", self.line, self.kind)
        })
    }

    /// The gradients that cotangents of the float results give the float operands.
    fn gradients(&self, operands: &[Tensor], cotangents: &[Tensor]) -> Result<Vec<Tensor>> {
        let mut tracer = Tracer::new("oracle");
        let inputs: Vec<_> = operands.iter().map(|x| x.data().cloned()).collect::<Result<_>>()?;
        let types = inputs.iter().enumerate().map(|(place, x)| (format!("x{place}"), x.kind())).collect();
        tracer.function("f", Mode::Inference, types, |inputs| {
            let results = self.run(inputs);
            let results = results.iter().filter(|result| result.dtype().is_float());
            let terms = results.zip(cotangents).map(|(result, cotangent)| (result * cotangent).sum());
            let number = terms.map(|term| term.cast(DType::F64)).reduce(|sum, term| sum + term).unwrap();
            let floats: Vec<_> = inputs.iter().filter(|input| input.dtype().is_float()).collect();
            Ok(gradients(&number, &floats, &[])?.tensors.into_iter().map(|tensor| (None, tensor)).collect())
        })?;
        let (graph, traced) = tracer.finish()?;
        let runnable = Compiled.prepare(Arc::new(graph), Vec::new())?;
        let sizes = traced[0].signature.bind(&inputs)?;
        let results = runnable.run(traced[0].function, inputs, &sizes)?;
        Ok(results.into_iter().map(Tensor::from_data).collect())
    }
}

fn floats(data: &Data) -> Vec<f64> {
    Tensor::from_data(data.clone()).cast(DType::F64).to_vec().unwrap()
}

fn list<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    if text == "-" { Vec::new() } else { text.split(',').map(|number| number.parse().unwrap()).collect() }
}

fn tensor(text: &str) -> Tensor {
    let parts: Vec<_> = text.split(' ').collect();
    let (dtype, sizes): (DType, Vec<usize>) = (parts[0].parse().unwrap(), list(parts[1]));
    match dtype {
        dtype if dtype.is_float() => Tensor::from_vec(sizes, list::<f64>(parts[2])).cast(dtype),
        DType::U64 => Tensor::from_vec(sizes, list::<u64>(parts[2])),
        dtype => Tensor::from_vec(sizes, list::<i64>(parts[2])).cast(dtype),
    }
}

#[test]
fn every_case_gives_what_jax_and_numpy_give() {
    let cases = Case::all(include_str!("oracles/primitives.txt"));
    let mut wrong = Vec::new();
    let mut with_gradients = BTreeSet::new();
    let values = |tensors: Vec<(usize, Tensor)>| -> Vec<_> { tensors.into_iter().map(|(_, x)| x).collect() };
    for case in &cases {
        let operands: Vec<Tensor> = values(case.tensors('x'));
        let (found, expected) = (case.run(&operands), case.tensors('y'));
        assert_eq!(found.len(), expected.len(), "line {}", case.line);
        for (place, expected) in expected {
            wrong.extend(case.compare(&format!("result {place}"), &found[place], &expected));
        }
        let (cotangents, expected): (Vec<Tensor>, _) = (values(case.tensors('c')), case.tensors('g'));
        if expected.is_empty() {
            continue;
        }
        with_gradients.insert(case.kind);
        match case.gradients(&operands, &cotangents) {
            Ok(found) => {
                for (found, (place, expected)) in found.iter().zip(expected) {
                    wrong.extend(case.compare(&format!("gradient {place}"), found, &expected));
                }
            }
            Err(error) => wrong.push(format!("line {}: {error}", case.line)),
        }
    }
    assert!(cases.len() > 400 && with_gradients.len() == 9, "{} cases, {with_gradients:?}", cases.len());
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
