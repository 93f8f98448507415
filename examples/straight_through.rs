//! Weights of one bit each: a step whose gradient is not its own.
//!
//! `cargo run --release --example straight_through [DIR]` trains a binarised layer, saves the run to DIR
//! (`straight_through_model` if none is given), and with it what it says of the samples, so that any program can check that
//! it says the same. The gradient is saved beside the step, so a program without this code trains it too. (Courbariaux et
//! al., "`BinaryConnect`", 2015.)

use std::path::Path;

use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::store::save_tensors;

/// The sign of each number, 1 for 0.
#[gradient(within_one)]
fn binarize(x: &Tensor) -> Tensor {
    let one = x.ones_like();
    x.greater_equal(0.0).select(&one, -&one)
}

/// Lets the gradient through where a step of the number could change its sign.
fn within_one(x: &Tensor, _: &Tensor, gradient: &Tensor) -> Tensor {
    x.abs().less_equal(1.0).select(gradient, gradient.zeros_like())
}

/// y = binarize(W)ᵀ x * scale
#[derive(Module)]
pub struct BinaryDense {
    weights: Variable,
    scale: Variable,
}

#[layer]
impl BinaryDense {
    /// A layer from `inputs` to `outputs` features.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Self {
            weights: Variable::new(init::uniform([inputs, outputs], -0.1, 0.1)),
            scale: Variable::new(init::ones([outputs])),
        }
    }

    /// Adds and subtracts the inputs.
    #[signature(x = [batch, None; f32])]
    pub fn call(&self, x: &Tensor) -> Tensor {
        x.matmul(binarize(&self.weights.value())) * &self.scale
    }
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "straight_through_model".to_owned());
    holotype::random::seed(2);
    let x = Tensor::randn([256, 12]);
    let signs: Vec<f32> = (0..24).map(|i| if i % 5 < 2 { -0.5 } else { 0.5 }).collect();
    let y = x.matmul(Tensor::from_vec([12, 2], signs));
    let data = Dataset::new(&x, &y)?;

    let mut trainer = Trainer::new(BinaryDense::new(12, 2), Adam::new(0.02), mean_squared_error).build()?;
    let history = trainer.fit(&data, Fit::epochs(40).batch_size(32))?;
    println!("loss {:.2e}", history.last("loss").unwrap_or(f64::NAN));

    trainer.save(&path)?;
    let output = trainer.predict(std::slice::from_ref(&x))?.remove(0);
    let assets = Path::new(&path).join("assets");
    save_tensors(assets.join("test.safetensors"), &[("x", &x), ("output", &output)])?;
    save_tensors(assets.join("train.safetensors"), &[("x", &x), ("target", &y)])?;
    println!("saved {path}");
    Ok(())
}
