//! A function of numbers where a loss belongs.
use holotype::layers::Dense;
use holotype::prelude::*;

fn distance(y_true: f32, y_pred: f32) -> f32 {
    (y_true - y_pred).abs()
}

fn main() {
    let _ = Trainer::new(Dense::new(1, 1), Adam::new(1e-3), distance);
}
