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

    fn enter(&self, _: &str, _: &mut holotype::__private::Arguments) -> holotype::Result<holotype::__private::Leaves> {
        Ok(holotype::__private::Leaves::default())
    }
}

fn main() {}
