use holotype::prelude::*;

#[autograph]
async fn later(x: &Tensor) -> Tensor {
    x.clone()
}

#[autograph]
const fn early(x: bool) -> u8 {
    if x { 1 } else { 2 }
}

fn main() {}
