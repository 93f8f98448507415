//! `for`.

use std::ops::Range;

use super::Never;
use super::condition::AsTensor;
use super::items::{Items, Over, TensorRounds, over};
use crate::control::range::Bounds;
use crate::control::site::Site;
use crate::graph::Variable;
use crate::tensor::{Dim, Tensor};

/// What a `for` goes over.
#[derive(Clone, Copy, Debug)]
pub struct Each<I>(pub I);

/// The ends of the range that a `for` goes over.
#[derive(Clone, Copy, Debug)]
pub struct Ends<A, B>(pub A, pub B);

/// The rounds of a loop of Rust.
#[derive(Clone, Copy, Debug)]
pub struct PlainRounds;

impl PlainRounds {
    /// None, for Rust loops.
    pub fn tensors(&self) -> Option<Never> {
        None
    }
}

/// What Rust goes over.
pub trait PlainEach {
    /// Its iterator.
    type Items: Iterator;
    /// The items.
    fn rounds(self) -> (Self::Items, PlainRounds);
}

impl<I: IntoIterator> PlainEach for Each<I> {
    type Items = I::IntoIter;

    fn rounds(self) -> (I::IntoIter, PlainRounds) {
        (self.0.into_iter(), PlainRounds)
    }
}

/// The rows of a tensor: its parts along dimension 0.
pub trait TensorEach {
    /// The rows.
    #[track_caller]
    fn rounds(&self) -> (Items, TensorRounds);
}

impl<T: AsTensor> TensorEach for Each<T> {
    #[track_caller]
    fn rounds(&self) -> (Items, TensorRounds) {
        over(Site::new("for"), Over::Rows(self.0.as_tensor()))
    }
}

/// What nothing goes over.
pub trait NoEach<I> {
    /// Refuses.
    fn rounds(&mut self) -> (std::iter::Empty<Tensor>, PlainRounds)
    where
        I: Rows;
}

impl<I> NoEach<I> for Each<I> {
    fn rounds(&mut self) -> (std::iter::Empty<Tensor>, PlainRounds)
    where
        I: Rows,
    {
        (std::iter::empty(), PlainRounds)
    }
}

/// What a `for` goes over.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a `for` goes over",
    label = "neither an iterator nor a tensor",
    note = "a `for` goes over iterators, over ranges, and over the parts of a `Tensor` along dimension 0"
)]
pub trait Rows {}

impl Rows for Tensor {}

/// A range that Rust goes over.
pub trait PlainEnds {
    /// The range.
    type Items: Iterator;
    /// The items.
    fn rounds(self) -> (Self::Items, PlainRounds);
}

impl<T> PlainEnds for Ends<T, T>
where
    Range<T>: Iterator,
{
    type Items = Range<T>;

    fn rounds(self) -> (Range<T>, PlainRounds) {
        (self.0..self.1, PlainRounds)
    }
}

/// A range whose ends are tensors, sizes or numbers.
pub trait TensorEnds {
    /// The indices.
    #[track_caller]
    fn rounds(&self) -> (Items, TensorRounds);
}

impl<A: End, B: End> TensorEnds for Ends<A, B> {
    #[track_caller]
    fn rounds(&self) -> (Items, TensorRounds) {
        let bounds = match (self.0.end(), self.1.end()) {
            (Bound::Size(start), Bound::Size(end)) => Bounds::Sizes(start, end),
            (start, end) => Bounds::Tensors(start.tensor(), end.tensor()),
        };
        over(Site::new("for"), Over::Range(bounds))
    }
}

/// A range of other things.
pub trait NoEnds<A, B> {
    /// Refuses.
    fn rounds(&mut self) -> (Items, TensorRounds)
    where
        A: End,
        B: End;
}

impl<A, B> NoEnds<A, B> for Ends<A, B> {
    fn rounds(&mut self) -> (Items, TensorRounds)
    where
        A: End,
        B: End,
    {
        TensorEnds::rounds(self)
    }
}

/// One end of a range.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no end of a range to go over",
    label = "neither a number nor a tensor",
    note = "a `for` goes over ranges of integers, of sizes (`0..x.dim(0)`) and of tensors that are one integer"
)]
pub trait End {
    /// The end.
    fn end(&self) -> Bound;
}

/// One end of a range.
pub enum Bound {
    /// Known when a function is called.
    Size(Dim),
    /// Computed.
    Tensor(Tensor),
}

impl Bound {
    fn tensor(self) -> Tensor {
        match self {
            Self::Size(size) => size.constant().map_or_else(|| Tensor::size(size), Tensor::scalar),
            Self::Tensor(tensor) => tensor,
        }
    }
}

impl End for Tensor {
    fn end(&self) -> Bound {
        Bound::Tensor(self.clone())
    }
}

impl End for Variable {
    fn end(&self) -> Bound {
        Bound::Tensor(self.value())
    }
}

#[diagnostic::do_not_recommend]
impl<E: End> End for &E {
    fn end(&self) -> Bound {
        (**self).end()
    }
}

#[diagnostic::do_not_recommend]
impl End for Dim {
    fn end(&self) -> Bound {
        Bound::Size(self.clone())
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl End for $type {
            fn end(&self) -> Bound {
                Bound::Size((*self).into())
            }
        }
    )*};
}

numbers!(i32, i64, usize);
