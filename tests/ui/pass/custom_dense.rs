//! The layer of the design, word for word.
use holotype::prelude::*;

/// y = x W + b
#[derive(Module)]
pub struct CustomDense {
    weights: Variable,
    bias: Variable,
    units: usize,
}

#[layer]
impl CustomDense {
    pub fn new(input_dim: usize, units: usize) -> Self {
        Self {
            weights: Variable::new(init::normal([input_dim, units])),
            bias: Variable::new(init::zeros([units])),
            units,
        }
    }

    #[signature(input = [None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        input.matmul(&self.weights) + &self.bias
    }
}

fn main() {
    let layer = CustomDense::new(5, 3);
    assert_eq!(layer.units, 3);
    let signatures = Layer::signatures(&layer);
    assert_eq!(signatures.len(), 1);
    assert_eq!(signatures[0].function, "call");
    assert_eq!(signatures[0].line, 22);
    assert_eq!(<CustomDense as Module>::TYPE.name.rsplit("::").next(), Some("CustomDense"));
}
