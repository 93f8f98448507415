//! A place where user code asks for control flow, and what is said of what it gives.

use crate::error::{Error, Location, OpError, Result};
use crate::graph::{constrain, is_tracing, leave_failure, type_of};
use crate::tensor::{DType, Leaves, Structure, Tensor, TensorType};

/// A call of a function of this module.
pub(super) struct Site {
    /// The function that was called.
    pub name: &'static str,
    pub location: Location,
}

impl Site {
    #[track_caller]
    pub fn new(name: &'static str) -> Self {
        Self { name, location: Location::caller() }
    }

    /// The error of the call.
    pub fn error(&self, operands: &[&Tensor], message: impl Into<String>) -> Error {
        let kind =
            |operand: &&Tensor| type_of(operand).map_or_else(|| operand.describe(), |kind| kind.to_string());
        Error::Op(Box::new(OpError {
            op: self.name.to_owned(),
            message: message.into(),
            operands: operands.iter().map(kind).collect(),
            location: self.location.clone(),
            scope: String::new(),
            calls: Vec::new(),
        }))
    }

    /// Checks that a tensor is one truth value, which `what` needs to be.
    pub fn check_truth(&self, what: &str, tensor: &Tensor) -> Result<()> {
        let tensor = tensor.clone().ok()?;
        match type_of(&tensor) {
            Some(kind) if kind.dtype == DType::Bool && kind.rank() == 0 => Ok(()),
            Some(kind) => {
                let advice = if kind.rank() > 0 {
                    "make one number of it first, with `.min()`, `.max()` or `.sum()`, or choose element by element \
                     with `.select(...)`"
                } else {
                    "compare it, for example with `.not_equal(0)`"
                };
                Err(self.error(&[&tensor], format!("{what} is one bool, not {kind}: {advice}")))
            }
            None => Err(self.error(&[&tensor], format!("{what} is one bool"))),
        }
    }

    /// The truth value, which a tensor that is being traced does not have.
    pub fn truth(&self, what: &str, tensor: &Tensor) -> Result<bool> {
        self.check_truth(what, tensor)?;
        match tensor.data().map(|data| data.elements::<bool>().map(|elements| elements.first().copied())) {
            Ok(Ok(Some(truth))) => Ok(truth),
            Ok(Ok(None) | Err(_)) => Err(self.error(&[tensor], format!("{what} is one bool"))),
            Err(_) => Err(Error::NoValue { tensor: tensor.describe(), location: self.location.clone() }),
        }
    }

    /// Checks that the state that an iteration gives is as it was before; sizes that are open become equal.
    pub fn check_state(&self, before: &Types, after: &Leaves) -> Result<()> {
        no_error(after)?;
        if let Some(difference) = layout_difference(before, after, "the state before", "the new one") {
            return Err(self.error(&[], format!("the body changes the structure of the state: {difference}; to collect a tensor of each iteration, use `scan` or `map`")));
        }
        for ((path, before), found) in before.iter().zip(after.tensors()) {
            let Some(found) = type_of(found) else { continue };
            if let Err(reason) = unify(before, &found) {
                let place = place("the state", path);
                let advice = if before.dtype == found.dtype {
                    "start with a tensor of the shape that it has in the end, or put parts into it".to_owned()
                } else {
                    let (old, new) = (before.dtype, found.dtype);
                    format!("write `.cast(DType::{old:?})` in the body, or start with {new}")
                };
                return Err(self.error(
                    &[],
                    format!(
                        "the body changes {place} from {before} to {found}{reason}; \
                         each iteration takes what the one before gave: {advice}"
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// The paths of tensors, with their types as they are known now.
pub(super) type Types = Vec<(String, TensorType)>;

/// The types of the tensors of a structure, when these tensors stand for them.
pub(super) fn types_of(leaves: &Leaves, tensors: &[Tensor]) -> Types {
    let types = leaves.paths().zip(tensors);
    types.filter_map(|(path, tensor)| Some((path.to_owned(), type_of(tensor)?))).collect()
}

/// The structure, or one whose tensors carry the error.
///
/// In a trace, an error that no tensor is there to carry fails the trace.
pub(super) fn outcome<S: Structure>(result: Result<S>, layout: Option<&Leaves>) -> S {
    result.unwrap_or_else(|error| {
        let structure = failed(&error, layout);
        carry(error, &[&Leaves::of(&structure)]);
        structure
    })
}

/// A structure whose tensors carry the error: those of `layout`, where that is known.
pub(super) fn failed<S: Structure>(error: &Error, layout: Option<&Leaves>) -> S {
    let with_error = |layout: &Leaves| {
        let tensors = layout.tensors().map(|_| Tensor::from_error(error.clone()));
        layout.with(tensors.collect::<Vec<_>>()).build::<S>().ok()
    };
    layout.and_then(with_error).unwrap_or_else(|| S::failed(error))
}

/// Makes a trace fail if there is no tensor to carry an error.
pub(super) fn carry(error: Error, leaves: &[&Leaves]) {
    if is_tracing() && leaves.iter().all(|leaves| leaves.is_empty()) {
        leave_failure(error);
    }
}

/// The first error that a tensor carries.
pub(super) fn no_error(leaves: &Leaves) -> Result<()> {
    leaves.tensors().find_map(Tensor::error).map_or(Ok(()), |error| Err(error.clone()))
}

/// Makes two types equal.
///
/// # Errors
/// What is to be said behind the two types.
pub(super) fn unify(left: &TensorType, right: &TensorType) -> Result<(), String> {
    if left.dtype != right.dtype || left.rank() != right.rank() {
        return Err(String::new());
    }
    for (left, right) in left.shape.iter().zip(right.shape.iter()) {
        let concrete = left.constant().is_some() && right.constant().is_some();
        constrain(|constraints| constraints.equal(left, right))
            .map_err(|message| if concrete { String::new() } else { format!(" ({message})") })?;
    }
    Ok(())
}

/// How the tensors of two structures differ, if they do not stand at the same places.
pub(super) fn layout_difference(
    left: &Types,
    right: &Leaves,
    left_name: &str,
    right_name: &str,
) -> Option<String> {
    let right: Vec<&str> = right.paths().collect();
    let name = |path: &str| if path.is_empty() { "itself".to_owned() } else { format!("at `{path}`") };
    let missing = |path: &str, has: &str, not: &str| {
        Some(format!("{has} has a tensor {}, and {not} has none there", name(path)))
    };
    let left: Vec<&str> = left.iter().map(|(path, _)| path.as_str()).collect();
    if let Some(path) = left.iter().find(|path| !right.contains(path)) {
        return missing(path, left_name, right_name);
    }
    if let Some(path) = right.iter().find(|path| !left.contains(path)) {
        return missing(path, right_name, left_name);
    }
    (left != right).then(|| "the order of its parts".to_owned())
}

/// The words for a tensor of a structure.
pub(super) fn place(whole: &str, path: &str) -> String {
    if path.is_empty() { whole.to_owned() } else { format!("`{path}` of {whole}") }
}
