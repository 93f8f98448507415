use holotype::prelude::*;

#[derive(Module)]
struct Abs {
    strict: bool,
}

#[layer]
impl Abs {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let mut y = x.clone();
        if x.sum() < 0.0 && self.strict {
            y = -y;
        } else if !x.all_positive() {
            y = y + 1.0;
        }
        while y.sum() < 10.0 {
            y = y * 2.0;
        }
        y
    }
}

trait Positive {
    fn all_positive(&self) -> Tensor;
}

impl Positive for Tensor {
    fn all_positive(&self) -> Tensor {
        self.min().greater(0.0)
    }
}

fn main() {}
