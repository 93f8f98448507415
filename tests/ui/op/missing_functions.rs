use holotype::op::{Constraints, Op, Result, TensorType};
use holotype::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Same;

#[op]
impl Op for Same {
    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        Ok(operands.to_vec())
    }
}

fn main() {
    let _ = Same;
}
