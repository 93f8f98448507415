//! Tracing: what is recorded of user code, and what is said of code that cannot be traced.

#![allow(clippy::unwrap_used, clippy::panic)]

mod entries;
mod errors;
mod modules;
mod printed;
mod signatures;

use holotype::prelude::*;

/// `x * scale + shift`
#[derive(Module)]
struct Affine {
    scale: Variable,
    shift: Variable,
}

#[layer]
impl Affine {
    fn new(seed: f32) -> Self {
        let scale = Variable::new(Tensor::from([seed, 1.5, -2.0]));
        Self { scale, shift: Variable::new(Tensor::from([0.5_f32, 0.25, seed])) }
    }

    #[signature(x = [None, None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.scale + &self.shift
    }
}

/// A tensor of shape `[rows, columns]` with numbers that are all different.
fn counted(rows: usize, columns: usize) -> Tensor {
    Tensor::from_vec([rows, columns], (0..rows * columns).map(|n| n as f32 * 0.5 - 1.0).collect())
}

/// The layer traced gives the bits that it gives eagerly.
fn same(layer: &dyn Layer, input: &Tensor) -> Program {
    let program = Program::trace(layer).unwrap();
    let traced = program.call(std::slice::from_ref(input)).unwrap();
    let eager = layer.invoke("call", std::slice::from_ref(input)).unwrap();
    assert_eq!(traced.len(), eager.len());
    for (traced, eager) in traced.iter().zip(&eager) {
        assert!(traced.data().unwrap().same_bits(eager.data().unwrap()), "{traced} instead of {eager}");
    }
    program
}

/// The error of tracing a layer.
fn refused(layer: &dyn Layer) -> String {
    Program::trace(layer).unwrap_err().to_string()
}

/// The line of the first line of a file that has these words, for the texts of errors.
fn line(text: &str, words: &str) -> usize {
    1 + text.lines().position(|line| line.contains(words)).unwrap()
}
