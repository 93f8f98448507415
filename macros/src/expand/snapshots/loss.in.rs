#[loss]
fn custom_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).square().mean()
}

#[metric(name = "my_crate::accuracy", alias = "my_crate::acc")]
#[cfg(feature = "metrics")]
pub(crate) fn accuracy(truth: &Tensor, guess: &Tensor) -> Tensor {
    truth.equal(guess).mean()
}
