//! First values of variables, of dtype `f32`.
//!
//! Random ones come from the generator of the process: see [`random::seed`](crate::random::seed). The fans of a shape are
//! those of Keras: of `[inputs, outputs]` these two, of a convolution's `[.., inputs, outputs]` times the window's size,
//! of one dimension its size for both, of none 1.
//!
//! ```
//! use holotype::prelude::*;
//! let weights = Variable::new(init::glorot_uniform([5, 3]));
//! let bias = Variable::new(init::zeros([3]));
//! assert_eq!(weights.shape().to_string(), "[5, 3]");
//! ```

use crate::random::{Generator, with_process_generator};
use crate::tensor::{Shape, Tensor};

/// The standard deviation of a standard normal distribution cut off at 2 on both sides.
const TRUNCATED_DEVIATION: f64 = 0.879_625_661_034_239_8;

/// Zeros.
#[track_caller]
pub fn zeros(shape: impl Into<Shape>) -> Tensor {
    Tensor::zeros(shape)
}

/// Ones.
#[track_caller]
pub fn ones(shape: impl Into<Shape>) -> Tensor {
    Tensor::ones(shape)
}

/// One number throughout.
#[track_caller]
pub fn constant(shape: impl Into<Shape>, value: f32) -> Tensor {
    Tensor::full(shape, value)
}

/// The standard normal distribution: mean 0, standard deviation 1.
#[track_caller]
pub fn normal(shape: impl Into<Shape>) -> Tensor {
    Tensor::randn(shape)
}

/// A normal distribution.
#[track_caller]
pub fn normal_with(shape: impl Into<Shape>, mean: f32, std: f32) -> Tensor {
    Tensor::randn(shape) * std + mean
}

/// A normal distribution without what is more than two standard deviations from the mean: such numbers are drawn again.
#[track_caller]
pub fn truncated_normal(shape: impl Into<Shape>, mean: f32, std: f32) -> Tensor {
    let shape = shape.into();
    with_process_generator(|generator| truncated(generator, &shape)) * std + mean
}

/// The uniform distribution from `low` on and below `high`.
#[track_caller]
pub fn uniform(shape: impl Into<Shape>, low: f32, high: f32) -> Tensor {
    Tensor::rand(shape) * (high - low) + low
}

/// Uniform within `±√(6 / (fan_in + fan_out))`: keeps the variance of signals and of gradients about the same from layer to
/// layer.
///
/// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
#[track_caller]
pub fn glorot_uniform(shape: impl Into<Shape>) -> Tensor {
    let shape = shape.into();
    let (inputs, outputs) = fans(&shape);
    spread(shape, 2.0 / (inputs + outputs))
}

/// A truncated normal distribution with standard deviation `√(2 / (fan_in + fan_out))`.
///
/// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
#[track_caller]
pub fn glorot_normal(shape: impl Into<Shape>) -> Tensor {
    let shape = shape.into();
    let (inputs, outputs) = fans(&shape);
    cut_off(shape, 2.0 / (inputs + outputs))
}

/// Uniform within `±√(6 / fan_in)`: for layers followed by `relu`.
///
/// He, Zhang, Ren and Sun, "Delving deep into rectifiers: surpassing human-level performance on `ImageNet` classification",
/// ICCV 2015.
#[track_caller]
pub fn he_uniform(shape: impl Into<Shape>) -> Tensor {
    let shape = shape.into();
    let (inputs, _) = fans(&shape);
    spread(shape, 2.0 / inputs)
}

/// A truncated normal distribution with standard deviation `√(2 / fan_in)`: for layers followed by `relu`.
///
/// He, Zhang, Ren and Sun, "Delving deep into rectifiers: surpassing human-level performance on `ImageNet` classification",
/// ICCV 2015.
#[track_caller]
pub fn he_normal(shape: impl Into<Shape>) -> Tensor {
    let shape = shape.into();
    let (inputs, _) = fans(&shape);
    cut_off(shape, 2.0 / inputs)
}

/// A uniform distribution around 0 with this variance.
#[track_caller]
fn spread(shape: Shape, variance: f64) -> Tensor {
    let limit = (3.0 * variance).sqrt() as f32;
    uniform(shape, -limit, limit)
}

/// A truncated normal distribution around 0 that has this variance after the cut.
#[track_caller]
fn cut_off(shape: Shape, variance: f64) -> Tensor {
    truncated_normal(shape, 0.0, (variance.sqrt() / TRUNCATED_DEVIATION) as f32)
}

/// The numbers of signals that come into and go out of a unit, at least 1.
///
/// A shape that is not known gives 1; drawing it then fails.
fn fans(shape: &Shape) -> (f64, f64) {
    let sizes: Vec<_> = shape.concrete().unwrap_or_default().into_iter().map(|size| size as f64).collect();
    let (inputs, outputs) = match sizes.as_slice() {
        [] => (1.0, 1.0),
        [size] => (*size, *size),
        [window @ .., inputs, outputs] => {
            let window: f64 = window.iter().product();
            (inputs * window, outputs * window)
        }
    };
    (inputs.max(1.0), outputs.max(1.0))
}

fn truncated(generator: &Generator, shape: &Shape) -> Tensor {
    let mut drawn = generator.normal(shape);
    loop {
        let outside = drawn.abs().greater(2.0);
        match outside.max().to_scalar::<bool>() {
            Ok(true) => drawn = outside.select(generator.normal(shape), &drawn),
            _ => return drawn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deviation(x: &Tensor) -> f32 {
        x.std().to_scalar::<f32>().unwrap()
    }

    fn greatest(x: &Tensor) -> f32 {
        x.abs().max().to_scalar::<f32>().unwrap()
    }

    #[test]
    fn fans_are_those_of_keras() {
        assert_eq!(fans(&Shape::from(())), (1.0, 1.0));
        assert_eq!(fans(&Shape::from([7])), (7.0, 7.0));
        assert_eq!(fans(&Shape::from([5, 3])), (5.0, 3.0));
        assert_eq!(fans(&Shape::from([3, 3, 8, 16])), (72.0, 144.0));
        assert_eq!(fans(&Shape::from([0, 3])), (1.0, 3.0));
    }

    #[test]
    fn uniform_ones_have_the_limits_of_the_papers() {
        for (x, limit) in [
            (glorot_uniform([200, 100]), (6.0_f32 / 300.0).sqrt()),
            (he_uniform([200, 100]), (6.0_f32 / 200.0).sqrt()),
            (uniform([20_000], -0.5, 0.5), 0.5),
        ] {
            assert!(greatest(&x) <= limit && greatest(&x) > 0.99 * limit);
            // A uniform distribution within ±a deviates by a / √3; of 20 000 numbers within 2 % almost surely.
            assert!((deviation(&x) * 3.0_f32.sqrt() / limit - 1.0).abs() < 0.02);
        }
    }

    #[test]
    fn normal_ones_have_the_deviations_of_the_papers() {
        for (x, expected) in [
            (glorot_normal([200, 100]), (2.0_f32 / 300.0).sqrt()),
            (he_normal([2, 100, 100]), (2.0_f32 / 200.0).sqrt()),
            (normal_with([20_000], 3.0, 0.1), 0.1),
            (normal([20_000]), 1.0),
        ] {
            assert!((deviation(&x) / expected - 1.0).abs() < 0.04, "{} is not {expected}", deviation(&x));
        }
        assert!(greatest(&(truncated_normal([20_000], 1.0, 0.5) - 1.0)) <= 1.0);
        assert!((normal_with([20_000], 3.0, 0.1).mean().to_scalar::<f32>().unwrap() - 3.0).abs() < 0.01);
        assert!(greatest(&he_normal([20_000])) <= 2.0 * (2.0_f32 / 20_000.0).sqrt() / 0.879);
    }

    #[test]
    fn odd_shapes_are_fine_or_an_error() {
        assert_eq!(glorot_uniform([0, 3]).shape().concrete(), Some(vec![0, 3]));
        assert_eq!(truncated_normal((), 0.0, 1.0).shape().rank(), 0);
        assert!(he_normal([-1, 3]).error().is_some());
        assert_eq!(constant([2], 0.5).to_vec::<f32>().unwrap(), [0.5, 0.5]);
        assert_eq!((zeros([1]) + ones([1])).to_vec::<f32>().unwrap(), [1.0]);
    }
}
