use holotype::prelude::*;

#[autograph(recursive = true)]
#[autograph]
fn same(x: &Tensor) -> Tensor {
    if x > 0.0 { x.clone() } else { -x }
}

fn main() {
    same(&Tensor::from(3.0_f32));
}
