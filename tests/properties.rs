//! Properties of the ops on shapes and indices: each against a model that goes index by index, on random operands.
//!
//! A failure prints the smallest operands that show it and the seed, which is kept in `properties.regressions` and run again.

#![allow(clippy::unwrap_used)]

use holotype::ops::{Combine, IndexDimensions, Order, OutOfBounds};
use holotype::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// The places of all elements of a tensor of these sizes, in row-major order.
fn places(sizes: &[usize]) -> Vec<Vec<usize>> {
    sizes.iter().fold(vec![Vec::new()], |places, &size| {
        let with = |place: Vec<usize>| (0..size).map(move |index| [&place[..], &[index]].concat());
        places.into_iter().flat_map(with).collect()
    })
}

/// A tensor as its sizes and a function of places.
#[derive(Clone, Debug)]
struct Model {
    sizes: Vec<usize>,
    elements: Vec<i32>,
}

impl Model {
    fn new(sizes: &[usize], element: impl FnMut(&[usize]) -> i32) -> Self {
        let mut element = element;
        Self { sizes: sizes.to_vec(), elements: places(sizes).iter().map(|place| element(place)).collect() }
    }

    fn at(&self, place: &[usize]) -> i32 {
        self.elements[self.index(place)]
    }

    fn index(&self, place: &[usize]) -> usize {
        place.iter().zip(&self.sizes).fold(0, |index, (place, size)| {
            assert!(place < size);
            index * size + place
        })
    }

    fn tensor(&self) -> Tensor {
        Tensor::from_vec(self.sizes.clone(), self.elements.clone())
    }

    fn same(&self, tensor: &Tensor) -> Result<(), TestCaseError> {
        prop_assert_eq!(tensor.error().map(ToString::to_string), None);
        prop_assert_eq!(tensor.shape().concrete(), Some(self.sizes.clone()));
        prop_assert_eq!(&tensor.to_vec::<i32>().unwrap(), &self.elements);
        Ok(())
    }
}

fn of_sizes(sizes: Vec<usize>) -> impl Strategy<Value = Model> {
    let count = sizes.iter().product::<usize>();
    prop::collection::vec(-9..10, count).prop_map(move |elements| Model { sizes: sizes.clone(), elements })
}

fn model(rank: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Model> {
    prop::collection::vec(0..5_usize, rank).prop_flat_map(of_sizes)
}

/// Two tensors that broadcast: of some sizes, one has leading dimensions less and some of size 1.
fn broadcastable() -> impl Strategy<Value = [Model; 2]> {
    let dims = prop::collection::vec((0..4_usize, 0..4_u8), 0..4);
    (dims, 0..4_usize, 0..4_usize).prop_flat_map(|(dims, left, right)| {
        let left_sizes: Vec<_> = dims.iter().map(|&(size, one)| if one == 1 { 1 } else { size }).collect();
        let right_sizes: Vec<_> = dims.iter().map(|&(size, one)| if one == 2 { 1 } else { size }).collect();
        let cut = |sizes: Vec<usize>, by: usize, other: usize| {
            let by = if other == 0 { by.min(sizes.len()) } else { 0 };
            sizes[by..].to_vec()
        };
        let (left_sizes, right_sizes) = (cut(left_sizes, left, right), cut(right_sizes, right, left));
        (of_sizes(left_sizes), of_sizes(right_sizes)).prop_map(|(left, right)| [left, right])
    })
}

/// NumPy's rule, on its own: sizes aligned from the last dimension, of which one is 1 or both are equal.
fn broadcast_sizes(left: &[usize], right: &[usize]) -> Option<Vec<usize>> {
    let rank = left.len().max(right.len());
    let size =
        |sizes: &[usize], axis: usize| (axis + sizes.len()).checked_sub(rank).map_or(1, |axis| sizes[axis]);
    let dim = |axis| match (size(left, axis), size(right, axis)) {
        (a, b) if a == b || b == 1 => Some(a),
        (1, b) => Some(b),
        _ => None,
    };
    (0..rank).map(dim).collect()
}

/// The operand of the larger sizes, each element written out.
fn materialised(x: &Model, sizes: &[usize]) -> Model {
    Model::new(sizes, |place| {
        let own = &place[sizes.len() - x.sizes.len()..];
        let own: Vec<_> =
            own.iter().zip(&x.sizes).map(|(&index, &size)| if size == 1 { 0 } else { index }).collect();
        x.at(&own)
    })
}

/// What a scatter does with what is there and an update.
type Function = fn(i32, i32) -> i32;

/// A tensor of rank 1 or more, and one of its dimensions.
fn with_axis() -> impl Strategy<Value = (Model, usize)> {
    model(1..=3).prop_flat_map(|x| {
        let rank = x.sizes.len();
        (Just(x), 0..rank)
    })
}

/// The place with another index along a dimension.
fn moved(place: &[usize], axis: usize, index: usize) -> Vec<usize> {
    let mut place = place.to_vec();
    place[axis] = index;
    place
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn broadcasting_is_that_of_operands_written_out([left, right] in broadcastable()) {
        let sizes = broadcast_sizes(&left.sizes, &right.sizes).unwrap();
        let (a, b) = (materialised(&left, &sizes), materialised(&right, &sizes));
        let difference = Model::new(&sizes, |place| a.at(place) - b.at(place));
        difference.same(&(left.tensor() - right.tensor()))?;
        let greater = Model::new(&sizes, |place| a.at(place).max(b.at(place)));
        greater.same(&left.tensor().maximum(right.tensor()))?;
        a.same(&left.tensor().broadcast_to(sizes.clone()))?;
        let chosen = Model::new(&sizes, |place| if a.at(place) < b.at(place) { a.at(place) } else { b.at(place) });
        chosen.same(&left.tensor().less(right.tensor()).select(left.tensor(), right.tensor()))?;
    }

    #[test]
    fn sizes_broadcast_where_numpy_says_so(left in model(0..=3), right in model(0..=3)) {
        let sum = left.tensor() + right.tensor();
        match broadcast_sizes(&left.sizes, &right.sizes) {
            Some(sizes) => prop_assert_eq!(sum.shape().concrete(), Some(sizes)),
            None => prop_assert!(sum.error().is_some()),
        }
    }

    #[test]
    fn slices_read_every_so_manyth_index((x, axis) in with_axis(), ends in [0..5_usize, 0..5_usize], step in 1..4_usize) {
        let size = x.sizes[axis];
        let (start, end) = (ends[0].min(ends[1]).min(size), ends[0].max(ends[1]).min(size));
        let indices: Vec<_> = (start..end).step_by(step).collect();
        let mut sizes = x.sizes.clone();
        sizes[axis] = indices.len();
        let expected = Model::new(&sizes, |place| x.at(&moved(place, axis, indices[place[axis]])));
        expected.same(&x.tensor().slice_axis_step(axis.cast_signed(), start..end, step))?;
    }

    #[test]
    fn dynamic_slices_read_and_write_the_nearest_part(
        (x, part, starts) in model(0..=3).prop_flat_map(|x| {
            let part: Vec<_> = x.sizes.iter().map(|&size| 0..=size).collect();
            let starts = prop::collection::vec(-7..8_i64, x.sizes.len());
            (Just(x), part.prop_flat_map(of_sizes), starts)
        }),
    ) {
        let rank = x.sizes.len();
        let start: Vec<usize> = (0..rank).map(|axis| {
            let last = (x.sizes[axis] - part.sizes[axis]).cast_signed() as i64;
            usize::try_from(starts[axis].clamp(0, last)).unwrap()
        }).collect();
        let whole = |place: &[usize]| place.iter().zip(&start).map(|(index, start)| index + start).collect::<Vec<_>>();
        let indices: Vec<_> = starts.iter().map(|&start| Tensor::scalar(start)).collect();
        let read = Model::new(&part.sizes, |place| x.at(&whole(place)));
        read.same(&x.tensor().dynamic_slice(&indices, part.sizes.clone()))?;
        let mut written = x.clone();
        for place in places(&part.sizes) {
            let index = written.index(&whole(&place));
            written.elements[index] = part.at(&place);
        }
        written.same(&x.tensor().dynamic_update_slice(part.tensor(), &indices))?;
    }

    #[test]
    fn sorting_is_insertion_in_order((x, axis) in with_axis(), descending: bool) {
        let line = |place: &[usize]| {
            // Where each index goes: after those that come before it.
            let mut order: Vec<usize> = Vec::new();
            for index in 0..x.sizes[axis] {
                let value = x.at(&moved(place, axis, index));
                let comes_after = |&other: &usize| {
                    let other = x.at(&moved(place, axis, other));
                    if descending { other < value } else { other > value }
                };
                let at = order.iter().position(comes_after).unwrap_or(order.len());
                order.insert(at, index);
            }
            order
        };
        let places = Model::new(&x.sizes, |place| line(place)[place[axis]].try_into().unwrap());
        let sorted = Model::new(&x.sizes, |place| x.at(&moved(place, axis, line(place)[place[axis]])));
        let along = axis.cast_signed();
        let (tensor, order) = (x.tensor(), if descending { Order::Descending } else { Order::Ascending });
        let found = if descending { tensor.sort_descending(along) } else { tensor.sort(along) };
        sorted.same(&found)?;
        let found = if descending { tensor.argsort_descending(along) } else { tensor.argsort(along) };
        places.same(&found.cast(DType::I32))?;
        let indices = Tensor::iota(DType::I32, x.sizes.clone(), along);
        let both = Tensor::sort_by(&[&tensor, &indices], 1, along, order);
        places.same(&both[1])?;
    }

    #[test]
    fn the_greatest_are_the_first_of_the_sorted(x in model(1..=3), k in 0..5_usize) {
        let last = x.sizes.len() - 1;
        let k = k.min(x.sizes[last]);
        let [values, indices] = x.tensor().top_k(k);
        let along = last.cast_signed();
        let sorted = x.tensor().sort_descending(along).slice_axis(along, ..k);
        let places = x.tensor().argsort_descending(along).slice_axis(along, ..k);
        prop_assert!(values.data().unwrap().same_bits(sorted.data().unwrap()));
        prop_assert!(indices.data().unwrap().same_bits(places.data().unwrap()));
    }

    #[test]
    fn rows_are_gathered_and_scattered_one_by_one(
        (x, at, updates) in (1..4_usize, 0..4_usize, 0..5_usize).prop_flat_map(|(rows, columns, count)| {
            let at = prop::collection::vec(-3..6_i32, count);
            (of_sizes(vec![rows, columns]), at, of_sizes(vec![count, columns]))
        }),
    ) {
        let dimensions = IndexDimensions {
            offset_dims: vec![1],
            collapsed_slice_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: 1,
            ..IndexDimensions::default()
        };
        let (rows, indices) = (x.sizes[0], Tensor::from(at.clone()));
        let row = |bounds, index: i32| match bounds {
            OutOfBounds::Clamp => Some(usize::try_from(index.max(0)).unwrap().min(rows - 1)),
            OutOfBounds::Drop => usize::try_from(index).ok().filter(|&index| index < rows),
        };
        for bounds in [OutOfBounds::Clamp, OutOfBounds::Drop] {
            let gathered = Model::new(&updates.sizes, |place| {
                row(bounds, at[place[0]]).map_or(0, |row| x.at(&[row, place[1]]))
            });
            let slice = [1, x.sizes[1]];
            gathered.same(&x.tensor().gather(&indices, slice, &dimensions, bounds))?;
            let combines: [(Combine, Function); 5] = [
                (Combine::Set, |_, update| update),
                (Combine::Add, |x, update| x + update),
                (Combine::Multiply, i32::wrapping_mul),
                (Combine::Min, Ord::min),
                (Combine::Max, Ord::max),
            ];
            for (combine, function) in combines {
                let mut scattered = x.clone();
                for (place, &update) in places(&updates.sizes).iter().zip(&updates.elements) {
                    if let Some(row) = row(bounds, at[place[0]]) {
                        let index = scattered.index(&[row, place[1]]);
                        scattered.elements[index] = function(scattered.elements[index], update);
                    }
                }
                scattered.same(&x.tensor().scatter(&indices, updates.tensor(), combine, &dimensions, bounds))?;
            }
        }
    }
}
