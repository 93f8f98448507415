//! Random orders.

use crate::ops::philox_words;

/// Tells the numbers of orders from those that a [`Generator`](super::Generator) of the same seed draws.
const ORDER: u64 = 0x6f72_6465_7200_0000;

/// The numbers from 0 to `length` in a random order, the same for the same seed and stream on every machine
/// (Fisher and Yates, by Durstenfeld's Algorithm 235).
pub(crate) fn permutation(length: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut words = philox_words(seed ^ ORDER, stream << 32, length as u64);
    let mut order: Vec<usize> = (0..length).collect();
    for last in (1..length).rev() {
        let mut word = || u64::from(words.next().unwrap_or_default());
        let random = u128::from(word() << 32 | word());
        // The high half of the product is a number below `last + 1`, even but for 1 in 2^64.
        let chosen = (random * (last as u128 + 1)) >> 64;
        order.swap(last, chosen as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_holds_each_number_once_and_depends_on_seed_and_stream() {
        let order = permutation(1000, 7, 3);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
        assert_eq!(order, permutation(1000, 7, 3));
        assert_ne!(order, permutation(1000, 7, 4));
        assert_ne!(order, permutation(1000, 8, 3));
        assert!(permutation(0, 0, 0).is_empty());
    }

    #[test]
    fn every_order_of_three_is_as_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for stream in 0..6000 {
            *counts.entry(permutation(3, 1, stream)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Five standard deviations of a binomial with 6000 draws of 1/6 are 144.
        assert!(counts.values().all(|count: &i32| (count - 1000).abs() < 144), "{counts:?}");
    }
}
