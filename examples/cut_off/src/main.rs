//! A program that knows the op, and nothing of the models that use it.
//!
//! `cargo run --release -p cut-off -- DIR` loads the saved model in DIR and checks that it says of the tensors in
//! `assets/test.safetensors` what its maker got.

use std::path::Path;

use cut_off as _;
use holotype::prelude::*;
use holotype::store::load_tensors;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: cut-off DIR")?;
    let program = holotype::load(&path)?;
    println!("{}", program.signature("call")?);
    let tensors = load_tensors(Path::new(&path).join("assets/test.safetensors"))?;
    let named = |name: &str| {
        let found = tensors.iter().find(|(known, _)| known == name);
        found.map(|(_, tensor)| tensor.clone()).ok_or_else(|| format!("the file holds no tensor `{name}`"))
    };
    let found = program.call(&[named("x")?])?.remove(0);
    if !found.data()?.same_bits(named("output")?.data()?) {
        return Err("the outputs differ from those of the model's maker".into());
    }
    println!("{} test outputs, the same bits as the model's maker got", found.data()?.len());
    Ok(())
}
