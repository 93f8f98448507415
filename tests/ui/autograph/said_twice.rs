use holotype::prelude::*;

#[derive(Module)]
struct Abs {}

#[layer(autograph)]
impl Abs {
    #[autograph]
    #[signature(x = [; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        if x < 0.0 { -x } else { x.clone() }
    }
}

#[derive(Module)]
struct Square {}

#[layer]
impl Square {
    #[autograph]
    #[autograph(now)]
    #[signature(x = [; f32], autograph)]
    fn call(&self, x: &Tensor) -> Tensor {
        x * x
    }

    #[signature(autograph, x = [; f32], autograph)]
    fn twice(&self, x: &Tensor) -> Tensor {
        x * 2.0
    }
}

fn main() {}
