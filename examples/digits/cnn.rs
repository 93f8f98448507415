//! Handwritten digits by a small convolutional network, with all that makes little data go far.
//!
//! `cargo run --release --example digits_cnn [DIR] [EPOCHS] [IMAGES]` trains on 8,000 real digits, each moved by up to one pixel
//! in another direction in each epoch, with dropout, batch normalization, and a rate that falls along a cosine. It prints the
//! accuracy on 2,000 others (98.35 %, with the averages of the weights as well), and saves the run to DIR (`digits_cnn_model` if
//! none is given).

mod files;

use holotype::functional::Padding;
use holotype::layers::{
    Activation, BatchNormalization, Conv2d, Dense, Dropout, Flatten, MaxPool, Sequential,
};
use holotype::losses::sparse_categorical_crossentropy_from_logits;
use holotype::metrics::accuracy;
use holotype::prelude::*;
use holotype::train::optimizers::AdamW;
use holotype::train::schedules::CosineDecay;

use files::Failure;

const BATCH: usize = 32;

/// Two convolutions, each halving the image, and two dense layers.
#[derive(Module)]
struct Digits {
    layers: Sequential,
}

#[layer]
impl Digits {
    fn new() -> Self {
        let convolution = |layers: Sequential, inputs: usize, filters: usize| {
            layers
                .then(Conv2d::new(inputs, filters, 3).padding(Padding::Same).without_bias())
                .then(BatchNormalization::new(filters).momentum(0.9))
                .then(Activation::relu())
                .then(MaxPool::new(2))
        };
        let layers = convolution(convolution(Sequential::new(), 1, 16), 16, 32)
            .then(Flatten::new())
            .then(Dropout::new(0.25, 1))
            .then(Dense::new(7 * 7 * 32, 128))
            .then(Activation::relu())
            .then(Dropout::new(0.25, 2))
            .then(Dense::new(128, 10));
        Self { layers }
    }

    #[signature(input = [None, 28, 28, 1; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        self.layers.call(input)
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "digits_cnn_model".to_owned());
    let epochs: u64 = arguments.next().map_or(Ok(12), |epochs| epochs.parse())?;
    let count = arguments.next().map_or(Ok(8000), |images| images.parse())?;
    let (images, test) = (files::read("train")?.take(count), files::read("t10k")?.take(count));
    let test = files::scaled(&test, &[28, 28, 1]).in_memory()?;
    let moved = files::scaled(&files::shifted(&images, 1), &[28, 28, 1]);

    holotype::random::seed(7);
    let steps = epochs * images.len().div_ceil(BATCH) as u64;
    let optimizer = AdamW::new(CosineDecay::new(2e-3, steps).end(1e-5)).weight_decay(1e-3);
    let mut trainer = Trainer::new(Digits::new(), optimizer, sparse_categorical_crossentropy_from_logits)
        .metric(accuracy)
        .average(0.99)
        .build()?;
    trainer.fit(&moved, Fit::epochs(epochs).batch_size(BATCH).seed(1).validation(&test).prefetch(4))?;
    let percent = |trainer: &mut Trainer| -> holotype::Result<f64> {
        Ok(100.0 * trainer.evaluate(&test)?.get("accuracy").unwrap_or(f64::NAN))
    };
    println!("test accuracy {:.2} %", percent(&mut trainer)?);
    println!("with averaged weights {:.2} %", trainer.with_averages(percent)?);

    // A program without this code goes on with the images as they are, and gets the same variables.
    let plain = files::scaled(&images, &[28, 28, 1]).in_memory()?;
    files::save(&trainer, &path, &plain, &test)?;
    trainer.fit(&plain, Fit::epochs(1).batch_size(32))?;
    println!("after one more epoch: variables {}", trainer.program().fingerprint()?);
    Ok(())
}
