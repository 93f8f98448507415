//! A program as the sections of a definition.

use std::collections::HashMap;

use super::codec;
use super::container::Section;
use super::control::write_control;
use super::elements;
use super::interner::Interner;
use super::names::{GradientKind, Kind, Numbered, OperationKind, OriginKind};
use super::records::{
    ArgumentRecord, Child, Constants, Entries, EntryRecord, File, FunctionRecord, Functions, Input,
    LocationRecord, Locations, NONE, NodeRecord, NoteRecord, Notes, ObjectRecord, ObjectTable, OpRecord, Ops,
    SizeRecord, VariableRecord, Variables, end,
};
use super::snapshot::Snapshot;
use crate::error::Location;
use crate::graph::{DynOp, Function, GradientRule, Graph, Node, Operation, Origin, ValueId};
use crate::module::{Entry, Object, ObjectKind};
use crate::tensor::{DType, Document, Shape, TensorType};

/// The sections of a program whose variables stand in these files, all in the first.
pub(super) fn encode(snapshot: &Snapshot, files: Vec<File>) -> Result<Vec<Section>, String> {
    let mut names = Interner::default();
    let graph = snapshot.graph.as_ref();
    let variables = variables(graph, files, &mut names)?;
    let constants = constants(graph, &mut names)?;
    let mut data = Vec::new();
    for constant in &graph.constants {
        data.extend_from_slice(&elements::to_file(constant));
    }
    let mut writer = GraphWriter::default();
    for function in &graph.functions {
        writer.function(function, &mut names)?;
    }
    let objects = objects(&snapshot.objects.0, &mut names)?;
    let entries = entries(&snapshot.entries, &mut names)?;
    let notes = notes(&snapshot.notes, &mut names)?;
    let (strings, types) = names.finish();
    let section = |name, required, bytes| Section { name, required, bytes };
    Ok(vec![
        section("strings", true, codec::encode(&strings)?),
        section("types", true, codec::encode(&types)?),
        section("variables", true, codec::encode(&variables)?),
        section("constants", true, codec::encode(&constants)?),
        section("constant_data", true, data),
        section("ops", true, codec::encode(&writer.ops)?),
        section("functions", true, codec::encode(&writer.functions)?),
        section("locations", false, codec::encode(&writer.locations)?),
        section("objects", true, codec::encode(&objects)?),
        section("entries", true, codec::encode(&entries)?),
        section("notes", true, codec::encode(&notes)?),
    ])
}

fn variables(graph: &Graph, files: Vec<File>, names: &mut Interner) -> Result<Variables, String> {
    let mut table = Variables { files, variables: Vec::new() };
    for variable in &graph.variables {
        table.variables.push(VariableRecord {
            path: names.string(&variable.path)?,
            kind: names.kind(&variable.kind)?,
            role: variable.role.number(),
            file: 0,
        });
    }
    Ok(table)
}

fn constants(graph: &Graph, names: &mut Interner) -> Result<Constants, String> {
    let kinds = graph.constants.iter().map(|data| {
        let kind = TensorType::new(data.dtype(), Shape::from(data.sizes()));
        names.kind(&kind)
    });
    Ok(Constants { kinds: kinds.collect::<Result<_, _>>()? })
}

#[derive(Default)]
struct GraphWriter {
    functions: Functions,
    ops: Ops,
    known_ops: HashMap<(&'static str, u32, Vec<u8>), u32>,
    locations: Locations,
    known_locations: HashMap<Location, u32>,
}

impl GraphWriter {
    fn function(&mut self, function: &Function, names: &mut Interner) -> Result<(), String> {
        for (name, value) in &function.inputs {
            self.functions.inputs.push(Input { name: names.string(name)?, value: value.0 });
        }
        self.functions.outputs.extend(numbers(&function.outputs));
        for kind in &function.values {
            self.functions.values.push(names.kind(kind)?);
        }
        for node in &function.nodes {
            self.node(node, names)?;
        }
        let (origin, [name, path, method]) = match &function.origin {
            Origin::Layer { type_name, path, method } => {
                (OriginKind::Layer, [Some(type_name), Some(path), Some(method)])
            }
            Origin::Composition(name) => (OriginKind::Composition, [Some(name), None, None]),
            Origin::Derived(name) => (OriginKind::Derived, [Some(name), None, None]),
        };
        let (gradient, gradient_function) = match function.gradient {
            GradientRule::Nodes => (GradientKind::Nodes, NONE),
            GradientRule::Recompute => (GradientKind::Recompute, NONE),
            GradientRule::Own(id) => (GradientKind::Own, id.0),
        };
        let table = &mut self.functions;
        table.functions.push(FunctionRecord {
            name: names.string(&function.name)?,
            origin: origin.number(),
            origin_name: names.optional(name.map(String::as_str))?,
            origin_path: names.optional(path.map(String::as_str))?,
            origin_method: names.optional(method.map(String::as_str))?,
            gradient: gradient.number(),
            gradient_function,
            inputs_end: end(&table.inputs)?,
            outputs_end: end(&table.outputs)?,
            values_end: end(&table.values)?,
            nodes_end: end(&table.nodes)?,
        });
        Ok(())
    }

    fn node(&mut self, node: &Node, names: &mut Interner) -> Result<(), String> {
        let (operation, index) = match &node.operation {
            Operation::Op(op) => (OperationKind::Op, self.op(op.as_ref(), names)?),
            Operation::Constant(id) => (OperationKind::Constant, id.0),
            Operation::Read(id) => (OperationKind::Read, id.0),
            Operation::Assign(id) => (OperationKind::Assign, id.0),
            Operation::Call(id) => (OperationKind::Call, id.0),
            control => write_control(control, &mut self.functions, names)?,
        };
        let location = self.location(&node.location, names)?;
        self.locations.nodes.push(location);
        let table = &mut self.functions;
        table.operands.extend(numbers(&node.operands));
        table.results.extend(numbers(&node.results));
        table.nodes.push(NodeRecord {
            operation: operation.number(),
            index,
            operands_end: end(&table.operands)?,
            results_end: end(&table.results)?,
        });
        Ok(())
    }

    fn location(&mut self, location: &Location, names: &mut Interner) -> Result<u32, String> {
        if let Some(&known) = self.known_locations.get(location) {
            return Ok(known);
        }
        let file = names.string(location.file())?;
        let index = end(&self.locations.locations)?;
        let record = LocationRecord { file, line: location.line(), column: location.column() };
        self.locations.locations.push(record);
        self.known_locations.insert(location.clone(), index);
        Ok(index)
    }

    fn op(&mut self, op: &dyn DynOp, names: &mut Interner) -> Result<u32, String> {
        let attributes = op.attributes().and_then(|document| document.to_bytes());
        let attributes =
            attributes.map_err(|message| format!("the attributes of op `{}`: {message}", op.name()))?;
        let key = (op.name(), op.version(), attributes);
        if let Some(&known) = self.known_ops.get(&key) {
            return Ok(known);
        }
        let index = end(&self.ops.ops)?;
        self.ops.attributes.extend(&key.2);
        let attributes_end = end(&self.ops.attributes)?;
        self.ops.ops.push(OpRecord { name: names.string(key.0)?, version: key.1, attributes_end });
        self.known_ops.insert(key, index);
        Ok(index)
    }
}

fn numbers(values: &[ValueId]) -> impl Iterator<Item = u32> {
    values.iter().map(|value| value.0)
}

fn objects(objects: &[Object], names: &mut Interner) -> Result<ObjectTable, String> {
    let mut table = ObjectTable::default();
    for object in objects {
        let mut record =
            ObjectRecord { name: NONE, variant: NONE, variable: NONE, ..ObjectRecord::default() };
        let kind = match &object.kind {
            ObjectKind::Module { type_name, variant } => {
                record.name = names.string(type_name)?;
                record.variant = names.optional(variant.as_deref())?;
                Kind::Module
            }
            ObjectKind::List => Kind::List,
            ObjectKind::Map => Kind::Map,
            ObjectKind::Nothing => Kind::Nothing,
            ObjectKind::Variable { variable, role } => {
                record.variable = variable.0;
                record.role = role.number();
                Kind::Variable
            }
            ObjectKind::Config(document) => {
                table.documents.extend(bytes(document)?);
                Kind::Config
            }
        };
        for (name, child) in &object.children {
            table.children.push(Child { name: names.string(name)?, object: child.0 });
        }
        record.kind = kind.number();
        record.document_end = end(&table.documents)?;
        record.children_end = end(&table.children)?;
        table.objects.push(record);
    }
    Ok(table)
}

fn entries(entries: &[Entry], names: &mut Interner) -> Result<Entries, String> {
    let mut table = Entries::default();
    for entry in entries {
        for (name, _) in &entry.signature.outputs {
            table.outputs.push(names.optional(name.as_deref())?);
        }
        for (name, value) in &entry.signature.arguments {
            table.documents.extend(bytes(value)?);
            let document_end = end(&table.documents)?;
            table.arguments.push(ArgumentRecord { name: names.string(name)?, document_end });
        }
        for (dim, range) in &entry.signature.sizes {
            // A size is written as the type of a tensor that has it.
            let kind = names.kind(&TensorType::new(DType::I64, Shape::new(vec![dim.clone()])))?;
            let max = range.max.map_or(u64::MAX, |max| max as u64);
            table.sizes.push(SizeRecord { kind, min: range.min as u64, max });
        }
        table.entries.push(EntryRecord {
            name: names.string(&entry.signature.function)?,
            function: entry.function.0,
            mode: entry.mode.number(),
            record: entry.signature.record.into(),
            outputs_end: end(&table.outputs)?,
            arguments_end: end(&table.arguments)?,
            sizes_end: end(&table.sizes)?,
        });
    }
    Ok(table)
}

fn notes(notes: &[(String, Document)], names: &mut Interner) -> Result<Notes, String> {
    let mut table = Notes::default();
    for (name, note) in notes {
        table.documents.extend(bytes(note)?);
        let document_end = end(&table.documents)?;
        table.notes.push(NoteRecord { name: names.string(name)?, document_end });
    }
    Ok(table)
}

fn bytes(document: &Document) -> Result<Vec<u8>, String> {
    document.to_bytes().map_err(|message| format!("the document {document} cannot be written: {message}"))
}
