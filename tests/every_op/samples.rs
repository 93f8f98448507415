//! The samples themselves: they must show what the other rules are about.

use holotype::graph::Exact;
use holotype::tensor::DType;

use crate::{Case, of_op, ops};

type Class = (&'static str, DType, fn(DType) -> bool);

const CLASSES: [Class; 3] = [
    ("float", DType::F32, DType::is_float),
    ("integer", DType::I32, DType::is_int),
    ("bool", DType::Bool, |dtype| dtype == DType::Bool),
];

/// Whether the op takes a dtype in place of another in its operands.
fn takes(case: &Case, instead_of: DType, dtype: DType) -> bool {
    let replace = |kind: &holotype::tensor::TensorType| {
        if kind.dtype == instead_of { kind.with_dtype(dtype) } else { kind.clone() }
    };
    case.op.infer(&case.types().iter().map(replace).collect::<Vec<_>>(), &mut Exact).is_ok()
}

#[test]
fn every_op_has_samples() {
    for (name, op) in ops() {
        let cases = of_op(name, op);
        assert!(!cases.is_empty(), "{name} has no samples");
        for case in &cases {
            assert!(
                case.op.infer(&case.types(), &mut Exact).is_ok(),
                "{}: an operand is missing or does not fit",
                case.name
            );
        }
    }
}

#[test]
fn samples_cover_each_class_of_dtypes_that_the_op_takes() {
    let mut missing = Vec::new();
    for (name, op) in ops() {
        let cases = of_op(name, op);
        for (class, dtype, is_in) in CLASSES {
            let shown = cases.iter().any(|case| case.operands.iter().any(|data| is_in(data.dtype())));
            let taken = cases
                .iter()
                .any(|case| case.operands.iter().any(|operand| takes(case, operand.dtype(), dtype)));
            if taken && !shown {
                missing.push(format!("{name} takes {class} operands, and no sample has one"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn samples_have_an_empty_dimension_or_one_of_size_1() {
    for (name, op) in ops() {
        let small = |case: &Case| {
            let results = case.op.infer(&case.types(), &mut Exact).unwrap();
            case.types()
                .iter()
                .chain(&results)
                .any(|kind| kind.shape.iter().any(|dim| *dim == 0 || *dim == 1))
        };
        let cases = of_op(name, op);
        let numbers = cases.iter().all(|case| {
            let results = case.op.infer(&case.types(), &mut Exact).unwrap();
            case.operands.is_empty() && results.iter().all(|kind| kind.rank() == 0)
        });
        assert!(numbers || cases.iter().any(small), "{name} has no sample with a dimension of size 0 or 1");
    }
}

#[test]
fn ops_with_a_gradient_have_a_float_sample() {
    for (name, op) in ops() {
        let cases = of_op(name, op);
        let has_operands = cases.iter().any(|case| !case.operands.is_empty());
        if !has_operands || cases.iter().any(|case| case.op.no_gradient().is_some()) {
            continue;
        }
        let float =
            |case: &Case| case.operands.iter().any(|data| data.dtype().is_float() && !data.is_empty());
        assert!(cases.iter().any(float), "{name} has a gradient and no float sample");
    }
}

#[test]
fn an_op_that_has_no_gradient_says_why() {
    for (name, op) in ops() {
        for case in of_op(name, op) {
            assert_ne!(case.op.no_gradient(), Some(""), "{name}");
        }
    }
}
