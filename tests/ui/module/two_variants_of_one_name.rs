//! Two variants that are saved under one name.
use holotype::prelude::*;

#[derive(Module)]
enum Norm {
    Scale(Variable),
    #[module(rename = "Scale")]
    Shift(Variable),
}

fn main() {}
