//! The generated code names nothing that a user may have taken.
#![allow(dead_code, unused_macros)]
use holotype::prelude::{Module, Tensor, Variable, init, layer, loss, metric};

struct Option;
struct Some;
struct None;
struct Result;
struct Ok;
struct Err;
struct Vec;
struct Box;
struct String;
struct Send;
struct Sync;
struct Default;
struct DType;
struct Layer;
struct Field;
struct Visitor;
struct Source;
struct Role;
trait Clone {}
trait From {}
mod core {}
mod std {}
mod holotype_runtime {}
mod __private {}
fn call() {}
fn inputs() {}
macro_rules! concat {
    () => {};
}
macro_rules! line {
    () => {};
}
macro_rules! submit {
    () => {};
}

#[derive(Module)]
struct Dense {
    visitor: Variable,
    source: usize,
    #[module(skip)]
    cached: f32,
    #[module(default)]
    late: u32,
}

#[derive(Module)]
enum Choice {
    Dense(Dense),
    Nothing { variant: Variable, field0: usize },
}

#[layer]
impl Dense {
    #[signature(function = [None; f32], inputs = [..; any] -> (output = [None; f32], None = [; f32]))]
    fn call(&self, function: &Tensor, inputs: Tensor) -> (Tensor, Tensor) {
        (function + &self.visitor, inputs)
    }
}

#[loss]
fn name(inputs: &Tensor, body: &Tensor) -> Tensor {
    inputs - body
}

#[metric]
fn body(name: &Tensor, call: &Tensor) -> Tensor {
    name - call
}

fn main() {
    let dense = Dense { visitor: Variable::new(init::zeros([3])), source: 1, cached: 0.0, late: 0 };
    assert_eq!(::holotype::prelude::Layer::signatures(&dense).len(), 1);
    let _ = (Choice::Dense(dense), name, body);
}
