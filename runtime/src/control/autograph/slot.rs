//! What branches and loops change and give.

use crate::error::{Error, Result};
use crate::tensor::{Leaves, Structure};

/// A variable that a branch or a loop may change, where a tensor decides.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is changed where a tensor decides, and is no structure of tensors",
    label = "not made of tensors",
    note = "a branch or a loop that a tensor decides changes tensors and structures of tensors: make it a `Tensor` (`Tensor::from(…)`), derive `Structure`, or change it outside; a variable that is only read needs no `mut`"
)]
pub trait Carried {
    /// The tensors in it.
    fn leaves(&self) -> Leaves;
    /// Puts other tensors in.
    ///
    /// # Errors
    /// If they are others than it needs.
    fn set(&mut self, leaves: Leaves) -> Result<()>;
    /// Makes it carry an error.
    fn fail(&mut self, error: &Error);
}

#[diagnostic::do_not_recommend]
impl<T: Structure> Carried for T {
    fn leaves(&self) -> Leaves {
        Leaves::of(self)
    }

    fn set(&mut self, leaves: Leaves) -> Result<()> {
        *self = leaves.build()?;
        Ok(())
    }

    fn fail(&mut self, error: &Error) {
        *self = T::failed(error);
    }
}

/// What both branches give, where a tensor decides.
#[diagnostic::on_unimplemented(
    message = "an `if` on a tensor cannot give `{Self}`",
    label = "not made of tensors",
    note = "both branches give tensors or structures of tensors: write `Tensor::from(…)` for a number, `.clone()` for a reference"
)]
pub trait Given: Structure {}

#[diagnostic::do_not_recommend]
impl<T: Structure> Given for T {}

/// A variable with its name.
pub struct Slot<'a> {
    pub(super) name: &'static str,
    pub(super) place: &'a mut dyn Carried,
}

impl<'a> Slot<'a> {
    pub(super) fn new<T: Carried>(name: &'static str, place: &'a mut T) -> Self {
        Self { name, place }
    }
}

/// A variable where no tensor decides.
#[derive(Clone, Copy, Debug)]
pub struct NoSlot(super::Never);

/// Makes all of them carry an error.
pub(super) fn fail(slots: &mut [Slot<'_>], error: &Error) {
    for slot in slots {
        slot.place.fail(error);
    }
}
