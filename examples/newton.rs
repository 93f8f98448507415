//! Kepler's equation, solved by Newton's method in a loop whose end depends on the values, and fitted through that loop.
//!
//! `cargo run --release --example newton [DIR]` learns the eccentricity of an orbit from observed angles, saves the run to DIR
//! (`newton_model` if none is given), and with it what it says of some moments, so that any program can check that it says
//! the same.

use std::path::Path;

use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::store::save_tensors;

/// The eccentric anomaly E of an orbit at the mean anomaly M: E - e sin E = M.
#[derive(Module)]
pub struct Orbit {
    eccentricity: Variable,
}

#[layer]
impl Orbit {
    /// An orbit with a first guess of its eccentricity.
    pub fn new(eccentricity: f64) -> Self {
        Self { eccentricity: Variable::new(Tensor::scalar(eccentricity)) }
    }

    /// Newton's method, until no angle of the batch moves any more.
    #[signature(mean = [batch; f64] -> [batch; f64])]
    #[autograph]
    pub fn call(&self, mean: &Tensor) -> Tensor {
        let e = self.eccentricity.value();
        let mut angle = mean.clone();
        let mut moved = mean.ones_like();
        while moved.abs().max() > 1e-12 {
            moved = (&angle - &e * angle.sin() - mean) / (1.0 - &e * angle.cos());
            angle -= &moved;
        }
        angle
    }
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "newton_model".to_owned());
    // The equation the other way round gives what is observed.
    let angle = Tensor::linspace(DType::F64, 0.1, 6.0, 64);
    let mean = &angle - angle.sin() * 0.4;
    let data = Dataset::new(&mean, &angle)?;

    let mut trainer = Trainer::new(Orbit::new(0.1), Adam::new(0.02), mean_squared_error).build()?;
    let history = trainer.fit(&data, Fit::epochs(60).batch_size(16))?;
    let eccentricity = trainer.variable("model.eccentricity")?;
    println!("loss {:.2e}, eccentricity {eccentricity:.4}", history.last("loss").unwrap_or(f64::NAN));

    trainer.save(&path)?;
    let output = trainer.predict(std::slice::from_ref(&mean))?.remove(0);
    let tensors = [("mean", &mean), ("output", &output)];
    save_tensors(Path::new(&path).join("assets/test.safetensors"), &tensors)?;
    save_tensors(Path::new(&path).join("assets/train.safetensors"), &[("mean", &mean), ("target", &angle)])?;
    println!("saved {path}");
    Ok(())
}
