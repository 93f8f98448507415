//! Bounds of the user's own, in every place.
use std::fmt::Debug;

use holotype::prelude::*;

#[derive(Module)]
struct Bounded<T: Layer, U>
where
    U: Clone + Debug,
    Vec<T>: Send,
{
    inner: T,
    #[module(config)]
    settings: U,
}

#[layer(instances(Bounded<Plain, u32>))]
impl<T, U> Bounded<T, U>
where
    T: Layer,
    U: Clone + Debug + Send + Sync,
{
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor
    where
        U: Debug,
    {
        let _ = (&self.inner, self.settings.clone());
        input.clone()
    }
}

#[derive(Module)]
struct Plain(Variable);

#[layer]
impl Plain
where
    Self: Sized,
{
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor
    where
        Self: Send,
    {
        input + &self.0
    }
}

fn main() {
    let inner = Plain(Variable::new(init::zeros([3])));
    let layer = Bounded { inner, settings: 3_u32 };
    assert_eq!(Layer::signatures(&layer).len(), 1);
}
