//! A metric of one's own that keeps state, which is saved with the run: how well a model tells two classes apart.
//!
//! `cargo run --release --example custom_metric [DIR]` saves the run to DIR, `custom_metric_model` if none is given.

use std::path::Path;

use holotype::layers::{Activation, Dense, Sequential};
use holotype::losses::binary_crossentropy;
use holotype::prelude::*;
use holotype::store::save_tensors;

/// The mean probability of what is true less that of what is not ([Tjur
/// 2009](https://doi.org/10.1198/tast.2009.08210)): no mean over samples, as each class has a mean of its own.
#[derive(Module)]
struct Discrimination {
    /// The sum of probabilities and the number of samples, where the target is true, and where it is not.
    #[module(state)]
    sums: Variable,
}

#[metric]
impl Metric for Discrimination {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        let (yes, no) = (y_true.clone(), 1.0 - y_true);
        let parts = [(&yes * y_pred).sum(), yes.sum(), (&no * y_pred).sum(), no.sum()];
        self.sums.assign(self.sums.value() + Tensor::stack(&parts.each_ref(), 0));
    }

    fn result(&self) -> Tensor {
        let [yes, of_yes, no, of_no] =
            [0, 1, 2, 3].map(|at: i64| self.sums.value().take(Tensor::from(at), 0));
        yes / of_yes.maximum(1.0) - no / of_no.maximum(1.0)
    }

    fn reset(&self) {
        self.sums.assign(self.sums.value().zeros_like());
    }
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "custom_metric_model".to_owned());
    let x = Tensor::from_vec([128, 2], (0..256).map(|i| (i as f32 * 0.37).sin()).collect());
    let y = x.sum_axis_keepdims(1).greater(0.0).cast(DType::F32);
    let data = Dataset::new(&x, &y)?;

    let model = Sequential::new().then(Dense::new(2, 1)).then(Activation::sigmoid());
    let mut trainer = Trainer::new(model, Adam::new(0.05), binary_crossentropy)
        .metric(Discrimination { sums: Variable::state(Tensor::zeros([4])) })
        .build()?;
    let history = trainer.fit(&data, Fit::epochs(20).batch_size(32))?;
    println!("discrimination {:.3}", history.last("discrimination").unwrap_or(f64::NAN));

    trainer.save(&path)?;
    let output = trainer.predict(std::slice::from_ref(&x))?.remove(0);
    let assets = Path::new(&path).join("assets");
    save_tensors(assets.join("test.safetensors"), &[("input", &x), ("output", &output)])?;
    save_tensors(assets.join("train.safetensors"), &[("input", &x), ("target", &y)])?;
    println!("saved {path}");

    // A program without this code that goes on for an epoch gets the same variables.
    trainer.fit(&data, Fit::epochs(1).batch_size(32))?;
    println!("after one more epoch: variables {}", trainer.program().fingerprint()?);
    Ok(())
}
