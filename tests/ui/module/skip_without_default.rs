//! A skipped field that nothing can make again.
use holotype::prelude::*;

struct Cache(Vec<u8>);

#[derive(Module)]
struct Dense {
    weights: Variable,
    #[module(skip)]
    cache: Cache,
}

fn main() {}
