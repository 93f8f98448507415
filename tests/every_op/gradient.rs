//! Gradients against central finite differences, in `f64`.
//!
//! The results of an op are put together to one number by random weights, so that every element of every result counts.
//! The step is `1e-5 max(1, |x|)`, so a difference is wrong by about `1e-10 f'''` (what Taylor leaves) and `1e-11 f` (what
//! rounding leaves); the tolerance is `1e-6 (1 + |f| + |f'|)`.

use std::sync::Arc;

use holotype::autodiff::gradients;
use holotype::graph::{DynOp, Exact, find_op};
use holotype::prelude::*;
use holotype::tensor::{Data, Document, TensorType};

use crate::elements::{Random, cast, doubles};
use crate::traced::{Ready, apply};
use crate::{Case, Report, of_op, ops};

const TOLERANCE: f64 = 1e-6;

/// The sample with all floats as `f64`; none if it has no float operand with elements, or no float result.
fn in_doubles(case: &Case) -> Option<Case> {
    let convert = |data: &Data| if data.dtype().is_float() { cast(data, DType::F64) } else { data.clone() };
    let case = Case {
        name: case.name.clone(),
        op: with_doubles(&case.op),
        operands: case.operands.iter().map(convert).collect(),
    };
    let results = case.op.infer(&case.types(), &mut Exact).ok()?;
    let finite = case.operands.iter().all(|data| doubles(data).iter().all(|x| x.is_finite()));
    (!floats(&case).is_empty() && finite && results.iter().any(|kind| kind.dtype.is_float())).then_some(case)
}

/// `convert` to a float dtype becomes one to `f64`, so that its results are exact.
fn with_doubles(op: &Arc<dyn DynOp>) -> Arc<dyn DynOp> {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Convert {
        dtype: DType,
    }
    match op.attributes().unwrap().read::<Convert>() {
        Ok(Convert { dtype }) if dtype.is_float() && op.name() == "convert" => {
            let attributes = Document::describe(&Convert { dtype: DType::F64 }).unwrap();
            (find_op("convert").unwrap().read)(&attributes).unwrap()
        }
        _ => op.clone(),
    }
}

/// The operands that a gradient is of.
fn floats(case: &Case) -> Vec<usize> {
    let is_float =
        |&index: &usize| case.operands[index].dtype().is_float() && !case.operands[index].is_empty();
    (0..case.operands.len()).filter(is_float).collect()
}

/// The weighted sum of the float tensors among these.
fn weighted(tensors: &[Tensor], weights: &[Data]) -> Option<Tensor> {
    let terms = tensors.iter().zip(weights).filter(|(tensor, _)| tensor.dtype().is_float());
    terms
        .map(|(tensor, weights)| (tensor * Tensor::from_data(cast(weights, tensor.dtype()))).sum())
        .reduce(|sum, term| sum + term)
}

/// A case with random weights for its results and for its gradients.
struct Problem {
    case: Case,
    floats: Vec<usize>,
    results: Vec<Data>,
    gradients: Vec<Data>,
}

impl Problem {
    fn new(case: Case, random: &mut Random) -> Self {
        let results = case.op.infer(&case.types(), &mut Exact).unwrap();
        let mut weights = |kind: &TensorType| random.weights(&kind.shape.concrete().unwrap());
        let results = results.iter().map(&mut weights).collect();
        let floats = floats(&case);
        let gradients = floats.iter().map(|&index| weights(&case.operands[index].kind())).collect();
        Self { case, floats, results, gradients }
    }

    /// The number and its gradients, as tensors of the trace.
    fn first(&self, inputs: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
        let results = apply(&self.case.op, inputs);
        let number = weighted(&results, &self.results).unwrap().ok()?;
        let gradients = gradients(&number, &self.of(inputs), &[])?.tensors;
        Ok((number, gradients))
    }

    fn of<'a>(&self, inputs: &'a [Tensor]) -> Vec<&'a Tensor> {
        self.floats.iter().map(|&index| &inputs[index]).collect()
    }

    /// A function that gives the number, then its gradients.
    fn first_order(&self) -> Result<Ready> {
        Ready::trace(&self.case.types(), |inputs| {
            let (number, mut outputs) = self.first(inputs)?;
            outputs.insert(0, number);
            Ok(outputs)
        })
    }

    /// A function that gives the weighted sum of the gradients, then the gradients of that.
    fn second_order(&self) -> Result<Ready> {
        Ready::trace(&self.case.types(), |inputs| {
            let (_, first) = self.first(inputs)?;
            let number = weighted(&first, &self.gradients).unwrap().ok()?;
            // The gradient of a function that is linear is a constant.
            let mut outputs = if number.is_symbolic() {
                gradients(&number, &self.of(inputs), &[])?.tensors
            } else {
                self.of(inputs).iter().map(|input| input.zeros_like()).collect()
            };
            outputs.insert(0, number);
            Ok(outputs)
        })
    }

    /// Compares the gradients that a function gives after its number with finite differences of the number.
    fn compare(&self, ready: &Ready) -> Result<usize, String> {
        let run = |operands: &[Data]| ready.run(operands).map_err(|error| error.to_string());
        let found = run(&self.case.operands)?;
        let value = doubles(&found[0])[0];
        let mut compared = 0;
        for (position, &index) in self.floats.iter().enumerate() {
            let gradient = &found[position + 1];
            if gradient.kind() != self.case.operands[index].kind() {
                return Err(format!("the gradient of operand {index} is {}", gradient.describe()));
            }
            let elements = doubles(&self.case.operands[index]);
            for (element, &derivative) in doubles(gradient).iter().enumerate() {
                let step = 1e-5 * elements[element].abs().max(1.0);
                let at = |offset: f64| -> Result<f64, String> {
                    let mut moved = elements.clone();
                    moved[element] += offset;
                    let mut operands = self.case.operands.clone();
                    operands[index] = Data::new(operands[index].sizes(), moved).unwrap();
                    Ok(doubles(&run(&operands)?[0])[0])
                };
                let difference = (at(step)? - at(-step)?) / (2.0 * step);
                let tolerance = TOLERANCE * (1.0 + value.abs() + difference.abs());
                if (derivative - difference).abs() > tolerance || derivative.is_nan() || difference.is_nan() {
                    return Err(format!(
                        "operand {index}, element {element} ({}): {derivative} instead of {difference}",
                        elements[element]
                    ));
                }
                compared += 1;
            }
        }
        Ok(compared)
    }
}

fn each_op(report: &mut Report, what: &str, order: fn(&Problem) -> Result<Ready>) {
    let mut random = Random::new();
    for (name, op) in ops() {
        let cases = of_op(name, op);
        if cases.iter().any(|case| case.op.no_gradient().is_some() || case.operands.is_empty()) {
            continue;
        }
        let mut compared = 0;
        for case in &cases {
            let Some(case) = in_doubles(case) else { continue };
            let problem = Problem::new(case.clone(), &mut random);
            report.check(&case, what, || {
                let ready = order(&problem).map_err(|error| error.to_string())?;
                compared += problem.compare(&ready)?;
                Ok(())
            });
        }
        report.check(&cases[0], what, || {
            if compared > 0 { Ok(()) } else { Err(format!("no sample of {name} shows its gradient")) }
        });
    }
}

#[test]
fn first_derivatives_are_finite_differences() {
    let mut report = Report::default();
    each_op(&mut report, "gradient", Problem::first_order);
    report.finish("first derivatives");
}

#[test]
fn second_derivatives_are_finite_differences() {
    let mut report = Report::default();
    each_op(&mut report, "gradient of the gradient", Problem::second_order);
    report.finish("second derivatives");
}

/// How far a gradient that is computed in a dtype may be from that in `f64`, relative to `1 + |gradient|`.
fn tolerance(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => 1e-12,
        DType::F32 => 1e-4,
        DType::F16 => 1e-2,
        DType::BF16 => 0.1,
        _ => 0.0,
    }
}

#[test]
fn gradients_in_each_dtype_are_those_in_doubles() {
    let mut report = Report::default();
    let mut random = Random::new();
    for (name, op) in ops() {
        for case in of_op(name, op) {
            let Some(double) = in_doubles(&case).filter(|_| case.op.no_gradient().is_none()) else {
                continue;
            };
            let double = Problem::new(double, &mut random);
            let single = Problem {
                case: case.clone(),
                floats: double.floats.clone(),
                results: double.results.clone(),
                gradients: double.gradients.clone(),
            };
            report.check(&case, "gradient in its own dtype", || {
                let run = |problem: &Problem| {
                    let outputs = problem.first_order().and_then(|ready| ready.run(&problem.case.operands));
                    outputs.map_err(|error| error.to_string())
                };
                let (found, expected) = (run(&single)?, run(&double)?);
                let dtypes = case.op.infer(&case.types(), &mut Exact)?.into_iter().chain(case.types());
                let limit = dtypes.map(|kind| tolerance(kind.dtype)).fold(0.0, f64::max);
                for ((found, expected), &index) in found[1..].iter().zip(&expected[1..]).zip(&single.floats) {
                    if found.kind() != case.operands[index].kind() {
                        return Err(format!("the gradient of operand {index} is {}", found.describe()));
                    }
                    for (found, expected) in doubles(found).into_iter().zip(doubles(expected)) {
                        if (found - expected).abs() > limit * (1.0 + expected.abs()) || found.is_nan() {
                            return Err(format!("{found} of operand {index} instead of {expected}"));
                        }
                    }
                }
                Ok(())
            });
        }
    }
    report.finish("gradients in each dtype");
}
