//! `for`.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::condition::AsTensor;
use super::record::{Recorded, Recording, Values, error, same_types, settle};
use super::slot::{Carried, Slot, fail};
use super::Never;
use crate::control;
use crate::error::{Error, Location, Result};
use crate::graph::{is_tracing, type_of};
use crate::ops::Operand;
use crate::tensor::{DType, Dim, Shape, Tensor, TensorType};

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
        over(Ok(Over::Rows(self.0.as_tensor())), Location::caller())
    }
}

/// What nothing goes over.
pub trait NoEach<I> {
    /// Refuses.
    fn rounds(&mut self) -> (I::IntoIter, PlainRounds)
    where
        I: IntoIterator + Clone;
}

impl<I> NoEach<I> for Each<I> {
    fn rounds(&mut self) -> (I::IntoIter, PlainRounds)
    where
        I: IntoIterator + Clone,
    {
        (self.0.clone().into_iter(), PlainRounds)
    }
}

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
        let location = Location::caller();
        let ends = self.0.end(&location).and_then(|start| Ok(Over::Range(start, self.1.end(&location)?)));
        over(ends, location)
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
    note = "a `for` goes over ranges of numbers, of sizes (`0..x.dim(0)`) and of tensors without dimensions"
)]
pub trait End {
    /// The end as a number of dtype `i64`.
    ///
    /// # Errors
    /// If it is none.
    fn end(&self, location: &Location) -> Result<Tensor>;
}

impl End for Tensor {
    fn end(&self, location: &Location) -> Result<Tensor> {
        let Some(kind) = type_of(self) else { return self.clone().ok() };
        if kind.shape.rank() == 0 && (kind.dtype.is_int() || kind.dtype == DType::I64) {
            return self.cast(DType::I64).ok();
        }
        let message = "an end of a range is a whole number without dimensions";
        Tensor::failed("for", &[self], message, location.clone()).ok()
    }
}

#[diagnostic::do_not_recommend]
impl<E: End> End for &E {
    fn end(&self, location: &Location) -> Result<Tensor> {
        (**self).end(location)
    }
}

#[diagnostic::do_not_recommend]
impl End for Dim {
    fn end(&self, _: &Location) -> Result<Tensor> {
        Tensor::size(self.clone()).ok()
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl End for $type {
            fn end(&self, _: &Location) -> Result<Tensor> {
                self.to_tensor(&Tensor::scalar(0_i64)).ok()
            }
        }
    )*};
}

numbers!(i32, i64, usize, u32);

enum Over {
    Rows(Tensor),
    Range(Tensor, Tensor),
}

impl Over {
    fn word(&self) -> &'static str {
        "for"
    }

    /// The type of an item.
    fn item(&self) -> Result<(&'static str, TensorType)> {
        match self {
            Self::Range(..) => Ok(("index", TensorType::new(DType::I64, Shape::from(())))),
            Self::Rows(rows) => {
                let kind = type_of(rows).ok_or_else(|| error("for", "no tensor"))?;
                match kind.shape.split_first() {
                    Some((_, item)) => Ok(("row", kind.with_shape(item))),
                    None => Err(error("for", "a tensor without dimensions has no rows to go over")),
                }
            }
        }
    }

    /// The number of rounds outside of a trace, and the index of the first.
    fn bounds(&self) -> Result<Range<i64>> {
        match self {
            Self::Range(start, end) => Ok(start.to_scalar::<i64>()?..end.to_scalar::<i64>()?),
            Self::Rows(rows) => {
                self.item()?;
                Ok(0..rows.dim(0).constant().unwrap_or_default())
            }
        }
    }

    fn at(&self, index: i64) -> Tensor {
        match self {
            Self::Range(..) => Tensor::scalar(index),
            Self::Rows(rows) => rows.index_axis(0, index),
        }
    }
}

fn over(over: Result<Over>, location: Location) -> (Items, TensorRounds) {
    let prepared = over.and_then(|over| {
        over.item()?;
        let rest = if is_tracing() { 0..0 } else { over.bounds()? };
        Ok(Loop { over, rest, item: None, before: Values::default(), recording: None, body: None })
    });
    let shared = Rc::new(Shared { looping: RefCell::new(prepared), location });
    (Items(Rc::clone(&shared)), TensorRounds(shared))
}

struct Shared {
    looping: RefCell<Result<Loop>>,
    location: Location,
}

struct Loop {
    over: Over,
    rest: Range<i64>,
    /// The parameter of the body, while that is recorded.
    item: Option<Tensor>,
    before: Values,
    recording: Option<Recording>,
    body: Option<Recorded>,
}

/// The items of a loop over a tensor: each of them, or one that stands for all.
pub struct Items(Rc<Shared>);

impl Iterator for Items {
    type Item = Tensor;

    fn next(&mut self) -> Option<Tensor> {
        let mut looping = self.0.looping.borrow_mut();
        let looping = looping.as_mut().ok()?;
        if let Some(item) = looping.item.take() {
            return Some(item);
        }
        let index = looping.rest.next()?;
        Some(looping.over.at(index))
    }
}

/// The rounds of a loop over a tensor.
pub struct TensorRounds(Rc<Shared>);

impl TensorRounds {
    /// That a tensor is gone over.
    pub fn tensors(&self) -> Option<TensorLoop<'_>> {
        Some(TensorLoop(&self.0))
    }
}

/// What only a loop over a tensor needs.
#[derive(Clone, Copy)]
pub struct TensorLoop<'r>(&'r Shared);

impl TensorLoop<'_> {
    /// Goes on.
    pub fn enter(self) {}

    /// A place that the loop may change.
    pub fn slot<'s, T: Carried>(self, name: &'static str, place: &'s mut T) -> Slot<'s> {
        Slot::new(name, place)
    }

    /// Before the loop.
    pub fn begin<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        if is_tracing() {
            self.attempt(|looping| looping.begin(&mut slots));
        }
        self.0.looping.borrow().is_err()
    }

    /// After a round.
    pub fn next<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        let location = &self.0.location;
        self.attempt(|looping| looping.end(&mut slots, location));
        false
    }

    /// After the loop.
    pub fn finish<const N: usize>(self, mut slots: [Slot<'_>; N]) {
        let mut looping = self.0.looping.borrow_mut();
        match looping.as_mut() {
            Ok(looping) => {
                if let Some(body) = looping.body.take() {
                    settle(looping.finish(&body), &mut slots);
                }
            }
            Err(error) => fail(&mut slots, error),
        }
    }

    fn attempt(self, step: impl FnOnce(&mut Loop) -> Result<()>) {
        let mut looping = self.0.looping.borrow_mut();
        let failed: Option<Error> = looping.as_mut().ok().and_then(|looping| step(looping).err());
        if let Some(error) = failed {
            *looping = Err(error);
        }
    }
}

impl Loop {
    fn begin(&mut self, slots: &mut [Slot<'_>]) -> Result<()> {
        self.before = Values::of(slots);
        let mut inputs = self.before.typed()?;
        let (name, item) = self.over.item()?;
        inputs.push((name.to_owned(), item));
        let (recording, mut parameters) = Recording::begin("for.body", inputs)?;
        self.recording = Some(recording);
        self.item = parameters.pop();
        self.before.with(parameters).put(slots);
        Ok(())
    }

    fn end(&mut self, slots: &mut [Slot<'_>], location: &Location) -> Result<()> {
        let Some(recording) = self.recording.take() else { return Ok(()) };
        let after = Values::of(slots);
        let body = recording.finish(&after.tensors(), location)?;
        same_types(self.over.word(), &self.before, &after, &body)?;
        self.body = Some(body);
        Ok(())
    }

    fn finish(&self, body: &Recorded) -> Result<Values> {
        let state = self.before.tensors();
        let round = |mut state: Vec<Tensor>, item: Tensor| {
            state.push(item);
            body.call(&state)
        };
        let results: Vec<Tensor> = match &self.over {
            Over::Range(start, end) => {
                control::fori_loop(start.clone()..end.clone(), state, |index: &Tensor, state| {
                    round(state, index.clone())
                })
            }
            Over::Rows(rows) => {
                control::scan(state, rows.clone(), |state, row: Tensor| (round(state, row), ())).0
            }
        };
        match results.iter().find_map(Tensor::error) {
            Some(error) => Err(error.clone()),
            None => Ok(self.before.with(results)),
        }
    }
}
