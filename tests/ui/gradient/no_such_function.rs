use holotype::prelude::*;

#[gradient(rounded_gradient)]
fn rounded(x: &Tensor) -> Tensor {
    x.round()
}

fn main() {
    rounded(&Tensor::from(1.5_f32));
}
