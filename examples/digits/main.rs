//! Handwritten digits, from pixels to a trained model that is saved whole.
//!
//! `cargo run --release --example digits [DIR] [EPOCHS]` trains a network of 784-128-relu-10 on 8,000 real digits, prints the
//! accuracy on 2,000 others, and saves the run to DIR (`digits_model` if none is given), together with what it says of the
//! test images, so that any program can check that it says the same.

mod idx;

use std::path::Path;

use holotype::layers::{Activation, Dense, Sequential};
use holotype::losses::sparse_categorical_crossentropy_from_logits;
use holotype::metrics::accuracy;
use holotype::prelude::*;
use holotype::store::save_tensors;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "digits_model".to_owned());
    let epochs = arguments.next().map_or(Ok(10), |epochs| epochs.parse())?;
    let (train, test) = (dataset("train")?, dataset("t10k")?);

    holotype::random::seed(7);
    let model =
        Sequential::new().then(Dense::new(784, 128)).then(Activation::relu()).then(Dense::new(128, 10));
    let mut trainer = Trainer::new(model, Adam::new(1e-3), sparse_categorical_crossentropy_from_logits)
        .metric(accuracy)
        .build()?;
    trainer.fit(&train, Fit::epochs(epochs).batch_size(32).validation(&test))?;
    let metrics = trainer.evaluate(&test)?;
    println!("test accuracy {:.1} %", 100.0 * metrics.get("accuracy").unwrap_or(f64::NAN));

    println!("variables {}", trainer.program().fingerprint()?);

    trainer.save(&path)?;
    let assets = Path::new(&path).join("assets");
    let (pixels, output) = (&test.inputs()[0], &trainer.predict(&test.inputs())?[0]);
    save_tensors(assets.join("test.safetensors"), &[("input", pixels), ("output", output)])?;
    save_tensors(
        assets.join("train.safetensors"),
        &[("input", &train.inputs()[0]), ("target", &train.targets())],
    )?;
    println!("saved {path}");
    Ok(())
}

/// One of the two sets: images as rows of 784 numbers from 0 to 1, and labels.
fn dataset(name: &str) -> Result<Dataset, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/mnist-10k");
    let images = idx::read(&folder.join(format!("{name}-images-idx3-ubyte.gz")))?;
    let labels = idx::read(&folder.join(format!("{name}-labels-idx1-ubyte.gz")))?;
    let pixels = Tensor::from(images).reshape([-1, 784]).cast(DType::F32) / 255.0;
    Ok(Dataset::new(pixels, Tensor::from(labels))?)
}
