use holotype::prelude::*;

struct Model;

impl Model {
    #[gradient(Model::backward)]
    fn forward(&self, x: &Tensor) -> Tensor {
        x.round()
    }

    fn backward(x: &Tensor, y: &Tensor, gradient: &Tensor) -> Tensor {
        gradient.clone()
    }
}

#[gradient(Model::backward)]
struct Other;

fn main() {}
