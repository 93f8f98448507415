use holotype::prelude::*;

#[gradient(scaled_gradient)]
fn scaled(x: &Tensor, by: f32) -> Tensor {
    x * by
}

fn scaled_gradient(_x: &Tensor, by: &f32, _y: &Tensor, gradient: &Tensor) -> (Tensor, f32) {
    (gradient * *by, 0.0)
}

fn main() {
    scaled(&Tensor::from(1.5_f32), 2.0);
}
