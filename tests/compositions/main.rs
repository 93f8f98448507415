//! Compositions against JAX, Keras and NumPy: the cases of `oracles/compositions.txt`, which `oracles/compositions.py`
//! wrote, with values and gradients, in `f64` and `f32`, eager and traced, with known and with symbolic sizes.

#![allow(clippy::unwrap_used, clippy::panic)]

mod case;
mod empty;
mod functions;
mod sizes;

use std::collections::BTreeMap;
use std::sync::Arc;

use case::Case;
use holotype::autodiff::gradients;
use holotype::exec::{Compiled, Executor};
use holotype::graph::Mode;
use holotype::prelude::*;
use holotype::tensor::{Data, TensorType};
use holotype::trace::Tracer;

/// How far numbers may be from the expected ones, in units in the last place. Both sides round on the way, so that sums
/// which cancel are off by units of what was summed: the unit is that of the expected number, or of `1/16` of the greatest
/// number in the tensor where that is greater. Where `1 - tanh²` is nearly 0, rounding `tanh` to a unit is a hundred of them.
const UNITS: [(DType, f64); 2] = [(DType::F64, 256.0), (DType::F32, 64.0)];

/// The distance between two units of the last place at 1.
fn epsilon(dtype: DType) -> f64 {
    if dtype == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) }
}

/// The greatest distance of two tensors of the same type, in units; an error if they differ in another way.
fn distance(found: &Tensor, expected: &Tensor, dtype: DType) -> Result<f64, String> {
    let kind = |tensor: &Tensor| tensor.data().map(Data::kind).map_err(|error| error.to_string());
    let (kinds, wanted) = (kind(found)?, kind(expected)?);
    let expected_dtype = if wanted.dtype == DType::F64 { dtype } else { wanted.dtype };
    if kinds.shape != wanted.shape || kinds.dtype != expected_dtype {
        return Err(format!("{kinds} instead of {wanted}"));
    }
    let numbers = |tensor: &Tensor| tensor.cast(DType::F64).to_vec::<f64>().unwrap();
    let (found, expected) = (numbers(found), numbers(expected));
    let exact = !expected_dtype.is_float();
    let greatest =
        expected.iter().filter(|x| x.is_finite()).fold(0.0, |greatest: f64, x| greatest.max(x.abs()));
    let mut furthest = 0.0_f64;
    for (&found, &expected) in found.iter().zip(&expected) {
        if found == expected || (found.is_nan() && expected.is_nan()) {
            continue;
        }
        let unit = expected.abs().max(greatest / 16.0) * epsilon(dtype);
        let units = (found - expected).abs() / unit;
        if exact || !units.is_finite() {
            return Err(format!("{found} instead of {expected}"));
        }
        furthest = furthest.max(units);
    }
    Ok(furthest)
}

/// The results, and the gradients of the sum of the first one times the cotangent, of a trace; where `symbolic`, with sizes
/// that are not known while tracing.
fn traced(case: &Case, x: &[Tensor], dtype: DType, symbolic: bool) -> Result<Vec<Tensor>> {
    let mut tracer = Tracer::new("compositions");
    let mut inputs = Vec::new();
    for (place, x) in x.iter().enumerate() {
        let kind = x.data()?.kind();
        let size = |axis| Dim::from(holotype::tensor::Symbol::anonymous(place * 8 + axis));
        let shape = if symbolic { (0..kind.rank()).map(size).collect() } else { kind.shape };
        inputs.push((format!("x{place}"), TensorType::new(kind.dtype, shape)));
    }
    tracer.function("f", Mode::Inference, inputs, |inputs| {
        let mut results = functions::run(case, inputs);
        if let Some(cotangent) = case.cotangent() {
            let floats: Vec<_> = inputs.iter().filter(|input| input.dtype().is_float()).collect();
            let number = (&results[0] * cotangent.cast(dtype)).sum();
            results.extend(gradients(&number, &floats, &[])?.tensors);
        }
        Ok(results.into_iter().map(|tensor| (None, tensor)).collect())
    })?;
    let (graph, mut functions) = tracer.finish()?;
    let function = functions.remove(0);
    let data: Vec<_> = x.iter().map(|x| x.data().cloned()).collect::<Result<_>>()?;
    let sizes = function.signature.bind(&data)?;
    let outputs = Compiled.prepare(Arc::new(graph), Vec::new())?.run(function.function, data, &sizes)?;
    Ok(outputs.into_iter().map(Tensor::from_data).collect())
}

/// What is wrong with a case in a dtype; the distance of each of its results and gradients is counted.
fn check(case: &Case, dtype: DType, units: f64, counts: &mut BTreeMap<u64, usize>) -> Result<(), String> {
    let x: Vec<_> = case
        .tensors("x")
        .iter()
        .map(|x| if x.dtype().is_float() { x.cast(dtype) } else { x.clone() })
        .collect();
    let expected = [case.tensors("y"), case.tensors("g")].concat();
    let eager = functions::run(case, &x);
    let found = traced(case, &x, dtype, false).map_err(|error| error.to_string())?;
    if found.len() != expected.len() {
        return Err(format!("{} results and gradients instead of {}", found.len(), expected.len()));
    }
    for (place, eager) in eager.iter().enumerate() {
        let eager = eager.data().map_err(|error| error.to_string())?;
        if !eager.same_bits(found[place].data().map_err(|error| error.to_string())?) {
            return Err(format!("result {place} is another one in a trace"));
        }
    }
    for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let wrong = |message| format!("result or gradient {place}: {message}");
        // Numbers that are made in f64 and stay so.
        let dtype = if x.iter().any(|x| x.dtype().is_float()) { dtype } else { DType::F64 };
        let distance = distance(found, expected, dtype).map_err(wrong)?;
        if distance > units {
            return Err(wrong(format!("it is {distance} units in the last place away")));
        }
        *counts
            .entry((distance.ceil() as u64).next_power_of_two() * u64::from(distance > 0.0))
            .or_default() += 1;
    }
    Ok(())
}

#[test]
fn every_case_gives_the_values_and_gradients_of_the_others() {
    let cases = Case::all(include_str!("../oracles/compositions.txt"));
    let mut wrong = Vec::new();
    for (dtype, units) in UNITS {
        let mut counts = BTreeMap::new();
        for case in &cases {
            if let Err(message) = check(case, dtype, units, &mut counts) {
                wrong.push(format!("line {}: {} in {dtype}: {message}", case.line, case.name));
            }
        }
        for (units, count) in counts {
            eprintln!("{count} tensors of {dtype} are at most {units} units in the last place away");
        }
    }
    assert!(cases.len() > 300, "{} cases", cases.len());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn sizes_that_are_not_known_while_tracing_make_no_difference() {
    // What has to be known while tracing: how many tensors there are, what a size must be divisible by or equal to, whether it
    // is 1 and stretches, how long a diagonal is, and where parts that count from the end begin.
    // The cotangents of products of sizes have sizes that are not those products.
    let known =
        ["unstack", "split", "glu", "group_norm", "diag", "diagonal", "trace", "gather_nd", "outer", "kron"];
    let mut wrong = Vec::new();
    let mut checked = 0;
    for case in Case::all(include_str!("../oracles/compositions.txt")) {
        let x = case.tensors("x");
        let stretches = x.len() > 1 && x.iter().any(|x| x.shape().iter().any(|size| *size == 1));
        if known.contains(&case.name) || stretches || x.is_empty() {
            continue;
        }
        checked += 1;
        let (symbolic, concrete) =
            (traced(&case, &x, DType::F64, true), traced(&case, &x, DType::F64, false).unwrap());
        let same = symbolic.map(|symbolic| {
            let mut pairs = symbolic.iter().zip(&concrete);
            pairs.all(|(left, right)| distance(left, right, DType::F64).is_ok_and(|units| units <= 4.0))
        });
        match same {
            Ok(true) => {}
            Ok(false) => wrong.push(format!("line {}: {} gives something else", case.line, case.name)),
            Err(error) => wrong.push(format!("line {}: {}: {error}", case.line, case.name)),
        }
    }
    assert!(wrong.is_empty(), "{} of {checked} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 200, "{checked} cases");
}
