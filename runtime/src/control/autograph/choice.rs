//! `if`.

use std::cell::{Cell, RefCell};

use super::record::{Recorded, Recording, Values, error, settle};
use super::slot::{Carried, Given, Slot, fail};
use super::Never;
use crate::control;
use crate::error::{Error, Location, Result};
use crate::graph::type_of;
use crate::tensor::{DType, Leaves, Tensor};

/// The name of what an `if` gives among the variables it changes.
const VALUE: &str = "";

/// A choice that Rust makes.
#[derive(Clone, Copy, Debug)]
pub struct PlainChoice(bool);

impl PlainChoice {
    pub(super) fn new(value: bool) -> Self {
        Self(value)
    }

    /// None, for Rust chooses.
    pub fn tensors(&self) -> Option<Never> {
        None
    }

    /// Whether the first branch runs.
    pub fn takes(&self) -> bool {
        self.0
    }

    /// The value as it is.
    pub fn keep<V>(&self, value: V) -> V {
        value
    }

    /// The value as it is.
    pub fn settle<V>(&self, value: V, (): ()) -> V {
        value
    }
}

/// A choice that a tensor makes: at once, or in a graph, for which both branches run once.
pub struct TensorChoice {
    predicate: Result<Predicate>,
    location: Location,
    /// Whether the first branch was recorded.
    second: Cell<bool>,
    state: RefCell<State>,
}

enum Predicate {
    Known(bool),
    Traced(Tensor),
}

#[derive(Default)]
struct State {
    recording: Option<Result<Recording>>,
    /// The variables before the branches.
    before: Values,
    /// What a branch gives.
    given: Leaves,
    first: Option<Result<(Recorded, Values)>>,
    /// What both together give.
    result: Option<Result<Leaves>>,
}

impl TensorChoice {
    pub(super) fn new(predicate: &Tensor, location: Location) -> Self {
        let predicate = self::predicate("if", predicate, &location);
        Self { predicate, location, second: Cell::new(false), state: RefCell::default() }
    }

    /// That a tensor chooses.
    pub fn tensors(&self) -> Option<Tensors<'_>> {
        Some(Tensors(self))
    }

    /// Whether the first branch runs now.
    pub fn takes(&self) -> bool {
        match &self.predicate {
            Ok(Predicate::Known(value)) => *value,
            _ => !self.second.get(),
        }
    }

    /// Remembers what a branch gives.
    pub fn keep<V: Given>(&self, value: V) -> V {
        if matches!(self.predicate, Ok(Predicate::Traced(_))) {
            self.state.borrow_mut().given = Leaves::under(&value, VALUE);
        }
        value
    }

    /// What both branches give together.
    pub fn settle<V: Given>(&self, value: V, (): ()) -> V {
        match self.state.borrow_mut().result.take() {
            None => value,
            Some(Ok(leaves)) => leaves.build().unwrap_or_else(|error| V::failed(&error)),
            Some(Err(error)) => V::failed(&error),
        }
    }

    fn record_branch(&self, slots: &mut [Slot<'_>]) -> Option<Error> {
        let error = match &self.predicate {
            Ok(Predicate::Known(_)) => return None,
            Ok(Predicate::Traced(_)) => None,
            Err(error) => Some(error.clone()),
        };
        if let Some(error) = error {
            fail(slots, &error);
            return Some(error);
        }
        let name = if self.second.get() { "if.else" } else { "if.then" };
        let mut state = self.state.borrow_mut();
        if !self.second.get() {
            state.before = Values::of(slots);
        }
        state.recording = Some(Recording::begin(name, Vec::new()).map(|(recording, _)| recording));
        None
    }

    /// Ends a branch; whether there is another one to record.
    fn end_branch(&self, slots: &mut [Slot<'_>]) -> bool {
        let Ok(Predicate::Traced(predicate)) = &self.predicate else { return false };
        let mut state = self.state.borrow_mut();
        let State { recording, before, given, first, result } = &mut *state;
        let mut values = Values::of(slots);
        values.0.insert(0, (VALUE, std::mem::take(given)));
        let ended = recording.take().unwrap_or_else(|| Err(error("if", "the branch never began")));
        let ended = ended
            .and_then(|recording| recording.finish(&values.tensors(), &self.location))
            .map(|recorded| (recorded, values));
        if !self.second.replace(true) {
            before.put(slots);
            *first = Some(ended);
            return true;
        }
        let joined = match (first.take(), ended) {
            (Some(Ok(first)), Ok(second)) => join(predicate, &first, &second),
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (None, Ok(_)) => Err(error("if", "one branch was not recorded")),
        };
        *result = Some(joined.as_ref().map_err(Clone::clone).map(|joined| {
            joined.0.first().map(|(_, leaves)| leaves.clone()).unwrap_or_default()
        }));
        settle(joined, slots);
        false
    }
}

/// Decides by a tensor, if it is a truth value without dimensions.
pub(super) fn is_truth(word: &str, condition: &Tensor, location: &Location) -> Result<()> {
    let Some(kind) = type_of(condition) else { return condition.clone().ok().map(|_| ()) };
    if kind.dtype == DType::Bool && kind.shape.rank() == 0 {
        return Ok(());
    }
    let message = "a condition is one truth value: compare (`x.sum() > 0.0`), or ask whether all or any elements hold \
                   (`condition.all()`, `condition.any()`); `condition.select(a, b)` chooses for each element";
    let failed = Tensor::failed(word, &[condition], message, location.clone());
    failed.ok().map(|_| ())
}

fn predicate(word: &str, condition: &Tensor, location: &Location) -> Result<Predicate> {
    is_truth(word, condition, location)?;
    if condition.is_symbolic() {
        return Ok(Predicate::Traced(condition.clone()));
    }
    condition.to_scalar::<bool>().map(Predicate::Known)
}

fn join(
    predicate: &Tensor,
    (then, then_values): &(Recorded, Values),
    (otherwise, other_values): &(Recorded, Values),
) -> Result<Values> {
    let (left, right) = (then_values.paths(), other_values.paths());
    if left != right {
        return Err(error(
            "if",
            format!("the branches give different structures, with tensors at {left:?} and at {right:?}"),
        ));
    }
    let results: Vec<Tensor> = control::cond(predicate, || then.call(&[]), || otherwise.call(&[]));
    if let Some(error) = results.iter().find_map(Tensor::error) {
        return Err(error.clone());
    }
    Ok(then_values.with(results))
}

/// What only a choice made by a tensor needs.
#[derive(Clone, Copy)]
pub struct Tensors<'c>(&'c TensorChoice);

impl Tensors<'_> {
    /// Goes on.
    pub fn enter(self) {}

    /// A place that a branch may change.
    pub fn slot<'s, T: Carried>(self, name: &'static str, place: &'s mut T) -> Slot<'s> {
        Slot::new(name, place)
    }

    /// Before a branch; whether there is none to run.
    pub fn begin<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        self.0.record_branch(&mut slots).is_some()
    }

    /// After a branch; whether there is another one to run.
    pub fn next<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        self.0.end_branch(&mut slots)
    }

    /// The value where no branch runs.
    pub fn failure<V: Given>(self) -> V {
        match &self.0.predicate {
            Err(error) => V::failed(error),
            Ok(_) => V::failed(&error("if", "no branch ran")),
        }
    }
}
