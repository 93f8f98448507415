//! Arithmetic, conversions, shapes, reductions and derivatives against exact results and JAX: the cases of
//! `oracles/basics.txt`, which `oracles/basics.py` wrote and says how.
//!
//! `cargo test --test basics -- --nocapture` prints how well they agree, op by op.

#![allow(clippy::unwrap_used, clippy::panic)]

mod case;
mod tolerances;
mod units;

use case::Case;
use holotype::prelude::*;
use holotype::transform::{grad, vjp};
use tolerances::{in_units_of_one, of_derivative, of_gradient, of_value};
use units::{Report, Scale, distance};

const TEXT: &str = include_str!("../oracles/basics.txt");

/// Compares tensors and keeps what is wrong.
#[derive(Default)]
struct Comparison {
    report: Report,
    wrong: Vec<String>,
}

impl Comparison {
    fn compare(
        &mut self,
        (what, op): (&'static str, &str),
        case: &Case,
        found: &Tensor,
        expected: &Tensor,
        tolerance: u64,
    ) {
        let dtype = case.tensors("x").last().unwrap_or(expected).dtype().to_string();
        let scale = match what {
            "values" => Scale::Value,
            "gradients" => Scale::Derivative,
            _ if in_units_of_one(op) => Scale::AtLeastOne,
            _ => Scale::Derivative,
        };
        match distance(found, expected, scale) {
            Ok(units) => {
                self.report.add(what, op, &dtype, units);
                if units > tolerance {
                    let (x, line) = (case.tensors("x"), case.line);
                    let x: Vec<_> = x.iter().map(ToString::to_string).collect();
                    self.wrong.push(format!(
                        "line {line}, {what} of {op} {dtype}: {units} units, {found} instead of {expected} of {}",
                        x.join(", ")
                    ));
                }
            }
            Err(error) => self.wrong.push(format!("line {}, {what} of {op} {dtype}: {error}", case.line)),
        }
    }

    fn finish(self, what: &'static str, tensors: usize) {
        println!("{}", self.report);
        let found = self.report.tensors(what);
        assert!(found >= tensors, "{found} tensors");
        assert!(self.wrong.is_empty(), "{} are wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

#[test]
fn every_value_is_the_exact_one() {
    let mut comparison = Comparison::default();
    for case in Case::all(TEXT) {
        let x = case.tensors("x");
        for (op, expected) in case.ops.iter().zip(case.tensors("y")) {
            let name = if op.starts_with("convert_") { "convert" } else { op };
            let tolerance = of_value(name, expected.dtype());
            comparison.compare(("values", name), &case, &case.run(op, &x), &expected, tolerance);
        }
    }
    comparison.finish("values", 1200);
}

#[test]
fn every_gradient_is_that_of_jax() {
    let mut comparison = Comparison::default();
    for case in Case::all(TEXT) {
        let (x, expected) = (case.tensors("x"), case.tensors("g"));
        let Some(cotangent) = case.tensors("c").pop() else { continue };
        let op = case.ops[0];
        let (_, found) = vjp(|x: &Vec<Tensor>| case.run(op, x), &x, &cotangent);
        let found = found.iter().filter(|x| x.dtype().is_float());
        for (found, expected) in found.zip(&expected) {
            let tolerance = of_gradient(op, expected.dtype());
            comparison.compare(("gradients", op), &case, found, expected, tolerance);
        }
    }
    comparison.finish("gradients", 300);
}

#[test]
fn every_derivative_is_the_exact_one_within_the_stated_distance() {
    let mut comparison = Comparison::default();
    for case in Case::all(TEXT) {
        let (x, first, second) = (case.tensors("x"), case.tensors("d"), case.tensors("dd"));
        if first.is_empty() {
            continue;
        }
        let op = case.ops[0];
        let derivative = |x: &Vec<Tensor>| grad(|x: &Vec<Tensor>| case.run(op, x).sum(), x);
        let [of_first, of_second] = of_derivative(op, x[0].dtype());
        for (found, expected) in derivative(&x).iter().zip(&first) {
            comparison.compare(("first derivatives", op), &case, found, expected, of_first);
        }
        for (place, expected) in second.chunks(x.len()).enumerate() {
            let found = grad(|x: &Vec<Tensor>| derivative(x)[place].sum(), &x);
            for (found, expected) in found.iter().zip(expected) {
                comparison.compare(("second derivatives", op), &case, found, expected, of_second);
            }
        }
    }
    comparison.finish("first derivatives", 90);
}
