//! A generator of random numbers.

use crate::graph::Variable;
use crate::ops::Operand;
use crate::tensor::{DType, Dim, Shape, Tensor};

/// A generator of random numbers, whose state is a variable.
///
/// Keep one in a field of a module that needs random numbers: each draw reads the state and assigns the next one, also in
/// a trace, so that every call of a saved model draws other numbers, and a training run that is resumed draws those it
/// would have drawn. The bits are those of [`Tensor::rng_bit_generator`]: the same for the same seed on every machine.
///
/// Draws from several threads at once may be the same; give each thread its own generator.
///
/// ```
/// use holotype::prelude::*;
/// let (one, other) = (Generator::new(7), Generator::new(7));
/// assert_eq!(one.uniform([2]).to_vec::<f32>()?, other.uniform([2]).to_vec::<f32>()?);
/// assert_ne!(one.uniform([2]).to_vec::<f32>()?, one.uniform([2]).to_vec::<f32>()?);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    state: Variable,
}

/// 2 to the power of -32.
const PER_U32: f64 = 1.0 / 4_294_967_296.0;

impl Generator {
    /// A generator that starts from this seed.
    #[track_caller]
    pub fn new(seed: u64) -> Self {
        Self { state: Variable::state(Tensor::from([seed, 0])) }
    }

    /// A generator whose state is this variable: `[2; u64]`, the seed and a counter of blocks drawn.
    pub fn from_state(state: Variable) -> Self {
        Self { state }
    }

    /// The variable: `[2; u64]`, the seed and a counter of blocks drawn.
    pub fn state(&self) -> &Variable {
        &self.state
    }

    /// Random bits of dtype `u32` or `u64`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let bits = Generator::new(0).bits(DType::U32, [2]);
    /// assert_eq!(bits.to_vec::<u32>()?, [0x6627_e8d5, 0xe169_c58d]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn bits(&self, dtype: DType, shape: impl Into<Shape>) -> Tensor {
        let [next, bits] = self.state.value().rng_bit_generator(dtype, shape);
        if next.error().is_none() {
            self.state.assign(next);
        }
        bits
    }

    /// Numbers of dtype `f32` from 0 on and below 1, each multiple of `2^-24` as likely as the others.
    #[track_caller]
    pub fn uniform(&self, shape: impl Into<Shape>) -> Tensor {
        let bits = self.bits(DType::U32, shape);
        // The upper 24 bits, which f32 holds exactly.
        (bits / 256).cast(DType::F32) * (256.0 * PER_U32)
    }

    /// Numbers of dtype `f32` from the standard normal distribution: mean 0, standard deviation 1.
    ///
    /// Two words give one number: Box and Muller, "A note on the generation of random normal deviates", 1958,
    /// `√(-2 ln u) cos(2π v)` with `u` from the first half of the bits and `v` from the second.
    #[track_caller]
    pub fn normal(&self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        let both: Shape = std::iter::once(Dim::from(2_i64)).chain(shape.iter().cloned()).collect();
        let bits = self.bits(DType::U32, both).cast(DType::F32);
        // Not 0, so that the logarithm is finite.
        let first = (bits.index_axis(0, 0) + 0.5) * PER_U32;
        let second = bits.index_axis(0, 1) * (PER_U32 * std::f64::consts::TAU);
        (first.log() * -2.0).sqrt() * second.cos()
    }

    /// Truth values that are true with a probability: a number from 0 to 1, or a tensor that broadcasts to the shape.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let generator = Generator::new(3);
    /// assert_eq!(generator.bernoulli(1.0, [2]).to_vec::<bool>()?, [true, true]);
    /// assert_eq!(generator.bernoulli(0.0, [2]).to_vec::<bool>()?, [false, false]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn bernoulli(&self, probability: impl Operand, shape: impl Into<Shape>) -> Tensor {
        self.uniform(shape).less(probability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(x: &Tensor) -> (f64, f64) {
        let x = x.cast(DType::F64);
        (x.mean().to_scalar().unwrap(), x.variance().to_scalar().unwrap())
    }

    #[test]
    fn uniform_numbers_fill_the_range_evenly() {
        let x = Generator::new(1).uniform([100, 1000]);
        let (mean, variance) = moments(&x);
        // Four standard deviations of the mean and of the variance of 100 000 numbers.
        assert!((mean - 0.5).abs() < 0.0037 && (variance - 1.0 / 12.0).abs() < 0.001, "{mean} {variance}");
        assert!(x.min().to_scalar::<f32>().unwrap() >= 0.0 && x.max().to_scalar::<f32>().unwrap() < 1.0);
        let tenths =
            (&x * 10.0).cast(DType::I32).reshape([-1]).one_hot(10).sum_axis(0).to_vec::<f32>().unwrap();
        for count in tenths {
            assert!((count - 10_000.0).abs() < 400.0, "{count}");
        }
    }

    #[test]
    fn uniform_takes_the_upper_bits() {
        // The block of key 0 and counter 0 that Random123 publishes.
        let expected = [0x66_27e8_u32, 0xe1_69c5, 0xbc_57ac].map(|bits| bits as f32 / 16_777_216.0);
        assert_eq!(Generator::new(0).uniform([3]).to_vec::<f32>().unwrap(), expected);
    }

    #[test]
    fn normal_numbers_have_the_moments_of_the_distribution() {
        let x = Generator::new(2).normal([100_000]);
        let (mean, variance) = moments(&x);
        assert!((mean).abs() < 0.0127 && (variance - 1.0).abs() < 0.018, "{mean} {variance}");
        let kurtosis = x.square().square().mean().to_scalar::<f32>().unwrap();
        assert!((kurtosis - 3.0).abs() < 0.13, "{kurtosis}");
        let beyond = x.abs().greater(2.0).cast(DType::F32).mean().to_scalar::<f32>().unwrap();
        assert!((beyond - 0.0455).abs() < 0.0027, "{beyond}");
    }

    #[test]
    fn each_draw_goes_on_where_the_last_one_stopped() {
        let (at_once, in_parts) = (Generator::new(5), Generator::new(5));
        let whole = at_once.uniform([8]).to_vec::<f32>().unwrap();
        let parts =
            [in_parts.uniform([4]), in_parts.uniform([2, 2])].map(|part| part.to_vec::<f32>().unwrap());
        assert_eq!(whole, parts.concat());
        assert_eq!(at_once.state().value().to_vec::<u64>().unwrap(), [5, 2]);
        assert_eq!(at_once.normal(()).shape().rank(), 0);
        assert_eq!(at_once.normal([0, 3]).shape().concrete(), Some(vec![0, 3]));
    }

    #[test]
    fn a_draw_that_fails_leaves_the_state() {
        let generator = Generator::new(5);
        assert!(generator.uniform([-1]).error().is_some());
        assert_eq!(generator.state().value().to_vec::<u64>().unwrap(), [5, 0]);
    }
}
