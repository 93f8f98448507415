//! Momentum made orthogonal.

use holotype_macros::{Module, optimizer};

use super::moments::Moments;
use super::{blend, widened, zeros};
use crate::functional::Norm;
use crate::graph::Variable;
use crate::tensor::{Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// The coefficients of the iteration, and how often it runs: those of [Jordan et al.
/// 2024](https://kellerjordan.github.io/posts/muon/).
const COEFFICIENTS: [f64; 3] = [3.4445, -4.775, 2.0315];
const ITERATIONS: usize = 5;
/// What the Frobenius norm of a matrix that is divided by it is no less than.
const SMALLEST: f64 = 1e-7;

/// Muon, [Jordan et al. 2024](https://kellerjordan.github.io/posts/muon/): matrices move along their momentum made nearly
/// orthogonal, `w = w (1 - rate * weight_decay) - rate * √max(1, rows/columns) * NewtonSchulz(momentum)`; all other variables by
/// AdamW, with a rate of their own.
///
/// Defaults: momentum 0.95, Nesterov's; weight decay 0.1 for matrices and for the others, as PyTorch's; the others as
/// [`AdamW`](super::AdamW) with rate 1e-3. Embeddings and the last layer are better trained by AdamW, in a group of their own. The
/// iteration is computed in the dtype of the variable, in `f32` for halves.
#[derive(Module)]
pub struct Muon {
    learning_rate: Rate,
    momentum: f64,
    nesterov: bool,
    weight_decay: f64,
    other_learning_rate: Rate,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    /// The number of steps taken.
    #[module(state)]
    iterations: Variable,
}

impl Muon {
    /// Muon with this learning rate for matrices, a number or a schedule.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            momentum: 0.95,
            nesterov: true,
            weight_decay: 0.1,
            other_learning_rate: Rate::from(1e-3_f32),
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            iterations: Variable::state(Tensor::scalar(0_i64)),
        }
    }

    /// Another momentum.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Plain momentum.
    pub fn without_nesterov(mut self) -> Self {
        self.nesterov = false;
        self
    }

    /// Another weight decay.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }

    /// The learning rate of variables that are no matrices, a number or a schedule.
    pub fn others(mut self, learning_rate: impl Into<Rate>) -> Self {
        self.other_learning_rate = learning_rate.into();
        self
    }

    fn moments(&self) -> Moments {
        let Self { beta_1, beta_2, epsilon, .. } = *self;
        Moments { beta_1, beta_2, epsilon, amsgrad: false }
    }
}

/// The nearest matrix with orthogonal rows or columns, roughly: singular values between 0.7 and 1.2.
fn newton_schulz(matrix: &Tensor, [rows, columns]: [usize; 2]) -> Tensor {
    let [a, b, c] = COEFFICIENTS;
    let mut x = if rows > columns { matrix.t() } else { matrix.clone() };
    x /= x.norm(Norm::L2).maximum(SMALLEST);
    for _ in 0..ITERATIONS {
        let square = x.matmul(x.t());
        let polynomial = &square * b + square.matmul(&square) * c;
        x = &x * a + polynomial.matmul(&x);
    }
    if rows > columns { x.t() } else { x }
}

#[optimizer]
impl Optimizer for Muon {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        if variable.rank() == 2 {
            vec![("momentum", zeros(variable))]
        } else {
            self.moments().slots(variable)
        }
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
        self.other_learning_rate.begin_step();
        self.iterations.assign(self.iterations.value() + 1);
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        if let ([momentum], Some([rows, columns])) = (slots, sizes(value)) {
            let (w, g, rate) = widened(value, gradient, &self.learning_rate);
            let next = blend(&momentum.value(), &g, self.momentum);
            momentum.assign(&next);
            let direction = if self.nesterov { blend(&next, &g, self.momentum) } else { next };
            // A matrix without elements has no norm to be divided by, and nothing to move.
            let ratio = (rows as f64 / columns.max(1) as f64).max(1.0).sqrt();
            let kept = w * (1.0 - &rate * self.weight_decay);
            let direction = newton_schulz(&direction, [rows, columns]);
            return (kept - direction * (rate * ratio)).cast(value.dtype());
        }
        let (w, g, rate) = widened(value, gradient, &self.other_learning_rate);
        let Some((m_hat, divisor)) = self.moments().next(&g, slots, &self.iterations) else {
            return value.clone();
        };
        let kept = w * (1.0 - &rate * self.weight_decay);
        (kept - rate * m_hat / divisor).cast(value.dtype())
    }
}

/// The sizes of a matrix.
fn sizes(value: &Tensor) -> Option<[usize; 2]> {
    value.shape().concrete()?.try_into().ok()
}
