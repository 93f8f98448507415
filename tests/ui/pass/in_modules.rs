//! Items in modules, private and public, used from elsewhere; qualified attributes and types.
pub mod layers {
    use holotype::prelude::{Module, Tensor, Variable, layer};

    #[derive(Module)]
    pub struct Shift {
        pub(crate) by: Variable,
    }

    #[layer]
    impl Shift {
        #[holotype::signature(input = [None; f32])]
        pub(super) fn call(&self, input: &Tensor) -> Tensor {
            input + &self.by
        }
    }
}

mod qualified {
    #[derive(holotype::Module)]
    pub struct Twice(pub super::layers::Shift);

    #[holotype::layer]
    impl Twice {
        #[holotype::signature(input = [None; f32])]
        pub fn call(&self, input: &holotype::Tensor) -> holotype::Tensor {
            self.0.call(&self.0.call(input))
        }
    }

    #[holotype::loss]
    pub fn distance(y_true: &holotype::Tensor, y_pred: &holotype::Tensor) -> holotype::Tensor {
        y_true - y_pred
    }
}

fn main() {
    use holotype::prelude::{Layer, Module, Variable, init};

    let layer = qualified::Twice(layers::Shift { by: Variable::new(init::zeros([3])) });
    assert_eq!(Layer::signatures(&layer).len(), 1);
    assert!(<layers::Shift as Module>::TYPE.name.ends_with("::layers::Shift"));
    let _ = qualified::distance;
}
