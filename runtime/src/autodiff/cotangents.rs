//! The gradients gathered so far, of values and of variables.

use std::collections::{BTreeMap, HashMap};

use crate::graph::{ValueId, VariableId};
use crate::tensor::Tensor;

/// The gradients gathered so far, summed where a value is used more than once.
#[derive(Default)]
pub(super) struct Cotangents {
    values: HashMap<ValueId, Tensor>,
    pub variables: BTreeMap<VariableId, Tensor>,
    /// What came from reads after the last assignment of a variable, if that is asked for.
    settled: Option<BTreeMap<VariableId, Option<Tensor>>>,
}

impl Cotangents {
    /// Those of what variables hold at the end, and not at the start.
    pub fn of_the_end() -> Self {
        Self { settled: Some(BTreeMap::new()), ..Self::default() }
    }

    /// Says that a variable is assigned: what was read later was not the variable's value from before.
    pub fn assigned(&mut self, variable: VariableId) {
        let later = self.variables.remove(&variable);
        if let Some(settled) = &mut self.settled {
            settled.entry(variable).or_insert(later);
        }
    }

    /// The gradient of a variable, and whether it is of what an assignment has put there.
    pub fn of_variable(&self, variable: VariableId) -> (Option<&Tensor>, bool) {
        match self.settled.as_ref().and_then(|settled| settled.get(&variable)) {
            Some(settled) => (settled.as_ref(), true),
            None => (self.variables.get(&variable), false),
        }
    }

    pub fn add(&mut self, value: ValueId, gradient: Tensor) {
        let sum = match self.values.remove(&value) {
            Some(sum) => sum + gradient,
            None => gradient,
        };
        self.values.insert(value, sum);
    }

    pub fn add_variable(&mut self, variable: VariableId, gradient: Tensor) {
        let sum = match self.variables.remove(&variable) {
            Some(sum) => sum + gradient,
            None => gradient,
        };
        self.variables.insert(variable, sum);
    }

    pub fn get(&self, value: ValueId) -> Option<&Tensor> {
        self.values.get(&value)
    }

    /// The gradients of a node's results, with zeros for those that got none; nothing if none got any.
    pub fn of_results(&self, results: &[ValueId], tensors: &[Tensor]) -> Option<Vec<Tensor>> {
        if !results.iter().any(|result| self.values.contains_key(result)) {
            return None;
        }
        let gradient = |(result, tensor): (&ValueId, &Tensor)| match self.values.get(result) {
            Some(gradient) => gradient.clone(),
            None => tensor.zeros_like(),
        };
        Some(results.iter().zip(tensors).map(gradient).collect())
    }
}
