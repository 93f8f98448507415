//! Second moments of matrices as products of rows and columns.

use holotype_macros::{Module, optimizer};

use super::{wide, widened, zeros};
use crate::functional::Norm;
use crate::graph::Variable;
use crate::tensor::{DType, Dim, Tensor, TensorType};
use crate::train::{Optimizer, Rate};

/// Adafactor, Algorithms 4 and 5 of [Shazeer and Stern 2018](https://arxiv.org/abs/1804.04235): gradients over the roots of their
/// second moments, of which it keeps, for variables of two or more dimensions, the means of rows and of columns only. A step is as
/// long as the root mean square of the variable times `min(rate, 1/√t)`.
///
/// Defaults: the moments decay as `1 - t^-0.8`, updates are clipped at a root mean square of 1, and a variable counts as no
/// smaller than 1e-3: PyTorch's. The moments of `f16` and `bf16` variables are `f32`.
#[derive(Module)]
pub struct Adafactor {
    learning_rate: Rate,
    decay: f64,
    clip: f64,
    smallest: f64,
    weight_decay: f64,
    /// The number of steps taken.
    #[module(state)]
    iterations: Variable,
}

impl Adafactor {
    /// Adafactor with this learning rate, a number or a schedule; 0.01 is the paper's.
    pub fn new(learning_rate: impl Into<Rate>) -> Self {
        Self {
            learning_rate: learning_rate.into(),
            decay: -0.8,
            clip: 1.0,
            smallest: 1e-3,
            weight_decay: 0.0,
            iterations: Variable::state(Tensor::scalar(0_i64)),
        }
    }

    /// The power of the step by which the moments decay, -0.8 if none is said.
    pub fn decay(mut self, power: f64) -> Self {
        self.decay = power;
        self
    }

    /// The greatest root mean square of an update.
    pub fn clip(mut self, clip: f64) -> Self {
        self.clip = clip;
        self
    }

    /// The least root mean square that a variable counts as having.
    pub fn smallest(mut self, smallest: f64) -> Self {
        self.smallest = smallest;
        self
    }

    /// Takes `rate * weight_decay * w` off `w`, apart from the gradient.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }
}

/// `norm / √count`
fn root_mean_square(x: &Tensor) -> Tensor {
    let count: i64 = x.shape().concrete().map_or(1, |sizes| sizes.iter().product::<usize>() as i64);
    x.norm(Norm::L2) / (count.max(1) as f64).sqrt()
}

#[optimizer]
impl Optimizer for Adafactor {
    fn slots(&self, variable: &TensorType) -> Vec<(&'static str, Tensor)> {
        let along = |back: usize| {
            let mut dims = variable.shape.clone().into_dims();
            let at = dims.len() - back;
            dims[at] = Dim::from(1_i64);
            zeros(&variable.with_shape(dims))
        };
        if variable.rank() < 2 {
            return vec![("squares", zeros(variable))];
        }
        vec![("rows", along(1)), ("columns", along(2))]
    }

    fn begin_step(&self) {
        self.learning_rate.begin_step();
        self.iterations.assign(self.iterations.value() + 1);
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let dtype = wide(value.dtype());
        let (mut w, g, rate) = widened(value, gradient, &self.learning_rate);
        let t = self.iterations.value().cast(DType::F64);
        let fresh = t.pow(self.decay).cast(dtype);
        let next = |slot: &Variable, new: Tensor| {
            let old = slot.value();
            let next = &old + (new - &old) * &fresh;
            slot.assign(&next);
            next
        };
        let epsilon = if dtype == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
        let moment = match slots {
            [rows, columns] => {
                let rows = next(rows, g.square().mean_axis_keepdims(-1));
                let columns = next(columns, g.square().mean_axis_keepdims(-2));
                &rows * columns / rows.mean_axis_keepdims(-2).maximum(epsilon)
            }
            [squares] => next(squares, g.square()),
            _ => return value.clone(),
        };
        let update = g / moment.maximum(epsilon * epsilon).sqrt();
        let divisor = (root_mean_square(&update) / self.clip).maximum(1.0);
        let size = root_mean_square(&w).maximum(self.smallest);
        let step = rate.minimum((1.0 / t.sqrt()).cast(dtype)) * size;
        if self.weight_decay != 0.0 {
            w *= 1.0 - &rate * self.weight_decay;
        }
        (w - update * (step / divisor)).cast(value.dtype())
    }
}
