//! Random bits from a counter.

use serde::{Deserialize, Serialize};

use super::unary::arity;
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply_many, check_failed};
use crate::op;
use crate::tensor::{DType, Data, Dim, Shape, Sizes, Tensor, TensorType, element_count};

impl Tensor {
    /// Random bits, of dtype `u32` or `u64`, and the state that the next draw starts from.
    ///
    /// This tensor is the state, `[2; u64]`: a key and a counter. The same state gives the same bits on every machine and
    /// in every version; `RngBitGenerator` says which. See [`Generator`](crate::random::Generator) for a state that
    /// goes on by itself.
    /// ([StableHLO `rng_bit_generator`](https://openxla.org/stablehlo/spec#rng_bit_generator))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let state = Tensor::from([0_u64, 0]);
    /// let [next, bits] = state.rng_bit_generator(DType::U32, [2]);
    /// assert_eq!(bits.to_vec::<u32>()?, [0x6627_e8d5, 0xe169_c58d]);
    /// assert_eq!(next.to_vec::<u64>()?, [0, 1]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn rng_bit_generator(&self, dtype: DType, shape: impl Into<Shape>) -> [Self; 2] {
        let op = RngBitGenerator { algorithm: Algorithm::Philox, dtype, shape: shape.into() };
        let mut results = apply_many(op, &[self]).into_iter();
        let failed = || Self::failed("rng_bit_generator", &[self], "it has 2 results", Location::caller());
        [results.next().unwrap_or_else(failed), results.next().unwrap_or_else(failed)]
    }
}

/// How a state becomes bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// Philox4x32 with 10 rounds.
    Philox,
}

/// Random bits, and the next state.
///
/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011) turns a key of
/// two 32-bit words and a counter of four into a block of four words. Here, with a state `[key, counter]`:
///
/// - the words of the key are the low and the high half of `key`;
/// - block `i` has the counter words low half of `counter + i`, high half of `counter + i`, 0, 0, where the sum wraps;
/// - the elements of the result, in row-major order, are the words of block 0 in order, then those of block 1, …; an
///   element of `u64` takes two words, the first as its low half;
/// - what is left of the last block is thrown away, and the new state is `[key, counter + number of blocks]`.
///
/// This is fixed for ever: saved models go on with the bits they would have drawn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RngBitGenerator {
    /// How a state becomes bits.
    pub algorithm: Algorithm,
    /// The dtype of the bits: `u32` or `u64`.
    pub dtype: DType,
    /// The shape of the bits.
    pub shape: Shape,
}

const ROUNDS: usize = 10;
const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
/// The golden ratio and the square root of 3 less 1, as fractions of 2^32.
const KEY_STEPS: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];

/// One block of Philox4x32-10.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let [first, second] = [(0, MULTIPLIERS[0]), (2, MULTIPLIERS[1])]
            .map(|(word, by)| u64::from(counter[word]) * u64::from(by));
        counter = [
            (second >> 32) as u32 ^ counter[1] ^ key[0],
            second as u32,
            (first >> 32) as u32 ^ counter[3] ^ key[1],
            first as u32,
        ];
        key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
    }
    counter
}

/// The words of the blocks from a state on.
pub(crate) fn philox_words(key: u64, counter: u64, blocks: u64) -> impl Iterator<Item = u32> {
    let halves = |number: u64| [number as u32, (number >> 32) as u32];
    (0..blocks).flat_map(move |block| {
        let [low, high] = halves(counter.wrapping_add(block));
        philox([low, high, 0, 0], halves(key))
    })
}

impl Op for RngBitGenerator {
    const NAME: &'static str = "rng_bit_generator";
    const RESULTS: usize = 2;
    const NO_GRADIENT: Option<&'static str> = Some("its results are bits");

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [state] = arity(operands)?;
        let shape = state.shape.clone();
        if state.dtype != DType::U64
            || shape.rank() != 1
            || constraints.equal(&shape[0], &Dim::from(2_i64)).is_err()
        {
            return Err(format!("the state is [2; u64], a key and a counter, not {state}"));
        }
        if !matches!(self.dtype, DType::U32 | DType::U64) {
            return Err(format!("the bits are u32 or u64, not {}: convert them afterwards", self.dtype));
        }
        if let Some(size) = self.shape.iter().find(|size| size.constant().is_some_and(|size| size < 0)) {
            return Err(format!("{size} is no size"));
        }
        let state = TensorType::new(DType::U64, Shape::from([2]));
        Ok(vec![state, TensorType::new(self.dtype, self.shape.clone())])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let [key, counter] = *operands[0].elements::<u64>()? else {
            return Err(check_failed("rng_bit_generator: the state is a key and a counter"));
        };
        let shape = self.shape.evaluate(sizes);
        let count = shape.as_deref().and_then(element_count);
        let (Some(shape), Some(count)) = (shape, count) else {
            return Err(check_failed("rng_bit_generator: a size of the shape is not known"));
        };
        let (blocks, bits) = if self.dtype == DType::U32 {
            let blocks = count.div_ceil(4) as u64;
            (blocks, Data::new(shape, philox_words(key, counter, blocks).take(count).collect::<Vec<u32>>())?)
        } else {
            let blocks = count.div_ceil(2) as u64;
            let words: Vec<_> = philox_words(key, counter, blocks).collect();
            let pair = |pair: &[u32]| u64::from(pair[0]) | u64::from(pair[1]) << 32;
            (blocks, Data::new(shape, words.chunks_exact(2).take(count).map(pair).collect::<Vec<u64>>())?)
        };
        Ok(vec![Data::new([2], vec![key, counter.wrapping_add(blocks)])?, bits])
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Unsupported("ONNX has no random numbers whose state and bits are defined")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let shape: Option<Shape> = self.shape.iter().map(map).collect();
        Some(Self { shape: shape?, ..self.clone() })
    }

    fn samples() -> Vec<Sample> {
        let of =
            |dtype, shape: &[i64]| Self { algorithm: Algorithm::Philox, dtype, shape: Shape::from(shape) };
        let state = || Tensor::from([7_u64, u64::MAX]);
        vec![
            Sample::new(of(DType::U32, &[2, 3]), [state()]),
            Sample::new(of(DType::U64, &[3, 1]), [state()]),
            Sample::new(of(DType::U32, &[]), [state()]),
            Sample::new(of(DType::U64, &[2, 0]), [state()]),
        ]
    }
}

op!(RngBitGenerator);

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of `kat_vectors` in Random123: counter, key, block.
    #[test]
    fn blocks_are_those_random123_publishes() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn elements_take_the_words_of_the_blocks_in_order() {
        let (key, counter) = (0x0123_4567_89ab_cdef_u64, 0xffff_ffff_u64);
        let first = philox([0xffff_ffff, 0, 0, 0], [0x89ab_cdef, 0x0123_4567]);
        let second = philox([0, 1, 0, 0], [0x89ab_cdef, 0x0123_4567]);
        let state = Tensor::from([key, counter]);
        let [next, bits] = state.rng_bit_generator(DType::U32, [2, 3]);
        assert_eq!(bits.to_vec::<u32>().unwrap(), [&first[..], &second[..2]].concat());
        assert_eq!(next.to_vec::<u64>().unwrap(), [key, counter + 2]);
        let [next, bits] = state.rng_bit_generator(DType::U64, [1]);
        assert_eq!(bits.to_vec::<u64>().unwrap(), [u64::from(first[0]) | u64::from(first[1]) << 32]);
        assert_eq!(next.to_vec::<u64>().unwrap(), [key, counter + 1]);
        let [next, bits] = state.rng_bit_generator(DType::U32, [0]);
        assert_eq!(
            (bits.to_vec::<u32>().unwrap().len(), next.to_vec::<u64>().unwrap()),
            (0, vec![key, counter])
        );
    }

    #[test]
    fn states_and_dtypes_that_are_none_are_refused() {
        let [_, bits] = Tensor::from([0_u64]).rng_bit_generator(DType::U32, [1]);
        assert!(bits.error().unwrap().to_string().contains("[2; u64]"));
        let [next, _] = Tensor::from([0_u64, 0]).rng_bit_generator(DType::F32, [1]);
        assert!(next.error().unwrap().to_string().contains("u32 or u64"));
    }
}
