//! Everything inside function bodies, where items see each other by name only.
#![deny(warnings)]
use holotype::prelude::*;

fn build() -> usize {
    #[derive(Module)]
    struct Local {
        weights: Variable,
    }

    #[layer]
    impl Local {
        #[signature(input = [None; f32])]
        fn call(&self, input: &Tensor) -> Tensor {
            input + &self.weights
        }
    }

    #[loss]
    fn local_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_true - y_pred).square()
    }

    #[metric]
    fn local_metric(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_true - y_pred).mean()
    }

    let _ = (local_loss, local_metric);
    Layer::signatures(&Local { weights: Variable::new(init::zeros([3])) }).len()
}

fn main() {
    assert_eq!(build(), 1);
    let closure = || {
        #[derive(Module)]
        struct Inner(Variable);

        <Inner as Module>::TYPE.name
    };
    assert!(closure().ends_with("::Inner"));
}
