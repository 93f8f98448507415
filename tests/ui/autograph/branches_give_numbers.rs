use holotype::prelude::*;

#[autograph]
fn sign(x: &Tensor) -> f32 {
    if x > 0.0 { 1.0 } else { -1.0 }
}

#[autograph]
fn larger<'a>(x: &'a Tensor, y: &'a Tensor) -> &'a Tensor {
    if x > y { x } else { y }
}

fn main() {
    sign(&Tensor::from(3.0_f32));
    larger(&Tensor::from(3.0_f32), &Tensor::from(4.0_f32));
}
