//! A skipped field without a default.
use holotype::prelude::*;

struct Settings;

#[derive(Structure)]
struct Inputs {
    image: Tensor,
    #[structure(skip)]
    settings: Settings,
}

fn main() {}
