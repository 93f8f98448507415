//! Random numbers for tests.

use std::time::SystemTime;

/// Numbers from a seed (`SplitMix64`).
pub(crate) struct Numbers(u64);

impl Numbers {
    /// From `HOLOTYPE_SEED`, or else from the clock; a test that fails shows what is printed here.
    pub fn new() -> Self {
        let given = std::env::var("HOLOTYPE_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| {
            SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(1, |since| since.as_nanos() as u64)
        });
        eprintln!("HOLOTYPE_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// Whether a coin falls on its head.
    pub fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }

    /// So many numbers from -1 to 1.
    pub fn floats(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0).collect()
    }

    /// One of the values.
    pub fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}
