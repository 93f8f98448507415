//! What two programs compute, compared.
//!
//! Names of functions and types, numbers of anonymous sizes, and places in user code mean nothing here. Variables are the
//! same if they are the same handle, so a field that has a new name is no difference.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use std::ops::Range;

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, Replace, myers};

use crate::graph::{FunctionId, Graph, Mode, Origin, PrintOptions, Role, print_function};
use crate::module::{Entry, Program};
use crate::sorted;
use crate::tensor::DType;

/// Lines around each change.
const CONTEXT: usize = 3;
/// The longest diff that is shown whole, in lines.
const LONGEST: usize = 200;

/// How the methods that were traced now differ from those of the same names that were saved, as a unified diff.
pub(super) fn between(saved: &Program, now: &Program) -> Option<String> {
    let (saved, now) = (Side::new(saved, None), Side::new(now, Some(saved)));
    let mut changed = Changed::default();
    for (key, own) in &now.entries {
        match saved.entries.get(key) {
            Some(other) if saved.fingerprint(other) == now.fingerprint(own) => {}
            other => {
                changed.now.push(*own);
                changed.saved.extend(other.copied());
            }
        }
    }
    // Methods that the type no longer has; a training run has functions of its own beside those of the model.
    let methods = sorted::set(now.entries.keys().map(|(name, ..)| *name));
    let lost = saved.entries.iter().filter(|((name, ..), _)| !saved.is_training || methods.contains(name));
    changed.saved.extend(lost.filter(|(key, _)| !now.entries.contains_key(*key)).map(|(_, entry)| *entry));
    let roles =
        now.roles.iter().filter(|(path, role)| saved.roles.get(*path).is_some_and(|old| old != *role));
    let roles = sorted::set(roles.map(|(path, _)| path));
    if changed.now.is_empty() && changed.saved.is_empty() && roles.is_empty() {
        return None;
    }
    let old = saved.text(&changed.saved, &now, &roles);
    let new = now.text(&changed.now, &saved, &roles);
    let diff = unified(&old, &new);
    let mut lines: Vec<_> = diff.lines().take(LONGEST).collect();
    if lines.len() < diff.lines().count() {
        lines.push("...");
    }
    Some(lines.join("\n"))
}

/// The lines that differ, with those around them.
///
/// `similar::TextDiff` would compile each of its algorithms, for each kind of text: a twentieth of all that a user compiles.
fn unified(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut changes = Compact::new(Replace::new(Capture::new()), &old[..], &new[..]);
    let Ok(()) = myers::diff(&mut changes, &old[..], 0..old.len(), &new[..], 0..new.len());
    let changes = changes.into_inner().into_inner().into_ops();
    let mut text = String::new();
    for hunk in similar::group_diff_ops(changes, CONTEXT) {
        let _ =
            writeln!(text, "@@ -{} +{} @@", span(&hunk, DiffOp::old_range), span(&hunk, DiffOp::new_range));
        for line in hunk.iter().flat_map(|change| change.iter_changes(&old[..], &new[..])) {
            let _ = writeln!(text, "{}{}", line.tag(), line.value());
        }
    }
    text
}

/// The lines of one side as the header of a unified diff names them: the first, counted from 1, and how many. A side without
/// lines is named by the line before it.
fn span(hunk: &[DiffOp], side: impl Fn(&DiffOp) -> Range<usize>) -> String {
    let start = hunk.first().map_or(0, |first| side(first).start);
    match hunk.last().map_or(0, |last| side(last).end) - start {
        0 => format!("{start},0"),
        1 => (start + 1).to_string(),
        count => format!("{},{count}", start + 1),
    }
}

#[derive(Default)]
struct Changed<'a> {
    saved: Vec<&'a Entry>,
    now: Vec<&'a Entry>,
}

/// What tells one trace of a method from another: its name, mode, static arguments, and the names, dtypes and ranks of its inputs.
type Key<'a> = (&'a str, Mode, String, Vec<(&'a str, DType, usize)>);

struct Side<'a> {
    graph: Graph,
    /// For each function a hash of what it does, callees included.
    hashes: Vec<String>,
    entries: BTreeMap<Key<'a>, &'a Entry>,
    roles: BTreeMap<String, Role>,
    is_training: bool,
}

impl<'a> Side<'a> {
    /// A program, with its variables named as another one names them.
    fn new(program: &'a Program, named_by: Option<&Program>) -> Self {
        let mut graph = program.graph().clone();
        if let Some(other) = named_by {
            let names: HashMap<u64, &String> = other
                .variables()
                .iter()
                .zip(&other.graph().variables)
                .map(|(variable, definition)| (variable.identity(), &definition.path))
                .collect();
            for (variable, definition) in program.variables().iter().zip(&mut graph.variables) {
                if let Some(&name) = names.get(&variable.identity()) {
                    definition.path.clone_from(name);
                }
            }
        }
        let roles =
            sorted::map(graph.variables.iter().map(|variable| (variable.path.clone(), variable.role)));
        let key = |entry: &'a Entry| {
            let signature = &entry.signature;
            let types = signature.inputs.iter().map(|(name, kind)| (name.as_str(), kind.dtype, kind.rank()));
            let arguments: Vec<_> =
                signature.arguments.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            ((signature.function.as_str(), entry.mode, arguments.join(", "), types.collect()), entry)
        };
        let entries = sorted::map(program.entries().iter().map(key));
        let hashes = hashes(graph.clone());
        Self { graph, hashes, entries, roles, is_training: program.note(super::restore::TRAINING).is_some() }
    }

    fn fingerprint(&self, entry: &Entry) -> (String, Option<&String>) {
        (entry.signature.to_string(), self.hashes.get(entry.function.index()))
    }

    /// The entries, and the functions they reach that the other side does not have.
    fn text(&self, entries: &[&Entry], other: &Self, roles: &BTreeSet<&String>) -> String {
        let mut text = String::new();
        for path in roles {
            if let Some(role) = self.roles.get(*path) {
                let _ = writeln!(text, "variable {path}: {}", role.name());
            }
        }
        for entry in entries {
            let mode = match entry.mode {
                Mode::Inference => "inference",
                Mode::Training => "training",
            };
            let _ = writeln!(text, "{} // {mode}", entry.signature);
        }
        let known = sorted::set(&other.hashes);
        for id in self.reached(entries) {
            let new = self.hashes.get(id.index()).is_some_and(|hash| !known.contains(hash));
            if let Some(function) = self.graph.function(id).filter(|_| new) {
                let mut function = function.clone();
                function.origin = Origin::Derived(String::new());
                text.push_str(&plain(&print_function(&self.graph, &function, PrintOptions::default())));
            }
        }
        text
    }

    fn reached(&self, entries: &[&Entry]) -> BTreeSet<FunctionId> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<_> = entries.iter().map(|entry| entry.function).collect();
        while let Some(id) = next.pop() {
            if reached.insert(id) {
                next.extend(
                    self.graph
                        .function(id)
                        .into_iter()
                        .flat_map(|function| function.callees().chain(function.own_gradient())),
                );
            }
        }
        reached
    }
}

/// A hash of what each function does. A function is printed with hashes for the names of those it calls.
fn hashes(mut graph: Graph) -> Vec<String> {
    let mut hashes = Vec::with_capacity(graph.functions.len());
    for index in 0..graph.functions.len() {
        let mut function = graph.functions[index].clone();
        function.name = String::new();
        function.origin = Origin::Derived(String::new());
        let text = plain(&print_function(&graph, &function, PrintOptions::default()));
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        graph.functions[index].name.clone_from(&hash);
        hashes.push(hash);
    }
    hashes
}

/// The text with anonymous sizes numbered in the order in which they appear.
fn plain(text: &str) -> String {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parts = text.split('?');
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = part.split_at(digits);
        result.push('?');
        if digits > 0 {
            let next = numbers.len();
            let _ = write!(result, "{}", numbers.entry(number).or_insert(next));
        }
        result.push_str(rest);
    }
    result.replace(" // \n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_a_unified_diff_count_lines_from_one() {
        assert_eq!(unified("a\n", "b\n"), "@@ -1 +1 @@\n-a\n+b\n");
        assert_eq!(unified("", "a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
        assert_eq!(unified("a\nb\nc\nd\ne\n", "a\nb\nc\nd\n"), "@@ -2,4 +2,3 @@\n b\n c\n d\n-e\n");
    }

    #[test]
    fn anonymous_sizes_are_numbered_as_they_appear() {
        assert_eq!(plain("[?7, ?12; f32] ?7 ? x // \n"), "[?0, ?1; f32] ?0 ? x\n");
    }
}
