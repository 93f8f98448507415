//! A model that is loaded without its code, cut, frozen, given a new head, and trained on another question.
//!
//! `cargo run --release --example fine_tuning [DIR]` trains a classifier on the digits 0 to 4, saves it, and loads it as any program
//! could. Its first layer, frozen, then learns with a new head to tell the digits 5 to 9 apart, from 500 images: it is right about 83 %
//! of test images. The tuned run is saved whole to DIR, `fine_tuning_model` if none is given.

#[path = "digits/idx.rs"]
mod idx;

use std::path::Path;

use holotype::layers::{Activation, Dense, Sequential};
use holotype::losses::sparse_categorical_crossentropy_from_logits;
use holotype::metrics::accuracy;
use holotype::prelude::*;
use holotype::store::save_tensors;

type Failure = Box<dyn std::error::Error>;

/// So many of the images of five digits, as rows of 784 numbers from 0 to 1, and the digits counted from the first of them.
fn digits(name: &str, first: u8, most: usize) -> Result<(Tensor, Tensor), Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/mnist-10k");
    let images = idx::read(&folder.join(format!("{name}-images-idx3-ubyte.gz")))?.to_vec::<u8>()?;
    let labels = idx::read(&folder.join(format!("{name}-labels-idx1-ubyte.gz")))?.to_vec::<u8>()?;
    let of_five = (0..labels.len()).filter(|&row| (first..first + 5).contains(&labels[row]));
    let rows: Vec<usize> = of_five.take(most).collect();
    let pixels = rows.iter().flat_map(|row| &images[row * 784..(row + 1) * 784]);
    let pixels: Vec<f32> = pixels.map(|&pixel| f32::from(pixel) / 255.0).collect();
    let labels: Vec<i64> = rows.iter().map(|&row| i64::from(labels[row] - first)).collect();
    Ok((Tensor::from_vec([rows.len(), 784], pixels), Tensor::from(labels)))
}

fn main() -> Result<(), Failure> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "fine_tuning_model".to_owned());
    let (path, base) = (Path::new(&path).to_path_buf(), Path::new(&path).join("base"));
    holotype::random::seed(7);

    // Somebody's model, of which this program will know no more than the directory.
    let (image, digit) = digits("train", 0, 4000)?;
    let model = Sequential::new()
        .then(Dense::new(784, 64))
        .then(Activation::relu())
        .then(Dense::new(64, 32))
        .then(Activation::relu())
        .then(Dense::new(32, 5));
    let loss = sparse_categorical_crossentropy_from_logits;
    let mut trainer = Trainer::new(model, Adam::new(1e-3), loss).metric(accuracy).build()?;
    trainer.fit(&Dataset::new(image, digit)?, Fit::epochs(3).batch_size(32))?;
    trainer.save(&base)?;

    // Its body up to the first activation, and a new head.
    let body = holotype::load(&base)?.into_layer()?.up_to("layers.1")?.frozen();
    let model = Sequential::new().then(body).then(Dense::new(64, 5));
    let mut tuned = Trainer::new(model, Adam::new(5e-3), loss).metric(accuracy).build()?;
    let (image, digit) = digits("train", 5, 500)?;
    let train = Dataset::new(&image, &digit)?;
    let (test_image, test_digit) = digits("t10k", 5, 2000)?;
    let test = Dataset::new(&test_image, &test_digit)?;
    tuned.fit(&train, Fit::epochs(15).batch_size(32).validation(&test))?;
    let found = tuned.evaluate(&test)?.get("accuracy").unwrap_or(f64::NAN);
    println!("accuracy on digits it was not made for: {:.1} %", 100.0 * found);

    tuned.save(path.join("tuned"))?;
    let output = tuned.predict(std::slice::from_ref(&test_image))?.remove(0);
    let assets = path.join("tuned").join("assets");
    save_tensors(assets.join("test.safetensors"), &[("input", &test_image), ("output", &output)])?;
    save_tensors(assets.join("train.safetensors"), &[("input", &image), ("target", &digit)])?;
    println!("saved {}", path.display());

    // A program without this code that goes on for an epoch gets the same variables.
    tuned.fit(&train, Fit::epochs(1).batch_size(32))?;
    println!("after one more epoch: variables {}", tuned.program().fingerprint()?);
    Ok(())
}
