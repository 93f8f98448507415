//! A loss of one's own, which is saved with the run: a line fitted to points.
//!
//! `cargo run --release --example custom_loss [DIR]` saves the run to DIR, `custom_loss_model` if none is given.

use holotype::layers::Dense;
use holotype::metrics::mean_absolute_error;
use holotype::prelude::*;

#[loss]
fn custom_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).square().mean()
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "custom_loss_model".to_owned());
    let x = Tensor::from_vec([100, 1], (0..100).map(|i| i as f32 / 50.0 - 1.0).collect());
    let y = &x * 3.0 - 0.5;
    let data = Dataset::new(&x, &y)?;

    let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1).momentum(0.9), custom_loss)
        .metric(mean_absolute_error)
        .build()?;
    trainer.fit(&data, Fit::epochs(2).batch_size(10))?;
    trainer.save(&path)?;

    // A program without the loss, the model or the optimizer goes on where this one stopped.
    let mut resumed = holotype::load(&path)?.into_trainer()?;
    let history = resumed.fit(&data, Fit::epochs(20).batch_size(10))?;
    println!("loss {:.2e}", history.last("loss").unwrap_or(f64::NAN));
    println!("y = {:.4} x + {:.4}", resumed.variable("model.weights")?, resumed.variable("model.bias")?);
    Ok(())
}
