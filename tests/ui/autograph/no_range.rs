use holotype::prelude::*;

#[autograph]
fn counted(x: &Tensor, n: f32) -> Tensor {
    let mut y = x.clone();
    for _ in 0.0..n {
        y = y + 1.0;
    }
    for part in n {
        y = y + part;
    }
    y
}

fn main() {
    counted(&Tensor::from(3.0_f32), 2.0);
}
