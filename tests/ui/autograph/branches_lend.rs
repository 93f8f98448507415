use holotype::prelude::*;

#[autograph]
fn norm(x: &Tensor) -> Tensor {
    let chosen = if x.sum() > 0.0 { &x.abs() } else { &x.square() };
    chosen.sum()
}

fn main() {
    norm(&Tensor::from(3.0_f32));
}
