//! `while`.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use super::Never;
use super::choice::CONDITION;
use super::slot::{Carried, Slot};
use super::values::{Values, refuse, settle};
use crate::control::loops::repeat;
use crate::control::site::Site;
use crate::error::{Error, Result};
use crate::graph::{OpenRegion, Region, is_tracing, open_region};
use crate::tensor::Tensor;

/// Who decides whether a loop goes on.
pub trait Kind {}

/// Rust does.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// A tensor does.
#[derive(Clone, Copy, Debug)]
pub struct Traced;

impl Kind for Plain {}
impl Kind for Traced {}

/// The rounds of a loop; what its condition is, is found out where that is computed.
pub struct Rounds<K: Kind> {
    started: Cell<bool>,
    /// What a loop needs that a tensor decides.
    state: RefCell<Option<Box<State>>>,
    kind: PhantomData<K>,
}

struct State {
    /// The variables before the loop.
    before: Values,
    /// The condition as it was computed last, and where.
    condition: Option<(Tensor, Site)>,
    /// The function that is being traced, and its parameters.
    open: Option<OpenRegion>,
    parameters: Values,
    /// The function of the condition, if the loop is traced.
    traced: Option<Region>,
    failure: Option<Error>,
}

impl<K: Kind> Rounds<K> {
    /// None so far.
    #[allow(clippy::new_without_default, reason = "a loop is made by one expression only")]
    pub fn new() -> Self {
        Self { started: Cell::new(false), state: RefCell::new(None), kind: PhantomData }
    }

    /// Whether the condition is computed now: always but at first, when a recording begins.
    pub fn evaluates(&self) -> bool {
        self.started.replace(true)
    }
}

impl Rounds<Plain> {
    /// None, for Rust decides.
    pub fn tensors(&self) -> Option<Never> {
        None
    }
}

impl Rounds<Traced> {
    /// That a tensor decides.
    pub fn tensors(&self) -> Option<TensorRounds<'_>> {
        Some(TensorRounds(self))
    }

    /// Whether the condition holds; while it is traced, it does.
    #[track_caller]
    pub(super) fn holds(&self, condition: Tensor) -> bool {
        let site = Site::new("while");
        let mut state = self.state.borrow_mut();
        let Some(state) = state.as_mut() else { return false };
        let held = site
            .check_truth(CONDITION, &condition)
            .and_then(|()| if state.open.is_some() { Ok(true) } else { site.truth(CONDITION, &condition) });
        state.condition = Some((condition, site));
        held.unwrap_or_else(|error| {
            state.failure = Some(error);
            false
        })
    }
}

impl State {
    fn site(&self) -> Result<&Site> {
        let missing = || Error::Trace { function: "while".into(), message: "there is no condition".into() };
        self.condition.as_ref().map(|(_, site)| site).ok_or_else(missing)
    }

    /// Begins a function of the state; puts its parameters into the variables.
    fn open(&mut self, name: &str, slots: &mut [Slot<'_>]) -> Result<()> {
        let (open, parameters) = open_region(name, self.before.types()?)?;
        self.open = Some(open);
        self.parameters = self.before.with(parameters);
        self.parameters.put(slots);
        Ok(())
    }

    fn close(&mut self, results: Result<Vec<Tensor>>) -> Result<Region> {
        let site = self.site()?;
        let location = site.location.clone();
        let open = self.open.take();
        open.ok_or_else(|| Error::Trace { function: "while".into(), message: "it never began".into() })?
            .close(results, &location)
    }

    /// Between the condition and the body; what stops the loop here.
    fn decide(&mut self, slots: &mut [Slot<'_>]) -> Result<()> {
        let failure = self.failure.take();
        if self.open.is_none() {
            return failure.map_or(Ok(()), Err);
        }
        let changed = Values::of(slots).first_other(&self.parameters);
        let holds = match (failure, changed) {
            (Some(error), _) => Err(error),
            (None, Some(name)) => Err(self.site()?.error(
                &[],
                format!("{CONDITION} changes `{name}`, which a graph cannot do: change it in the body"),
            )),
            (None, None) => {
                self.site().map(|_| self.condition.iter().map(|(holds, _)| holds.clone()).collect())
            }
        };
        self.traced = Some(self.close(holds)?);
        self.open("while.body", slots)
    }

    /// After the body: the variables after the loop, if it ends here.
    fn end(&mut self, slots: &mut [Slot<'_>]) -> Result<Option<Values>> {
        let after = Values::of(slots).leaves();
        let checked = self.before.types().and_then(|types| self.site()?.check_state(&types, &after));
        if self.open.is_none() {
            return checked.map(|()| None);
        }
        let body = self.close(checked.map(|()| after.tensors().cloned().collect()))?;
        let unheard = || Error::Trace { function: "while".into(), message: "there is no condition".into() };
        let condition = self.traced.take().ok_or_else(unheard)?;
        let operands = self.before.tensors();
        let results = repeat(&[condition, body], &operands, &self.site()?.location)?;
        Ok(Some(self.before.with(results)))
    }
}

/// What only a loop needs whose condition is a tensor.
#[derive(Clone, Copy)]
pub struct TensorRounds<'r>(&'r Rounds<Traced>);

impl TensorRounds<'_> {
    /// Goes on.
    pub fn enter(self) {}

    /// A place that the loop may change.
    pub fn slot<'s, T: Carried>(self, name: &'static str, place: &'s mut T) -> Slot<'s> {
        Slot::new(name, place)
    }

    /// Before the loop; whether there is none to run.
    pub fn begin<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        let before = Values::of(&slots);
        let parameters = Values::default();
        let mut state =
            State { before, condition: None, open: None, parameters, traced: None, failure: None };
        let begun = state
            .before
            .types()
            .and_then(|_| if is_tracing() { state.open("while.condition", &mut slots) } else { Ok(()) });
        *self.0.state.borrow_mut() = Some(Box::new(state));
        begun.map_err(|error| refuse(error, &mut slots)).is_err()
    }

    /// Between the condition and the body; whether the loop ends here.
    pub fn decide<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        let decided = self.0.state.borrow_mut().as_mut().map_or(Ok(()), |state| state.decide(&mut slots));
        decided.map_err(|error| refuse(error, &mut slots)).is_err()
    }

    /// After a round; whether the loop ends here.
    pub fn next<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        let ended = self.0.state.borrow_mut().as_mut().map_or(Ok(None), |state| state.end(&mut slots));
        let Some(result) = ended.transpose() else { return false };
        settle(result, &mut slots);
        true
    }
}
