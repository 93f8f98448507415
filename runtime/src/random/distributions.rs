//! Random numbers of many distributions, each made of the bits of a generator.
//!
//! What is made of a word is fixed for ever, as the words are: a saved model goes on with the numbers it would have drawn.

use super::generator::Generator;
use super::quantile::central_erf_inv;
use crate::error::Location;
use crate::graph::type_of;
use crate::ops::{Operand, axis};
use crate::tensor::{DType, Dim, Shape, Tensor};

/// 2 to the power of 32.
const WORD: i64 = 1 << 32;

/// The error function at `√2`: the part of a normal distribution within two standard deviations.
const WITHIN_TWO: f64 = 0.954_499_736_103_641_6;

impl Generator {
    /// Numbers of a float dtype from 0 on and below 1, each multiple of the smallest step as likely as the others.
    ///
    /// The step is `2^-24` for `f32`, `2^-53` for `f64`, `2^-11` for `f16` and `2^-8` for `bf16`: as many of the upper bits
    /// of a word as the dtype holds exactly. `f64` takes words of 64 bits, the others of 32.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Generator::new(1).uniform_as(DType::F64, [1000]);
    /// assert!(x.min().to_scalar::<f64>()? >= 0.0 && x.max().to_scalar::<f64>()? < 1.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn uniform_as(&self, dtype: DType, shape: impl Into<Shape>) -> Tensor {
        let location = Location::caller();
        let (words, kept) = match dtype {
            DType::F32 => return self.uniform(shape),
            DType::F64 => (DType::U64, 53),
            DType::F16 => (DType::U32, 11),
            DType::BF16 => (DType::U32, 8),
            other => {
                let message = format!("it draws floats, not {other}: see `Generator::integers`");
                return Tensor::failed("uniform_as", &[], message, location);
            }
        };
        let dropped = if words == DType::U64 { 64 - kept } else { 32 - kept };
        (self.bits(words, shape) / (1_i64 << dropped)).cast(dtype) * 0.5_f64.powi(kept)
    }

    /// Numbers of dtype `f32` from `low` on and below `high`, which are numbers or tensors that broadcast to the shape:
    /// `low + u (high - low)`, which may round to `high`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Generator::new(1).uniform_between(-2.0, 2.0, [1000]);
    /// assert!(x.abs().max().to_scalar::<f32>()? <= 2.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn uniform_between(&self, low: impl Operand, high: impl Operand, shape: impl Into<Shape>) -> Tensor {
        let x = self.uniform(shape);
        let (low, high) = (low.to_tensor(&x), high.to_tensor(&x));
        x * (high - &low) + low
    }

    /// Integers of a dtype from `low` on and below `high`, each as likely as the others but for `(high - low) / 2^64`.
    ///
    /// The high half of the product of a word of 64 bits and the number of integers: Lemire, "Fast random integer generation
    /// in an interval", 2019, without the rejection. For all values of `u32` and `u64` see [`Generator::bits`].
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let dice = Generator::new(1).integers(DType::I32, 1, 7, [1000]);
    /// assert_eq!((dice.min().to_scalar::<i32>()?, dice.max().to_scalar::<i32>()?), (1, 6));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn integers(&self, dtype: DType, low: i64, high: i64, shape: impl Into<Shape>) -> Tensor {
        let location = Location::caller();
        let fail = |message: String| Tensor::failed("integers", &[], message, location.clone());
        let Some((least, greatest)) = bounds(dtype) else {
            return fail(format!("it draws integers, not {dtype}"));
        };
        if low >= high || i128::from(low) < least || i128::from(high) > greatest + 1 {
            return fail(format!("there are no integers of dtype {dtype} from {low} to before {high}"));
        }
        let span = high.wrapping_sub(low).cast_unsigned();
        let words = self.bits(DType::U64, shape);
        (high_half(&words, span).cast(DType::I64) + low).cast(dtype)
    }

    /// Numbers of a float dtype from the standard normal distribution, as [`Generator::normal`], which it is for `f32`.
    ///
    /// `f64` takes two words of 64 bits for a number; the halves are rounded from `f32`.
    #[track_caller]
    pub fn normal_as(&self, dtype: DType, shape: impl Into<Shape>) -> Tensor {
        let location = Location::caller();
        match dtype {
            DType::F64 => {
                let shape = shape.into();
                let both: Shape = std::iter::once(Dim::from(2_i64)).chain(shape.iter().cloned()).collect();
                let bits = (self.bits(DType::U64, both) / (1_i64 << 11)).cast(DType::F64);
                let step = 0.5_f64.powi(53);
                // Not 0, so that the logarithm is finite.
                let first = (bits.index_axis(0, 0) + 0.5) * step;
                let second = bits.index_axis(0, 1) * (step * std::f64::consts::TAU);
                (first.log() * -2.0).sqrt() * second.cos()
            }
            dtype if dtype.is_float() => self.normal(shape).cast(dtype),
            other => Tensor::failed("normal_as", &[], format!("it draws floats, not {other}"), location),
        }
    }

    /// Numbers of dtype `f32` from the standard normal distribution without what is beyond -2 and 2: by the inverse of its
    /// distribution function, so that each number takes one word.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert!(Generator::new(1).truncated_normal([1000]).abs().max().to_scalar::<f32>()? <= 2.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn truncated_normal(&self, shape: impl Into<Shape>) -> Tensor {
        let u = self.inside(shape).cast(DType::F64);
        let x = central_erf_inv(&((u * 2.0 - 1.0) * WITHIN_TWO)) * std::f64::consts::SQRT_2;
        x.cast(DType::F32).clip(-2.0, 2.0)
    }

    /// Numbers of dtype `f32` from the exponential distribution with mean 1: `-ln(1 - u)`.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert!(Generator::new(1).exponential([1000]).min().to_scalar::<f32>()? >= 0.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn exponential(&self, shape: impl Into<Shape>) -> Tensor {
        -(-self.uniform(shape)).log1p()
    }

    /// Numbers of dtype `f32` from the standard Gumbel distribution: `-ln(-ln u)`.
    ///
    /// The index of the greatest of logits with such numbers added is as likely as their softmax says.
    #[track_caller]
    pub fn gumbel(&self, shape: impl Into<Shape>) -> Tensor {
        -(-self.inside(shape).log()).log()
    }

    /// For each row of logits, the logarithms of what is in proportion to probabilities, the index of one class, in dtype
    /// `i64`: `[.., classes]` to `[..]`. Float dtypes. Logits of negative infinity are never drawn.
    ///
    /// For several draws from the same logits broadcast them. Gumbel-max: Yellott, "The relationship between Luce's choice
    /// axiom, Thurstone's theory of comparative judgment, and the double exponential distribution", 1977.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let logits = Tensor::from([0.0_f32, f32::NEG_INFINITY]);
    /// assert_eq!(Generator::new(1).categorical(&logits.broadcast_to([3, 2])).to_vec::<i64>()?, [0, 0, 0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn categorical(&self, logits: &Tensor) -> Tensor {
        let location = Location::caller();
        let Some(own) = type_of(logits) else { return logits.clone() };
        if !own.dtype.is_float() || own.rank() == 0 {
            let message = "logits are floats, with the classes along the last dimension";
            return Tensor::failed("categorical", &[logits], message, location);
        }
        let wide = if own.dtype == DType::F64 { DType::F64 } else { DType::F32 };
        (logits.cast(wide) + self.gumbel(own.shape).cast(wide)).argmax(-1)
    }

    /// The integers from 0 to before `n` in a random order, of dtype `i64`.
    ///
    /// They are sorted by a word of 64 bits each, of equal ones the lesser integer first.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let mut order = Generator::new(1).permutation(5).to_vec::<i64>()?;
    /// order.sort();
    /// assert_eq!(order, [0, 1, 2, 3, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn permutation(&self, n: impl Into<Dim>) -> Tensor {
        self.bits(DType::U64, [n.into()]).argsort(0)
    }

    /// The slices along a dimension in a random order; a negative dimension counts from the last. Every dtype; see
    /// [`Generator::permutation`].
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Generator::new(1).shuffle(&Tensor::from([1, 2, 3]), 0);
    /// assert_eq!(x.sum().to_scalar::<i32>()?, 6);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn shuffle(&self, x: &Tensor, along: isize) -> Tensor {
        let location = Location::caller();
        let Some(own) = type_of(x) else { return x.clone() };
        match axis(along, own.rank()) {
            Ok(axis) => x.take(self.permutation(own.shape[axis].clone()), along),
            Err(message) => Tensor::failed("shuffle", &[x], message, location),
        }
    }

    /// Numbers of dtype `f32` between 0 and 1, both excluded: the middles of `2^23` equal parts.
    #[track_caller]
    fn inside(&self, shape: impl Into<Shape>) -> Tensor {
        let bits = self.bits(DType::U32, shape) / (1_i64 << 9);
        (bits.cast(DType::F32) + 0.5) * 0.5_f64.powi(23)
    }
}

/// The least and the greatest integer of a dtype.
fn bounds(dtype: DType) -> Option<(i128, i128)> {
    let bits = dtype.size() * 8;
    if dtype.is_signed_int() {
        Some((-(1 << (bits - 1)), (1 << (bits - 1)) - 1))
    } else {
        dtype.is_unsigned_int().then(|| (0, (1 << bits) - 1))
    }
}

/// The upper 64 bits of the product of words of 64 bits and a number.
#[track_caller]
fn high_half(words: &Tensor, factor: u64) -> Tensor {
    let (high, low) = (factor >> 32, factor & 0xffff_ffff);
    let (upper, lower) = (words / WORD, words.remainder(WORD));
    let middle = &lower * low / WORD + (&upper * low).remainder(WORD) + (&lower * high).remainder(WORD);
    &upper * high + &upper * low / WORD + &lower * high / WORD + middle / WORD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_half_is_exact() {
        let words = [0, 1, u64::MAX, 0x0123_4567_89ab_cdef, 0xffff_ffff_0000_0001, 1 << 63];
        for factor in [1, 2, 6, u64::from(u32::MAX), 1 << 32, (1 << 63) + 12345, u64::MAX] {
            let found = high_half(&Tensor::from(words), factor).to_vec::<u64>().unwrap();
            let expected = words.map(|word| ((u128::from(word) * u128::from(factor)) >> 64) as u64);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn integers_of_every_dtype_stay_within() {
        let generator = Generator::new(4);
        for dtype in DType::ALL.into_iter().filter(|dtype| dtype.is_int()) {
            let x = generator.integers(dtype, 3, 5, [100]);
            assert_eq!((x.dtype(), x.cast(DType::I64).min().to_scalar::<i64>().unwrap()), (dtype, 3));
            assert_eq!(x.cast(DType::I64).max().to_scalar::<i64>().unwrap(), 4);
        }
        let whole = generator.integers(DType::I8, -128, 128, [5000]);
        assert_eq!(whole.min().to_scalar::<i8>().unwrap(), -128);
        assert_eq!(whole.max().to_scalar::<i8>().unwrap(), 127);
        assert!(generator.integers(DType::I64, i64::MIN, i64::MAX, [4]).error().is_none());
    }

    #[test]
    fn what_cannot_be_drawn_is_refused_and_leaves_the_state() {
        let generator = Generator::new(5);
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        assert!(
            error(generator.integers(DType::U8, 0, 257, [2]))
                .contains("no integers of dtype u8 from 0 to before 257")
        );
        assert!(error(generator.integers(DType::I32, 3, 3, [2])).contains("distributions.rs"));
        assert!(error(generator.integers(DType::F32, 0, 3, [2])).contains("draws integers, not f32"));
        assert!(error(generator.uniform_as(DType::I32, [2])).contains("draws floats, not i32"));
        assert!(error(generator.normal_as(DType::Bool, [2])).contains("draws floats, not bool"));
        assert!(error(generator.categorical(&Tensor::from([1]))).contains("logits are floats"));
        assert!(error(generator.shuffle(&Tensor::from([1]), 1)).contains("no dimension 1"));
        assert_eq!(generator.state().value().to_vec::<u64>().unwrap(), [5, 0]);
        for shape in [vec![0_usize, 3], vec![], vec![1, 1]] {
            for x in [
                generator.uniform_as(DType::BF16, shape.clone()),
                generator.normal_as(DType::F64, shape.clone()),
                generator.truncated_normal(shape.clone()),
                generator.gumbel(shape.clone()),
                generator.exponential(shape.clone()),
            ] {
                assert_eq!(x.ok().unwrap().shape().concrete().unwrap(), shape);
            }
        }
        assert!(generator.permutation(0).to_vec::<i64>().unwrap().is_empty());
        assert_eq!(generator.permutation(1).to_vec::<i64>().unwrap(), [0]);
    }
}
