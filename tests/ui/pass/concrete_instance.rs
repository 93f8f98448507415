//! A layer for one instance of a generic type, which needs no naming.
use holotype::prelude::*;

#[derive(Module)]
struct Pair<A, B> {
    first: A,
    second: B,
}

#[layer]
impl Pair<Variable, Vec<Variable>> {
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        let _ = self.second.len();
        input + &self.first
    }
}

fn main() {
    let layer = Pair { first: Variable::new(init::zeros([3])), second: Vec::new() };
    assert_eq!(Layer::signatures(&layer).len(), 1);
}
