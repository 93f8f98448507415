//! An optimizer of one's own, in ten lines, which is saved with the run.
//!
//! `cargo run --release --example custom_optimizer [DIR]` saves the run to DIR, `custom_optimizer_model` if none is given.

use std::path::Path;

use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::store::save_tensors;
use holotype::tensor::TensorType;
use holotype::train::Rate;
use holotype::train::schedules::CosineDecay;

/// `v = 0.9 v + sign(g); w = w - rate v`
#[derive(Module)]
struct SignMomentum {
    learning_rate: Rate,
}

#[optimizer]
impl Optimizer for SignMomentum {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        vec![("v", Tensor::zeros(variable.shape.clone()).cast(variable.dtype))]
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let next = slots[0].value() * 0.9 + gradient.sign();
        slots[0].assign(&next);
        value - next * self.learning_rate.value().cast(value.dtype())
    }
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "custom_optimizer_model".to_owned());
    let x = Tensor::from_vec([96, 1], (0..96).map(|i| i as f32 / 48.0 - 1.0).collect());
    let y = &x * 3.0 - 0.5;
    let data = Dataset::new(&x, &y)?;

    let optimizer = SignMomentum { learning_rate: CosineDecay::new(0.01, 300).into() };
    let mut trainer = Trainer::new(Dense::new(1, 1), optimizer, mean_squared_error).build()?;
    let history = trainer.fit(&data, Fit::epochs(50).batch_size(32))?;
    println!("loss {:.2e}", history.last("loss").unwrap_or(f64::NAN));

    trainer.save(&path)?;
    let output = trainer.predict(std::slice::from_ref(&x))?.remove(0);
    let assets = Path::new(&path).join("assets");
    save_tensors(assets.join("test.safetensors"), &[("input", &x), ("output", &output)])?;
    save_tensors(assets.join("train.safetensors"), &[("input", &x), ("target", &y)])?;
    println!("saved {path}");

    // A program without this code that goes on for an epoch gets the same variables.
    trainer.fit(&data, Fit::epochs(1).batch_size(32))?;
    println!("after one more epoch: variables {}", trainer.program().fingerprint()?);
    Ok(())
}
