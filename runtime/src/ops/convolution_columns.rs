//! What a kernel meets when it moves over an image, put into the columns of a matrix.

use super::window::Placed;
use crate::tensor::Element;

/// A batch of elements with features last, and the windows over it.
pub(super) struct Image<'a, T> {
    pub sizes: &'a [usize],
    pub elements: &'a [T],
    pub placed: Vec<Placed>,
    /// The sizes of the kernel along the spatial dimensions.
    pub window: Vec<usize>,
    /// Along which of them it lies the other way round.
    pub reversal: &'a [bool],
}

impl<T: Element> Image<'_, T> {
    pub fn channels(&self) -> usize {
        self.sizes.last().copied().unwrap_or(0)
    }

    /// For each element of the kernel, the place within one item of the batch that it meets, if there is one.
    pub fn places(&self, position: usize) -> Vec<Option<usize>> {
        let (mut at, mut rest) = (vec![0; self.placed.len()], position);
        for (index, placed) in at.iter_mut().zip(&self.placed).rev() {
            *index = rest % placed.count;
            rest /= placed.count;
        }
        let mut places = vec![Some(0)];
        for (axis, placed) in self.placed.iter().enumerate() {
            let mut along = vec![None; self.window[axis]];
            for (offset, place) in placed.elements(at[axis]) {
                along[offset] = Some(place);
            }
            if self.reversal[axis] {
                along.reverse();
            }
            let size = self.sizes[axis + 1];
            let inner = |outer: Option<usize>| along.iter().map(move |place| Some(outer? * size + (*place)?));
            places = places.into_iter().flat_map(inner).collect();
        }
        places
    }

    /// What the kernel meets at some positions, a row for each; zeros where there is nothing.
    pub fn columns(
        &self,
        places: &[Vec<Option<usize>>],
        item: usize,
        first: usize,
        channels: usize,
    ) -> Vec<T> {
        let all = self.channels();
        let per_item = self.elements.len() / self.sizes[0].max(1);
        let length = places.first().map_or(0, Vec::len) * channels;
        let mut columns = Vec::with_capacity(places.len() * length);
        for place in places.iter().flatten() {
            match place {
                Some(place) => {
                    let start = item * per_item + place * all + first;
                    columns.extend_from_slice(&self.elements[start..start + channels]);
                }
                None => columns.extend(std::iter::repeat_n(T::default(), channels)),
            }
        }
        columns
    }
}
