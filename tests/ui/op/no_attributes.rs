use holotype::op::{Constraints, Data, Op, Result, Sizes, TensorType};
use holotype::prelude::*;

struct Same;

#[op]
impl Op for Same {
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
