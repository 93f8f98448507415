//! What tensors decide, and an op of the crate's own.

use ht::op::{Constraints, Data, Op, Result, Sizes, TensorType, apply};
use ht::prelude::*;
use serde::{Deserialize, Serialize};

/// `x` halved until its sum is at most a limit; the op of this crate stands in between.
#[derive(Debug, Serialize, Deserialize)]
pub struct Limit(f32);

/// The layer of it.
#[derive(Module)]
#[allow(missing_debug_implementations, reason = "variables print nothing")]
pub struct Halve {
    #[module(config)]
    limit: Limit,
    strict: bool,
    rounds: Variable,
}

#[layer(autograph)]
impl Halve {
    /// Halves above a limit.
    pub fn new(limit: f32) -> Self {
        let strict = if limit > 0.0 { limit < 10.0 } else { false };
        Self { limit: Limit(limit), strict, rounds: Variable::state(Tensor::from(0.0_f32)) }
    }

    /// Halves.
    #[signature(x = [None; f32])]
    pub fn call(&self, x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let mut rounds = Tensor::from(0.0_f32);
        while y.sum() > self.limit.0 {
            y = apply(Half { by: 2.0 }, &[&y]);
            rounds += 1.0;
        }
        let doubled;
        if self.strict && rounds != 0.0 && !(y.sum() < 0.0) {
            doubled = &y + &y;
        } else if rounds == 0.0 || self.strict {
            doubled = -y.clone();
        } else {
            doubled = y.clone();
        }
        for value in &y {
            if value > 0.25 {
                rounds += 1.0;
            }
        }
        self.rounds.assign(&rounds);
        for index in 0..3 {
            if index == 2 {
                break;
            }
            y = if index % 2 == 0 { y * 1.0 } else { y };
        }
        y + doubled
    }

    /// The rounds of the last call.
    pub fn rounds(&self) -> Tensor {
        self.rounds.value()
    }
}

/// Division by a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Half {
    by: f32,
}

#[op]
impl Op for Half {
    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        match operands {
            [x] if x.dtype == DType::F32 => Ok(vec![x.clone()]),
            _ => Err("it takes one tensor of f32".into()),
        }
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let halves = operands[0].elements::<f32>()?.iter().map(|x| x / self.by).collect();
        Ok(vec![Data::new::<f32>(operands[0].sizes(), halves)?])
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(&gradients[0] / self.by)]
    }
}

/// Reads a number, as code without tensors does.
///
/// # Errors
/// If the text is no number.
#[autograph]
pub fn parsed(text: &str, double: bool) -> core::result::Result<u16, core::num::ParseIntError> {
    let mut number: u16 = text.parse()?;
    if double {
        number *= 2;
    }
    let mut count = 0;
    while count < number && count < 3 {
        count += 1;
    }
    Ok(number + count)
}
