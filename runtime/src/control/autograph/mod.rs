//! What `#[autograph]` rewrites conditions, comparisons and loops into.
//!
//! Each expression of the user is wrapped in a type of this module, and a method is called on it. The method exists three
//! times, in traits that differ in how they take the wrapper: by value, for what Rust does by itself; by reference, for
//! tensors; and by mutable reference, to say what is wrong. The compiler takes the first that applies, so code without
//! tensors is the code that was written, with its moves, its temporaries and its inference.
//!
//! What only a tensor needs stands behind a token, [`Never`] for plain conditions: its `enter` does not return, so the
//! compiler knows that plain code never comes there, and checks neither moves nor borrows in it.

#![allow(clippy::unused_self, reason = "the tokens of all kinds of control flow have the same methods")]

mod choice;
mod compare;
mod condition;
mod each;
mod held;
mod items;
mod logic;
mod plain;
mod rounds;
mod slot;
mod values;

pub use choice::{PlainChoice, TensorChoice, Tensors};
pub use compare::{
    Comparable, Compare, NoEquality, NoOrder, PlainEquality, PlainOrder, TensorEquality, TensorOrder,
};
pub use condition::{AsTensor, Condition, NoCondition, PlainCondition, TensorCondition, Truth};
pub use each::{
    Bound, Each, End, Ends, NoEach, NoEnds, PlainEach, PlainEnds, PlainRounds, Rows, TensorEach, TensorEnds,
};
pub use held::{Held, Moved, Others, PlainHeld, TensorHeld};
pub use items::{Items, TensorLoop, TensorRounds};
pub use logic::{Both, Neutral, NoBoth, PlainBoth, PlainLeft, TensorBoth, TensorLeft};
pub use plain::{PlainIf, PlainItems, PlainLeaving, PlainPart, forgotten, items, leaving, part};
pub use rounds::{Kind, Plain, Rounds, Traced};
pub use slot::{Carried, Given, NoSlot, Slot};

/// The token of what never happens to plain conditions.
#[derive(Clone, Copy, Debug)]
pub enum Never {}

impl Never {
    /// Does not return, as there is nothing to call it on.
    pub fn enter(self) -> ! {
        match self {}
    }

    /// A place that a branch may change.
    pub fn slot<T: ?Sized>(self, _: &'static str, _: &mut T) -> NoSlot {
        match self {}
    }

    /// Before a branch or a loop.
    pub fn begin<const N: usize>(self, _: [NoSlot; N]) -> bool {
        match self {}
    }

    /// Between the condition and the body of a loop.
    pub fn decide<const N: usize>(self, _: [NoSlot; N]) -> bool {
        match self {}
    }

    /// After a branch, or a round of a loop.
    pub fn next<const N: usize>(self, _: [NoSlot; N]) -> bool {
        match self {}
    }

    /// After a loop.
    pub fn finish<const N: usize>(self, _: [NoSlot; N]) {
        match self {}
    }

    /// The value of a branch that cannot be run.
    pub fn failure<V>(self) -> V {
        match self {}
    }
}
