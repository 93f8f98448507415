//! All mistakes are reported at once.
use holotype::prelude::*;

struct Losses;

impl Losses {
    #[loss(reduction = "mean", name = "")]
    async fn custom<T>(&self, y_true: Tensor) -> f32 {
        let _ = y_true;
        0.5
    }
}

fn main() {}
