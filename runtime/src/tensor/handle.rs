//! The tensor handle.

use super::data::Data;
use super::dtype::DType;
use super::shape::{Shape, TensorType};
use crate::error::{Error, Location, OpError, Result};

/// A value: concrete, being traced, or failed.
///
/// A tensor is cheap to clone. The same code runs on concrete tensors and on tensors that are being traced: an op on
/// concrete tensors computes at once, an op with a traced operand is recorded. An op on operands it does not take gives
/// a tensor that carries the error; whatever is computed from it carries the same error, and whoever reads the result
/// (`to_array`, `save`, `fit`, …) gets it as `Err`, with the op, the shapes and the place in user code.
///
/// ```
/// use holotype::prelude::*;
///
/// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
/// let y = (&x * 2.0 + 1.0).sum_axis(0);
/// assert_eq!(y.to_vec::<f32>()?, [10.0, 14.0]);
///
/// let wrong = x.matmul(&Tensor::from([1.0_f32, 2.0, 3.0])) + 1.0;
/// assert!(wrong.to_vec::<f32>().unwrap_err().to_string().contains("matmul"));
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor(Repr);

/// What a tensor is.
#[derive(Clone)]
pub(crate) enum Repr {
    Concrete(Data),
    Symbolic(Symbolic),
    Failed(Box<Error>),
}

/// A value of a function that is being traced.
#[derive(Clone)]
pub(crate) struct Symbolic {
    /// The number of the function under construction; unique in the process.
    pub builder: u64,
    /// The index of the value in that function.
    pub value: u32,
    /// The type when the tensor was made; the trace may have refined it since.
    pub kind: TensorType,
}

impl Tensor {
    /// The tensor with these contents.
    pub fn from_data(data: Data) -> Self {
        Self(Repr::Concrete(data))
    }

    /// A tensor that carries an error.
    pub fn from_error(error: Error) -> Self {
        Self(Repr::Failed(Box::new(error)))
    }

    pub(crate) fn from_symbolic(symbolic: Symbolic) -> Self {
        Self(Repr::Symbolic(symbolic))
    }

    /// A tensor that carries the error of an op on the operands.
    pub(crate) fn failed(
        op: &str,
        operands: &[&Self],
        message: impl Into<String>,
        location: Location,
    ) -> Self {
        if let Some(error) = operands.iter().find_map(|operand| operand.error()) {
            return Self::from_error(error.clone());
        }
        Self::from_error(Error::Op(Box::new(OpError {
            op: op.to_owned(),
            message: message.into(),
            operands: operands.iter().map(|operand| operand.describe()).collect(),
            location,
            scope: String::new(),
            calls: Vec::new(),
        })))
    }

    /// The tensor, with an error of the op `inner` as an error of `op`, the method that applies it.
    pub(crate) fn failing_as(self, inner: &str, op: &str) -> Self {
        let renamed = match self.error() {
            Some(Error::Op(error)) if error.op == inner => {
                Error::Op(Box::new(OpError { op: op.to_owned(), ..error.as_ref().clone() }))
            }
            Some(Error::Check { message, location }) => match message.strip_prefix(inner) {
                Some(rest) if rest.starts_with(':') => {
                    Error::Check { message: format!("{op}{rest}"), location: location.clone() }
                }
                _ => return self,
            },
            _ => return self,
        };
        Self::from_error(renamed)
    }

    pub(crate) fn repr(&self) -> &Repr {
        &self.0
    }

    /// The error the tensor carries, if an op before failed.
    pub fn error(&self) -> Option<&Error> {
        match &self.0 {
            Repr::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// The tensor, or the error it carries.
    pub fn ok(self) -> Result<Self> {
        match self.0 {
            Repr::Failed(error) => Err(*error),
            repr => Ok(Self(repr)),
        }
    }

    /// The tensor; if it carries the error of an op, with the call that the op was called in.
    pub(crate) fn in_call(mut self, call: &str) -> Self {
        if let Repr::Failed(error) = &mut self.0
            && let Error::Op(error) = error.as_mut()
        {
            error.calls.push(call.to_owned());
        }
        self
    }

    /// Whether the tensor is a value of a trace in progress.
    pub fn is_symbolic(&self) -> bool {
        matches!(self.0, Repr::Symbolic(_))
    }

    /// The dtype; of a tensor that carries an error, `f32`.
    pub fn dtype(&self) -> DType {
        match &self.0 {
            Repr::Concrete(data) => data.dtype(),
            Repr::Symbolic(symbolic) => symbolic.kind.dtype,
            Repr::Failed(_) => DType::F32,
        }
    }

    /// The type as it was when the tensor was made.
    pub(crate) fn initial_type(&self) -> Option<TensorType> {
        match &self.0 {
            Repr::Concrete(data) => Some(TensorType::new(data.dtype(), Shape::from(data.sizes()))),
            Repr::Symbolic(symbolic) => Some(symbolic.kind.clone()),
            Repr::Failed(_) => None,
        }
    }

    /// The type, printed: `[2, ?; f32]`.
    pub fn describe(&self) -> String {
        self.initial_type().map_or_else(|| "an error".to_owned(), |kind| kind.to_string())
    }

    /// The contents.
    ///
    /// # Errors
    /// The error the tensor carries, or [`Error::NoValue`] for a tensor that is being traced.
    #[track_caller]
    pub fn data(&self) -> Result<&Data> {
        match &self.0 {
            Repr::Concrete(data) => Ok(data),
            Repr::Failed(error) => Err((**error).clone()),
            Repr::Symbolic(symbolic) => {
                Err(Error::NoValue { tensor: symbolic.kind.to_string(), location: Location::caller() })
            }
        }
    }

    /// The contents, moved out of the handle.
    ///
    /// # Errors
    /// As [`Tensor::data`].
    #[track_caller]
    pub fn into_data(self) -> Result<Data> {
        match self.0 {
            Repr::Concrete(data) => Ok(data),
            other => Self(other).data().cloned(),
        }
    }
}

impl From<Data> for Tensor {
    fn from(data: Data) -> Self {
        Self::from_data(data)
    }
}

impl From<Result<Tensor>> for Tensor {
    /// An error becomes a tensor that carries it.
    fn from(result: Result<Tensor>) -> Self {
        result.unwrap_or_else(Self::from_error)
    }
}
