//! The elements of a value in another order.

/// For each dimension, from the one whose elements lie closest: its size, and how far apart they are in the other order. Elements lie
/// one behind the other in both.
#[derive(Debug)]
pub(super) struct Order {
    dimensions: Vec<[usize; 2]>,
    pub count: usize,
}

impl Order {
    /// The order of a value of these sizes that lies row by row, for elements that are so far apart; none if some of them are not there
    /// exactly once.
    pub fn of(sizes: &[usize], strides: &[isize]) -> Option<Self> {
        let (mut dimensions, mut to) = (Vec::new(), 1);
        for (&size, &stride) in sizes.iter().zip(strides).rev() {
            if size != 1 {
                dimensions.push((usize::try_from(stride).ok()?, [size, to]));
            }
            to *= size;
        }
        dimensions.sort_unstable();
        let mut count = 1;
        for (stride, [size, _]) in &dimensions {
            if *stride != count {
                return None;
            }
            count *= size;
        }
        Some(Self { dimensions: dimensions.into_iter().map(|(_, dimension)| dimension).collect(), count })
    }

    /// Where the element of this number is in the other order.
    pub fn place(&self, mut index: usize) -> usize {
        let mut place = 0;
        for [size, to] in &self.dimensions {
            place += index % size * to;
            index /= size;
        }
        place
    }

    /// How far apart elements are in the other order of which every one of the given number is meant, `count` times; none if they are not
    /// evenly apart.
    pub fn stride(&self, every: usize, count: usize) -> Option<usize> {
        if count <= 1 {
            return Some(every);
        }
        let (mut below, mut within) = (1, Vec::new());
        for &[size, to] in &self.dimensions {
            // The part of a dimension that the steps go through.
            let (low, high) = (below.max(every), (below * size).min(every.checked_mul(count)?));
            if low < high {
                let aligned = low.is_multiple_of(below) && high.is_multiple_of(below);
                // What follows behind the last step begins anew.
                if !aligned || !(below * size).is_multiple_of(high) {
                    return None;
                }
                within.push((low, high, to * (low / below)));
            }
            below *= size;
        }
        let &(_, _, first) = within.first()?;
        let even = within.iter().all(|&(low, _, to)| low % every == 0 && to == first * (low / every));
        even.then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_change_places_with_rows() {
        // [batch, heads, rows, width] = [2, 3, 5, 4] becomes [2, 5, 3, 4].
        let order = Order::of(&[2, 5, 3, 4], &[60, 4, 20, 1]).unwrap();
        assert_eq!(order.count, 120);
        assert_eq!(order.stride(1, 4), Some(1));
        assert_eq!(order.stride(4, 5), Some(12));
        assert_eq!(order.stride(20, 3), Some(4));
        assert_eq!(order.stride(60, 2), Some(60));
        assert_eq!(order.stride(20, 6), None);
        assert_eq!(order.place(20 + 3 * 4 + 2), 3 * 12 + 4 + 2);
        assert!(Order::of(&[2, 5], &[5, 2]).is_none() && Order::of(&[2, 5], &[0, 1]).is_none());
    }

    #[test]
    fn steps_are_even_only_where_every_element_is_as_far_from_the_last() {
        let sizes = [4, 3, 2];
        for strides in [[6, 2, 1], [1, 4, 12], [1, 8, 4], [3, 1, 12]] {
            let order = Order::of(&sizes, &strides).unwrap();
            for every in 1..=24 {
                for count in 1..=24 / every {
                    let places: Vec<_> = (0..count).map(|index| order.place(index * every)).collect();
                    let even = places.windows(2).all(|pair| pair[0] + order.place(every) == pair[1]);
                    if let Some(stride) = order.stride(every, count)
                        && count > 1
                    {
                        assert!(even && stride == order.place(every), "{strides:?} {every} {count}");
                    }
                }
            }
        }
    }
}
