//! The moments of gradients that Adam and its kin keep.

use crate::graph::Variable;
use crate::tensor::{DType, Tensor, TensorType};

use super::{blend, wide, zeros};

/// How moments are kept.
#[derive(Clone, Copy)]
pub(super) struct Moments {
    pub beta_1: f64,
    pub beta_2: f64,
    pub epsilon: f64,
    /// Whether the greatest second moment so far is divided by: [Reddi et al. 2018](https://arxiv.org/abs/1904.09237).
    pub amsgrad: bool,
}

impl Moments {
    pub fn slots(self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        let mut slots = vec![("m", zeros(variable)), ("v", zeros(variable))];
        if self.amsgrad {
            slots.push(("greatest", zeros(variable)));
        }
        slots
    }

    /// `m̂` and `√v̂ + ε` of the step with number `t`, which begins at 1; none if there are no such slots.
    pub fn next(self, gradient: &Tensor, slots: &[Variable], t: &Variable) -> Option<(Tensor, Tensor)> {
        let [m, v, more @ ..] = slots else { return None };
        let dtype = wide(gradient.dtype());
        let next_m = blend(&m.value(), gradient, self.beta_1);
        let next_v = blend(&v.value(), &gradient.square(), self.beta_2);
        m.assign(&next_m);
        v.assign(&next_v);
        let next_v = match more {
            [greatest] => {
                let next = greatest.value().maximum(&next_v);
                greatest.assign(&next);
                next
            }
            _ => next_v,
        };
        // The corrections are numbers, worked out in `f64`: β^t underflows in halves long before it matters. Their reciprocals are
        // taken once, so that an element costs one division and one root.
        let t = t.value().cast(DType::F64);
        let correction = |beta: f64| 1.0 - Tensor::scalar(beta).pow(&t);
        let of_m = (1.0 / correction(self.beta_1)).cast(dtype);
        let of_root = (1.0 / correction(self.beta_2).sqrt()).cast(dtype);
        Some((next_m * of_m, next_v.sqrt() * of_root + self.epsilon))
    }
}
