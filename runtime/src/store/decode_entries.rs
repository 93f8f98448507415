//! The functions of a definition that can be called from outside.

use std::collections::BTreeSet;

use super::lookup::{Lookup, missing};
use super::names::Numbered;
use super::records::{ArgumentRecord, Entries, Parts, SizeRecord};
use crate::graph::{FunctionId, Graph, Mode};
use crate::module::Entry;
use crate::tensor::{Dim, Document, SizeRange};
use crate::trace::Signature;

/// A bound on entries times values and nodes, since each entry is checked by a walk over what it reaches.
const WALKS: usize = 1 << 30;

/// Reads the entries of a graph of this many values and nodes.
pub(super) fn entries(
    table: &Entries,
    graph: &Graph,
    size: usize,
    lookup: &Lookup,
) -> Result<Vec<Entry>, String> {
    if table.entries.len().saturating_mul(size) > WALKS {
        return Err(format!("{} entries are too many for a graph of this size", table.entries.len()));
    }
    let mut outputs = Parts::new(&table.outputs);
    let mut arguments = Parts::new(&table.arguments);
    let mut documents = Parts::new(&table.documents);
    let mut sizes = Parts::new(&table.sizes);
    let mut entries = Vec::with_capacity(table.entries.len());
    for record in &table.entries {
        let id = FunctionId(record.function);
        let function = graph.function(id);
        let function = function.ok_or_else(|| missing("function", id.0, graph.functions.len()))?;
        let names = outputs.next(record.outputs_end)?;
        if names.len() != function.outputs.len() {
            return Err(format!(
                "entry `{}` names {} outputs, not {}",
                function.name,
                names.len(),
                function.outputs.len()
            ));
        }
        for (name, kind) in function.inputs.iter().map(|(name, _)| name).zip(function.input_types()) {
            lookup.copies(name, kind)?;
        }
        function.output_types().try_for_each(|kind| lookup.copies("", kind))?;
        let inputs =
            function.inputs.iter().map(|(name, _)| name.clone()).zip(function.input_types().cloned());
        let names = names.iter().map(|&name| lookup.optional(name)).collect::<Result<Vec<_>, _>>()?;
        let signature = Signature {
            function: lookup.string(record.name)?,
            inputs: inputs.collect(),
            outputs: names.into_iter().zip(function.output_types().cloned()).collect(),
            record: flag(record.record)?,
            arguments: read_arguments(arguments.next(record.arguments_end)?, &mut documents, lookup)?,
            sizes: read_sizes(sizes.next(record.sizes_end)?, lookup)?,
        };
        entries.push(Entry { signature, mode: Mode::from_number(record.mode)?, function: id });
    }
    outputs.finish()?;
    arguments.finish()?;
    documents.finish()?;
    sizes.finish()?;
    Ok(entries)
}

fn flag(number: u8) -> Result<bool, String> {
    match number {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(format!("{other} is neither 0 nor 1")),
    }
}

fn read_arguments(
    records: &[ArgumentRecord],
    documents: &mut Parts<'_, u8>,
    lookup: &Lookup,
) -> Result<Vec<(String, Document)>, String> {
    let mut names = BTreeSet::new();
    let mut arguments = Vec::with_capacity(records.len());
    for record in records {
        let name = lookup.string(record.name)?;
        if !names.insert(record.name) {
            return Err(format!("an entry has two arguments named `{name}`"));
        }
        arguments.push((name, Document::from_bytes(documents.next(record.document_end)?)?));
    }
    Ok(arguments)
}

fn read_sizes(records: &[SizeRecord], lookup: &Lookup) -> Result<Vec<(Dim, SizeRange)>, String> {
    let read = |record: &SizeRecord| {
        let kind = lookup.kind(record.kind)?;
        let size = |size: u64| usize::try_from(size).map_err(|_| format!("the bound {size} is too large"));
        let max = if record.max == u64::MAX { None } else { Some(size(record.max)?) };
        match kind.shape.iter().as_slice() {
            [dim] => Ok((dim.clone(), SizeRange { min: size(record.min)?, max })),
            _ => Err(format!("{kind} is not the type of one size")),
        }
    };
    records.iter().map(read).collect()
}
