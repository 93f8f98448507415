//! The executable definition of a well-formed graph.

use std::collections::BTreeSet;

use super::Graph;
use super::control::control_types;
use super::function::{Function, FunctionId, Node, Operation, ValueId};
use super::op::Exact;
use crate::error::{Error, Result};
use crate::sorted;
use crate::tensor::{Dim, Shape, Symbol, TensorType};

/// Checks every rule of well-formed graphs.
///
/// # Errors
/// [`Error::Graph`] with the function, the node and the rule that is broken.
pub fn verify(graph: &Graph) -> Result<()> {
    let mut paths = BTreeSet::new();
    for variable in &graph.variables {
        if !paths.insert(&variable.path) {
            return Err(Error::graph("", None, format!("two variables are named `{}`", variable.path)));
        }
        if variable.kind.shape.concrete().is_none() {
            return Err(Error::graph(
                "",
                None,
                format!("the shape of variable `{}` is not known", variable.path),
            ));
        }
    }
    let mut names = BTreeSet::new();
    for (index, function) in graph.functions.iter().enumerate() {
        if !names.insert(&function.name) {
            return Err(Error::graph(&function.name, None, "two functions have this name"));
        }
        verify_function(graph, index, function)?;
    }
    Ok(())
}

/// Checks that a function can be called from outside: every symbol used by it and by what it calls, in types and in
/// attributes, is a size of one of its inputs.
///
/// # Errors
/// [`Error::Graph`] with the function and the symbol that nothing binds.
pub fn verify_entry(graph: &Graph, entry: FunctionId) -> Result<()> {
    let Some(function) = graph.function(entry) else {
        return Err(Error::graph("", None, format!("there is no function {}", entry.index())));
    };
    let bound = sorted::set(
        function
            .input_types()
            .flat_map(|kind| kind.shape.iter())
            .filter_map(|dim| dim.as_multiple().map(|(_, symbol)| symbol.clone())),
    );
    let mut reached = vec![false; graph.functions.len()];
    let mut next = vec![entry];
    while let Some(id) = next.pop() {
        let Some(function) = graph.function(id) else { continue };
        if std::mem::replace(&mut reached[id.index()], true) {
            continue;
        }
        next.extend(function.callees().chain(function.own_gradient()));
        let in_types = function.values.iter().flat_map(|kind| kind.shape.iter()).flat_map(Dim::symbols);
        let in_attributes = function.nodes.iter().flat_map(|node| attribute_symbols(&node.operation));
        if let Some(symbol) = in_types.chain(in_attributes).find(|symbol| !bound.contains(symbol)) {
            return Err(Error::graph(
                &function.name,
                None,
                format!("the size `{symbol}` is not the size of any dimension of an input"),
            ));
        }
    }
    Ok(())
}

/// The symbols in the attributes of an operation.
fn attribute_symbols(operation: &Operation) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    match operation {
        Operation::Op(op) => {
            op.map_dims(&mut |dim| {
                symbols.extend(dim.symbols());
                Some(dim.clone())
            });
        }
        Operation::Scan { length, .. } => symbols = length.symbols(),
        _ => {}
    }
    symbols
}

fn verify_function(graph: &Graph, index: usize, function: &Function) -> Result<()> {
    let fail = |node: Option<usize>, message: String| Error::graph(&function.name, node, message);
    let mut defined = vec![false; function.values.len()];
    for kind in &function.values {
        if kind.shape.iter().any(|dim| dim.constant().is_some_and(|size| size < 0)) {
            return Err(fail(None, format!("a value has the impossible type {kind:#}")));
        }
    }
    verify_gradient(graph, index, function).map_err(|message| fail(None, message))?;
    let mut names = BTreeSet::new();
    for (name, value) in &function.inputs {
        if !names.insert(name) {
            return Err(fail(None, format!("two inputs are named `{name}`")));
        }
        define(&mut defined, *value).map_err(|message| fail(None, message))?;
    }
    for (number, node) in function.nodes.iter().enumerate() {
        let operands = node.operands.iter().map(|&value| {
            let is_defined = defined.get(value.index()).copied().unwrap_or(false);
            let kind = function.value_type(value).filter(|_| is_defined);
            kind.cloned()
                .ok_or_else(|| fail(Some(number), format!("it uses value %{} before it is defined", value.0)))
        });
        let operands: Vec<TensorType> = operands.collect::<Result<_>>()?;
        let expected =
            result_types(graph, index, node, &operands).map_err(|message| fail(Some(number), message))?;
        if expected.len() != node.results.len() {
            let message = format!(
                "{} gives {} results, not {}",
                node.operation.name(),
                expected.len(),
                node.results.len()
            );
            return Err(fail(Some(number), message));
        }
        for (&value, expected) in node.results.iter().zip(&expected) {
            define(&mut defined, value).map_err(|message| fail(Some(number), message))?;
            if let Some(stated) = function.value_type(value)
                && stated != expected
            {
                let message = format!("{} gives {expected:#}, not {stated:#}", node.operation.name());
                return Err(fail(Some(number), message));
            }
        }
    }
    for value in &function.outputs {
        if !defined.get(value.index()).copied().unwrap_or(false) {
            return Err(fail(None, format!("output %{} is not defined", value.0)));
        }
    }
    match defined.iter().position(|defined| !defined) {
        Some(value) => Err(fail(None, format!("value %{value} is not defined by anything"))),
        None => Ok(()),
    }
}

/// Checks that the function a user gave as the gradient of a function can be that.
fn verify_gradient(graph: &Graph, index: usize, function: &Function) -> Result<(), String> {
    let Some(id) = function.own_gradient() else { return Ok(()) };
    let gradient = graph.functions.get(id.index()).filter(|_| id.index() < index);
    let gradient = gradient
        .ok_or_else(|| format!("its gradient is function {}, which does not stand before it", id.0))?;
    let takes = function.input_types().chain(function.output_types()).chain(function.output_types());
    if !gradient.input_types().eq(takes) {
        return Err(format!("its gradient `{}` does not take its inputs and outputs", gradient.name));
    }
    if !gradient.output_types().eq(function.input_types()) {
        return Err(format!("its gradient `{}` does not give gradients of its inputs", gradient.name));
    }
    Ok(())
}

fn define(defined: &mut [bool], value: ValueId) -> Result<(), String> {
    match defined.get_mut(value.index()) {
        Some(already) if !*already => {
            *already = true;
            Ok(())
        }
        Some(_) => Err(format!("value %{} is defined twice", value.0)),
        None => Err(format!("value %{} has no type", value.0)),
    }
}

fn result_types(
    graph: &Graph,
    index: usize,
    node: &Node,
    operands: &[TensorType],
) -> Result<Vec<TensorType>, String> {
    let arity = |expected: usize| {
        if operands.len() == expected {
            Ok(())
        } else {
            Err(format!("{} takes {expected} operands, not {}", node.operation.name(), operands.len()))
        }
    };
    // Calling only earlier functions is what rules recursion out.
    let earlier = |id: FunctionId| {
        let callee = graph.functions.get(id.index()).filter(|_| id.index() < index);
        callee.ok_or_else(|| format!("it calls function {}, which does not stand before it", id.0))
    };
    match &node.operation {
        Operation::Op(op) => op.infer(operands, &mut Exact),
        Operation::Constant(id) => {
            arity(0)?;
            let data =
                graph.constants.get(id.index()).ok_or_else(|| format!("there is no constant {}", id.0))?;
            Ok(vec![TensorType::new(data.dtype(), Shape::from(data.sizes()))])
        }
        Operation::Read(id) => {
            arity(0)?;
            let variable =
                graph.variables.get(id.index()).ok_or_else(|| format!("there is no variable {}", id.0))?;
            Ok(vec![variable.kind.clone()])
        }
        Operation::Assign(id) => {
            arity(1)?;
            let variable =
                graph.variables.get(id.index()).ok_or_else(|| format!("there is no variable {}", id.0))?;
            if operands[0] == variable.kind {
                Ok(Vec::new())
            } else {
                Err(format!("variable `{}` is {:#}, not {:#}", variable.path, variable.kind, operands[0]))
            }
        }
        Operation::Call(id) => {
            let callee = earlier(*id)?;
            arity(callee.inputs.len())?;
            for ((name, value), found) in callee.inputs.iter().zip(operands) {
                if callee.value_type(*value) != Some(found) {
                    return Err(format!("input `{name}` of `{}` is not {found:#}", callee.name));
                }
            }
            Ok(callee.output_types().cloned().collect())
        }
        control => control_types(control, operands, &earlier),
    }
}
