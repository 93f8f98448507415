//! Saved models of every version of the format, which load and answer for ever.
//!
//! Each `tests/golden/vN/NAME` is a saved model, and `NAME.outputs` is what it gave when it was saved: a line for each
//! element. All values are small integers, so every machine gives the same ones. To add the files of a new version, run
//! `cargo test --test golden -- --ignored` once; files that are there are never written again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use holotype::graph::mode;
use holotype::prelude::*;
use holotype::store;
use holotype::tensor::Document;

/// The version that the generator writes.
const NEWEST: &str = "v1";

/// Whatever a definition can hold.
#[derive(Module)]
struct Everything {
    first: Arc<Block>,
    tied: Arc<Block>,
    #[module(frozen)]
    frozen: Variable,
    calls: Variable,
    table: BTreeMap<String, Variable>,
    absent: Option<Variable>,
    choice: Choice,
    pair: (Variable, Variable),
    title: String,
    limits: Vec<f32>,
}

/// What a call may take and give as one value.
#[derive(Structure)]
struct Rows {
    a: Tensor,
    b: Option<Tensor>,
    list: Vec<Tensor>,
}

#[derive(Module)]
struct Block {
    weights: Variable,
    factor: f32,
}

#[derive(Module)]
#[allow(dead_code)]
enum Choice {
    Plain { weights: Variable },
    Other { weights: Variable },
}

#[layer]
impl Block {
    #[signature(x = [.., None; float])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * self.weights.value().cast(x.dtype()) * self.factor
    }
}

#[layer]
impl Everything {
    #[signature(input = [batch, None; f32], flags = [None; bool] -> (sum = [batch, 3; f32], flat = [None; f32]))]
    fn call(&self, input: &Tensor, flags: &Tensor) -> (Tensor, Tensor) {
        let captured = Tensor::from([[1.0_f32, -2.0, 3.0]]);
        let mut x = self.tied.call(&self.first.call(input)) + captured;
        if mode() == holotype::graph::Mode::Training {
            self.calls.assign(self.calls.value() + 1_i64);
            x += 1.0_f32;
        }
        let chosen = flags.select(&x, &self.frozen);
        (chosen.clone(), chosen.reshape([-1]))
    }

    #[signature(
        rows = { a: [n; i32], b: ?[n; i32], list: ([; i32], [; i32]) },
        by in ["one", "two"],
        n in 2..=8,
        n % 2 == 0
    )]
    fn structured(&self, rows: &Rows, by: &str) -> Rows {
        let pairs = Shape::new(vec![rows.a.dim(0) / 2, Dim::from(2)]);
        let factor = if by == "one" { 1 } else { 2 };
        let b = rows.b.as_ref().map(|b| b + &rows.list[1]);
        Rows { a: rows.a.reshape(pairs) * factor, b, list: vec![rows.list[0].clone()] }
    }

    #[signature(count = [None; i64])]
    fn count(&self, count: &Tensor) -> Tensor {
        self.calls.assign(self.calls.value() + 1_i64);
        count + &self.calls
    }

    #[signature(items = [n; i64], limit = [; i64])]
    fn flow(&self, items: &Tensor, limit: &Tensor) -> (Tensor, Tensor) {
        let start = control::cond(&limit.greater(10), || limit - 10, || limit.clone());
        let doubled = control::while_loop(start, |x| x.less(limit), |x| x * 2);
        control::scan_reverse(doubled, items.clone(), |sum: Tensor, item: Tensor| {
            self.calls.assign(self.calls.value() + &item);
            (&sum + item, sum)
        })
    }
}

fn everything() -> Everything {
    let f16 = |values: [f32; 2]| Variable::new(Tensor::from(values.map(half::f16::from_f32)));
    let shared = Arc::new(Block { weights: Variable::new(Tensor::from([1.0_f32, 2.0, -3.0])), factor: 0.5 });
    let table = [
        ("bf16", Variable::new(Tensor::from([half::bf16::from_f32(1.5)]))),
        ("bool", Variable::state(Tensor::from([true, false]))),
        ("empty", Variable::new(Tensor::from(Vec::<f64>::new()))),
        ("f64", Variable::new(Tensor::from([f64::NEG_INFINITY, f64::from_bits(0x7ff8_0000_0000_1234)]))),
        ("i16", Variable::new(Tensor::from([i16::MIN]))),
        ("i32", Variable::new(Tensor::from([i32::MIN]))),
        ("i8", Variable::new(Tensor::from([i8::MIN]))),
        ("u16", Variable::new(Tensor::from([u16::MAX]))),
        ("u32", Variable::new(Tensor::from([u32::MAX]))),
        ("u64", Variable::new(Tensor::from([u64::MAX]))),
        ("u8", Variable::new(Tensor::from([[u8::MAX]]))),
    ];
    Everything {
        first: shared.clone(),
        tied: shared,
        frozen: Variable::new(Tensor::from([[4.0_f32, 5.0, 6.0]])),
        calls: Variable::state(Tensor::from([7_i64])),
        table: table.map(|(name, variable)| (name.to_owned(), variable)).into(),
        absent: None,
        choice: Choice::Other { weights: f16([0.5, -0.0]) },
        pair: (f16([1.0, 2.0]), Variable::new(Tensor::from([0.25_f32]))),
        title: "everything".into(),
        limits: vec![f32::INFINITY, -1.0],
    }
}

/// What a model gives for fixed inputs, the bits of all variables, and its structure.
fn outputs(program: &Program) -> String {
    let mut text = String::new();
    let input = Tensor::from([[2.0_f32, 4.0, 6.0], [8.0, 10.0, 12.0]]);
    let flags = Tensor::from([true, false, true]);
    for (name, output) in program.call_named("call", &[("flags", flags), ("input", input)]).unwrap() {
        writeln!(text, "{name} {} {:?}", output.shape(), output.to_vec::<f32>().unwrap()).unwrap();
    }
    for b in [None, Some(Tensor::from([5, 6, 7, 8]))] {
        let list = vec![Tensor::scalar(10), Tensor::scalar(20)];
        let rows = Rows { a: Tensor::from([1, 2, 3, 4]), b, list };
        let function = program.function("structured").with("by", "two").unwrap();
        let found: Rows = function.call_structure(&rows).unwrap();
        for (path, leaf) in holotype::tensor::Leaves::of(&found) {
            writeln!(text, "structured {path} {} {:?}", leaf.shape(), leaf.to_vec::<i32>().unwrap()).unwrap();
        }
    }
    for _ in 0..2 {
        let counted = program.call_function("count", &[Tensor::from([10_i64])]).unwrap();
        writeln!(text, "count {:?}", counted[0].to_vec::<i64>().unwrap()).unwrap();
    }
    for limit in [3_i64, 15] {
        let inputs = [Tensor::from([1_i64, 2, 3]), Tensor::from(limit)];
        for output in program.call_function("flow", &inputs).unwrap() {
            writeln!(text, "flow {} {:?}", output.shape(), output.to_vec::<i64>().unwrap()).unwrap();
        }
    }
    for (definition, variable) in program.graph().variables.iter().zip(program.variables()) {
        let data = variable.data().unwrap();
        let role = definition.role.name();
        writeln!(text, "variable {} {} {role} {:?}", definition.path, definition.kind, data.bytes()).unwrap();
    }
    for signature in program.signatures() {
        writeln!(text, "{signature}").unwrap();
    }
    for (name, note) in program.notes() {
        writeln!(text, "note {name} {note}").unwrap();
    }
    text
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("golden")
}

#[test]
fn every_version_loads_and_answers_as_it_did() {
    let mut models = 0;
    for version in fs::read_dir(golden()).unwrap() {
        for entry in fs::read_dir(version.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                let expected = fs::read_to_string(path.with_extension("outputs")).unwrap();
                let copied = store::Load::new().copied().load(&path).unwrap();
                assert_eq!(outputs(&copied), expected, "{}", path.display());
                assert_eq!(outputs(&store::load(&path).unwrap()), expected, "{}", path.display());
                models += 1;
            }
        }
    }
    assert!(models > 0);
}

#[test]
fn the_newest_version_is_written_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = golden().join(NEWEST).join("everything");
    store::load(&path).unwrap().save(directory.path()).unwrap();
    let definition = |path: &Path| fs::read(path.join("saved_model.bin")).unwrap();
    assert_eq!(
        definition(directory.path()),
        definition(&path),
        "the format has changed without a new version"
    );
}

#[test]
fn the_newest_version_restores() {
    // The framework may have learnt to trace the same code into a better graph since.
    let restore = store::Restore::new().allow_changed_definition();
    let typed: Everything = restore.restore(golden().join(NEWEST).join("everything")).unwrap();
    assert!(Arc::ptr_eq(&typed.first, &typed.tied));
    assert!(matches!(typed.choice, Choice::Other { .. }));
    assert_eq!(typed.limits, [f32::INFINITY, -1.0]);
}

#[test]
#[ignore = "writes the files of a new version"]
fn generate() {
    let path = golden().join(NEWEST).join("everything");
    assert!(!path.exists(), "golden files are never written again");
    let traced = Program::trace(&everything()).unwrap();
    let notes = vec![("about".to_owned(), Document::describe("a model that holds everything").unwrap())];
    let (objects, variables) = (traced.objects().clone(), traced.variables().to_vec());
    let program =
        Program::new(traced.graph().clone(), objects, traced.entries().to_vec(), variables, notes).unwrap();
    program.save(&path).unwrap();
    fs::write(path.with_extension("outputs"), outputs(&program)).unwrap();
}
