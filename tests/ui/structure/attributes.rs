//! Every way to misuse `#[structure(...)]`.
use holotype::prelude::*;

#[derive(Structure)]
#[structure(rename = "x")]
struct Inputs {
    #[structure(name = "x")]
    image: Tensor,
    #[structure(rename = "a.b")]
    dotted: Tensor,
    #[structure(rename = "image")]
    twice: Tensor,
    #[structure(skip, rename = "note")]
    skipped: String,
    #[structure]
    empty: Tensor,
}

fn main() {}
