//! A neural ordinary differential equation: a network gives the velocity, a fixed number of Runge-Kutta steps the motion, and
//! training goes through all of them.
//!
//! `cargo run --release --example neural_ode [DIR]` learns a spiral, saves the run to DIR (`neural_ode_model` if none is
//! given), and with it what it says of the test points, so that any program can check that it says the same. (Chen et al.,
//! "Neural Ordinary Differential Equations", 2018.)

use std::path::Path;

use holotype::control::fori_loop;
use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::store::save_tensors;

/// Where points are after a time, for a velocity that a network of two layers gives.
#[derive(Module)]
pub struct NeuralOde {
    hidden: Dense,
    velocity: Dense,
    steps: usize,
    time: f32,
}

#[layer]
impl NeuralOde {
    /// A motion for a time, in a number of steps.
    pub fn new(width: usize, steps: usize, time: f32) -> Self {
        Self { hidden: Dense::new(2, width), velocity: Dense::new(width, 2), steps, time }
    }

    fn slope(&self, point: &Tensor) -> Tensor {
        self.velocity.call(&self.hidden.call(point).tanh())
    }

    /// The classical method of fourth order.
    #[signature(point = [batch, 2; f32] -> [batch, 2; f32])]
    pub fn call(&self, point: &Tensor) -> Tensor {
        let h = self.time / self.steps as f32;
        fori_loop(0..self.steps, point.clone(), |_, x| {
            let k1 = self.slope(&x);
            let k2 = self.slope(&(&x + &k1 * (h / 2.0)));
            let k3 = self.slope(&(&x + &k2 * (h / 2.0)));
            let k4 = self.slope(&(&x + &k3 * h));
            x + (k1 + k2 * 2.0 + k3 * 2.0 + k4) * (h / 6.0)
        })
    }
}

/// The points of a grid, and where a spiral takes them: x' = [-0.1, 2; -2, -0.1] x, for a time of 1.
fn spiral() -> (Tensor, Tensor) {
    let axis: Vec<f32> = (0..16).map(|i| i as f32 / 7.5 - 1.0).collect();
    let grid: Vec<f32> = axis.iter().flat_map(|&x| axis.iter().flat_map(move |&y| [x, y])).collect();
    let (shrink, (sine, cosine)) = ((-0.1_f32).exp(), 2.0_f32.sin_cos());
    let turn = Tensor::from([[cosine * shrink, -sine * shrink], [sine * shrink, cosine * shrink]]);
    let points = Tensor::from_vec([256, 2], grid);
    let moved = points.matmul(&turn);
    (points, moved)
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "neural_ode_model".to_owned());
    let (points, moved) = spiral();
    let data = Dataset::new(&points, &moved)?;

    holotype::random::seed(3);
    let mut trainer =
        Trainer::new(NeuralOde::new(16, 8, 1.0), Adam::new(0.01), mean_squared_error).build()?;
    let history = trainer.fit(&data, Fit::epochs(20).batch_size(32))?;
    println!("loss {:.2e}", history.last("loss").unwrap_or(f64::NAN));

    trainer.save(&path)?;
    let output = trainer.predict(std::slice::from_ref(&points))?.remove(0);
    let assets = Path::new(&path).join("assets");
    save_tensors(assets.join("test.safetensors"), &[("point", &points), ("output", &output)])?;
    save_tensors(assets.join("train.safetensors"), &[("point", &points), ("target", &moved)])?;
    println!("saved {path}");
    Ok(())
}
