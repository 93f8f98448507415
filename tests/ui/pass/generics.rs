//! Type and const parameters, defaults, associated types, and the instances of a generic layer.
use std::marker::PhantomData;

use holotype::prelude::*;

#[derive(Module)]
pub struct Dense {
    weights: Variable,
}

#[layer]
impl Dense {
    #[signature(input = [None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        input + &self.weights
    }
}

#[derive(Module)]
pub struct Residual<L = Dense, const N: usize = 2> {
    layers: Vec<L>,
    scale: Variable,
}

#[layer(instances(Residual<Dense>, Residual<Dense, 3>))]
impl<L: Layer, const N: usize> Residual<L, N> {
    fn depth(&self) -> usize {
        self.layers.len() * N
    }

    #[signature(input = [.., None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        let _ = self.depth();
        input + &self.scale
    }
}

#[derive(Module)]
struct Wrapper<T> {
    inner: T,
}

#[layer(instances())]
impl<T> Wrapper<T>
where
    T: Layer,
{
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        let _ = &self.inner;
        input.clone()
    }
}

trait Family {
    type Block;
}

struct Small;

impl Family for Small {
    type Block = Dense;
}

#[derive(Module)]
struct Net<F: Family, T> {
    block: F::Block,
    direct: <F as Family>::Block,
    blocks: Vec<<F as Family>::Block>,
    #[module(config)]
    settings: Vec<T>,
    kind: PhantomData<F>,
    #[module(skip)]
    cache: Option<T>,
}

fn is_module<T: Module>(_: &T) {}

fn main() {
    let dense = || Dense { weights: Variable::new(init::zeros([3])) };
    let residual: Residual = Residual { layers: vec![dense()], scale: Variable::new(init::zeros([3])) };
    is_module(&residual);
    assert_eq!(residual.depth(), 2);
    assert_eq!(Layer::signatures(&residual)[0].function, "call");
    is_module(&Wrapper { inner: residual });
    let net = Net::<Small, u32> {
        block: dense(),
        direct: dense(),
        blocks: vec![dense()],
        settings: vec![1],
        kind: PhantomData,
        cache: None,
    };
    is_module(&net);
    let _ = (&net.block, &net.direct, net.blocks.len(), net.settings.len(), net.kind, net.cache);
}
