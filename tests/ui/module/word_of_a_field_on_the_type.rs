//! A word that belongs on a field.
use holotype::prelude::*;

#[derive(Module)]
#[module(config)]
struct Dense {
    units: usize,
}

fn main() {}
