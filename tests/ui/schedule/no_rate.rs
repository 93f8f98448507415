//! A number of another type is no learning rate.
use holotype::prelude::*;

fn main() {
    let _ = Adam::new("fast");
}
