//! A tensor and something that is no operand.
use holotype::prelude::*;

fn main() {
    let input = Tensor::randn([3]);
    let _ = &input + "1";
    let _ = input.maximum([0.0]);
}
