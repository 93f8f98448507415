//! Tensors compared with `==`.
use holotype::prelude::*;

fn main() {
    let input = Tensor::randn([3]);
    let _ = input == &input * 2.0;
}
