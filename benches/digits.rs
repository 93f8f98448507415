//! How long the parts of the digits example take: `cargo bench`.
//!
//! The executor is the reference one, so these are the figures that a compiled one is compared with.

#![allow(clippy::expect_used)]

use divan::{Bencher, black_box};
use holotype::graph::Mode;
use holotype::layers::{Activation, Dense, Sequential};
use holotype::losses::sparse_categorical_crossentropy_from_logits;
use holotype::prelude::*;

fn main() {
    divan::main();
}

fn model() -> Sequential {
    Sequential::new().then(Dense::new(784, 128)).then(Activation::relu()).then(Dense::new(128, 10))
}

fn data(samples: usize) -> Dataset {
    let labels: Vec<i64> = (0..samples).map(|sample| sample as i64 % 10).collect();
    Dataset::new(Tensor::rand([samples, 784]), labels).expect("as many labels as images")
}

/// One call of the traced model.
#[divan::bench(args = [1, 32, 1024])]
fn call(bencher: Bencher<'_, '_>, batch: usize) {
    let program = Program::trace(&model()).expect("the model can be traced");
    let input = [Tensor::rand([batch, 784])];
    bencher.bench_local(|| black_box(program.call(&input).expect("the input fits")));
}

/// One call of the model's own code.
#[divan::bench(args = [1, 32, 1024])]
fn eager(bencher: Bencher<'_, '_>, batch: usize) {
    let (model, input) = (model(), Tensor::rand([batch, 784]));
    bencher.bench_local(|| black_box(model.call(&input)));
}

/// One step of training with Adam: an epoch of one batch.
#[divan::bench(args = [32, 256])]
fn train_step(bencher: Bencher<'_, '_>, batch: usize) {
    let loss = sparse_categorical_crossentropy_from_logits;
    let mut trainer = Trainer::new(model(), Adam::new(1e-3), loss).build().expect("the model can be trained");
    let data = data(batch);
    bencher
        .bench_local(|| trainer.fit(&data, Fit::epochs(1).batch_size(batch).quiet()).expect("the data fit"));
}

/// Tracing the model.
#[divan::bench]
fn trace(bencher: Bencher<'_, '_>) {
    let model = model();
    bencher.bench_local(|| black_box(Program::trace(&model).expect("the model can be traced")));
}

/// Saving over a model that is there, and loading it.
#[divan::bench]
fn save_and_load(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder for the model");
    let program = Program::trace(&model()).expect("the model can be traced");
    assert!(program.entries().iter().any(|entry| entry.mode == Mode::Training));
    bencher.bench_local(|| {
        program.save(folder.path()).expect("the folder can be written");
        black_box(holotype::load(folder.path()).expect("what was saved loads"))
    });
}
