//! The sections of a definition as the parts of a program.

use std::collections::BTreeSet;
use std::path::Path;

use super::codec;
use super::container::Sections;
use super::decode_entries::entries;
use super::decode_graph::GraphReader;
use super::elements;
use super::lookup::{Lookup, missing};
use super::names::{Kind, Numbered};
use super::records::{
    Constants, Entries, File, Functions, Locations, Notes, ObjectRecord, ObjectTable, Ops, Parts, Strings,
    Types, VariableRecord, Variables,
};
use crate::error::{Error, Result};
use crate::graph::{Graph, Role, VariableDefinition, VariableId};
use crate::module::{DEPTH, Entry, Object, ObjectId, ObjectKind, Objects, PATHS};
use crate::tensor::{Data, Document};

/// What a definition says.
pub(super) struct Definition {
    pub graph: Graph,
    pub objects: Objects,
    pub entries: Vec<Entry>,
    pub notes: Vec<(String, Document)>,
    /// The files that hold the values of the variables.
    pub files: Vec<File>,
    /// The file that holds each variable.
    pub places: Vec<usize>,
}

impl Definition {
    /// The role that a variable was made with; a field around it may say otherwise.
    pub fn made_as(&self) -> Vec<Role> {
        let mut roles: Vec<_> = self.graph.variables.iter().map(|variable| variable.role).collect();
        for object in self.objects.0.iter().rev() {
            if let ObjectKind::Variable { variable, role } = object.kind
                && let Some(own) = roles.get_mut(variable.index())
            {
                *own = role;
            }
        }
        roles
    }
}

/// Reads the sections of the file at `path`, which has this length.
pub(super) fn decode(path: &Path, sections: Sections, length: usize) -> Result<Definition> {
    let mut reader = Reader { path, sections };
    let mut lookup = Lookup::new(length);
    reader.table("strings", |table: Strings| lookup.read_strings(&table))?;
    reader.table("types", |table: Types| lookup.read_types(&table))?;
    let files = reader.table("variables", |table: Variables| variables(table, &lookup))?;
    let data = reader.section("constant_data")?;
    let constants = reader.table("constants", |table: Constants| constants(&table, &data, &lookup))?;
    let (definitions, files, places) = files;
    let graph = Graph { variables: definitions, constants, functions: Vec::new() };

    let ops: Ops = reader.table("ops", Ok)?;
    let locations = if reader.sections.contains_key("locations") {
        Some(reader.table("locations", |table: Locations| lookup.locations(&table))?)
    } else {
        None
    };
    let functions: Functions = reader.table("functions", Ok)?;
    let size = functions.values.len() + functions.nodes.len() + functions.callees.len();
    let graph =
        GraphReader { path, lookup: &lookup, graph, ops: Vec::new(), locations }.read(&ops, &functions)?;

    let objects = reader.table("objects", |table: ObjectTable| objects(&table, &lookup))?;
    let entries = reader.table("entries", |table: Entries| entries(&table, &graph, size, &lookup))?;
    let notes = reader.table("notes", |table: Notes| notes(&table, &lookup))?;
    Ok(Definition { graph, objects, entries, notes, files, places })
}

struct Reader<'a> {
    path: &'a Path,
    sections: Sections,
}

impl Reader<'_> {
    fn section(&mut self, name: &str) -> Result<Vec<u8>> {
        let section = self.sections.remove(name);
        section.ok_or_else(|| Error::format(self.path, format!("the section `{name}` is missing")))
    }

    fn table<T: serde::de::DeserializeOwned, R>(
        &mut self,
        name: &str,
        read: impl FnOnce(T) -> Result<R, String>,
    ) -> Result<R> {
        let bytes = self.section(name)?;
        let fail = |message| Error::format(self.path, format!("section `{name}`: {message}"));
        let table = codec::decode(&bytes).map_err(&fail)?;
        drop(bytes);
        read(table).map_err(fail)
    }
}

type Stored = (Vec<VariableDefinition>, Vec<File>, Vec<usize>);

fn variables(table: Variables, lookup: &Lookup) -> Result<Stored, String> {
    let files = table.files.len();
    let mut places = Vec::with_capacity(table.variables.len());
    let mut definitions = Vec::with_capacity(table.variables.len());
    for VariableRecord { path, kind, role, file } in table.variables {
        if file as usize >= files {
            return Err(missing("file", file, files));
        }
        places.push(file as usize);
        definitions.push(VariableDefinition {
            path: lookup.string(path)?,
            kind: lookup.kind(kind)?,
            role: Role::from_number(role)?,
        });
    }
    Ok((definitions, table.files, places))
}

fn constants(table: &Constants, data: &[u8], lookup: &Lookup) -> Result<Vec<Data>, String> {
    let mut rest = data;
    let mut constants = Vec::with_capacity(table.kinds.len());
    for &kind in &table.kinds {
        let kind = lookup.kind(kind)?;
        let sizes = kind.shape.concrete().ok_or_else(|| format!("a constant has the type {kind}"))?;
        let length = elements::length(kind.dtype, &sizes);
        let (bytes, after) = length
            .and_then(|length| rest.split_at_checked(length))
            .ok_or_else(|| format!("the {} bytes left are too few for a constant {kind}", rest.len()))?;
        constants.push(elements::from_file(kind.dtype, sizes, bytes)?);
        rest = after;
    }
    if rest.is_empty() { Ok(constants) } else { Err(format!("{} bytes belong to no constant", rest.len())) }
}

fn objects(table: &ObjectTable, lookup: &Lookup) -> Result<Objects, String> {
    let mut documents = Parts::new(&table.documents);
    let mut children = Parts::new(&table.children);
    let mut sizes: Vec<(usize, usize)> = Vec::with_capacity(table.objects.len());
    let mut objects = Vec::with_capacity(table.objects.len());
    for (index, record) in table.objects.iter().enumerate() {
        let (mut depth, mut paths) = (1, 1_usize);
        let mut named = Vec::new();
        for child in children.next(record.children_end)? {
            let id = ObjectId(child.object);
            let below = sizes.get(id.index());
            let below = below.ok_or_else(|| format!("a child of object {index} does not stand before it"))?;
            depth = depth.max(below.0 + 1);
            paths = paths.saturating_add(below.1);
            named.push((lookup.string(child.name)?, id));
        }
        if depth > DEPTH || paths > PATHS {
            return Err(format!(
                "object {index} nests {depth} deep and has {paths} paths below it: at most {DEPTH} and {PATHS} are read"
            ));
        }
        sizes.push((depth, paths));
        let kind = object_kind(record, documents.next(record.document_end)?, lookup)?;
        objects.push(Object { kind, children: named });
    }
    documents.finish()?;
    children.finish()?;
    Ok(Objects(objects))
}

fn object_kind(record: &ObjectRecord, document: &[u8], lookup: &Lookup) -> Result<ObjectKind, String> {
    let kind = Kind::from_number(record.kind)?;
    if kind != Kind::Config && !document.is_empty() {
        return Err("an object that is no configuration has a document".into());
    }
    Ok(match kind {
        Kind::Module => ObjectKind::Module {
            type_name: lookup.string(record.name)?,
            variant: lookup.optional(record.variant)?,
        },
        Kind::List => ObjectKind::List,
        Kind::Map => ObjectKind::Map,
        Kind::Nothing => ObjectKind::Nothing,
        Kind::Variable => ObjectKind::Variable {
            variable: VariableId(record.variable),
            role: Role::from_number(record.role)?,
        },
        Kind::Config => ObjectKind::Config(Document::from_bytes(document)?),
    })
}

fn notes(table: &Notes, lookup: &Lookup) -> Result<Vec<(String, Document)>, String> {
    let mut documents = Parts::new(&table.documents);
    let mut names = BTreeSet::new();
    let mut notes = Vec::with_capacity(table.notes.len());
    for record in &table.notes {
        let name = lookup.string(record.name)?;
        if !names.insert(name.clone()) {
            return Err(format!("two notes are named `{name}`"));
        }
        notes.push((name, Document::from_bytes(documents.next(record.document_end)?)?));
    }
    documents.finish()?;
    Ok(notes)
}
