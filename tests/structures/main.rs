//! Structures, static arguments and rules of sizes in signatures: what is called eagerly, traced and loaded is the same, bit for
//! bit.

#![allow(clippy::unwrap_used, clippy::panic)]

mod arguments;
#[path = "../store/binary.rs"]
mod binary;
mod hostile;
mod nested;
mod records;
mod refused;
mod sizes;

use holotype::prelude::*;
use holotype::tensor::Leaves;

/// A tensor of this shape with numbers that are all different.
fn counted(sizes: &[usize]) -> Tensor {
    let count: usize = sizes.iter().product();
    Tensor::from_vec(sizes.to_vec(), (0..count).map(|n| n as f32 * 0.5 - 1.0).collect())
}

/// The program of a layer, and the same one saved and loaded.
fn programs<L: Layer>(layer: &L) -> [Program; 2] {
    let traced = Program::trace(layer).unwrap();
    let directory = tempfile::tempdir().unwrap();
    holotype::save(layer, directory.path()).unwrap();
    let loaded = holotype::load(directory.path()).unwrap();
    let signatures = |program: &Program| program.signatures().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(signatures(&traced), signatures(&loaded));
    [traced, loaded]
}

/// The two structures have the same tensors under the same paths.
#[track_caller]
fn same<S: Structure>(found: &S, expected: &S) {
    let (found, expected) = (Leaves::of(found), Leaves::of(expected));
    assert_eq!(found.paths().collect::<Vec<_>>(), expected.paths().collect::<Vec<_>>());
    for ((path, found), expected) in found.iter().zip(expected.tensors()) {
        let (found, expected) = (found.data().unwrap(), expected.data().unwrap());
        assert!(found.same_bits(expected), "{path}: {found:?} instead of {expected:?}");
    }
}

fn signatures(program: &Program) -> Vec<String> {
    program.signatures().map(ToString::to_string).collect()
}
