//! Dimensions and elements in another order.

use crate::error::Location;
use crate::graph::type_of;
use crate::ops::{Axes, axes, axis};
use crate::tensor::{DType, Dim, Shape, Tensor};

impl Tensor {
    /// Two dimensions swapped; negative ones count from the last. Every dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::zeros([2, 3, 4]).swap_axes(0, -1).shape().to_string(), "[4, 3, 2]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn swap_axes(&self, one: isize, other: isize) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        match (axis(one, own.rank()), axis(other, own.rank())) {
            (Ok(one), Ok(other)) => {
                let mut order: Vec<isize> = (0..own.rank()).map(usize::cast_signed).collect();
                order.swap(one, other);
                self.transpose(order)
            }
            (Err(message), _) | (_, Err(message)) => Self::failed("swap_axes", &[self], message, location),
        }
    }

    /// Dimensions moved to other places of the result, the rest in order: `x.move_axis(0, -1)`. Negative numbers count from
    /// the last. Every dtype; as many places as dimensions, each once.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::zeros([2, 3, 4]);
    /// assert_eq!(x.move_axis(0, -1).shape().to_string(), "[3, 4, 2]");
    /// assert_eq!(x.move_axis([0, 1], [1, 2]).shape().to_string(), "[4, 2, 3]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn move_axis(&self, from: impl Axes, to: impl Axes) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        match moved(&from.numbers(), &to.numbers(), own.rank()) {
            Ok(order) => self.transpose(order),
            Err(message) => Self::failed("move_axis", &[self], message, location),
        }
    }

    /// A quarter turn, so often, from the first of two dimensions towards the second. Every dtype; negative numbers of turns
    /// go the other way.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2], [3, 4]]);
    /// assert_eq!(x.rot90(1, [0, 1]).to_vec::<i32>()?, [2, 4, 1, 3]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn rot90(&self, turns: i64, plane: [isize; 2]) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        if let Err(message) = axes(&plane, own.rank()) {
            return Self::failed("rot90", &[self], message, location);
        }
        match turns.rem_euclid(4) {
            0 => self.clone(),
            1 => self.flip(plane[1]).swap_axes(plane[0], plane[1]),
            2 => self.flip(plane),
            _ => self.swap_axes(plane[0], plane[1]).flip(plane[1]),
        }
    }

    /// The elements moved along a dimension by `shift` places, those that leave it coming in at the other end; a negative
    /// dimension counts from the last. Every dtype.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1, 2, 3, 4]).roll(1, 0).to_vec::<i32>()?, [4, 1, 2, 3]);
    /// assert_eq!(Tensor::from([1, 2, 3, 4]).roll(-1, 0).to_vec::<i32>()?, [2, 3, 4, 1]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn roll(&self, shift: i64, along: isize) -> Self {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        let axis = match axis(along, own.rank()) {
            Ok(axis) => axis,
            Err(message) => return Self::failed("roll", &[self], message, location),
        };
        let size = &own.shape[axis];
        match size.constant() {
            Some(0) => self.clone(),
            Some(size) => match shift.rem_euclid(size) {
                0 => self.clone(),
                shift => {
                    let (head, tail) =
                        (self.slice_axis(along, ..size - shift), self.slice_axis(along, size - shift..));
                    Self::concatenate(&[&tail, &head], along)
                }
            },
            None => {
                let number = Self::size(size);
                let places = Self::iota(DType::I64, Shape::from([size.clone()]), 0) - shift;
                self.take(places.remainder(&number).add(&number).remainder(&number), along)
            }
        }
    }

    /// The slices along a dimension, which goes, one after the other; a negative dimension counts from the last. Every
    /// dtype.
    ///
    /// The size must be known when the function is traced; otherwise the result is one tensor, which carries the error.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let columns = Tensor::from([[1, 2], [3, 4]]).unstack(1);
    /// assert_eq!(columns[1].to_vec::<i32>()?, [2, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn unstack(&self, along: isize) -> Vec<Self> {
        let location = Location::caller();
        let Some(own) = type_of(self) else { return vec![self.clone()] };
        let count = axis(along, own.rank()).and_then(|axis| {
            let size = &own.shape[axis];
            size.as_usize().ok_or_else(|| {
                format!(
                    "how many tensors a dimension of symbolic size {size} gives cannot be told while tracing: write the \
                     size in the signature"
                )
            })
        });
        match count {
            Ok(count) => {
                let mut slices = Vec::with_capacity(count);
                for index in 0..count {
                    slices.push(self.index_axis(along, index));
                }
                slices
            }
            Err(message) => vec![Self::failed("unstack", &[self], message, location)],
        }
    }

    /// Parts of these sizes along a dimension, in order; a negative dimension counts from the last. Every dtype.
    ///
    /// The sizes add up to that of the dimension; one of them may be -1 for what is left over. Otherwise each part carries
    /// the error, and where no sizes are given there is one part that carries it. For parts of equal size see [`Tensor::split`].
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let parts = Tensor::from([1, 2, 3, 4]).split_sizes(&[1, -1], 0);
    /// assert_eq!(parts[1].to_vec::<i32>()?, [2, 3, 4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn split_sizes<D: Into<Dim> + Clone>(&self, sizes: &[D], along: isize) -> Vec<Self> {
        let location = Location::caller();
        let mut sizes: Vec<Dim> = sizes.iter().cloned().map(Into::into).collect();
        let Some(own) = type_of(self) else { return vec![self.clone(); sizes.len().max(1)] };
        let bounds = axis(along, own.rank()).and_then(|axis| ends(&mut sizes, &own.shape[axis]));
        match bounds {
            Ok(ends) => {
                let mut parts = Vec::with_capacity(sizes.len());
                for (size, end) in sizes.iter().zip(&ends) {
                    parts.push(self.slice_axis(along, end - size..end.clone()));
                }
                parts
            }
            Err(message) => {
                vec![Self::failed("split_sizes", &[self], message, location); sizes.len().max(1)]
            }
        }
    }
}

/// The order in which the dimensions stand once those of `from` are at `to`.
fn moved(from: &[isize], to: &[isize], rank: usize) -> Result<Vec<isize>, String> {
    if from.len() != to.len() {
        return Err(format!("{} dimensions cannot be moved to {} places", from.len(), to.len()));
    }
    // Each once, and within.
    axes(from, rank)?;
    axes(to, rank)?;
    let numbers =
        |numbers: &[isize]| numbers.iter().map(|&number| axis(number, rank)).collect::<Result<Vec<_>, _>>();
    let (from, to) = (numbers(from)?, numbers(to)?);
    let mut rest = (0..rank).filter(|axis| !from.contains(axis));
    let place = |place: usize| match to.iter().position(|&to| to == place) {
        Some(index) => from.get(index).copied(),
        None => rest.next(),
    };
    Ok((0..rank).map_while(place).map(usize::cast_signed).collect())
}

/// Where each part ends, with what is left over put in for a size of -1.
fn ends(sizes: &mut [Dim], whole: &Dim) -> Result<Vec<Dim>, String> {
    let negative = |size: &Dim| size.constant().is_some_and(|size| size < 0);
    let sum =
        |sizes: &[Dim]| sizes.iter().filter(|size| !negative(size)).fold(Dim::from(0_i64), |a, b| a + b);
    let written = Dim::from(-1_i64);
    let rest = whole - sum(sizes);
    let text = sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let left_over: Vec<_> = (0..sizes.len()).filter(|&index| negative(&sizes[index])).collect();
    match left_over.as_slice() {
        [] if rest == Dim::from(0_i64) => {}
        [index] if sizes[*index] == written && !negative(&rest) => sizes[*index] = rest,
        _ => return Err(format!("sizes [{text}] do not add up to {whole}, that of the dimension")),
    }
    let mut end = Dim::from(0_i64);
    Ok(sizes
        .iter()
        .map(|size| {
            end = &end + size;
            end.clone()
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(tensor: &Tensor) -> Vec<usize> {
        tensor.clone().ok().unwrap().shape().concrete().unwrap()
    }

    #[test]
    fn dimensions_move() {
        let x = Tensor::zeros([2, 3, 4, 5]);
        assert_eq!(shape(&x.swap_axes(1, 1)), [2, 3, 4, 5]);
        assert_eq!(shape(&x.move_axis(-1, 0)), [5, 2, 3, 4]);
        assert_eq!(shape(&x.move_axis([0, 3], [3, 0])), [5, 3, 4, 2]);
        assert_eq!(shape(&x.move_axis([2, 0], [0, 1])), [4, 2, 3, 5]);
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        assert!(error(x.move_axis([0, 1], [0, -4])).contains("stands twice"));
        assert!(error(x.move_axis([0, 1], 0)).contains("2 dimensions cannot be moved to 1"));
        assert!(error(x.swap_axes(0, 4)).contains("no dimension 4"));
    }

    #[test]
    fn four_quarter_turns_are_none() {
        let x = Tensor::arange(6).reshape([2, 3]);
        assert_eq!(x.rot90(1, [0, 1]).to_vec::<i64>().unwrap(), [2, 5, 1, 4, 0, 3]);
        assert_eq!(x.rot90(3, [0, 1]).to_vec::<i64>().unwrap(), [3, 0, 4, 1, 5, 2]);
        assert_eq!(x.rot90(-1, [0, 1]).to_vec::<i64>().unwrap(), x.rot90(1, [1, 0]).to_vec::<i64>().unwrap());
        assert_eq!(x.rot90(2, [0, 1]).to_vec::<i64>().unwrap(), [5, 4, 3, 2, 1, 0]);
        assert_eq!(shape(&x.rot90(4, [0, -1])), [2, 3]);
        assert!(x.rot90(1, [0, -2]).error().unwrap().to_string().contains("rot90"));
    }

    #[test]
    fn rolling_goes_round() {
        let x = Tensor::from([[1_u8, 2, 3], [4, 5, 6]]);
        assert_eq!(x.roll(4, 1).to_vec::<u8>().unwrap(), [3, 1, 2, 6, 4, 5]);
        assert_eq!(x.roll(-1, 0).to_vec::<u8>().unwrap(), [4, 5, 6, 1, 2, 3]);
        assert_eq!(shape(&Tensor::zeros([0]).roll(1, 0)), [0]);
    }

    #[test]
    fn parts_of_any_sizes() {
        let x = Tensor::arange(5);
        let parts = x.split_sizes(&[2, 0, 3], 0);
        assert_eq!(parts[2].to_vec::<i64>().unwrap(), [2, 3, 4]);
        assert_eq!(shape(&parts[1]), [0]);
        for wrong in [&[2, 2][..], &[3, 3], &[-1, -1], &[6, -1], &[-2, 7]] {
            let error = x.split_sizes(wrong, 0)[0].error().unwrap().to_string();
            assert!(error.contains("do not add up to 5"), "{error}");
        }
        let none: &[i64] = &[];
        assert!(
            x.split_sizes(none, 0)[0].error().unwrap().to_string().contains("sizes [] do not add up to 5")
        );
        assert!(Tensor::zeros([0]).split_sizes(none, 0).is_empty());
        assert_eq!(x.unstack(0)[3].to_scalar::<i64>().unwrap(), 3);
        assert!(Tensor::zeros([0, 2]).unstack(0).is_empty());
        assert!(Tensor::scalar(1_u8).unstack(0)[0].error().is_some());
    }
}
