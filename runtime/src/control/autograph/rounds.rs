//! `while`.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use super::choice::is_truth;
use super::record::{Recorded, Recording, Values, error, same_types, settle};
use super::slot::{Carried, Slot, fail};
use super::Never;
use crate::control;
use crate::error::{Error, Location, Result};
use crate::graph::is_tracing;
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
    tracing: RefCell<Option<Box<Tracing>>>,
    /// Why the loop cannot go on.
    failure: RefCell<Option<Box<Error>>>,
    kind: PhantomData<K>,
}

/// A loop that is being recorded.
#[derive(Default)]
struct Tracing {
    before: Values,
    recording: Option<Recording>,
    predicate: Option<(Tensor, Location)>,
    condition: Option<Recorded>,
}

impl<K: Kind> Rounds<K> {
    /// None so far.
    #[allow(clippy::new_without_default, reason = "a loop is made by one expression only")]
    pub fn new() -> Self {
        Self {
            started: Cell::new(false),
            tracing: RefCell::new(None),
            failure: RefCell::new(None),
            kind: PhantomData,
        }
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

    /// Whether the condition holds; while it is recorded, it does.
    pub(super) fn holds(&self, condition: Tensor, location: Location) -> bool {
        let held = is_truth("while", &condition, &location).and_then(|()| {
            match self.tracing.borrow_mut().as_mut() {
                Some(tracing) => {
                    tracing.predicate = Some((condition, location));
                    Ok(true)
                }
                None => condition.to_scalar::<bool>(),
            }
        });
        held.unwrap_or_else(|error| {
            *self.failure.borrow_mut() = Some(Box::new(error));
            false
        })
    }
}

impl Tracing {
    /// Begins a function of the state; puts its parameters into the variables.
    fn begin(&mut self, name: &'static str, slots: &mut [Slot<'_>]) -> Result<()> {
        let (recording, parameters) = Recording::begin(name, self.before.typed()?)?;
        self.recording = Some(recording);
        self.before.with(parameters).put(slots);
        Ok(())
    }

    fn end(&mut self, outputs: &[Tensor]) -> Result<Recorded> {
        let recording = self.recording.take().ok_or_else(|| error("while", "it never began"))?;
        let location = self.predicate.as_ref().map_or_else(|| Location::new("", 0, 0), |(_, place)| place.clone());
        recording.finish(outputs, &location)
    }

    /// Ends the condition and begins the body.
    fn decide(&mut self, slots: &mut [Slot<'_>]) -> Result<()> {
        let predicate = self.predicate.as_ref().map(|(predicate, _)| predicate.clone());
        self.condition = Some(self.end(&[predicate.ok_or_else(|| error("while", "no condition"))?])?);
        self.begin("while.body", slots)
    }

    /// Ends the body.
    fn finish(&mut self, slots: &mut [Slot<'_>]) -> Result<Values> {
        let after = Values::of(slots);
        let body = self.end(&after.tensors())?;
        same_types("while", &self.before, &after, &body)?;
        let condition = self.condition.take().ok_or_else(|| error("while", "no condition"))?;
        let results: Vec<Tensor> = control::while_loop(
            self.before.tensors(),
            |state: &Vec<Tensor>| {
                let called = condition.call(state).pop();
                called.unwrap_or_else(|| Tensor::from_error(error("while", "no condition")))
            },
            |state: Vec<Tensor>| body.call(&state),
        );
        match results.iter().find_map(Tensor::error) {
            Some(error) => Err(error.clone()),
            None => Ok(self.before.with(results)),
        }
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
        if !is_tracing() {
            return false;
        }
        let mut tracing = Box::new(Tracing { before: Values::of(&slots), ..Tracing::default() });
        let begun = tracing.begin("while.condition", &mut slots);
        if let Err(error) = begun {
            fail(&mut slots, &error);
            return true;
        }
        *self.0.tracing.borrow_mut() = Some(tracing);
        false
    }

    /// Between the condition and the body; whether the loop ends here.
    pub fn decide<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        let failure = self.0.failure.borrow_mut().take().map(|error| *error);
        let mut tracing = self.0.tracing.borrow_mut();
        let decided = match (failure, tracing.as_mut()) {
            (None, None) => return false,
            (None, Some(tracing)) => tracing.decide(&mut slots),
            (Some(failure), Some(tracing)) => {
                // The condition is ended, so that what was recorded of it goes.
                let _ = tracing.end(&[Tensor::from_error(failure.clone())]);
                Err(failure)
            }
            (Some(failure), None) => Err(failure),
        };
        if let Err(error) = &decided {
            fail(&mut slots, error);
        }
        decided.is_err()
    }

    /// After a round; whether the loop ends here.
    pub fn next<const N: usize>(self, mut slots: [Slot<'_>; N]) -> bool {
        let mut tracing = self.0.tracing.borrow_mut();
        let Some(tracing) = tracing.as_mut() else { return false };
        let finished = tracing.finish(&mut slots);
        settle(finished, &mut slots);
        true
    }
}
