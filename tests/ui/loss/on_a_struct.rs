//! A loss that is a type.
use holotype::prelude::*;

#[loss]
struct Custom;

fn main() {}
