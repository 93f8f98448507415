//! A regression with several inputs, a robust loss, samples that count less, and R² as its metric.
//!
//! `cargo run --release --example regression [DIR]` learns `y = sin(3 a) + b^2` from 2,000 points, one in ten of which is far off and
//! counts a tenth, and saves the run to DIR, `regression_model` if none is given. R² on 500 other points, all right, is 0.994.

use std::path::Path;

use holotype::layers::{Activation, Dense, Sequential};
use holotype::losses::Huber;
use holotype::metrics::R2Score;
use holotype::prelude::*;
use holotype::store::save_tensors;
use holotype::train::schedules::CosineDecay;

/// Points, what is true of them, and how much each counts.
fn points(samples: usize, seed: u64, wrong: bool) -> (Tensor, Tensor, Vec<f32>) {
    let generator = Generator::new(seed);
    let x = generator.uniform([samples, 2]) * 2.0 - 1.0;
    let (a, b) = (x.slice_axis(1, 0..1), x.slice_axis(1, 1..2));
    let y = (a * 3.0).sin() + b.square();
    if !wrong {
        return (x, y, vec![1.0; samples]);
    }
    let off = |sample: usize| if sample.is_multiple_of(10) { 1.0 } else { 0.0 };
    let far = Tensor::from_vec([samples, 1], (0..samples).map(off).collect::<Vec<f32>>());
    let weights = (0..samples).map(|sample| 1.0 - 0.9 * off(sample)).collect();
    (x, y + far * 5.0, weights)
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "regression_model".to_owned());
    holotype::random::seed(1);
    let (x, y, weights) = points(2000, 2, true);
    let train = Dataset::new(&x, &y)?.weights(weights)?;
    let (test_x, test_y, _) = points(500, 3, false);

    let model = Sequential::new()
        .then(Dense::new(2, 32))
        .then(Activation::tanh())
        .then(Dense::new(32, 32))
        .then(Activation::tanh())
        .then(Dense::new(32, 1));
    let optimizer = Adam::new(CosineDecay::new(1e-2, 1260));
    // `weighted`, so that a program without this code can also go on with points that have weights.
    let mut trainer =
        Trainer::new(model, optimizer, Huber::new(0.5)).metric(R2Score::new(1)).weighted().build()?;
    trainer.fit(&train, Fit::epochs(20).batch_size(32))?;
    let right = trainer.evaluate(&Dataset::new(&test_x, &test_y)?)?;
    println!("R2 on right points {:.3}", right.get("r2_score").unwrap_or(f64::NAN));

    trainer.save(&path)?;
    let output = trainer.predict(std::slice::from_ref(&test_x))?.remove(0);
    let assets = Path::new(&path).join("assets");
    save_tensors(assets.join("test.safetensors"), &[("input", &test_x), ("output", &output)])?;
    save_tensors(assets.join("train.safetensors"), &[("input", &x), ("target", &y)])?;
    println!("saved {path}");

    // A program without this code that goes on for an epoch gets the same variables.
    trainer.fit(&Dataset::new(&x, &y)?, Fit::epochs(1).batch_size(32))?;
    println!("after one more epoch: variables {}", trainer.program().fingerprint()?);
    Ok(())
}
