//! The tables of a definition, field by field as they stand in the file.
//!
//! Everything is a list of records of integers. What a record has several of stands in another list of the same table,
//! one record's after the other's; the record says where its part ends, and it starts where the part before it ended.
//! [`NONE`] is the index of nothing.

use serde::{Deserialize, Serialize};

/// The index of nothing.
pub(super) const NONE: u32 = u32::MAX;

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        // The lists of a table have its words in their names.
        #[allow(clippy::struct_field_names)]
        pub(super) struct $name { $(pub $field: $type),* }
    )*};
}

records! {
    /// Section `strings`: UTF-8 texts, one after the other.
    Strings { ends: Vec<u32>, text: Vec<u8> }

    /// Section `types`: tensor types, and of what their sizes are sums.
    Types { types: Vec<Type>, dims: Vec<u32>, terms: Vec<Term>, factors: Vec<Factor> }
    Type { dtype: u8, dims_end: u32 }
    Term { coefficient: i64, factors_end: u32 }
    Factor { symbol: u32, power: u32 }

    /// Section `variables`: the variables and the files that hold their values.
    Variables { files: Vec<File>, variables: Vec<VariableRecord> }
    /// The 32 bytes of a hash are four parts, since what reads arrays is compiled for each element.
    File { length: u64, hash: [[u8; 8]; 4] }
    VariableRecord { path: u32, kind: u32, role: u8, file: u32 }

    /// Section `constants`: the type of each constant; the values stand in section `constant_data`.
    Constants { kinds: Vec<u32> }

    /// Section `ops`: each op with attributes, once.
    Ops { ops: Vec<OpRecord>, attributes: Vec<u8> }
    OpRecord { name: u32, version: u32, attributes_end: u32 }

    /// Section `functions`: the graph.
    Functions {
        functions: Vec<FunctionRecord>,
        inputs: Vec<Input>,
        outputs: Vec<u32>,
        values: Vec<u32>,
        nodes: Vec<NodeRecord>,
        operands: Vec<u32>,
        results: Vec<u32>,
        controls: Vec<Control>,
        callees: Vec<u32>,
    }
    FunctionRecord {
        name: u32,
        origin: u8,
        origin_name: u32,
        origin_path: u32,
        origin_method: u32,
        gradient: u8,
        gradient_function: u32,
        inputs_end: u32,
        outputs_end: u32,
        values_end: u32,
        nodes_end: u32,
    }
    Input { name: u32, value: u32 }
    NodeRecord { operation: u8, index: u32, operands_end: u32, results_end: u32 }
    Control { state: u32, inputs: u32, gradients: u32, length: u32, reverse: u8, callees_end: u32 }

    /// Section `locations`: where user code asked for each node, in the order of section `functions`.
    Locations { locations: Vec<LocationRecord>, nodes: Vec<u32> }
    LocationRecord { file: u32, line: u32, column: u32 }

    /// Section `objects`: the tree of modules.
    ObjectTable { objects: Vec<ObjectRecord>, children: Vec<Child>, documents: Vec<u8> }
    ObjectRecord {
        kind: u8,
        name: u32,
        variant: u32,
        variable: u32,
        role: u8,
        document_end: u32,
        children_end: u32,
    }
    Child { name: u32, object: u32 }

    /// Section `entries`: the functions that can be called from outside.
    Entries {
        entries: Vec<EntryRecord>,
        outputs: Vec<u32>,
        arguments: Vec<ArgumentRecord>,
        documents: Vec<u8>,
        sizes: Vec<SizeRecord>,
    }
    EntryRecord {
        name: u32,
        function: u32,
        mode: u8,
        record: u8,
        outputs_end: u32,
        arguments_end: u32,
        sizes_end: u32,
    }
    ArgumentRecord { name: u32, document_end: u32 }
    SizeRecord { kind: u32, min: u64, max: u64 }

    /// Section `notes`: what else was written down, by name.
    Notes { notes: Vec<NoteRecord>, documents: Vec<u8> }
    NoteRecord { name: u32, document_end: u32 }
}

/// Hands out the parts of a list, each of which ends where its record says.
pub(super) struct Parts<'a, T> {
    list: &'a [T],
    start: usize,
}

impl<'a, T> Parts<'a, T> {
    pub fn new(list: &'a [T]) -> Self {
        Self { list, start: 0 }
    }

    /// The part that ends here.
    pub fn next(&mut self, end: u32) -> Result<&'a [T], String> {
        let end = end as usize;
        let part = self.list.get(self.start..end).ok_or_else(|| {
            format!("a part from {} to {end} does not lie in a list of {}", self.start, self.list.len())
        })?;
        self.start = end;
        Ok(part)
    }

    /// Checks that nothing is left over.
    pub fn finish(self) -> Result<(), String> {
        match self.list.len() - self.start {
            0 => Ok(()),
            left => Err(format!("{left} items of a list belong to nothing")),
        }
    }
}

/// Where a list ends now, for a record.
pub(super) fn end<T>(list: &[T]) -> Result<u32, String> {
    u32::try_from(list.len()).ok().filter(|&end| end != NONE).ok_or_else(|| {
        "the definition is too large for the format: a table has more than 2^32 - 2 items".to_owned()
    })
}
