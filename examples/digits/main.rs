//! Handwritten digits, from pixels to a trained model that is saved whole.
//!
//! `cargo run --release --example digits [DIR] [EPOCHS] [IMAGES]` trains a network of 784-128-relu-10 on 8,000 real digits, each
//! moved by up to one pixel in another direction in each epoch, and prints the accuracy on 2,000 others (96.9 %). It saves the
//! run to DIR (`digits_model` if none is given), together with what it says of the test images, so that any program can check
//! that it says the same.

mod files;

use holotype::layers::{Activation, Dense, Sequential};
use holotype::losses::sparse_categorical_crossentropy_from_logits;
use holotype::metrics::accuracy;
use holotype::prelude::*;

use files::Failure;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "digits_model".to_owned());
    let epochs = arguments.next().map_or(Ok(15), |epochs| epochs.parse())?;
    let count = arguments.next().map_or(Ok(8000), |images| images.parse())?;
    let (images, test) = (files::read("train")?.take(count), files::read("t10k")?.take(count));
    let test = files::scaled(&test, &[784]).in_memory()?;
    let moved = files::scaled(&files::shifted(&images, 1), &[784]);

    holotype::random::seed(7);
    let model =
        Sequential::new().then(Dense::new(784, 128)).then(Activation::relu()).then(Dense::new(128, 10));
    let mut trainer = Trainer::new(model, Adam::new(1e-3), sparse_categorical_crossentropy_from_logits)
        .metric(accuracy)
        .build()?;
    trainer.fit(&moved, Fit::epochs(epochs).batch_size(32).validation(&test).prefetch(4))?;
    let metrics = trainer.evaluate(&test)?;
    println!("test accuracy {:.1} %", 100.0 * metrics.get("accuracy").unwrap_or(f64::NAN));

    println!("variables {}", trainer.program().fingerprint()?);
    // A program without this code goes on with the images as they are, and gets the same variables.
    let plain = files::scaled(&images, &[784]).in_memory()?;
    files::save(&trainer, &path, &plain, &test)?;
    trainer.fit(&plain, Fit::epochs(1).batch_size(32))?;
    println!("after one more epoch: variables {}", trainer.program().fingerprint()?);
    Ok(())
}
