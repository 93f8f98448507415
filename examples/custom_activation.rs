//! An activation function with a parameter that is learned: `|x|^p`.
//!
//! `cargo run --release --example custom_activation [DIR]` learns p = 3 from data, saves the run to DIR
//! (`custom_activation_model` if none is given), and goes on with it from there.

use holotype::losses::mean_squared_error;
use holotype::prelude::*;

/// y = |x|^p
#[derive(Module)]
pub struct CustomActivation {
    p: Variable,
}

#[layer]
impl CustomActivation {
    /// The function with a first value of `p`.
    pub fn new(p: f32) -> Self {
        Self { p: Variable::new(Tensor::scalar(p)) }
    }

    /// The power of each element.
    #[signature(x = [batch, features; f32] -> [batch, features; f32])]
    pub fn call(&self, x: &Tensor) -> Tensor {
        x.abs().pow(&self.p)
    }
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "custom_activation_model".to_owned());
    let x: Vec<f32> = (0..128).map(|i| i as f32 / 64.0 - 1.0).collect();
    let x = Tensor::from_vec([64, 2], x);
    let data = Dataset::new(&x, x.abs().pow(3.0))?;

    let mut trainer =
        Trainer::new(CustomActivation::new(1.0), Adam::new(0.05), mean_squared_error).build()?;
    let history = trainer.fit(&data, Fit::epochs(20).batch_size(16))?;
    trainer.save(&path)?;
    println!(
        "loss {:.2e}, p = {:.4}",
        history.last("loss").unwrap_or(f64::NAN),
        trainer.variable("model.p")?
    );

    let mut resumed = holotype::load(&path)?.into_trainer()?;
    let history = resumed.fit(&data, Fit::epochs(40).batch_size(16))?;
    println!(
        "loss {:.2e}, p = {:.4}",
        history.last("loss").unwrap_or(f64::NAN),
        resumed.variable("model.p")?
    );
    Ok(())
}
