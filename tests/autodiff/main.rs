//! Gradients through functions, variables and assignments, against central finite differences in `f64`.
//!
//! The step is 1e-5, so a difference of the smooth functions here is wrong by about 1e-10; the tolerance is 1e-7 of
//! `1 + |gradient|`.

#![allow(clippy::unwrap_used)]

mod assigned;
mod control;
mod functions;
mod misuse;
mod problem;
mod recorded;

use std::sync::Arc;

use holotype::prelude::*;

fn x() -> Tensor {
    Tensor::from([[0.3_f64, -0.7, 1.1], [0.9, 0.4, -0.2]])
}

fn y() -> Tensor {
    Tensor::from([[-0.5_f64, 0.8, 0.1], [1.2, -1.4, 0.6]])
}

fn row() -> Variable {
    Variable::new(Tensor::from([0.7_f64, -1.3, 0.4]))
}

#[derive(Module)]
struct Affine {
    scale: Variable,
    shift: Variable,
}

#[layer]
impl Affine {
    fn new(seed: f64) -> Self {
        let scale = Variable::new(Tensor::from([0.5 + seed, -0.8, 0.3 * seed]));
        Self { scale, shift: Variable::new(Tensor::from([0.1_f64, seed, -0.4])) }
    }

    #[signature(x = [None, None; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        (x * &self.scale + &self.shift).tanh()
    }

    #[signature(x = [None, None; f64] -> (sum = [; f64], same = [None, None; f64], unused = [None, None; f64]))]
    fn many(&self, x: &Tensor) -> (Tensor, Tensor, Tensor) {
        ((x * &self.scale).sin().sum(), x.clone(), self.call(x))
    }
}

#[derive(Module)]
struct Block {
    first: Affine,
    second: Affine,
    gain: Variable,
}

#[layer]
impl Block {
    fn new() -> Self {
        Self { first: Affine::new(0.2), second: Affine::new(-0.6), gain: row() }
    }

    #[signature(x = [None, None; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        let inner = self.second.call(&self.first.call(x));
        x + inner * self.gain.value().exp()
    }
}

#[derive(Module)]
struct Deep {
    blocks: Vec<Block>,
    tied: Arc<Affine>,
    again: Arc<Affine>,
}

#[layer]
impl Deep {
    fn new() -> Self {
        let tied = Arc::new(Affine::new(0.9));
        Self { blocks: vec![Block::new(), Block::new()], again: tied.clone(), tied }
    }

    #[signature(x = [None, None; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        let x = self.blocks.iter().fold(self.tied.call(x), |x, block| block.call(&x));
        self.again.call(&x)
    }
}
