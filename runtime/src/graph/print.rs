//! Graphs as text: stable, so that it can be compared, and readable, so that differences can be.

use std::fmt::{self, Write};

use super::Graph;
use super::function::{Function, FunctionId, Node, Operation, ValueId};

/// What the text shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrintOptions {
    /// The place in user code of each node, as a comment behind it.
    pub locations: bool,
}

/// The whole graph.
pub fn print(graph: &Graph, options: PrintOptions) -> String {
    let mut text = String::new();
    for variable in &graph.variables {
        let _ = writeln!(text, "variable {}: {:#} {}", variable.path, variable.kind, variable.role.name());
    }
    for function in &graph.functions {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&print_function(graph, function, options));
    }
    text
}

/// One function of a graph.
pub fn print_function(graph: &Graph, function: &Function, options: PrintOptions) -> String {
    let mut text = String::new();
    let _ = Printer { graph, function, options }.write(&mut text);
    text
}

struct Printer<'a> {
    graph: &'a Graph,
    function: &'a Function,
    options: PrintOptions,
}

impl Printer<'_> {
    fn write(&self, text: &mut String) -> fmt::Result {
        let function = self.function;
        write!(text, "function {}(", function.name)?;
        for (index, (name, value)) in function.inputs.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(text, "{separator}{} {name}: {}", Value(*value), self.kind(*value))?;
        }
        text.push_str(") -> (");
        for (index, value) in function.outputs.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(text, "{separator}{}", self.kind(*value))?;
        }
        writeln!(text, ") // {}", function.origin)?;
        text.push_str("{\n");
        for node in &function.nodes {
            self.write_node(node, text)?;
        }
        let outputs: Vec<_> = function.outputs.iter().map(|value| Value(*value).to_string()).collect();
        writeln!(text, "  return {}", outputs.join(", "))?;
        text.push_str("}\n");
        Ok(())
    }

    fn write_node(&self, node: &Node, text: &mut String) -> fmt::Result {
        text.push_str("  ");
        for (index, result) in node.results.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(text, "{separator}{}", Value(*result))?;
        }
        if !node.results.is_empty() {
            text.push_str(" = ");
        }
        text.push_str(node.operation.name());
        match &node.operation {
            Operation::Constant(id) => match self.graph.constants.get(id.index()) {
                Some(data) if data.len() <= 8 => {
                    let tensor = crate::tensor::Tensor::from_data(data.clone()).to_string();
                    write!(text, " {}", tensor.replace('\n', ""))?;
                }
                Some(data) => {
                    let hash = blake3::hash(data.bytes()).to_hex();
                    write!(text, " {} {}", data.describe(), &hash.as_str()[..16])?;
                }
                None => text.push_str(" missing"),
            },
            Operation::Read(id) | Operation::Assign(id) => {
                write!(
                    text,
                    " {}",
                    self.graph.variables.get(id.index()).map_or("missing", |v| v.path.as_str())
                )?;
            }
            Operation::Call(id) => write!(text, " {}", self.name(*id))?,
            _ => {}
        }
        let operands: Vec<_> = node.operands.iter().map(|value| Value(*value).to_string()).collect();
        if !operands.is_empty() || !matches!(node.operation, Operation::Constant(_) | Operation::Read(_)) {
            write!(text, "({})", operands.join(", "))?;
        }
        if let Operation::Op(op) = &node.operation
            && let Ok(attributes) = op.attributes()
            && !attributes.is_empty()
        {
            write!(text, " {attributes}")?;
        }
        self.write_control(&node.operation, text)?;
        if !node.results.is_empty() {
            let kinds: Vec<_> = node.results.iter().map(|value| self.kind(*value)).collect();
            write!(text, ": {}", kinds.join(", "))?;
        }
        if self.options.locations {
            write!(text, " // {}", node.location)?;
        }
        text.push('\n');
        Ok(())
    }

    /// The functions that control flow runs, and its numbers.
    fn write_control(&self, operation: &Operation, text: &mut String) -> fmt::Result {
        match operation {
            Operation::Case(branches) => {
                let names: Vec<_> = branches.iter().map(|&branch| self.name(branch)).collect();
                write!(text, " {{branches: [{}]}}", names.join(", "))
            }
            Operation::While { condition, body, state } => {
                let (condition, body) = (self.name(*condition), self.name(*body));
                write!(text, " {{condition: {condition}, body: {body}, state: {state}}}")
            }
            Operation::Scan { body, state, inputs, length, reverse } => {
                let body = self.name(*body);
                write!(
                    text,
                    " {{body: {body}, state: {state}, inputs: {inputs}, length: {length:#}, reverse: {reverse}}}"
                )
            }
            Operation::Unwind { condition, body, step, state, gradients } => {
                let [condition, body, step] = [condition, body, step].map(|&id| self.name(id));
                write!(
                    text,
                    " {{condition: {condition}, body: {body}, step: {step}, state: {state}, gradients: {gradients}}}"
                )
            }
            _ => Ok(()),
        }
    }

    fn name(&self, id: FunctionId) -> &str {
        self.graph.function(id).map_or("missing", |function| function.name.as_str())
    }

    fn kind(&self, value: ValueId) -> String {
        self.function.value_type(value).map_or_else(|| "missing".to_owned(), |kind| format!("{kind:#}"))
    }
}

struct Value(ValueId);

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0.0)
    }
}
