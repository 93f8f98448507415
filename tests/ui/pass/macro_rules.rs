//! Items, names, types, sizes and whole bodies that come out of `macro_rules`.
use holotype::prelude::*;

macro_rules! dense {
    ($name:ident, $units:literal, $ty:ty, $dtype:ident, $body:expr) => {
        #[derive(Module)]
        struct $name {
            weights: $ty,
            #[module(config, default = $units)]
            units: usize,
        }

        #[layer]
        impl $name {
            #[signature(input = [None, $units, self.units; $dtype])]
            fn call(&self, input: &Tensor) -> Tensor {
                let weights = &self.weights;
                let _ = self.units;
                let function: fn(&Tensor, &Variable) -> Tensor = $body;
                function(input, weights)
            }
        }
    };
}

dense!(First, 4, Variable, f32, |input, weights| input + weights);
dense!(Second, 8, Variable, float, |input, _| input.clone());

macro_rules! losses {
    ($($name:ident: $text:literal),*) => {
        $(
            #[loss(name = $text)]
            fn $name(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
                (y_true - y_pred).square().mean()
            }
        )*
    };
}

losses!(one: "tests::one", two: "tests::two");

macro_rules! method {
    ($($method:item)*) => {
        #[derive(Module)]
        struct Given;

        #[layer]
        impl Given {
            #[signature(input = [None; f32])]
            fn call(&self, input: &Tensor) -> Tensor {
                input.clone()
            }
        }

        $($method)*
    };
}

method! {
    fn main() {
        let layer = First { weights: Variable::new(init::zeros([4])), units: 4 };
        assert_eq!(Layer::signatures(&layer).len(), 1);
        let layer = Second { weights: Variable::new(init::zeros([8])), units: 8 };
        assert_eq!(Layer::signatures(&layer).len(), 1);
        assert_eq!(Layer::signatures(&Given).len(), 1);
        let _ = (one, two);
    }
}
