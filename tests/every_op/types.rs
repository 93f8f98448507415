//! The shape rule: it says what the kernel gives, and refuses what the kernel does not take.

use holotype::graph::Exact;
use holotype::tensor::{DType, Data, Sizes, TensorType};

use crate::elements::{cast, cycled};
use crate::{Case, Report, cases};

/// Ops that take any number of operands from 1.
const VARIADIC: [&str; 1] = ["concatenate"];

/// Whether the shape rule takes the operands; if it does, the kernel must give what the rule says.
fn taken(case: &Case, operands: &[Data]) -> Result<bool, String> {
    let types: Vec<_> = operands.iter().map(Data::kind).collect();
    let expected = match case.op.infer(&types, &mut Exact) {
        Ok(expected) => expected,
        Err(message) if message.is_empty() => return Err("it is refused without a word".into()),
        Err(_) => return Ok(false),
    };
    let results = match case.op.kernel(operands, &Sizes::new()) {
        Ok(results) => results,
        Err(_) if case.may_fail() => return Ok(true),
        Err(error) => return Err(format!("the shape rule takes {types:?}, and the kernel says: {error}")),
    };
    let found: Vec<TensorType> = results.iter().map(Data::kind).collect();
    if found != expected || found.len() != case.op.results() {
        return Err(format!(
            "for {types:?} the shape rule says {expected:?}, and the kernel gives {found:?}"
        ));
    }
    Ok(true)
}

#[test]
fn inferred_types_are_those_of_the_kernel() {
    let mut report = Report::default();
    for case in cases() {
        report.check(&case, "its own operands", || {
            if taken(&case, &case.operands)? { Ok(()) } else { Err("the shape rule refuses them".into()) }
        });
    }
    report.finish("types");
}

#[test]
fn another_number_of_operands_is_refused() {
    let mut report = Report::default();
    for case in cases() {
        let all = &case.operands;
        let mut others = vec![Vec::new(), all.iter().chain(all.last()).cloned().collect()];
        if let Some((_, fewer)) = all.split_last() {
            others.push(fewer.to_vec());
        }
        if all.is_empty() {
            others = vec![vec![Data::scalar(1_i32)], vec![Data::scalar(1.0_f32)]];
        }
        for other in others {
            let varies = VARIADIC.contains(&case.op.name()) && !other.is_empty();
            report.check(&case, &format!("{} operands", other.len()), || {
                if taken(&case, &other)? && !varies {
                    Err("the shape rule takes them".into())
                } else {
                    Ok(())
                }
            });
        }
    }
    report.finish("arity");
}

#[test]
fn what_the_rule_takes_of_other_dtypes_the_kernel_takes_too() {
    let mut report = Report::default();
    for case in cases() {
        for index in 0..case.operands.len() {
            for dtype in DType::ALL {
                let mut operands = case.operands.clone();
                operands[index] = cast(&operands[index], dtype);
                report.check(&case, &format!("operand {index} as {dtype}"), || {
                    taken(&case, &operands).map(drop)
                });
            }
        }
        for dtype in DType::ALL {
            let operands: Vec<_> = case.operands.iter().map(|operand| cast(operand, dtype)).collect();
            report.check(&case, &format!("all operands as {dtype}"), || taken(&case, &operands).map(drop));
        }
    }
    report.finish("dtypes");
}

/// The sizes with one dimension more, one less, and with each dimension one longer, of size 1 and empty.
fn other_sizes(sizes: &[usize]) -> Vec<Vec<usize>> {
    let mut others = vec![[&[1], sizes].concat(), [sizes, &[2]].concat(), Vec::new()];
    for axis in 0..sizes.len() {
        let without = [&sizes[..axis], &sizes[axis + 1..]].concat();
        let with = |size| {
            let mut sizes = sizes.to_vec();
            sizes[axis] = size;
            sizes
        };
        others.extend([without, with(sizes[axis] + 1), with(1), with(0)]);
    }
    others
}

#[test]
fn what_the_rule_takes_of_other_shapes_the_kernel_takes_too() {
    let mut report = Report::default();
    for case in cases() {
        for (index, operand) in case.operands.iter().enumerate() {
            for sizes in other_sizes(operand.sizes()) {
                let mut operands = case.operands.clone();
                operands[index] = cycled(operand, &sizes);
                report.check(&case, &format!("operand {index} of {sizes:?}"), || {
                    taken(&case, &operands).map(drop)
                });
                // All operands of that shape, so that element-wise rules do not stop at the first comparison.
                let operands: Vec<_> = case.operands.iter().map(|operand| cycled(operand, &sizes)).collect();
                report.check(&case, &format!("all operands of {sizes:?}"), || {
                    taken(&case, &operands).map(drop)
                });
            }
        }
    }
    report.finish("shapes");
}
