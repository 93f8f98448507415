//! A layer of experts of which a gate picks a few for each sample: sparse in what counts, dense in how it is computed.
//!
//! `cargo run --release --example mixture_of_experts [DIR]` fits a function with several regimes, saves the run to DIR
//! (`mixture_model` if none is given), and with it what it says of the samples, so that any program can check that it says
//! the same. (Shazeer et al., "Outrageously Large Neural Networks", 2017.)

use std::path::Path;

use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::ops::{Combine, IndexDimensions, OutOfBounds};
use holotype::prelude::*;
use holotype::store::save_tensors;

/// Experts, each an affine map, weighted by a gate that leaves all but the best few out.
#[derive(Module)]
pub struct MixtureOfExperts {
    gate: Dense,
    weights: Variable,
    bias: Variable,
    inputs: usize,
    experts: usize,
    chosen: usize,
}

#[layer]
impl MixtureOfExperts {
    /// Experts from `inputs` to `outputs` features, of which each sample uses `chosen`.
    pub fn new(inputs: usize, outputs: usize, experts: usize, chosen: usize) -> Self {
        Self {
            gate: Dense::new(inputs, experts),
            weights: Variable::new(init::normal([experts, inputs, outputs])),
            bias: Variable::new(init::zeros([experts, 1, outputs])),
            inputs,
            experts,
            chosen,
        }
    }

    /// The weights of the experts for each sample: those of the best add up to 1, all others are 0.
    fn gates(&self, x: &Tensor) -> Tensor {
        let [scores, best] = self.gate.call(x).top_k(self.chosen);
        let rows = Tensor::iota(DType::I64, best.shape(), 0);
        let places = Tensor::stack(&[&rows, &best], 2);
        let each = IndexDimensions {
            collapsed_slice_dims: vec![0, 1],
            start_index_map: vec![0, 1],
            index_vector_dim: 2,
            ..IndexDimensions::default()
        };
        let none = Tensor::zeros([x.dim(0), self.experts.into()]);
        none.scatter(&places, scores.softmax(-1), Combine::Set, &each, OutOfBounds::Drop)
    }

    /// The weighted sum of what the experts say.
    #[signature(x = [batch, self.inputs; f32])]
    pub fn call(&self, x: &Tensor) -> Tensor {
        let said = x.expand_dims(0).matmul(&self.weights) + &self.bias;
        (said * self.gates(x).t().expand_dims(2)).sum_axis(0)
    }
}

/// Points of the plane and a surface of four tilted planes, one over each quadrant.
fn surface() -> (Tensor, Tensor) {
    let axis: Vec<f32> = (0..24).map(|i| i as f32 / 11.5 - 1.0).collect();
    let points: Vec<[f32; 2]> = axis.iter().flat_map(|&x| axis.iter().map(move |&y| [x, y])).collect();
    let height = |[x, y]: &[f32; 2]| match (*x > 0.0, *y > 0.0) {
        (true, true) => x + y,
        (true, false) => 2.0 * x,
        (false, true) => 0.5 - y,
        (false, false) => x * -0.5,
    };
    let heights: Vec<f32> = points.iter().map(height).collect();
    (Tensor::from_vec([576, 2], points.concat()), Tensor::from_vec([576, 1], heights))
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "mixture_model".to_owned());
    let (points, heights) = surface();
    let data = Dataset::new(&points, &heights)?;

    holotype::random::seed(11);
    let model = MixtureOfExperts::new(2, 1, 8, 2);
    let mut trainer = Trainer::new(model, Adam::new(0.01), mean_squared_error).build()?;
    let history = trainer.fit(&data, Fit::epochs(60).batch_size(32))?;
    println!("loss {:.2e}", history.last("loss").unwrap_or(f64::NAN));

    trainer.save(&path)?;
    let output = trainer.predict(std::slice::from_ref(&points))?.remove(0);
    let assets = Path::new(&path).join("assets");
    save_tensors(assets.join("test.safetensors"), &[("x", &points), ("output", &output)])?;
    save_tensors(assets.join("train.safetensors"), &[("x", &points), ("target", &heights)])?;
    println!("saved {path}");
    Ok(())
}
