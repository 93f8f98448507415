//! A container of something that is neither tracked nor configuration.
use holotype::prelude::*;

struct Settings {
    units: usize,
}

#[derive(Module)]
struct Dense {
    weights: Variable,
    settings: Vec<Settings>,
}

fn main() {}
