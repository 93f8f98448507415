//! A model with an op of another crate: a program that does not link it says which op it needs.

#![allow(clippy::unwrap_used, missing_docs)]

use std::process::Command;

use cut_off::cut_off;
use holotype::prelude::*;

#[derive(Module)]
struct Amplifier {}

#[layer]
impl Amplifier {
    #[signature(x = [None, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        cut_off(x, 0.75)
    }
}

#[test]
fn an_op_that_is_not_linked_is_named() {
    let directory = tempfile::tempdir().unwrap();
    holotype::save(&Amplifier {}, directory.path()).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_stranger")).arg(directory.path()).output().unwrap();
    assert!(!run.status.success());
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(said.contains("cut_off::CutOff") && said.contains("link"), "{said}");
}
