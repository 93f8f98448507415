//! Generic layers, and layers behind `Box<dyn Layer>`.

use std::fmt;

use ht::prelude::{Layer, Module, Tensor, Variable, init, layer};

use crate::dense::{Choice, Dense};

/// What a block can be made of.
pub trait Inner: Layer + Module {
    /// Applies it.
    fn apply(&self, input: &Tensor) -> Tensor;
}

impl Inner for Dense {
    fn apply(&self, input: &Tensor) -> Tensor {
        self.call(input)
    }
}

impl Inner for Choice {
    fn apply(&self, input: &Tensor) -> Tensor {
        self.call(input)
    }
}

/// `x + scale f(f(x))`
#[derive(Module)]
pub struct Residual<L, const N: usize = 2>
where
    L: Inner,
{
    layers: Vec<L>,
    scale: Variable,
}

#[layer(instances(Residual<Dense>, Residual<Choice, 1>))]
impl<L, const N: usize> Residual<L, N>
where
    L: Inner,
{
    /// `N` layers, each made by `make`.
    pub fn new(make: impl FnMut() -> L) -> Self {
        let layers = std::iter::repeat_with(make).take(N).collect();
        Self { layers, scale: Variable::new(init::ones(())) }
    }

    /// The shape stays as it is.
    #[signature(input = [None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let inner = self.layers.iter().fold(input.clone(), |input, layer| layer.apply(&input));
        input + inner * &self.scale
    }
}

impl<L: Inner, const N: usize> fmt::Debug for Residual<L, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Residual").field("layers", &self.layers.len()).finish_non_exhaustive()
    }
}

/// Layers of any types, one behind the other.
#[derive(Module)]
pub struct Chain {
    layers: Vec<Box<dyn Layer>>,
}

#[layer]
impl Chain {
    /// The layers in order.
    pub fn new(layers: Vec<Box<dyn Layer>>) -> Self {
        Self { layers }
    }

    /// Through all layers.
    #[signature(input = [None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        self.layers.iter().fold(input.clone(), |input, layer| layer.call(&input))
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("layers", &self.layers.len()).finish()
    }
}
