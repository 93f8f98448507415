//! What a method with a signature may return, and bodies that return early.
use holotype::prelude::*;

type Pair = (Tensor, Tensor);

#[derive(Module)]
struct Many {
    weights: Variable,
}

#[layer]
impl Many {
    #[signature(input = [None; f32] -> [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        let early = Layer::signatures(self).len() > 3;
        if early {
            return input + &self.weights;
        }
        input.clone()
    }

    #[signature(input = [None; f32], -> (mean = [; f32], scale = [; f32]))]
    fn tuple(&self, input: &Tensor) -> (Tensor, holotype::Tensor) {
        (input.mean(), input.mean())
    }

    #[signature(input = [None; f32] -> ([; f32], [; f32]))]
    fn alias(&self, input: &Tensor) -> Pair {
        self.tuple(input)
    }

    #[signature(input = [None; f32] -> ([; f32], [; f32], [; f32]))]
    fn array(&self, input: &Tensor) -> [Tensor; 3] {
        [input.mean(), input.mean(), input.mean()]
    }

    #[signature(input = [None; f32])]
    fn vector(&self, input: &Tensor) -> Vec<Tensor> {
        vec![input.mean()]
    }

    #[signature(input = [None; f32] -> (only = [; f32]))]
    fn named(&self, mut input: Tensor) -> Tensor {
        input = input.mean();
        input
    }

    #[signature(-> [; f32])]
    fn nothing(&self) -> Tensor {
        init::zeros(())
    }
}

fn main() {
    let layer = Many { weights: Variable::new(init::zeros([3])) };
    let signatures = Layer::signatures(&layer);
    let names: Vec<_> = signatures.iter().map(|signature| signature.function).collect();
    assert_eq!(names, ["call", "tuple", "alias", "array", "vector", "named", "nothing"]);
    let outputs = signatures[1].outputs.as_ref().unwrap();
    assert_eq!((outputs[0].0, outputs[1].0), (Some("mean"), Some("scale")));
}
