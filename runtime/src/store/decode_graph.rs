//! The functions of a definition.

use std::path::Path;
use std::sync::Arc;

use super::control::{Controls, check_control};
use super::lookup::{Lookup, missing};
use super::names::{Numbered, OperationKind, OriginKind};
use super::records::{FunctionRecord, Functions, Input, NodeRecord, OpRecord, Ops, Parts};
use crate::error::{Error, Location, Result};
use crate::graph::{
    ConstantId, DynOp, Function, FunctionId, Graph, Node, Operation, Origin, ValueId, VariableId, find_op,
};
use crate::tensor::Document;

/// Builds the functions of a graph whose variables and constants are there.
pub(super) struct GraphReader<'a> {
    pub path: &'a Path,
    pub lookup: &'a Lookup,
    pub graph: Graph,
    pub ops: Vec<Arc<dyn DynOp>>,
    /// The place of each node, unless the file leaves them out.
    pub locations: Option<Vec<Location>>,
}

/// What is left of the lists that functions share.
struct Lists<'a> {
    inputs: Parts<'a, Input>,
    outputs: Parts<'a, u32>,
    values: Parts<'a, u32>,
    nodes: Parts<'a, NodeRecord>,
    operands: Parts<'a, u32>,
    results: Parts<'a, u32>,
    controls: Controls<'a>,
    /// Nodes read so far.
    read: usize,
}

impl GraphReader<'_> {
    /// The graph.
    pub fn read(mut self, ops: &Ops, table: &Functions) -> Result<Graph> {
        self.read_ops(ops)?;
        let fail = |message: String| Error::format(self.path, format!("section `functions`: {message}"));
        if let Some(locations) = &self.locations
            && locations.len() != table.nodes.len()
        {
            return Err(fail(format!("{} nodes have {} places", table.nodes.len(), locations.len())));
        }
        let mut lists = Lists {
            inputs: Parts::new(&table.inputs),
            outputs: Parts::new(&table.outputs),
            values: Parts::new(&table.values),
            nodes: Parts::new(&table.nodes),
            operands: Parts::new(&table.operands),
            results: Parts::new(&table.results),
            controls: Controls::new(table),
            read: 0,
        };
        for record in &table.functions {
            let function = self.function(record, &mut lists).map_err(&fail)?;
            self.graph.functions.push(function);
        }
        let Lists { inputs, outputs, values, nodes, operands, results, controls, .. } = lists;
        let finished = [
            inputs.finish(),
            outputs.finish(),
            values.finish(),
            nodes.finish(),
            operands.finish(),
            results.finish(),
            controls.finish(),
        ];
        finished.into_iter().collect::<Result<(), _>>().map_err(fail)?;
        Ok(self.graph)
    }

    fn read_ops(&mut self, table: &Ops) -> Result<()> {
        let fail = |message: String| Error::format(self.path, format!("section `ops`: {message}"));
        let mut attributes = Parts::new(&table.attributes);
        for OpRecord { name, version, attributes_end } in &table.ops {
            let name = self.lookup.string(*name).map_err(&fail)?;
            let attributes = attributes.next(*attributes_end).map_err(&fail)?;
            let constructor = find_op(&name)?;
            if *version > constructor.version || *version == 0 {
                return Err(fail(format!(
                    "op `{name}` has version {version}, and this program knows versions 1 to {}: \
                     use a newer version of the crate that registers it",
                    constructor.version
                )));
            }
            let read = Document::from_bytes(attributes).and_then(|document| (constructor.read)(&document));
            self.ops.push(read.map_err(|message| fail(format!("the attributes of op `{name}`: {message}")))?);
        }
        attributes.finish().map_err(fail)
    }

    fn function(&self, record: &FunctionRecord, lists: &mut Lists<'_>) -> Result<Function, String> {
        let kinds = lists.values.next(record.values_end)?;
        let values = kinds.iter().map(|&kind| self.lookup.kind(kind)).collect::<Result<_, _>>()?;
        let inputs = lists.inputs.next(record.inputs_end)?;
        let input = |input: &Input| Ok((self.lookup.string(input.name)?, ValueId(input.value)));
        let inputs = inputs.iter().map(input).collect::<Result<_, String>>()?;
        let outputs = ids(lists.outputs.next(record.outputs_end)?);
        let nodes = lists.nodes.next(record.nodes_end)?;
        let nodes = nodes.iter().map(|node| self.node(node, kinds, lists)).collect::<Result<_, _>>()?;
        let name = self.lookup.string(record.name)?;
        Ok(Function { name, origin: self.origin(record)?, inputs, outputs, values, nodes })
    }

    fn origin(&self, record: &FunctionRecord) -> Result<Origin, String> {
        let name = self.lookup.string(record.origin_name)?;
        Ok(match OriginKind::from_number(record.origin)? {
            OriginKind::Layer => Origin::Layer {
                type_name: name,
                path: self.lookup.string(record.origin_path)?,
                method: self.lookup.string(record.origin_method)?,
            },
            OriginKind::Composition => Origin::Composition(name),
            OriginKind::Derived => Origin::Derived(name),
        })
    }

    fn node(&self, record: &NodeRecord, kinds: &[u32], lists: &mut Lists<'_>) -> Result<Node, String> {
        let operands = lists.operands.next(record.operands_end)?;
        let results = lists.results.next(record.results_end)?;
        for operand in operands {
            kinds.get(*operand as usize).map_or(Ok(()), |&kind| self.lookup.mention(kind))?;
        }
        let index = record.index;
        let kind = OperationKind::from_number(record.operation)?;
        let operation = match kind {
            OperationKind::Op => {
                let op = self.ops.get(index as usize);
                Operation::Op(op.cloned().ok_or_else(|| missing("op", index, self.ops.len()))?)
            }
            OperationKind::Constant => Operation::Constant(ConstantId(index)),
            OperationKind::Read => Operation::Read(VariableId(index)),
            OperationKind::Assign => Operation::Assign(VariableId(index)),
            OperationKind::Call => {
                // Checked here too, so that checking the calls takes no longer than reading them.
                let callee = self.graph.functions.get(index as usize);
                let callee =
                    callee.ok_or_else(|| format!("a call of function {index}, which is not before it"))?;
                if callee.inputs.len() != operands.len() || callee.outputs.len() != results.len() {
                    return Err(format!(
                        "a call of `{}` has {} operands and {} results",
                        callee.name,
                        operands.len(),
                        results.len()
                    ));
                }
                Operation::Call(FunctionId(index))
            }
            OperationKind::Case | OperationKind::While | OperationKind::Scan | OperationKind::Unwind => {
                let operation = lists.controls.next(kind, index, self.lookup)?;
                let functions = &self.graph.functions;
                check_control(&operation, functions, operands, results, kinds, self.lookup)?;
                operation
            }
        };
        let location = match &self.locations {
            Some(locations) => locations.get(lists.read).cloned(),
            None => None,
        };
        lists.read += 1;
        Ok(Node {
            operation,
            operands: ids(operands),
            results: ids(results),
            location: location.unwrap_or_else(|| Location::new("", 0, 0)),
        })
    }
}

fn ids(numbers: &[u32]) -> Vec<ValueId> {
    numbers.iter().copied().map(ValueId).collect()
}
