//! Configuration that is not trained.
use holotype::prelude::*;

#[derive(Module)]
struct Norm {
    #[module(config, frozen)]
    momentum: f32,
}

fn main() {}
