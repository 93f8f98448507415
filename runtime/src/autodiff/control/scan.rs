//! The gradient of a scan: a scan the other way round.

use super::kept::{self, Kept};
use super::{Site, call_backward, function, gone, of, parameters, push, sums, variable_type, zeros};
use crate::autodiff::cotangents::Cotangents;
use crate::autodiff::function::{Derivative, Derivatives};
use crate::error::Result;
use crate::graph::{
    Function, FunctionId, Node, Operation, Origin, VariableId, base_name, record_call, record_function,
    with_active,
};
use crate::tensor::{Dim, Shape, Tensor, TensorType};

/// A scan and the derivative of its body.
struct Scan<'a> {
    site: &'a Site<'a>,
    state: u32,
    inputs: u32,
    length: &'a Dim,
    reverse: bool,
    /// The parts of the state that gradients flow through.
    carried: Vec<usize>,
    /// The results behind the state that have a gradient.
    given: Vec<usize>,
    derivative: Derivative,
    forward: Function,
    /// Where the residuals of an iteration come from.
    kept: Vec<Kept>,
}

/// Operands of the backward loop, with the types that its body takes.
#[derive(Default)]
struct Operands {
    tensors: Vec<Tensor>,
    types: Vec<TensorType>,
}

impl Operands {
    fn push(&mut self, tensor: Tensor, kind: TensorType) {
        self.tensors.push(tensor);
        self.types.push(kind);
    }
}

/// The backward loop.
struct Backward {
    /// The gradients of the carried state, then the sums over all iterations.
    state: Operands,
    /// The gradients of the outputs, then residuals of each iteration.
    apart: Operands,
    /// Residuals that all iterations have in common.
    same: Operands,
    /// Where each residual is: among what stays the same or not, and its index there.
    places: Vec<(bool, usize)>,
    /// The operands of the scan, the same in every iteration, whose gradients are summed.
    summed: Vec<usize>,
    /// The operands of the scan that are taken apart and get gradients.
    of_items: Vec<usize>,
}

/// Adds the gradients that flow through a scan.
pub(super) fn differentiate(
    site: &Site<'_>,
    cotangents: &mut Cotangents,
    derivatives: &mut Derivatives,
) -> Result<()> {
    let scan = Scan::new(site, cotangents, derivatives)?;
    let stacks = scan.keep()?;
    let backward = scan.backward(cotangents, stacks)?;
    let body = scan.body(&backward)?;
    let operand_types = site.operand_types()?;
    let item_types = backward.of_items.iter().map(|&index| operand_types[index].clone());
    let count = |operands: &Operands| u32::try_from(operands.tensors.len()).map_err(|_| gone());
    let results = push(
        Operation::Scan {
            body,
            state: count(&backward.state)?,
            inputs: count(&backward.apart)?,
            length: scan.length.clone(),
            reverse: !scan.reverse,
        },
        &[&*backward.state.tensors, &backward.apart.tensors, &backward.same.tensors].concat(),
        backward.state.types.iter().cloned().chain(item_types).collect(),
    )?;
    let mut results = results.into_iter();
    for &index in scan.carried.iter().chain(&backward.summed) {
        site.add(cotangents, index, results.next().ok_or_else(gone)?)?;
    }
    for &variable in &scan.derivative.variables {
        site.add_variable(cotangents, variable, results.next().ok_or_else(gone)?)?;
    }
    for &index in &backward.of_items {
        site.add(cotangents, index, results.next().ok_or_else(gone)?)?;
    }
    Ok(())
}

impl<'a> Scan<'a> {
    fn new(site: &'a Site<'_>, cotangents: &Cotangents, derivatives: &mut Derivatives) -> Result<Self> {
        let Operation::Scan { body, state, inputs, length, reverse } = &site.node.operation else {
            return Err(gone());
        };
        let (states, outputs) = (*state as usize, site.node.results.len());
        let active = site.loop_activity(derivatives)?;
        let carried: Vec<usize> = (0..states).filter(|&index| active[index]).collect();
        let given: Vec<usize> =
            (states..outputs).filter(|&index| site.wants(site.node.results[index], cotangents)).collect();
        let wanted: Vec<bool> =
            (0..outputs).map(|index| carried.contains(&index) || given.contains(&index)).collect();
        let derivative = derivatives.of(*body, &site.sources(active), &wanted)?;
        Ok(Self {
            site,
            state: *state,
            inputs: *inputs,
            length,
            reverse: *reverse,
            carried,
            given,
            forward: function(derivative.forward)?,
            kept: kept::residuals(derivative.forward, outputs)?,
            derivative,
        })
    }

    fn states(&self) -> usize {
        self.state as usize
    }

    /// The number of operands that differ from one iteration to another.
    fn varying(&self) -> usize {
        self.states() + self.inputs as usize
    }

    fn residual_types(&self) -> impl Iterator<Item = &TensorType> {
        self.forward.output_types().skip(self.site.node.results.len())
    }

    /// Whether a residual has to be kept for each iteration: it is neither the same in all of them, nor held by an input.
    fn is_stacked(&self, kept: &Kept) -> bool {
        match kept {
            Kept::Computed => true,
            Kept::Input(index) => *index < self.states(),
            Kept::Variable(_) => false,
        }
    }

    /// Makes the scan give the residuals that have to be kept, stacked.
    fn keep(&self) -> Result<Vec<Tensor>> {
        let (location, outputs) = (&self.site.node.location, self.site.node.results.len());
        let recorded = record_function(
            base_name(&self.forward.name),
            self.forward.origin.clone(),
            parameters(self.forward.input_types().cloned()),
            location,
            |operands| {
                let mut results = record_call(self.derivative.forward, operands, &[], location)?;
                let residuals = results.split_off(outputs.min(results.len()));
                let kept = residuals.into_iter().zip(&self.kept).filter(|(_, kept)| self.is_stacked(kept));
                results.extend(kept.map(|(residual, _)| residual));
                Ok(results)
            },
        )?;
        let kept = self.residual_types().zip(&self.kept).filter(|(_, kept)| self.is_stacked(kept));
        let types: Vec<TensorType> = kept.map(|(kind, _)| stack_of(kind, self.length)).collect();
        let operation = Operation::Scan {
            body: recorded.function,
            state: self.state,
            inputs: self.inputs,
            length: self.length.clone(),
            reverse: self.reverse,
        };
        self.site.replace(operation, &types)
    }

    fn backward(&self, cotangents: &Cotangents, stacks: Vec<Tensor>) -> Result<Backward> {
        let results = &self.site.node.results;
        let (operands, operand_types) = (self.site.operands()?, self.site.operand_types()?);
        let result_types = self.site.result_types()?;
        let inputs = || self.derivative.inputs.iter().copied();
        let varying = self.varying();
        let mut backward = Backward {
            state: Operands::default(),
            apart: Operands::default(),
            same: Operands::default(),
            places: Vec::new(),
            summed: inputs().filter(|&index| index >= varying).collect(),
            of_items: inputs().filter(|index| (self.states()..varying).contains(index)).collect(),
        };
        for &index in &self.carried {
            let gradient = self.site.gradient(results[index], cotangents)?;
            backward.state.push(gradient, result_types[index].clone());
        }
        for &index in &backward.summed {
            backward.state.push(zeros(&operand_types[index]), operand_types[index].clone());
        }
        for &variable in &self.derivative.variables {
            let kind = variable_type(variable)?;
            backward.state.push(zeros(&kind), kind);
        }
        for &index in &self.given {
            let gradient = self.site.gradient(results[index], cotangents)?;
            backward.apart.push(gradient, item_of(&result_types[index]).ok_or_else(gone)?);
        }
        let mut stacks = stacks.into_iter();
        for (kept, kind) in self.kept.iter().zip(self.residual_types()) {
            let (tensor, is_same) = match kept {
                Kept::Variable(variable) => (self.read_before(*variable, kind)?, true),
                Kept::Input(index) if *index >= self.states() => {
                    (operands.get(*index).cloned().ok_or_else(gone)?, *index >= varying)
                }
                Kept::Input(_) | Kept::Computed => (stacks.next().ok_or_else(gone)?, false),
            };
            let list = if is_same { &mut backward.same } else { &mut backward.apart };
            backward.places.push((is_same, list.tensors.len()));
            list.push(tensor, kind.clone());
        }
        Ok(backward)
    }

    /// The body of the backward loop.
    fn body(&self, backward: &Backward) -> Result<FunctionId> {
        let (states, apart) = (backward.state.tensors.len(), backward.apart.tensors.len());
        let types = [&*backward.state.types, &backward.apart.types, &backward.same.types].concat();
        let recorded = record_function(
            &format!("{}.gradient", base_name(&self.forward.name)),
            Origin::Derived("gradient of a loop".into()),
            parameters(types),
            &self.site.node.location,
            |operands| {
                let (state, others) = operands.split_at(states.min(operands.len()));
                let (apart, same) = others.split_at(apart.min(others.len()));
                let find = |(is_same, index): &(bool, usize)| if *is_same { same } else { apart }.get(*index);
                let residuals: Vec<Tensor> = backward.places.iter().filter_map(find).cloned().collect();
                let of_outputs = apart.iter().take(self.given.len());
                let gradients: Vec<Tensor> =
                    state.iter().take(self.carried.len()).chain(of_outputs).cloned().collect();
                let found = call_backward(&self.derivative, &gradients, &residuals, self.site.node)?;
                let carried = self.carried.iter().zip(&backward.state.types);
                let mut results: Vec<Tensor> = carried
                    .map(|(index, kind)| of(&found.inputs, index).unwrap_or_else(|| zeros(kind)))
                    .collect();
                let before = state.iter().skip(self.carried.len());
                results.extend(sums(before, &found, &backward.summed, &self.derivative.variables));
                results.extend(backward.of_items.iter().filter_map(|index| of(&found.inputs, index)));
                Ok(results)
            },
        )?;
        Ok(recorded.function)
    }

    /// Reads a variable before the loop.
    fn read_before(&self, variable: VariableId, kind: &TensorType) -> Result<Tensor> {
        with_active(|construction| {
            let building = construction.stack.get_mut(self.site.level)?;
            let result = building.new_value(kind.clone());
            let node = Node {
                operation: Operation::Read(variable),
                operands: Vec::new(),
                results: vec![result],
                location: self.site.node.location.clone(),
            };
            building.function.nodes.insert(self.site.index, node);
            Some(building.tensor(result))
        })
        .flatten()
        .ok_or_else(gone)
    }
}

/// The type of `length` items of a type, stacked.
fn stack_of(kind: &TensorType, length: &Dim) -> TensorType {
    let dims = std::iter::once(length.clone()).chain(kind.shape.iter().cloned());
    TensorType::new(kind.dtype, Shape::new(dims.collect::<Vec<_>>()))
}

/// The type of an item of a stack.
fn item_of(kind: &TensorType) -> Option<TensorType> {
    let (_, dims) = kind.shape.split_first()?;
    Some(TensorType::new(kind.dtype, Shape::new(dims.to_vec())))
}
