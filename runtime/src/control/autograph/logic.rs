//! `&&` and `||`, whose right side Rust computes only if the left one leaves it open.

use super::condition::AsTensor;
use crate::tensor::Tensor;

/// The left value that leaves the result to the right one: true for `&&`, false for `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neutral {
    /// `&&`
    True,
    /// `||`
    False,
}

/// A `bool` on the left.
#[derive(Clone, Copy, Debug)]
pub struct PlainLeft {
    value: bool,
    neutral: Neutral,
}

impl PlainLeft {
    pub(super) fn new(value: bool, neutral: Neutral) -> Self {
        Self { value, neutral }
    }

    /// Whether the right side is needed.
    pub fn open(self) -> bool {
        self.value == (self.neutral == Neutral::True)
    }

    /// The result where the right side is not needed.
    pub fn closed<R: FromTruth>(self) -> R {
        R::from_truth(self.value)
    }
}

/// A tensor on the left; both sides are computed.
#[derive(Clone)]
pub struct TensorLeft {
    value: Tensor,
    neutral: Neutral,
}

impl TensorLeft {
    pub(super) fn new(value: Tensor, neutral: Neutral) -> Self {
        Self { value, neutral }
    }

    /// Always.
    pub fn open(&self) -> bool {
        true
    }

    /// Not asked for.
    pub fn closed(self) -> Tensor {
        self.value
    }

    #[track_caller]
    fn with(&self, right: Tensor) -> Tensor {
        match self.neutral {
            Neutral::True => self.value.logical_and(right),
            Neutral::False => self.value.logical_or(right),
        }
    }
}

/// What a `bool` may become.
pub trait FromTruth {
    /// From a `bool`.
    fn from_truth(value: bool) -> Self;
}

impl FromTruth for bool {
    fn from_truth(value: bool) -> Self {
        value
    }
}

impl FromTruth for Tensor {
    fn from_truth(value: bool) -> Self {
        Self::scalar(value)
    }
}

/// Both sides, the left one leaving the result open.
#[derive(Clone, Copy, Debug)]
pub struct Both<'a, L, R: ?Sized>(pub &'a L, pub &'a R);

/// Two `bool`s.
pub trait PlainBoth {
    /// The result.
    fn join(self) -> bool;
}

impl PlainBoth for Both<'_, PlainLeft, bool> {
    fn join(self) -> bool {
        *self.1
    }
}

/// A tensor on one side.
pub trait TensorBoth {
    /// The result.
    #[track_caller]
    fn join(&self) -> Tensor;
}

impl<R: AsTensor + ?Sized> TensorBoth for Both<'_, PlainLeft, R> {
    #[track_caller]
    fn join(&self) -> Tensor {
        self.1.as_tensor()
    }
}

impl<R: AsTensor + ?Sized> TensorBoth for Both<'_, TensorLeft, R> {
    #[track_caller]
    fn join(&self) -> Tensor {
        self.0.with(self.1.as_tensor())
    }
}

/// A tensor on the left and something else on the right.
pub trait NoBoth<R: ?Sized> {
    /// The result with a `bool`.
    #[track_caller]
    fn join(&mut self) -> Tensor
    where
        R: super::Truth;
}

impl<L: Left, R: ?Sized> NoBoth<R> for Both<'_, L, R> {
    #[track_caller]
    fn join(&mut self) -> Tensor
    where
        R: super::Truth,
    {
        self.0.with_truth(self.1.truth())
    }
}

/// A left side of either kind.
pub trait Left {
    /// The result with a `bool` on the right.
    #[track_caller]
    fn with_truth(&self, right: bool) -> Tensor;
}

impl Left for PlainLeft {
    fn with_truth(&self, right: bool) -> Tensor {
        Tensor::scalar(right)
    }
}

impl Left for TensorLeft {
    #[track_caller]
    fn with_truth(&self, right: bool) -> Tensor {
        self.with(Tensor::scalar(right))
    }
}
