//! All mistakes are reported at once, and the type is a module all the same.
use holotype::prelude::*;

#[derive(Module)]
#[module(name = "", skip)]
struct Dense {
    #[module(frozen, state)]
    weights: Variable,
    #[module(config = 1)]
    units: usize,
    #[module(rename = "weights")]
    bias: Variable,
    #[module(ignore, skip, default)]
    cache: usize,
    #[module(rename = "a/b", alias = x)]
    scale: Variable,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.clone()
    }
}

fn is_module<T: Module>() {}

fn main() {
    is_module::<Dense>();
}
