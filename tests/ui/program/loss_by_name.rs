//! The name of a loss where the function belongs.
use holotype::layers::Dense;
use holotype::prelude::*;

fn main() {
    let _ = Trainer::new(Dense::new(1, 1), Adam::new(1e-3), "mean_squared_error");
}
