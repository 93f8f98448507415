//! Enums with data, with every form of variant and a layer on top.
use holotype::prelude::*;

#[derive(Module)]
enum Norm {
    Nothing,
    Scale(Variable),
    #[module(rename = "batch", alias = "Batch", alias = "batch_norm")]
    Batch {
        mean: Variable,
        #[module(config, default)]
        momentum: f32,
        #[module(skip)]
        calls: u32,
    },
}

#[layer]
impl Norm {
    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        match self {
            Self::Nothing => input.clone(),
            Self::Scale(scale) => input + scale,
            Self::Batch { mean, momentum, calls } => {
                let _ = (momentum, calls);
                input + mean
            }
        }
    }
}

#[derive(Module)]
enum Generic<T> {
    One(T),
    Many(Vec<T>, usize),
}

fn is_module<T: Module>(_: T) {}

fn main() {
    let zeros = || Variable::new(init::zeros([3]));
    is_module(Norm::Nothing);
    is_module(Norm::Batch { mean: zeros(), momentum: 0.9, calls: 0 });
    assert_eq!(Layer::signatures(&Norm::Scale(zeros())).len(), 1);
    is_module(Generic::One(zeros()));
    is_module(Generic::Many(vec![zeros()], 1));
}
