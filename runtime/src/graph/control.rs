//! The types of control flow: what loops and branches take and give.

use super::function::{Function, FunctionId, Operation};
use crate::tensor::{DType, Dim, Shape, TensorType};

/// The types of the results of a loop or branch for operands of these types.
///
/// # Errors
/// If the functions it runs do not take or give what they have to, in words.
pub(super) fn control_types<'g>(
    operation: &Operation,
    operands: &[TensorType],
    function: &dyn Fn(FunctionId) -> Result<&'g Function, String>,
) -> Result<Vec<TensorType>, String> {
    let rule = Rule { operation, operands, function };
    match operation {
        Operation::Case(branches) => rule.case(branches),
        Operation::While { condition, body, state } => {
            let [state, _, _] = rule.parts([*state, 0, 0])?;
            rule.repeat(*condition, *body, state, operands)?;
            Ok(state.to_vec())
        }
        Operation::Scan { body, state, inputs, length, .. } => rule.scan(*body, *state, *inputs, length),
        Operation::Unwind { condition, body, step, state, gradients } => {
            let rest = u32::try_from(operands.len())
                .ok()
                .and_then(|count| count.checked_sub(*state).and_then(|count| count.checked_sub(*gradients)));
            let [state, _, gradients] = rule.parts([*state, rest.unwrap_or(u32::MAX), *gradients])?;
            rule.repeat(*condition, *body, state, &operands[..operands.len() - gradients.len()])?;
            let step = rule.taking(*step, operands)?;
            rule.giving(step, gradients)?;
            Ok(gradients.to_vec())
        }
        _ => Err(format!("{} is no control flow", operation.name())),
    }
}

struct Rule<'a, 'g> {
    operation: &'a Operation,
    operands: &'a [TensorType],
    function: &'a dyn Fn(FunctionId) -> Result<&'g Function, String>,
}

impl<'a, 'g> Rule<'a, 'g> {
    fn case(&self, branches: &[FunctionId]) -> Result<Vec<TensorType>, String> {
        let Some((index, rest)) = self.operands.split_first() else {
            return Err("case takes an index and the operands of its branches, not 0 operands".into());
        };
        if *index != TensorType::new(DType::I32, Shape::from(())) {
            return Err(format!("case takes an index [; i32], not {index:#}"));
        }
        let Some((first, others)) = branches.split_first() else {
            return Err("case has no branches".into());
        };
        let first = self.taking(*first, rest)?;
        let results: Vec<TensorType> = first.output_types().cloned().collect();
        for branch in others {
            self.giving(self.taking(*branch, rest)?, &results)?;
        }
        Ok(results)
    }

    fn repeat(
        &self,
        condition: FunctionId,
        body: FunctionId,
        state: &[TensorType],
        operands: &[TensorType],
    ) -> Result<(), String> {
        let condition = self.taking(condition, operands)?;
        self.giving(condition, &[TensorType::new(DType::Bool, Shape::from(()))])?;
        let body = self.taking(body, operands)?;
        self.giving(body, state)
    }

    fn scan(
        &self,
        body: FunctionId,
        state: u32,
        inputs: u32,
        length: &Dim,
    ) -> Result<Vec<TensorType>, String> {
        if length.constant().is_some_and(|length| length < 0) {
            return Err(format!("scan has the impossible length {length:#}"));
        }
        let [state, inputs, _] = self.parts([state, inputs, 0])?;
        let rest = &self.operands[state.len() + inputs.len()..];
        let mut items = Vec::with_capacity(inputs.len());
        for input in inputs {
            match input.shape.split_first() {
                Some((first, item)) if first == length => items.push(input.with_shape(item)),
                _ => {
                    return Err(format!("scan takes an input apart that has no {length:#} items: {input:#}"));
                }
            }
        }
        let body = self.taking(body, &[state, &items, rest].concat())?;
        let mut outputs = body.output_types();
        if !state.iter().all(|kind| outputs.next() == Some(kind)) {
            return Err(self.gives(body, state));
        }
        let stacked = outputs.map(|output| {
            let dims = std::iter::once(length).chain(output.shape.iter()).cloned();
            TensorType::new(output.dtype, dims.collect())
        });
        Ok(state.iter().cloned().chain(stacked).collect())
    }

    /// The operands in parts of these sizes; what is left over belongs to no part.
    fn parts(&self, sizes: [u32; 3]) -> Result<[&'a [TensorType]; 3], String> {
        let mut rest = self.operands;
        let mut parts: [&[TensorType]; 3] = [&[]; 3];
        for (part, size) in parts.iter_mut().zip(sizes) {
            let split = rest.split_at_checked(size as usize);
            (*part, rest) = split.ok_or_else(|| {
                format!("{} has only {} operands", self.operation.name(), self.operands.len())
            })?;
        }
        Ok(parts)
    }

    /// The function, if it takes values of these types.
    fn taking(&self, id: FunctionId, types: &[TensorType]) -> Result<&'g Function, String> {
        let function = (self.function)(id)?;
        if function.input_types().eq(types) {
            return Ok(function);
        }
        Err(format!(
            "{} needs `{}` to take {}, not {}",
            self.operation.name(),
            function.name,
            list(types.iter()),
            list(function.input_types())
        ))
    }

    /// Checks that a function gives values of these types.
    fn giving(&self, function: &Function, types: &[TensorType]) -> Result<(), String> {
        if function.output_types().eq(types) { Ok(()) } else { Err(self.gives(function, types)) }
    }

    fn gives(&self, function: &Function, types: &[TensorType]) -> String {
        format!(
            "{} needs `{}` to give {}, not {}",
            self.operation.name(),
            function.name,
            list(types.iter()),
            list(function.output_types())
        )
    }
}

fn list<'t>(types: impl Iterator<Item = &'t TensorType>) -> String {
    let types: Vec<_> = types.map(|kind| format!("{kind:#}")).collect();
    format!("({})", types.join(", "))
}
