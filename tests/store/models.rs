//! Small models, and what they compute.

use holotype::prelude::*;

/// Everything a definition can hold, as small as it gets.
#[derive(Module)]
pub struct Small {
    pub weights: Variable,
    #[module(frozen)]
    pub bias: Variable,
    pub seen: Variable,
    pub inner: Option<Box<Inner>>,
    pub title: String,
}

#[derive(Module)]
pub struct Inner {
    pub scale: Variable,
    pub limit: f64,
}

#[layer]
impl Inner {
    #[signature(x = [.., None; float])]
    pub fn call(&self, x: &Tensor) -> Tensor {
        x.exp() * self.limit
    }
}

#[layer]
impl Small {
    pub fn new(seed: f32) -> Self {
        Self {
            weights: Variable::new(Tensor::from([seed, seed * 2.0, -1.5])),
            bias: Variable::new(Tensor::from([[0.25_f32]])),
            seen: Variable::state(Tensor::from([3_i64])),
            inner: Some(Box::new(Inner { scale: Variable::new(Tensor::from([true])), limit: 0.5 })),
            title: "small".into(),
        }
    }

    #[signature(input = [batch, None; f32] -> (scaled = [batch, None; f32]))]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let table = Tensor::from([[9.0_f32, 8.0, 7.0]]);
        let x = input * &self.weights + &self.bias + table;
        match &self.inner {
            Some(inner) => inner.call(&x),
            None => x,
        }
    }

    #[signature(input = [None; f32])]
    pub fn count(&self, input: &Tensor) -> Tensor {
        self.seen.assign(self.seen.value() + 1_i64);
        input + &self.weights
    }
}

/// What a saved [`Small`] gives for a fixed input.
pub fn outputs(program: &Program) -> Vec<f32> {
    let input = Tensor::from([[1.0_f32, -2.0, 0.5], [0.0, 3.0, 1.0]]);
    program.call(&[input]).unwrap()[0].to_vec::<f32>().unwrap()
}

/// The bytes of every variable.
pub fn contents(program: &Program) -> Vec<(String, Vec<u8>)> {
    let names = program.graph().variables.iter().map(|variable| variable.path.clone());
    let bytes = program.variables().iter().map(|variable| variable.data().unwrap().bytes().to_vec());
    names.zip(bytes).collect()
}
