//! Random numbers of one example.

use super::examples::Pass;
use crate::ops::philox_words;
use crate::random::Generator;

/// Tells the numbers of examples from those that orders and generators of the same seed draw.
const DRAWS: u64 = 0x6472_6177_7300_0000;

/// Random numbers for one example in one epoch: the same for the same seed, epoch, index and place in the recipe, whoever reads
/// what before, and on every machine.
#[derive(Clone, Debug)]
pub struct Draws {
    key: u64,
    counter: u64,
}

impl Draws {
    pub(super) fn new(pass: Pass, stage: u64, index: usize) -> Self {
        // A key of its own for each epoch and stage; under it, 2^32 blocks for each index.
        let of = |key: u64, counter: u64| {
            let mut words = philox_words(key, counter, 1);
            let mut word = || u64::from(words.next().unwrap_or_default());
            word() << 32 | word()
        };
        let key = of(of(pass.seed ^ DRAWS, pass.epoch), stage);
        Self { key, counter: (index as u64) << 32 }
    }

    /// 64 random bits: the first two words of the next block of Philox 4x32-10.
    pub fn bits(&mut self) -> u64 {
        let mut words = philox_words(self.key, self.counter, 1);
        self.counter = self.counter.wrapping_add(1);
        let mut word = || u64::from(words.next().unwrap_or_default());
        word() << 32 | word()
    }

    /// A number from 0 on and below 1, each multiple of `2^-53` as likely as the others.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number from `low` to `high`, both included, each as likely; `low` if `high` is below it.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let count = (i128::from(high) - i128::from(low) + 1).max(1) as u128;
        // The high half of the product is a number below `count`, even but for 1 in 2^64 / count.
        let chosen = (u128::from(self.bits()) * count) >> 64;
        (i128::from(low) + chosen as i128) as i64
    }

    /// Whether something of this probability happens.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A number from the standard normal distribution (Box and Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        // Not 0, so that the logarithm is finite.
        let (first, second) = (1.0 - self.uniform(), self.uniform());
        libm::sqrt(-2.0 * libm::log(first)) * libm::cos(std::f64::consts::TAU * second)
    }

    /// A generator of whole tensors of random numbers, with a seed that is drawn here.
    #[track_caller]
    pub fn generator(&mut self) -> Generator {
        Generator::new(self.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(seed: u64, epoch: u64, stage: u64, index: usize) -> Draws {
        Draws::new(Pass { seed, epoch }, stage, index)
    }

    #[test]
    fn each_seed_epoch_stage_and_index_has_numbers_of_its_own() {
        let bits = |seed, epoch, stage, index| draws(seed, epoch, stage, index).bits();
        let mut all = vec![];
        for seed in 0..3 {
            for epoch in 0..3 {
                for stage in 0..3 {
                    all.extend((0..3).map(|index| bits(seed, epoch, stage, index)));
                }
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(bits(1, 2, 0, 3), bits(1, 2, 0, 3));
    }

    #[test]
    fn numbers_have_the_distributions_that_they_say() {
        let mut one = draws(5, 0, 0, 0);
        let numbers: Vec<f64> = (0..20_000).map(|_| one.uniform()).collect();
        let mean = numbers.iter().sum::<f64>() / 20_000.0;
        // Four standard deviations of the mean.
        assert!((mean - 0.5).abs() < 0.0082 && numbers.iter().all(|x| (0.0..1.0).contains(x)), "{mean}");
        let mut counts = [0; 5];
        (0..20_000).for_each(|_| counts[(one.between(-2, 2) + 2) as usize] += 1);
        assert!(counts.iter().all(|count| (count - 4000_i32).abs() < 227), "{counts:?}");
        let normal: Vec<f64> = (0..20_000).map(|_| one.normal()).collect();
        let square = normal.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!((square - 1.0).abs() < 0.04, "{square}");
        assert!(one.chance(1.0) && !one.chance(0.0));
        assert_eq!((one.between(3, 3), one.between(3, 1)), (3, 3));
        assert!((i64::MIN..=i64::MAX).contains(&one.between(i64::MIN, i64::MAX)));
    }
}
