//! Nothing that is generated draws a lint, whatever the user's crate denies.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unused,
    unused_qualifications,
    unreachable_pub,
    trivial_casts,
    trivial_numeric_casts,
    non_local_definitions,
    let_underscore_drop,
    single_use_lifetimes,
    elided_lifetimes_in_paths,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]
#![forbid(unsafe_code)]
#![allow(clippy::must_use_candidate, clippy::missing_const_for_fn)]

use holotype::prelude::*;

/// A layer with a bit of everything.
#[derive(Module)]
#[allow(missing_debug_implementations)]
pub struct Everything<T> {
    /// Tracked.
    pub weights: Variable,
    /// Generic.
    pub inner: Vec<T>,
    /// Configuration.
    #[module(config, default, alias = "size")]
    pub units: usize,
    /// Not saved.
    #[module(skip)]
    pub cache: Option<T>,
}

#[layer(instances(Everything<Choice>))]
impl<T: Layer> Everything<T> {
    /// Adds.
    #[signature(input = [batch, self.units; f32], scale = [; f32] -> [batch, self.units; f32])]
    pub fn call(&self, input: &Tensor, mut scale: Tensor) -> Tensor {
        if self.units > 3 {
            return input.clone();
        }
        scale = scale + &self.weights;
        input + &scale
    }

    /// Two tensors.
    #[signature(input = [None; f32] -> (one = [None; f32], two = [None; f32]))]
    pub fn both(&self, input: Tensor) -> (Tensor, Tensor) {
        (input.clone(), input)
    }
}

/// An enum.
#[derive(Module)]
#[allow(missing_debug_implementations)]
pub enum Choice {
    /// Nothing.
    Nothing,
    /// A variable.
    Something(Variable),
}

#[layer]
impl Choice {
    /// Nothing at all.
    #[signature(input = [..; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        match self {
            Self::Nothing => input.clone(),
            Self::Something(variable) => input + variable,
        }
    }
}

/// A unit.
#[derive(Debug, Module)]
pub struct Unit;

#[layer]
impl Unit {
    /// No tensor at all.
    #[signature(-> [; f32])]
    pub fn call(&self) -> Tensor {
        init::zeros(())
    }
}

/// A loss.
#[loss]
pub fn distance(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).square().mean()
}

/// A metric.
#[metric(name = "tests::closeness", alias = "tests::nearness")]
pub fn closeness(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).mean()
}

fn main() {
    let layer = Choice::Something(Variable::new(init::zeros([3])));
    assert_eq!(Layer::signatures(&layer).len(), 1);
    assert_eq!(Layer::signatures(&Unit).len(), 1);
}
