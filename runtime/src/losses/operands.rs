//! What losses compare: targets and outputs that fit each other.

use crate::error::Location;
use crate::graph::{constrain, type_of};
use crate::tensor::{DType, Shape, Tensor, TensorType};

/// What is true and what a model says, if they have the same float dtype and the same shape; two tensors that carry an error
/// if they have not. `f16` and `bf16` come back as `f32`, so that sums and logarithms of them are of use.
///
/// Losses use it because tensors of different shapes can often be computed with: `[batch] - [batch, 1]` is
/// `[batch, batch]` by NumPy's rules, and a loss of that compares every sample with every other.
///
/// ```
/// use holotype::losses::paired;
/// use holotype::prelude::*;
/// let (t, p) = paired("my_loss", &Tensor::zeros([4]), &Tensor::zeros([4, 1]));
/// assert!(t.error().unwrap().to_string().contains("the targets have rank 1, and the output has rank 2"));
/// assert!(p.error().is_some());
/// ```
#[track_caller]
pub fn paired(loss: &str, y_true: &Tensor, y_pred: &Tensor) -> (Tensor, Tensor) {
    let check = |targets: &TensorType, output: &TensorType| {
        float(output)?;
        if targets.dtype != output.dtype {
            let dtype = output.dtype;
            return Err(format!(
                "the targets are {}, and the output is {dtype}: convert the targets with `.cast(DType::{dtype:?})`",
                targets.dtype
            ));
        }
        let (rank, expected) = (targets.rank(), output.rank());
        if rank != expected {
            return Err(format!(
                "the targets have rank {rank}, and the output has rank {expected}: give the targets the shape of the \
                 output, with `.reshape(...)` or `.expand_dims(-1)`"
            ));
        }
        same_sizes(&targets.shape, &output.shape)
    };
    checked(loss, y_true, y_pred, Location::caller(), check)
}

/// Labels, and scores as [`paired`] gives them, if the labels are integers that have the shape of the scores without
/// the last dimension, which counts classes; two tensors that carry an error if not.
///
/// The values of the labels are not looked at.
#[track_caller]
pub fn labelled(loss: &str, y_true: &Tensor, y_pred: &Tensor) -> (Tensor, Tensor) {
    let check = |labels: &TensorType, scores: &TensorType| {
        float(scores)?;
        if !labels.dtype.is_int() {
            return Err(format!(
                "the labels are {}: give integers from 0 on, which `.cast(DType::I64)` makes of whole numbers",
                labels.dtype
            ));
        }
        let (rank, classes) = (labels.rank(), scores.rank());
        match scores.shape.split_last() {
            Some((_, rows)) if rows.len() == rank => same_sizes(&labels.shape, &rows.into()),
            _ => Err(format!(
                "the labels have rank {rank}, and the output has rank {classes}: give the labels the shape of the output \
                 without its last dimension, which counts classes (`.squeeze(-1)` takes a last dimension of 1 away)"
            )),
        }
    };
    checked(loss, y_true, y_pred, Location::caller(), check)
}

fn checked(
    loss: &str,
    y_true: &Tensor,
    y_pred: &Tensor,
    location: Location,
    check: impl FnOnce(&TensorType, &TensorType) -> Result<(), String>,
) -> (Tensor, Tensor) {
    let result = match (type_of(y_true), type_of(y_pred)) {
        (Some(targets), Some(output)) => check(&targets, &output),
        // One of them carries an error, which is what comes out.
        _ => Err(String::new()),
    };
    match result {
        Ok(()) => (wide(y_true), wide(y_pred)),
        Err(message) => {
            let failed = Tensor::failed(loss, &[y_true, y_pred], message, location);
            (failed.clone(), failed)
        }
    }
}

fn float(output: &TensorType) -> Result<(), String> {
    match output.dtype {
        dtype if dtype.is_float() => Ok(()),
        dtype => Err(format!("the output is {dtype}: a model that is trained gives floats")),
    }
}

fn same_sizes(targets: &Shape, output: &Shape) -> Result<(), String> {
    for (axis, (own, expected)) in targets.iter().zip(output.iter()).enumerate() {
        constrain(|constraints| constraints.equal(own, expected)).map_err(|message| {
            format!("dimension {axis} of the targets is not that of the output: {message}")
        })?;
    }
    Ok(())
}

/// Halves as `f32`.
fn wide(x: &Tensor) -> Tensor {
    match x.dtype() {
        DType::F16 | DType::BF16 => x.cast(DType::F32),
        _ => x.clone(),
    }
}
