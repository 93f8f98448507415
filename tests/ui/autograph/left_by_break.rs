use holotype::prelude::*;

#[autograph]
fn first_negative(x: &Tensor) -> Tensor {
    let mut y = x.clone();
    loop {
        y = y - 1.0;
        if y.sum() < 0.0 {
            break;
        }
    }
    y
}

fn main() {
    first_negative(&Tensor::from(3.0_f32));
}
