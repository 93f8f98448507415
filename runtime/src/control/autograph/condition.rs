//! A condition: a `bool`, or a tensor.

use super::choice::{PlainChoice, TensorChoice};
use super::logic::{Neutral, PlainLeft, TensorLeft};
use super::rounds::{Plain, Rounds, Traced};
use crate::graph::Variable;
use crate::tensor::Tensor;

/// What is a tensor, or holds one that can be read.
pub trait AsTensor {
    /// The tensor.
    #[track_caller]
    fn as_tensor(&self) -> Tensor;
}

impl AsTensor for Tensor {
    fn as_tensor(&self) -> Tensor {
        self.clone()
    }
}

impl AsTensor for Variable {
    #[track_caller]
    fn as_tensor(&self) -> Tensor {
        self.value()
    }
}

#[diagnostic::do_not_recommend]
impl<T: AsTensor + ?Sized> AsTensor for &T {
    #[track_caller]
    fn as_tensor(&self) -> Tensor {
        (**self).as_tensor()
    }
}

/// The value of a condition, or of an operand of `&&`, `||` and `!`.
#[derive(Clone, Copy, Debug)]
pub struct Condition<'a, C: ?Sized>(pub &'a C);

/// Conditions of Rust.
pub trait PlainCondition {
    /// Chooses a branch.
    fn choose(self) -> PlainChoice;
    /// Whether a loop goes on.
    fn repeat(self, rounds: &Rounds<Plain>) -> bool;
    /// The left side of `&&`.
    fn and(self) -> PlainLeft;
    /// The left side of `||`.
    fn or(self) -> PlainLeft;
    /// The opposite.
    fn not(self) -> bool;
}

impl PlainCondition for Condition<'_, bool> {
    fn choose(self) -> PlainChoice {
        PlainChoice::new(*self.0)
    }

    fn repeat(self, _: &Rounds<Plain>) -> bool {
        *self.0
    }

    fn and(self) -> PlainLeft {
        PlainLeft::new(*self.0, Neutral::True)
    }

    fn or(self) -> PlainLeft {
        PlainLeft::new(*self.0, Neutral::False)
    }

    fn not(self) -> bool {
        !*self.0
    }
}

/// Conditions of graphs.
pub trait TensorCondition {
    /// Runs the branch that is chosen, or records both.
    #[track_caller]
    fn choose(&self) -> TensorChoice;
    /// Whether a loop goes on; while it is recorded, it does.
    #[track_caller]
    fn repeat(&self, rounds: &Rounds<Traced>) -> bool;
    /// The left side of `&&`.
    #[track_caller]
    fn and(&self) -> TensorLeft;
    /// The left side of `||`.
    #[track_caller]
    fn or(&self) -> TensorLeft;
    /// The opposite.
    #[track_caller]
    fn not(&self) -> Tensor;
}

impl<C: AsTensor + ?Sized> TensorCondition for Condition<'_, C> {
    #[track_caller]
    fn choose(&self) -> TensorChoice {
        TensorChoice::new(&self.0.as_tensor())
    }

    #[track_caller]
    fn repeat(&self, rounds: &Rounds<Traced>) -> bool {
        rounds.holds(self.0.as_tensor())
    }

    #[track_caller]
    fn and(&self) -> TensorLeft {
        TensorLeft::new(self.0.as_tensor(), Neutral::True)
    }

    #[track_caller]
    fn or(&self) -> TensorLeft {
        TensorLeft::new(self.0.as_tensor(), Neutral::False)
    }

    #[track_caller]
    fn not(&self) -> Tensor {
        self.0.as_tensor().logical_not()
    }
}

/// What neither Rust nor a graph decides by.
pub trait NoCondition<C: ?Sized> {
    /// Refuses to choose.
    fn choose(&mut self) -> PlainChoice
    where
        C: Truth;
    /// Refuses to repeat.
    fn repeat(&mut self, rounds: &Rounds<Plain>) -> bool
    where
        C: Truth;
    /// Refuses `&&`.
    fn and(&mut self) -> PlainLeft
    where
        C: Truth;
    /// Refuses `||`.
    fn or(&mut self) -> PlainLeft
    where
        C: Truth;
    /// Refuses `!`.
    fn not(&mut self) -> bool
    where
        C: Truth;
}

impl<C: ?Sized> NoCondition<C> for Condition<'_, C> {
    fn choose(&mut self) -> PlainChoice
    where
        C: Truth,
    {
        PlainChoice::new(self.0.truth())
    }

    fn repeat(&mut self, _: &Rounds<Plain>) -> bool
    where
        C: Truth,
    {
        self.0.truth()
    }

    fn and(&mut self) -> PlainLeft
    where
        C: Truth,
    {
        PlainLeft::new(self.0.truth(), Neutral::True)
    }

    fn or(&mut self) -> PlainLeft
    where
        C: Truth,
    {
        PlainLeft::new(self.0.truth(), Neutral::False)
    }

    fn not(&mut self) -> bool
    where
        C: Truth,
    {
        !self.0.truth()
    }
}

/// What is true or false.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no condition",
    label = "neither a `bool` nor a tensor",
    note = "a condition is a `bool`, or a `Tensor` or `Variable` of `bool` without dimensions"
)]
pub trait Truth {
    /// Which of the two.
    fn truth(&self) -> bool;
}

#[diagnostic::do_not_recommend]
impl Truth for bool {
    fn truth(&self) -> bool {
        *self
    }
}
