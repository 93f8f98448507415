use holotype::prelude::*;

#[autograph]
struct Model;

#[autograph]
impl Model {
    fn call(&self, x: &Tensor) -> Tensor {
        x.clone()
    }
}

#[autograph]
const LIMIT: usize = 3;

fn main() {
    let _ = (Model, LIMIT);
}
