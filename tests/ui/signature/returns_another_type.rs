//! A return type that turns out to hold no tensors.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
    units: usize,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Score {
        let _ = input;
        Score
    }
}

struct Score;

fn main() {}
