//! The compiled executor gives what the reference gives: the same bits where nothing is rounded otherwise, and within a few units
//! in the last place where a fast kernel rounds in other places.

use half::{bf16, f16};
use holotype::exec::{Compiled, Reference};
use holotype::tensor::{DType, Data};

use crate::symbolic::variants;
use crate::traced::{Ready, apply};
use crate::{Case, Report, cases};

/// How many units in the last place the results of an op of `f32` may differ by.
///
/// The fast functions are within 2 of the truth, and so are those of the reference. The chains of a product round each step, and
/// the reference sums in another order.
pub fn allowed(case: &Case) -> u64 {
    if case.operands.iter().any(|operand| operand.dtype() == DType::F64) {
        return 0;
    }
    match case.op.name() {
        "exponential"
        | "exponential_minus_one"
        | "log"
        | "log_plus_one"
        | "logistic"
        | "tanh"
        | "erf"
        | "sine"
        | "cosine"
        | "power" => 3,
        "rsqrt" => 2,
        "dot_general" | "convolution" => 4,
        "reduce" | "reduce_window" => 1,
        _ => 0,
    }
}

/// The numbers of a float tensor on a line on which neighbours are 1 apart.
fn places(data: &Data) -> Option<Vec<i64>> {
    fn line(bits: i64, sign: i64) -> i64 {
        if bits & sign == 0 { bits } else { -(bits & !sign) }
    }
    match data.dtype() {
        DType::F32 => Some(
            data.elements::<f32>().unwrap().iter().map(|x| line(i64::from(x.to_bits()), 1 << 31)).collect(),
        ),
        DType::F64 => Some(
            data.elements::<f64>()
                .unwrap()
                .iter()
                .map(|x| line(x.to_bits().cast_signed(), i64::MIN))
                .collect(),
        ),
        DType::F16 => Some(
            data.elements::<f16>().unwrap().iter().map(|x| line(i64::from(x.to_bits()), 1 << 15)).collect(),
        ),
        DType::BF16 => Some(
            data.elements::<bf16>().unwrap().iter().map(|x| line(i64::from(x.to_bits()), 1 << 15)).collect(),
        ),
        _ => None,
    }
}

/// The greatest distance of two lists of tensors, if it is none of more units in the last place than that.
pub fn near(found: &[Data], expected: &[Data], ulps: u64) -> Result<u64, String> {
    let mut worst = 0;
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        if found.kind() != expected.kind() {
            return Err(format!("result {index} is {}, and not {}", found.describe(), expected.describe()));
        }
        if found.same_bits(expected) {
            continue;
        }
        let (Some(found_places), Some(expected_places)) = (places(found), places(expected)) else {
            return Err(format!("result {index} differs: {found:?}"));
        };
        let is_nan = |data: &Data, at: usize| match data.dtype() {
            DType::F32 => data.elements::<f32>().unwrap()[at].is_nan(),
            DType::F64 => data.elements::<f64>().unwrap()[at].is_nan(),
            DType::F16 => data.elements::<f16>().unwrap()[at].is_nan(),
            _ => data.elements::<bf16>().unwrap()[at].is_nan(),
        };
        for (at, (one, other)) in found_places.iter().zip(&expected_places).enumerate() {
            if is_nan(found, at) && is_nan(expected, at) {
                continue;
            }
            let distance = one.abs_diff(*other);
            if distance > ulps {
                return Err(format!("element {at} of result {index} is {distance} ULP away"));
            }
            worst = worst.max(distance);
        }
    }
    if found.len() == expected.len() { Ok(worst) } else { Err(format!("{} results", found.len())) }
}

#[test]
fn compiled_and_reference_results_agree() {
    let mut report = Report::default();
    let mut worst = std::collections::BTreeMap::<&'static str, u64>::new();
    for case in cases() {
        let mut ways = vec![(case.types(), case.op.clone())];
        ways.extend(variants(&case).into_iter().map(|variant| (variant.types, variant.op)));
        for (types, op) in ways {
            let body = |inputs: &[_]| Ok(apply(&op, inputs));
            let Ok(reference) = Ready::with(&Reference, &types, body) else { continue };
            let compiled = Ready::with(&Compiled, &types, body).unwrap();
            report.check(&case, &format!("executors for {types:?}"), || {
                let expected = reference.run(&case.operands).map_err(|error| error.to_string());
                let found = compiled.run(&case.operands).map_err(|error| error.to_string());
                match (found, expected) {
                    (Ok(found), Ok(expected)) => {
                        let distance = near(&found, &expected, allowed(&case))?;
                        let entry = worst.entry(op.name()).or_default();
                        *entry = distance.max(*entry);
                        Ok(())
                    }
                    (Err(found), Err(expected)) if found == expected => Ok(()),
                    (found, expected) => Err(format!("{found:?}, and not {expected:?}")),
                }
            });
        }
    }
    worst.retain(|_, distance| *distance > 0);
    println!("furthest from the reference, in units in the last place: {worst:?}");
    report.finish("executors");
}
