//! A layer of one's own: saved whole, run by code that does not know it, and loaded again as its type.
//!
//! `cargo run --release --example custom_dense [DIR]` saves to DIR, `custom_dense_model` if none is given.

use holotype::prelude::*;

/// y = x W + b
#[derive(Module)]
pub struct CustomDense {
    weights: Variable,
    bias: Variable,
    units: usize,
}

#[layer]
impl CustomDense {
    /// A layer from `input_dim` to `units` numbers.
    pub fn new(input_dim: usize, units: usize) -> Self {
        Self {
            weights: Variable::new(init::normal([input_dim, units])),
            bias: Variable::new(init::zeros([units])),
            units,
        }
    }

    /// Each row of the input times the weights, plus the bias.
    #[signature(input = [None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        input.matmul(&self.weights) + &self.bias
    }
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "custom_dense_model".to_owned());
    let model = CustomDense::new(5, 3);
    holotype::save(&model, &path)?;
    println!("saved {path}");

    // What a program does that has never heard of CustomDense; `stranger` is one.
    let loaded = holotype::load(&path)?;
    println!("{}", loaded.signature("call")?);
    println!("{}", loaded.summary());
    let input = Tensor::randn([2, 5]);
    let output = loaded.call(std::slice::from_ref(&input))?;
    println!("{:.4}", output[0]);

    // What this program can do, which knows the type.
    let typed: CustomDense = holotype::restore(&path)?;
    println!("restored a layer of {} units", typed.units);
    assert_eq!(typed.call(&input).to_vec::<f32>()?, output[0].to_vec::<f32>()?);
    assert_eq!(model.call(&input).to_vec::<f32>()?, output[0].to_vec::<f32>()?);
    Ok(())
}
