//! The loss and the optimizer in the wrong order.
use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;

fn main() {
    let _ = Trainer::new(Dense::new(1, 1), mean_squared_error, Adam::new(1e-3));
}
