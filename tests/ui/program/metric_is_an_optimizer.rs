//! An optimizer where a metric belongs.
use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;

fn main() {
    let _ = Trainer::new(Dense::new(1, 1), Adam::new(1e-3), mean_squared_error).metric(Sgd::new(0.1));
}
