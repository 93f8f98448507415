use holotype::prelude::*;

#[gradient(two_parameters)]
fn first(x: &Tensor) -> Tensor {
    x.round()
}

fn two_parameters(_x: &Tensor, gradient: &Tensor) -> Tensor {
    gradient.clone()
}

#[gradient(one_result)]
fn second(x: &Tensor, y: &Tensor) -> Tensor {
    x * y
}

fn one_result(_x: &Tensor, y: &Tensor, _value: &Tensor, gradient: &Tensor) -> Tensor {
    gradient * y
}

fn main() {
    second(&first(&Tensor::from(1.5_f32)), &Tensor::from(1.5_f32));
}
