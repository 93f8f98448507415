#[gradient(rounded_gradient)]
pub fn rounded(x: &Tensor) -> Tensor {
    x.round()
}

#[gradient(gradients::product)]
/// Documented.
fn product(x: &Tensor, mut y: Pair) -> (Tensor, Tensor) {
    y = y.twice();
    (x * y.left, x * y.right)
}
