//! Adaptive moment estimation.

use holotype_macros::{Module, optimizer};

use super::optimizer::Optimizer;
use crate::graph::Variable;
use crate::tensor::{DType, Tensor, TensorType};

/// Adam, Algorithm 1 of [Kingma and Ba 2014](https://arxiv.org/abs/1412.6980):
/// `m = β1 m + (1 - β1) g; v = β2 v + (1 - β2) g²; w = w - rate * m̂ / (√v̂ + ε)`, where `m̂ = m / (1 - β1^t)` and
/// `v̂ = v / (1 - β2^t)`.
///
/// Defaults: β1 = 0.9, β2 = 0.999, ε = 1e-8, as in the paper. The moments of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct Adam {
    #[module(state)]
    learning_rate: Variable,
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    /// The number of steps taken.
    #[module(state)]
    iterations: Variable,
}

impl Adam {
    /// Adam with this learning rate.
    pub fn new(learning_rate: f32) -> Self {
        Self {
            learning_rate: Variable::state(Tensor::scalar(learning_rate)),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            iterations: Variable::state(Tensor::scalar(0_i64)),
        }
    }

    /// Other decay rates of the moments.
    pub fn betas(mut self, beta_1: f32, beta_2: f32) -> Self {
        (self.beta_1, self.beta_2) = (beta_1, beta_2);
        self
    }

    /// Another ε.
    pub fn epsilon(mut self, epsilon: f32) -> Self {
        self.epsilon = epsilon;
        self
    }
}

#[optimizer]
impl Optimizer for Adam {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        let zeros = || Tensor::zeros(variable.shape.clone()).cast(wide(variable.dtype));
        vec![("m", zeros()), ("v", zeros())]
    }

    fn begin_step(&self) {
        self.iterations.assign(self.iterations.value() + 1);
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let [m, v] = slots else { return value.clone() };
        let dtype = wide(value.dtype());
        let (w, gradient) = (value.cast(dtype), &gradient.cast(dtype));
        let next_m = m * self.beta_1 + gradient * (1.0 - self.beta_1);
        let next_v = v * self.beta_2 + gradient.square() * (1.0 - self.beta_2);
        m.assign(&next_m);
        v.assign(&next_v);
        // The corrections are numbers, worked out in `f64`: β^t underflows in halves long before it matters.
        let t = self.iterations.value().cast(DType::F64);
        let correction = |beta: f32| (1.0 - Tensor::scalar(f64::from(beta)).pow(&t)).cast(dtype);
        let rate = self.learning_rate.value().cast(dtype);
        let (m_hat, v_hat) = (next_m / correction(self.beta_1), next_v / correction(self.beta_2));
        (w - rate * m_hat / (v_hat.sqrt() + self.epsilon)).cast(value.dtype())
    }
}

/// The dtype of the moments: halves can hold neither ε nor the squares of small gradients.
fn wide(dtype: DType) -> DType {
    match dtype {
        DType::F16 | DType::BF16 => DType::F32,
        other => other,
    }
}
