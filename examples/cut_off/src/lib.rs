//! An op that Holotype does not have: numbers beyond a limit are cut off softly, as a musician's amplifier does.
//!
//! A saved model holds its name and its attributes. Who loads the model links this crate and mentions it once:
//! `use cut_off as _;`.

use holotype::op::{Constraints, Data, Op, Sizes, TensorType, apply};
use holotype::prelude::*;
use serde::{Deserialize, Serialize};

/// `limit * tanh(x / limit)`, in one op.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CutOff {
    limit: f64,
}

#[op]
impl Op for CutOff {
    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        match operands {
            [x] if matches!(x.dtype, DType::F32 | DType::F64) => Ok(vec![x.clone()]),
            [x] => Err(format!(
                "it takes f32 or f64, not {}: convert the tensor with `.cast(DType::F32)`",
                x.dtype
            )),
            _ => Err(format!("it takes one tensor, not {}", operands.len())),
        }
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let x = &operands[0];
        let cut = |x: f64| self.limit * (x / self.limit).tanh();
        let result = if x.dtype() == DType::F32 {
            let elements = x.elements::<f32>()?.iter().map(|&x| cut(x.into()) as f32);
            Data::new::<f32>(x.sizes(), elements.collect())?
        } else {
            Data::new::<f64>(x.sizes(), x.elements::<f64>()?.iter().map(|&x| cut(x)).collect())?
        };
        Ok(vec![result])
    }

    fn gradient(&self, _: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let slope = 1.0 - (&results[0] / self.limit).square();
        vec![Some(&gradients[0] * slope)]
    }
}

/// The tensor with its elements cut off softly at `limit` and `-limit`; f32 and f64.
///
/// ```
/// use holotype::prelude::*;
/// let y = cut_off::cut_off(&Tensor::from([0.0_f64, 100.0, -100.0]), 2.0);
/// assert_eq!(y.to_vec::<f64>()?, [0.0, 2.0, -2.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn cut_off(x: &Tensor, limit: f64) -> Tensor {
    apply(CutOff { limit }, &[x])
}
