//! Code that has been recorded as a function together with its derivative.

use super::activity::Sources;
use super::function::{Derivative, Derivatives};
use crate::error::{Location, Result};
use crate::graph::{Origin, Recorded, record_call, record_function, type_of, with_active};
use crate::tensor::{Tensor, TensorType};

/// Code applied to tensors in a trace, ready to turn gradients of its results into gradients of its operands.
pub struct Linearized {
    /// What the code gives.
    pub outputs: Vec<Tensor>,
    operands: Vec<Tensor>,
    wanted: Vec<bool>,
    derivative: Option<Derivative>,
    residuals: Vec<Tensor>,
    location: Location,
}

/// Runs code on tensors in the trace in progress and differentiates it with respect to the float ones among them.
///
/// What the code uses besides, tensors from outside and variables, counts as constant.
///
/// # Errors
/// What the code says, and where something in it has no gradient that could be taken.
pub fn linearize(
    name: &str,
    operands: &[(String, Tensor)],
    location: &Location,
    code: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
) -> Result<Linearized> {
    let inputs: Vec<(String, TensorType)> = operands
        .iter()
        .map(|(name, tensor)| {
            let tensor = tensor.clone().ok()?;
            Ok((
                name.clone(),
                type_of(&tensor).unwrap_or_else(|| TensorType::new(tensor.dtype(), tensor.shape())),
            ))
        })
        .collect::<Result<_>>()?;
    let float: Vec<bool> = inputs.iter().map(|(_, kind)| kind.dtype.is_float()).collect();
    let mut wanted = Vec::new();
    let Recorded { function, captured } =
        record_function(name, Origin::Derived(name.to_owned()), inputs, location, |parameters| {
            let outputs = code(parameters)?;
            wanted = outputs.iter().map(|output| output.dtype().is_float()).collect();
            Ok(outputs)
        })?;
    let operands: Vec<Tensor> = operands.iter().map(|(_, tensor)| tensor.clone()).collect();
    let mut inputs = float.clone();
    inputs.extend(captured.iter().map(|_| false));
    let sources = Sources { inputs, ..Sources::default() };
    let derivative = if float.contains(&true) && wanted.contains(&true) {
        let around = with_active(|construction| construction.location.replace(location.clone())).flatten();
        let derivative = Derivatives::default().of(function, &sources, &wanted);
        with_active(|construction| construction.location = around);
        Some(derivative?)
    } else {
        None
    };
    let forward = derivative.as_ref().map_or(function, |derivative| derivative.forward);
    let mut outputs = record_call(forward, &operands, &captured, location)?;
    let residuals = outputs.split_off(wanted.len().min(outputs.len()));
    Ok(Linearized { outputs, operands, wanted, derivative, residuals, location: location.clone() })
}

impl Linearized {
    /// The gradients of the operands for gradients of the outputs; zeros for what no gradient flows to.
    ///
    /// # Errors
    /// If a gradient carries an error or is no value of the trace.
    pub fn pull(&self, gradients: &[Tensor]) -> Result<Vec<Tensor>> {
        let mut result: Vec<Tensor> = self.operands.iter().map(Tensor::zeros_like).collect();
        if let Some(derivative) = &self.derivative {
            let wanted = gradients.iter().zip(&self.wanted).filter(|(_, wanted)| **wanted);
            let operands: Vec<Tensor> =
                wanted.map(|(gradient, _)| gradient.clone()).chain(self.residuals.iter().cloned()).collect();
            let found = record_call(derivative.backward, &operands, &[], &self.location)?;
            for (&index, gradient) in derivative.inputs.iter().zip(found) {
                if let Some(place) = result.get_mut(index) {
                    *place = gradient;
                }
            }
        }
        Ok(result)
    }
}
