//! The table of all ops in the documentation of `holotype::ops`, made from the registry, the samples and the oracles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use holotype::graph::{Exact, OpConstructor};
use holotype::prelude::*;
use holotype::tensor::{Sizes, TensorType};

use crate::elements::cast;
use crate::traced::{Ready, apply};
use crate::{Case, of_op, ops};

/// Cases of oracles that show one op under the name of the method that applies it.
const METHODS: [(&str, &str); 23] = [
    ("all", "reduce"),
    ("any", "reduce"),
    ("conv", "convolution"),
    ("conv_transpose", "convolution"),
    ("cummax", "cumulative"),
    ("cummin", "cumulative"),
    ("cumprod", "cumulative"),
    ("cumsum", "cumulative"),
    ("digamma", "polygamma"),
    ("equal", "compare"),
    ("greater", "compare"),
    ("greater_equal", "compare"),
    ("less", "compare"),
    ("less_equal", "compare"),
    ("matmul", "dot_general"),
    ("max", "reduce"),
    ("min", "reduce"),
    ("not_equal", "compare"),
    ("prod", "reduce"),
    ("sum", "reduce"),
    ("tetragamma", "polygamma"),
    ("trigamma", "polygamma"),
    ("uniform", "rng_bit_generator"),
];

type Class = (&'static str, fn(DType) -> bool);

const CLASSES: [Class; 4] = [
    ("float", DType::is_float),
    ("signed integer", |dtype| matches!(dtype, DType::I8 | DType::I16 | DType::I32 | DType::I64)),
    ("unsigned integer", |dtype| matches!(dtype, DType::U8 | DType::U16 | DType::U32 | DType::U64)),
    ("bool", |dtype| dtype == DType::Bool),
];

/// The dtypes that the op takes for some operand; those of its results if it has no operands.
fn dtypes(cases: &[Case]) -> BTreeSet<DType> {
    let mut taken = BTreeSet::new();
    for case in cases {
        let own: BTreeSet<_> = case.types().iter().map(|kind| kind.dtype).collect();
        for (dtype, instead_of) in
            DType::ALL.iter().flat_map(|&dtype| own.iter().map(move |&own| (dtype, own)))
        {
            let replace = |kind: &TensorType| {
                if kind.dtype == instead_of { kind.with_dtype(dtype) } else { kind.clone() }
            };
            let types: Vec<_> = case.types().iter().map(replace).collect();
            if case.op.infer(&types, &mut Exact).is_err() {
                continue;
            }
            let operands = case.operands.iter().zip(&types).map(|(data, kind)| cast(data, kind.dtype));
            let run = case.op.kernel(&operands.collect::<Vec<_>>(), &Sizes::new());
            assert!(run.is_ok() || case.may_fail(), "{}: {dtype}: {run:?}", case.name);
            taken.insert(dtype);
        }
        if case.operands.is_empty() {
            taken.extend(case.op.infer(&[], &mut Exact).unwrap().iter().map(|kind| kind.dtype));
        }
    }
    taken
}

fn words(dtypes: &BTreeSet<DType>) -> String {
    if dtypes.len() == DType::ALL.len() {
        return "any".into();
    }
    let mut words: Vec<String> = Vec::new();
    for (class, is_in) in CLASSES {
        let all: Vec<_> = DType::ALL.into_iter().filter(|&dtype| is_in(dtype)).collect();
        let taken: Vec<_> = all.iter().filter(|dtype| dtypes.contains(dtype)).collect();
        if taken.len() == all.len() {
            words.push(class.into());
        } else {
            words.extend(taken.iter().map(ToString::to_string));
        }
    }
    words.join(", ").replace("signed integer, unsigned integer", "integer")
}

/// What the op says of its gradient: that it has one, that it is zero, or why there is none.
fn gradient(name: &str, cases: &[Case]) -> String {
    let reasons: BTreeSet<_> = cases.iter().filter_map(|case| case.op.no_gradient()).collect();
    if let Some(reason) = reasons.first() {
        assert_eq!(reasons.len(), 1, "{name}");
        return format!("no: {reason}");
    }
    if cases.iter().any(flows) { "yes".into() } else { "zero".into() }
}

/// Whether some operand gets a gradient.
fn flows(case: &Case) -> bool {
    let mut flows = false;
    let traced = Ready::trace(&case.types(), |operands| {
        let results = apply(&case.op, operands);
        let ones: Vec<_> = results.iter().map(Tensor::ones_like).collect();
        flows = case.op.gradient(operands, &results, &ones).iter().any(Option::is_some);
        Ok(results)
    });
    traced.is_ok() && flows && case.types().iter().any(|kind| kind.dtype.is_float())
}

fn oracles() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles")
}

/// How many cases of which oracle are about each op.
fn expected_values(names: &BTreeSet<&str>) -> BTreeMap<String, BTreeMap<String, usize>> {
    let mut found: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for entry in fs::read_dir(oracles()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let in_blocks = text.lines().any(|line| line.starts_with("case "));
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some(line) = (if in_blocks { line.strip_prefix("case ") } else { Some(line) }) else {
                continue;
            };
            for case in line.split(' ').next().unwrap_or_default().split(',') {
                // There, `exponential` is a distribution.
                let own = names.get(case).copied().filter(|_| file != "distributions");
                let method = METHODS.iter().find(|(method, _)| *method == case).map(|(_, op)| *op);
                let convert = case.starts_with("convert_").then_some("convert");
                if let Some(op) = own.or(method).or(convert) {
                    *found.entry(op.to_owned()).or_default().entry(file.clone()).or_default() += 1;
                }
            }
        }
    }
    found
}

fn row(name: &str, op: &OpConstructor, expected: Option<&BTreeMap<String, usize>>) -> String {
    let cases = of_op(name, op);
    let values = expected.map_or_else(
        || "none".to_owned(),
        |files| {
            let files = files.iter().map(|(file, count)| format!("{count} in `{file}`"));
            files.collect::<Vec<_>>().join(", ")
        },
    );
    let (dtypes, gradient) = (words(&dtypes(&cases)), gradient(name, &cases));
    format!("| `{name}` | {dtypes} | {gradient} | {} | {values} |\n", cases.len())
}

fn table() -> String {
    let ops = ops();
    let expected = expected_values(&ops.iter().map(|(name, _)| *name).collect());
    let mut table = String::from(
        "| op | dtypes of its operands | gradient | samples | values of other programs |\n| --- | --- | --- | --- | --- |\n",
    );
    for (name, op) in ops {
        write!(table, "{}", row(name, op, expected.get(name))).unwrap();
    }
    table
}

#[test]
fn the_documentation_has_a_row_for_each_op() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/src/ops/table.md");
    let found = table();
    if std::env::var("HOLOTYPE_TABLE").is_ok_and(|mode| mode == "overwrite") {
        fs::write(&path, &found).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(written == found, "run it with HOLOTYPE_TABLE=overwrite; the table of the ops is now:\n{found}");
}
