use holotype::prelude::*;

#[gradient]
fn unnamed(x: &Tensor) -> Tensor {
    x.round()
}

#[gradient("rounded_gradient", 2)]
fn quoted(x: &Tensor) -> Tensor {
    x.round()
}

#[gradient(nothing)]
async fn later<T>(x: &mut Tensor, (y, z): (Tensor, Tensor)) {}

#[gradient(nothing)]
fn constant() -> Tensor {
    Tensor::from(1)
}

fn nothing() {}

fn main() {}
