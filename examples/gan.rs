//! Two networks that learn against each other, with a training step of their own and an optimizer each
//! ([Goodfellow et al. 2014](https://arxiv.org/abs/1406.2661)).
//!
//! `cargo run --release --example gan [DIR] [EPOCHS]` learns to draw digits from 4,000 real ones, shows some that it has drawn, and
//! saves the run to DIR, `gan_model` if none is given: both networks, both optimizers, the noise, and the step. After 3 epochs they are
//! spots, after 40 strokes that look like digits, with a mean brightness of 0.130 where that of real ones is 0.132.

#[path = "digits/idx.rs"]
mod idx;

use std::path::Path;

use holotype::layers::{Activation, Dense, Dropout, Function, Sequential};
use holotype::losses::binary_crossentropy_from_logits;
use holotype::prelude::*;
use holotype::store::save_tensors;
use holotype::train::Updater;

type Failure = Box<dyn std::error::Error>;

/// How many random numbers an image is drawn from.
const NOISE: usize = 32;

#[derive(Module)]
struct Gan {
    /// Draws images of noise.
    generator: Sequential,
    /// Tells drawn images from real ones.
    discriminator: Sequential,
    noise: Generator,
    generator_updater: Updater,
    discriminator_updater: Updater,
}

/// What a step reports.
#[derive(Structure)]
struct Reports {
    discriminator_loss: Tensor,
    generator_loss: Tensor,
    /// The share of images that the discriminator takes for what they are.
    told_apart: Tensor,
}

#[layer]
impl Gan {
    fn new() -> Self {
        let generator = Sequential::new()
            .then(Dense::new(NOISE, 128))
            .then(Activation::new(Function::LeakyRelu(0.2)))
            .then(Dense::new(128, 784))
            .then(Activation::sigmoid());
        let discriminator = Sequential::new()
            .then(Dense::new(784, 128))
            .then(Activation::new(Function::LeakyRelu(0.2)))
            .then(Dropout::new(0.3, 5))
            .then(Dense::new(128, 1));
        Self {
            generator_updater: Updater::new(Adam::new(1e-3).betas(0.5, 0.999), &generator),
            discriminator_updater: Updater::new(Adam::new(4e-4).betas(0.5, 0.999), &discriminator),
            noise: Generator::new(11),
            generator,
            discriminator,
        }
    }

    /// Images of noise.
    #[signature(noise = [batch, 32; f32] -> [batch, 784; f32])]
    fn call(&self, noise: &Tensor) -> Tensor {
        self.generator.call(noise)
    }
}

#[train_step]
impl Gan {
    /// One step of the discriminator, then one of the generator against the changed discriminator.
    #[signature(image = [batch, 784; f32])]
    fn train_step(&self, image: &Tensor) -> Reports {
        let draw = || self.generator.call(&self.noise.normal(Shape::new(vec![image.dim(0), NOISE.into()])));

        let drawn = draw().stop_gradient();
        let (of_real, of_drawn) = (self.discriminator.call(image), self.discriminator.call(&drawn));
        let loss = binary_crossentropy_from_logits(&(of_real.ones_like() * 0.9), &of_real)
            + binary_crossentropy_from_logits(&of_drawn.zeros_like(), &of_drawn);
        let discriminator_loss = self.discriminator_updater.minimize(&loss, &self.discriminator);

        let of_drawn_now = self.discriminator.call(&draw());
        let loss = binary_crossentropy_from_logits(&of_drawn_now.ones_like(), &of_drawn_now);
        let generator_loss = self.generator_updater.minimize(&loss, &self.generator);

        let right = [of_real.greater(0.0), of_drawn.less(0.0)].map(|right| right.cast(DType::F32).mean());
        Reports { discriminator_loss, generator_loss, told_apart: (&right[0] + &right[1]) / 2.0 }
    }
}

/// An image in letters.
fn shown(pixels: &[f32]) -> String {
    let letter = |pixel: &f32| [' ', '.', '+', '#'][((pixel * 4.0) as usize).min(3)];
    let rows = pixels.chunks(28 * 2).map(|rows| rows.iter().take(28).map(letter).collect::<String>());
    rows.collect::<Vec<_>>().join("\n")
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "gan_model".to_owned());
    let epochs = arguments.next().map_or(Ok(3), |epochs| epochs.parse())?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/mnist-10k");
    let images = idx::read(&folder.join("train-images-idx3-ubyte.gz"))?;
    let image = images.reshape([-1, 784]).slice_axis(0, 0..4000).cast(DType::F32) / 255.0;
    let train = Dataset::with_targets(vec![image.clone()], Vec::new())?;

    holotype::random::seed(7);
    let mut trainer = Trainer::with_step(Gan::new())?;
    trainer.fit(&train, Fit::epochs(epochs).batch_size(32))?;
    let noise = Generator::new(1).normal([4, NOISE]);
    let drawn = trainer.predict(std::slice::from_ref(&noise))?.remove(0);
    for pixels in drawn.to_vec::<f32>()?.chunks(784) {
        println!("{}", shown(pixels));
    }
    println!("mean brightness {:.3}, of real ones {:.3}", mean(&drawn)?, mean(&image)?);

    trainer.save(&path)?;
    let assets = Path::new(&path).join("assets");
    save_tensors(assets.join("test.safetensors"), &[("noise", &noise), ("output", &drawn)])?;
    save_tensors(assets.join("train.safetensors"), &[("image", &image)])?;
    println!("saved {path}");

    // A program without this code that goes on for an epoch gets the same variables.
    trainer.fit(&train, Fit::epochs(1).batch_size(32))?;
    println!("after one more epoch: variables {}", trainer.program().fingerprint()?);
    Ok(())
}

fn mean(x: &Tensor) -> holotype::Result<f32> {
    x.mean().to_scalar()
}
