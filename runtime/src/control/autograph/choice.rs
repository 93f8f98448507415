//! `if`.

use std::cell::{Cell, RefCell};

use super::Never;
use super::slot::{Carried, Given, Slot, fail};
use super::values::{Values, settle, types};
use crate::control::site::{Site, layout_difference, no_error, unify};
use crate::error::{Error, Result};
use crate::graph::{
    OpenRegion, Operation, Region, is_tracing, leave_failure, open_region, record, recorded_at,
};
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

/// A choice that a tensor makes: at once, or in a graph, for which each branch runs once.
pub struct TensorChoice {
    site: Site,
    predicate: Result<Predicate>,
    /// Whether the first branch has been recorded.
    second: Cell<bool>,
    state: RefCell<State>,
}

enum Predicate {
    Known(bool),
    Traced(Tensor),
}

type Branch = (Region, Values);

#[derive(Default)]
struct State {
    open: Option<Result<OpenRegion>>,
    /// The variables before the branches.
    before: Values,
    /// What a branch gives.
    given: Leaves,
    first: Option<Result<Branch>>,
    /// What both together give.
    result: Option<Result<Leaves>>,
}

impl TensorChoice {
    #[track_caller]
    pub(super) fn new(predicate: &Tensor) -> Self {
        let site = Site::new("if");
        let predicate = site.check_truth(CONDITION, predicate).and_then(|()| {
            if is_tracing() && predicate.is_symbolic() {
                Ok(Predicate::Traced(predicate.clone()))
            } else {
                site.truth(CONDITION, predicate).map(Predicate::Known)
            }
        });
        Self { site, predicate, second: Cell::new(false), state: RefCell::default() }
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
            self.state.borrow_mut().given = Leaves::of(&value);
        }
        value
    }

    /// What both branches give together.
    pub fn settle<V: Given>(&self, value: V, (): ()) -> V {
        match self.state.borrow_mut().result.take() {
            None => value,
            Some(result) => result.and_then(Leaves::build).unwrap_or_else(|error| V::failed(&error)),
        }
    }

    fn begin(&self, slots: &mut [Slot<'_>]) -> bool {
        match &self.predicate {
            Ok(Predicate::Known(_)) => false,
            Err(error) => {
                fail(slots, error);
                true
            }
            Ok(Predicate::Traced(_)) => {
                let mut state = self.state.borrow_mut();
                if !self.second.get() {
                    state.before = Values::of(slots);
                }
                let name = if self.second.get() { "if.else" } else { "if.then" };
                state.open = Some(open_region(name, Vec::new()).map(|(open, _)| open));
                false
            }
        }
    }

    /// Ends a branch; whether there is another one to record.
    fn end(&self, slots: &mut [Slot<'_>]) -> bool {
        let Ok(Predicate::Traced(predicate)) = &self.predicate else { return false };
        let mut state = self.state.borrow_mut();
        let State { open, before, given, first, result } = &mut *state;
        let values = Values::of(slots).after(VALUE, std::mem::take(given));
        let close = |open: OpenRegion| {
            let results = no_error(&values.leaves()).map(|()| values.tensors());
            open.close(results, &self.site.location)
        };
        let open = open.take().unwrap_or_else(|| Err(self.site.error(&[], "the branch never began")));
        let ended = open.and_then(close).map(|region| (region, values));
        if !self.second.replace(true) {
            before.put(slots);
            *first = Some(ended);
            return true;
        }
        let first = first.take().unwrap_or_else(|| Err(self.site.error(&[], "the branch never began")));
        let joined = first.and_then(|first| self.join(predicate, first, ended?));
        if let Err(error) = &joined {
            // A branch that gives nothing and changes nothing has no tensor to carry it.
            if before.tensors().is_empty() {
                leave_failure(error.clone());
            }
        }
        *result = Some(joined.as_ref().map(|joined| joined.get(VALUE)).map_err(Clone::clone));
        settle(joined, slots);
        false
    }

    fn join(
        &self,
        predicate: &Tensor,
        (then, then_values): Branch,
        (otherwise, other_values): Branch,
    ) -> Result<Values> {
        let (left, right) = (then_values.leaves(), other_values.leaves());
        let left = left.paths().map(str::to_owned).zip(then.types()).collect();
        if let Some(difference) = layout_difference(&left, &right, "the first branch", "the other") {
            return Err(self
                .site
                .error(&[], format!("the branches give different structures: {difference}")));
        }
        for ((path, first), second) in left.iter().zip(otherwise.types()) {
            let Err(reason) = unify(first, &second) else { continue };
            let place = if path.is_empty() { "the value".to_owned() } else { format!("`{path}`") };
            let advice = if first.dtype == second.dtype {
                "give both the same shape".to_owned()
            } else {
                format!("write `.cast(DType::{:?})` in one of them", first.dtype)
            };
            return Err(self.site.error(
                &[],
                format!(
                    "{place} is {first} after the first branch and {second} after the other{reason}: {advice}"
                ),
            ));
        }
        // False is 0, true is 1.
        let index = recorded_at(&self.site.location, || predicate.cast(DType::I32));
        let operation = Operation::Case(vec![otherwise.function(), then.function()]);
        let results = record(&[otherwise, then], &[index], operation, &self.site.location)?;
        Ok(then_values.with(results))
    }
}

/// What messages call the condition of an `if` or a `while`.
pub(super) const CONDITION: &str = "the condition";

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
        self.0.begin(&mut slots)
    }

    /// After a branch; whether there is another one to run.
    pub fn next<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        self.0.end(&mut slots)
    }

    /// The value where no branch runs.
    pub fn failure<V: Given>(self) -> V {
        let error: Error = match &self.0.predicate {
            Err(error) => error.clone(),
            Ok(_) => self.0.site.error(&[], "no branch ran"),
        };
        let value = V::failed(&error);
        if is_tracing() && types(&Leaves::of(&value)).is_empty() && Leaves::of(&value).is_empty() {
            leave_failure(error);
        }
        value
    }
}
