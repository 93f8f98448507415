//! All mistakes are reported at once, and the type is a layer all the same.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

#[layer(stateful)]
impl Dense {
    fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }

    #[signature(input = [None; f32])]
    #[signature(input = [None; f64])]
    fn encode(&mut self, input: &Tensor, training: bool) -> Tensor {
        let _ = training;
        input.clone()
    }

    #[signature(inptu = [None; float32], mask = [none; bool] -> ([; f32], [; f32]))]
    async fn decode(&self, input: &Tensor, mask: &Tensor) -> Result<Tensor, String> {
        let _ = mask;
        Ok(input.clone())
    }

    fn call(&self) {}
}

fn is_layer<T: Layer>() {}

fn main() {
    is_layer::<Dense>();
}
