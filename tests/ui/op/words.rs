use holotype::op::{Constraints, Data, Op, Result, Sizes, TensorType};
use holotype::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Same;

#[op(name = "my::Same", version = 0, alias = "my::Same", shape = 3, version = "2")]
impl Op for Same {
    const NAME: &'static str = "my::Other";

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        Ok(operands.to_vec())
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        Ok(operands.to_vec())
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(gradients[0].clone())]
    }
}

fn main() {
    let _ = Same;
}
