//! An impl of `Layer` that the attribute has not written.
use holotype::prelude::*;

#[derive(Module)]
struct Dense {
    weights: Variable,
}

impl Layer for Dense {
    fn signatures(&self) -> Vec<holotype::__private::SignatureSpec> {
        Vec::new()
    }

    fn invoke(&self, _: &str, _: &[Tensor]) -> holotype::Result<Vec<Tensor>> {
        Ok(Vec::new())
    }
}

fn main() {}
