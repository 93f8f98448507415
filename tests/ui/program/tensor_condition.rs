//! A tensor as a condition.
use holotype::prelude::*;

fn main() {
    let input = Tensor::randn([3]);
    if input.sum().greater(0.0) {
        return;
    }
}
