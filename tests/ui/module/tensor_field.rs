//! A tensor where a variable belongs, alone and in containers.
use std::collections::BTreeMap;

use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Tensor,
    bias: Option<holotype::Tensor>,
    experts: BTreeMap<String, Vec<Tensor>>,
    pair: (Variable, [Tensor; 2]),
}

fn main() {}
