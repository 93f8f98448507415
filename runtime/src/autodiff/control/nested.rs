//! The gradient of an `unwind` also through the state of its loop: the `unwind` as loops that can be differentiated again.
//!
//! What goes back over the states of a loop is itself a loop, which counts down and runs the first iterations again for each
//! state. That takes time for the square of the number of iterations and, as the number is counted, no memory.

use super::{Site, call_backward, function, gone, parameters, push};
use crate::autodiff::cotangents::Cotangents;
use crate::autodiff::function::Derivatives;
use crate::error::{Location, Result};
use crate::graph::{FunctionId, Operation, Origin, base_name, record_call, record_function, type_of};
use crate::tensor::{DType, Shape, Tensor, TensorType};

/// Adds the gradients that flow through an `unwind`.
pub(super) fn differentiate(
    site: &Site<'_>,
    callees: [FunctionId; 3],
    [state, gradients]: [u32; 2],
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let node = site.node;
    let types = site.operand_types()?;
    let states = state as usize;
    let name = base_name(&function(callees[1])?.name).to_owned();
    let rest = types.len().saturating_sub(gradients as usize);
    let loops = Loops { name, location: &node.location, callees, types, states, rest };
    let expanded = loops.expanded()?;

    let wanted = vec![true; node.results.len()];
    let derivative = derivatives.of(expanded, &site.sources(site.active()), &wanted)?;
    let mut residuals = record_call(derivative.forward, &site.operands()?, &[], &node.location)?;
    let residuals = residuals.split_off(wanted.len().min(residuals.len()));
    let given: Vec<Tensor> =
        node.results.iter().map(|&result| site.gradient(result, cotangents)).collect::<Result<_>>()?;
    let found = call_backward(&derivative, &given, &residuals, node)?;
    for (index, gradient) in found.inputs {
        site.add(cotangents, index, gradient)?;
    }
    for (variable, gradient) in found.variables {
        site.add_variable(cotangents, variable, gradient)?;
    }
    Ok(())
}

/// An `unwind`: its functions, and the types of its state, of what stays the same, and of its gradients.
struct Loops<'a> {
    name: String,
    location: &'a Location,
    callees: [FunctionId; 3],
    types: Vec<TensorType>,
    /// The number of tensors of the state.
    states: usize,
    /// The number of those and of the tensors that stay the same.
    rest: usize,
}

/// The operands of a function by their lengths.
fn parts<const N: usize>(mut operands: &[Tensor], lengths: [usize; N]) -> [&[Tensor]; N] {
    lengths.map(|length| {
        let (part, others) = operands.split_at(length.min(operands.len()));
        operands = others;
        part
    })
}

impl Loops<'_> {
    fn count() -> TensorType {
        TensorType::new(DType::I64, Shape::new(Vec::new()))
    }

    fn record(
        &self,
        name: &str,
        types: Vec<TensorType>,
        body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
    ) -> Result<FunctionId> {
        let origin = Origin::Derived("gradient of a loop".into());
        let name = format!("{}.{name}", self.name);
        Ok(record_function(&name, origin, parameters(types), self.location, body)?.function)
    }

    fn call(&self, callee: FunctionId, operands: &[&[Tensor]]) -> Result<Vec<Tensor>> {
        record_call(callee, &operands.concat(), &[], self.location)
    }

    fn state(&self) -> &[TensorType] {
        &self.types[..self.states]
    }

    fn constant(&self) -> &[TensorType] {
        &self.types[self.states..self.rest]
    }

    fn gradients(&self) -> &[TensorType] {
        &self.types[self.rest..]
    }

    /// A loop in the innermost function.
    fn repeat(
        [condition, body]: [FunctionId; 2],
        state: &[&[Tensor]],
        constant: &[&[Tensor]],
    ) -> Result<Vec<Tensor>> {
        let state = state.concat();
        let kinds =
            state.iter().map(|tensor| type_of(tensor).ok_or_else(gone)).collect::<Result<Vec<_>>>()?;
        let count = u32::try_from(state.len()).map_err(|_| gone())?;
        push(Operation::While { condition, body, state: count }, &[state, constant.concat()].concat(), kinds)
    }

    /// Takes the operands of the `unwind`, and gives its results.
    fn expanded(&self) -> Result<FunctionId> {
        let (counting, back) = (self.counting()?, self.back()?);
        let zero = [Tensor::from(0_i64)];
        let (states, constants, gradients) = (self.states, self.constant().len(), self.gradients().len());
        self.record("again", self.types.clone(), |operands| {
            let [first, constant, gradient] = parts(operands, [states, constants, gradients]);
            let counted = Self::repeat(counting, &[&zero, first], &[constant])?;
            let found =
                Self::repeat(back, &[&counted[..counted.len().min(1)], gradient], &[first, constant])?;
            Ok(found.into_iter().skip(1).collect())
        })
    }

    /// The loop, with the number of its iterations as the first tensor of its state.
    fn counting(&self) -> Result<[FunctionId; 2]> {
        let [condition, body, _] = self.callees;
        let (states, constants) = (self.states, self.constant().len());
        let types = || [&[Self::count()], self.state(), self.constant()].concat();
        let holds = self.record("counting.condition", types(), |operands| {
            let [_, state, constant] = parts(operands, [1, states, constants]);
            self.call(condition, &[state, constant])
        })?;
        let next = self.record("counting", types(), |operands| {
            let [count, state, constant] = parts(operands, [1, states, constants]);
            let next = self.call(body, &[state, constant])?;
            Ok(count.iter().map(|count| count + 1_i64).chain(next).collect())
        })?;
        Ok([holds, next])
    }

    /// The loop, ended after a number of iterations, the first tensor that stays the same.
    fn until(&self) -> Result<[FunctionId; 2]> {
        let [_, body, _] = self.callees;
        let (states, constants) = (self.states, self.constant().len());
        let types = || [&[Self::count()], self.state(), &[Self::count()], self.constant()].concat();
        let holds = self.record("until.condition", types(), |operands| {
            let [count, _, end] = parts(operands, [1, states, 1]);
            Ok(count.iter().zip(end).map(|(count, end)| count.less(end)).collect())
        })?;
        let next = self.record("until", types(), |operands| {
            let [count, state, _, constant] = parts(operands, [1, states, 1, constants]);
            let next = self.call(body, &[state, constant])?;
            Ok(count.iter().map(|count| count + 1_i64).chain(next).collect())
        })?;
        Ok([holds, next])
    }

    /// The loop over the gradients, with the number of iterations that are left.
    fn back(&self) -> Result<[FunctionId; 2]> {
        let [_, _, step] = self.callees;
        let until = self.until()?;
        let zero = [Tensor::from(0_i64)];
        let (states, constants, gradients) = (self.states, self.constant().len(), self.gradients().len());
        let types = || [&[Self::count()], self.gradients(), self.state(), self.constant()].concat();
        let holds = self.record("back.condition", types(), |operands| {
            let [count] = parts(operands, [1]);
            Ok(count.iter().map(|count| count.greater(0_i64)).collect())
        })?;
        let next = self.record("back", types(), |operands| {
            let [count, gradient, first, constant] = parts(operands, [1, gradients, states, constants]);
            let left: Vec<Tensor> = count.iter().map(|count| count - 1_i64).collect();
            let mut before = Self::repeat(until, &[&zero, first], &[&left, constant])?;
            let before = before.split_off(before.len().min(1));
            let gradient = self.call(step, &[&before, constant, gradient])?;
            Ok(left.into_iter().chain(gradient).collect())
        })?;
        Ok([holds, next])
    }
}
