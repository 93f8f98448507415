//! Signatures and types that do not fit, and definitions that lie.

use holotype::module::Entry;
use holotype::prelude::*;
use holotype::tensor::{Document, SizeRange, Symbol};

use crate::counted;

#[derive(Structure)]
struct Outer {
    inner: Inner,
}

#[derive(Structure)]
struct Inner {
    a: Tensor,
    b: Tensor,
}

macro_rules! model {
    ($name:ident, $body:expr, $($signature:tt)*) => {
        #[derive(Module)]
        struct $name;

        #[layer]
        impl $name {
            #[signature($($signature)*)]
            fn call(&self, x: &Outer) -> Inner {
                let Inner { a, b } = &x.inner;
                let body: fn(&Tensor, &Tensor) -> Inner = $body;
                body(a, b)
            }
        }
    };
}

fn both(a: &Tensor, b: &Tensor) -> Inner {
    Inner { a: a.clone(), b: b.clone() }
}

// What the compiler does not see: the parts of a part.
model!(Lacking, both, x = { inner: { a: [None; f32] } });
model!(Surplus, both, x = { inner: { a: [None; f32], b: [; f32], c: [; f32] } });
model!(OtherOutput, both, x = { inner: { a: [None; f32], b: [; f32] } } -> { a: [None; f32], c: [; f32] });
model!(FewerOutputs, both, x = { inner: { a: [None; f32], b: [; f32] } } -> { a: [None; f32] });
model!(OneOutput, both, x = { inner: { a: [None; f32], b: [; f32] } } -> [None; f32]);
model!(Shape2, both, x = { inner: { a: [None; f32], b: [; f32] } } -> { a: [None; f32], b: [2; f32] });

#[test]
fn a_layout_that_is_not_that_of_the_type_is_an_error_with_the_path() {
    let error = |layer: &dyn Layer| Program::trace(layer).unwrap_err().to_string();
    let found = error(&Lacking);
    assert!(
        found.starts_with(
            "input `x`: the signature says something else of it than its type `Outer`: there is no tensor at `x.inner.b`"
        ),
        "{found}"
    );
    assert!(found.contains("at tests/structures/refused.rs:"), "{found}");
    let found = error(&Surplus);
    assert!(found.contains("its type `Outer`: it has no place for the tensor at `x.inner.c`"), "{found}");
    let found = error(&OtherOutput);
    assert!(found.starts_with("it states the output `c`, and the method returns `a`, `b`"), "{found}");
    let found = error(&FewerOutputs);
    assert!(found.starts_with("the method returns `b`, and the signature states no such output"), "{found}");
    let found = error(&OneOutput);
    assert!(found.starts_with("it states the output a tensor, and the method returns `a`, `b`"), "{found}");
    let found = error(&Shape2);
    assert!(
        found.starts_with("output `b` is stated as [2; f32], and the method returns [; f32]: the rank is 0"),
        "{found}"
    );
}

#[derive(Module)]
struct Plain;

#[layer]
impl Plain {
    #[signature(x = [n; f32], fast in [true, false], n in 1..=8)]
    fn call(&self, x: &Tensor, fast: bool) -> Tensor {
        if fast { x.exp() } else { x.sin() }
    }
}

/// The program with its entries changed.
fn changed(change: impl FnOnce(&mut Vec<Entry>)) -> holotype::Result<Program> {
    let program = Program::trace(&Plain).unwrap();
    let mut entries = program.entries().to_vec();
    change(&mut entries);
    Program::new(program.graph().clone(), program.objects().clone(), entries, Vec::new(), Vec::new())
}

#[test]
fn a_definition_that_bounds_no_size_of_its_inputs_is_refused() {
    let foreign = Dim::symbol(Symbol::named("elsewhere"));
    let error =
        changed(|entries| entries[0].signature.sizes.push((foreign, SizeRange { min: 0, max: None })));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("it bounds the size elsewhere, which none of its inputs has"), "{error}");
}

#[test]
fn entries_with_odd_arguments_load_and_answer_or_say_why() {
    // An entry with another argument than the first is never the default; one with a range that nothing fits takes nothing.
    let program = changed(|entries| {
        entries[0].signature.sizes =
            vec![(Dim::symbol(Symbol::named("n")), SizeRange { min: 5, max: Some(2) })];
        entries[1].signature.arguments = vec![("slow".into(), Document::describe("?").unwrap())];
    });
    let program = program.unwrap();
    let directory = tempfile::tempdir().unwrap();
    program.save(directory.path()).unwrap();
    let program = holotype::load(directory.path()).unwrap();
    let error = program.call(&[counted(&[3])]).unwrap_err().to_string();
    assert!(error.contains("`n` must be in 5..=2, and is 3"), "{error}");
    assert!(program.function("call").with("slow", "?").is_ok());
}
