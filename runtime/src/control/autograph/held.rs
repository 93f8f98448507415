//! A variable of the user's whose value a branch takes: a tensor is cloned, for the other branch is recorded as well.

use std::marker::PhantomData;

use super::Never;
use crate::tensor::Tensor;

/// A variable.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a, T>(pub &'a T);

/// Tensors.
pub trait TensorHeld {
    /// A clone.
    fn hold(self) -> Result<Tensor, Moved>;
}

impl TensorHeld for Held<'_, Tensor> {
    fn hold(self) -> Result<Tensor, Moved> {
        Ok(self.0.clone())
    }
}

/// The token of a tensor that is moved, which never happens.
#[derive(Clone, Copy, Debug)]
pub struct Moved(Never);

impl Moved {
    /// Does not return, as there is nothing to call it on.
    pub fn moves(self) -> ! {
        self.0.enter()
    }
}

/// Everything else.
pub trait PlainHeld<T> {
    /// Says to move it.
    fn hold(&self) -> Result<T, Others>;
}

impl<T> PlainHeld<T> for Held<'_, T> {
    fn hold(&self) -> Result<T, Others> {
        Err(Others(PhantomData))
    }
}

/// The token of a value that is moved.
#[derive(Clone, Copy, Debug)]
pub struct Others(PhantomData<()>);

impl Others {
    /// Returns, and the value is moved.
    pub fn moves(self) {}
}
