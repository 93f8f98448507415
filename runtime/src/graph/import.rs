//! Functions of another graph, taken into the one under construction.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;
use super::construction::{Construction, base_name};
use super::function::{Function, FunctionId, GradientRule, Operation, Origin, VariableId};
use crate::tensor::{Dim, Shape, Symbol, TensorType};

/// A function of another graph, and what its parts are in the one under construction.
pub(crate) struct Import<'a> {
    pub graph: &'a Graph,
    pub function: FunctionId,
    /// The variables of the graph, by their place.
    pub variables: &'a [Option<VariableId>],
    /// What the sizes in the types of its inputs are.
    pub sizes: &'a [(Symbol, Dim)],
    /// What a function was made from, as it is called here.
    pub origin: &'a dyn Fn(&Origin) -> Origin,
}

impl Construction {
    /// Copies a function and all that it runs; none if it names a part that there is not.
    pub fn import(&mut self, import: &Import<'_>) -> Option<FunctionId> {
        let mut known: BTreeMap<FunctionId, FunctionId> = BTreeMap::new();
        for id in reached(import.graph, import.function) {
            let mut function = import.graph.function(id)?.clone();
            put_sizes(&mut function, import.sizes)?;
            function.origin = (import.origin)(&function.origin);
            function.name = self.unique_name(base_name(&function.name));
            if let GradientRule::Own(own) = &mut function.gradient {
                *own = *known.get(own)?;
            }
            let mut assigned = BTreeSet::new();
            for node in &mut function.nodes {
                if node.operation.callees().any(|callee| !known.contains_key(&callee)) {
                    return None;
                }
                node.operation.map_callees(|callee| known.get(&callee).copied().unwrap_or(callee));
                let variable = |id: VariableId| import.variables.get(id.index()).copied().flatten();
                match &mut node.operation {
                    Operation::Constant(id) => *id = self.constant(import.graph.constants.get(id.index())?),
                    Operation::Read(id) => *id = variable(*id)?,
                    Operation::Assign(id) => {
                        *id = variable(*id)?;
                        assigned.insert(*id);
                    }
                    running => {
                        let of = |callee: FunctionId| self.assigned.get(callee.index()).into_iter().flatten();
                        assigned.extend(running.callees().flat_map(of));
                    }
                }
            }
            known.insert(id, FunctionId::new(self.graph.functions.len()));
            self.graph.functions.push(function);
            self.assigned.push(assigned);
        }
        known.get(&import.function).copied()
    }
}

/// A function and all that it runs, those that are run before those that run them.
fn reached(graph: &Graph, from: FunctionId) -> BTreeSet<FunctionId> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(id) = next.pop() {
        let Some(function) = graph.function(id).filter(|_| reached.insert(id)) else { continue };
        next.extend(function.callees());
        next.extend(function.own_gradient());
    }
    reached
}

/// A size with others put in for symbols, all at once: these may mention symbols of the same names.
pub(crate) fn put_in(dim: &Dim, sizes: &[(Symbol, Dim)]) -> Option<Dim> {
    let mut dim = dim.clone();
    if dim.constant().is_some() {
        return Some(dim);
    }
    let between: Vec<Symbol> = (0..sizes.len()).map(|at| Symbol::named(&format!("\u{1}{at}"))).collect();
    for ((symbol, _), between) in sizes.iter().zip(&between) {
        dim = dim.substitute(symbol, &Dim::symbol(between.clone()))?;
    }
    for ((_, size), between) in sizes.iter().zip(&between) {
        dim = dim.substitute(between, size)?;
    }
    Some(dim)
}

fn put_sizes(function: &mut Function, sizes: &[(Symbol, Dim)]) -> Option<()> {
    let put = |dim: &Dim| put_in(dim, sizes);
    for kind in &mut function.values {
        if kind.shape.iter().any(|dim| dim.constant().is_none()) {
            let shape: Option<Shape> = kind.shape.iter().map(put).collect();
            *kind = TensorType::new(kind.dtype, shape?);
        }
    }
    for node in &mut function.nodes {
        match &mut node.operation {
            Operation::Op(op) => *op = op.map_dims(&mut |dim| put(dim))?,
            Operation::Scan { length, .. } => *length = put(length)?,
            _ => {}
        }
    }
    Some(())
}
