use holotype::prelude::*;

#[autograph]
fn odd(n: i32, x: &Tensor) -> Tensor {
    let mut y = x.clone();
    if n {
        y = -y;
    }
    while 3 {
        y = y + 1.0;
    }
    if x > 0.0 && n {
        y = y + 2.0;
    }
    y
}

fn main() {
    odd(3, &Tensor::from(3.0_f32));
}
