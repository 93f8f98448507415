//! A field that is neither tracked nor configuration.
use holotype::prelude::*;

struct Settings {
    units: usize,
}

#[derive(Module)]
struct Dense {
    weights: Variable,
    settings: Settings,
}

fn main() {}
