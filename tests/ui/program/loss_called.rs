//! A loss that is called where it should be named.
use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;

fn main() {
    let _ = Trainer::new(Dense::new(1, 1), Adam::new(1e-3), mean_squared_error());
}
