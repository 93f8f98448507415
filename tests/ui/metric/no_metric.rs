//! What is reported is neither a function of two tensors nor a module with `#[metric]`.
use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;

struct Worst;

fn main() {
    let _ = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).metric(Worst).build();
}
