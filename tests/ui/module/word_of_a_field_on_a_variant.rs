//! A word that belongs on a field.
use holotype::prelude::*;

#[derive(Module)]
enum Norm {
    #[module(skip)]
    Nothing,
    Scale(Variable),
}

fn main() {}
