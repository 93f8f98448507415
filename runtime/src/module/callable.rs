//! Functions of a program, as they are called: which of their traces takes the arguments.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::program::{Entry, Program};
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::sorted;
use crate::tensor::{DType, Data, Document, Leaves, Path, Sizes, Structure, Tensor, TensorType};
use crate::trace::{Signature, Static};

/// A function of a program with values for its static arguments; those that are not given have their defaults.
#[derive(Clone)]
pub struct Callable<'p> {
    program: &'p Program,
    name: String,
    given: Vec<(String, Document)>,
}

impl<'p> Callable<'p> {
    pub(super) fn new(program: &'p Program, name: &str) -> Self {
        Self { program, name: name.to_owned(), given: Vec::new() }
    }

    /// Gives a static argument a value, one of those that the function was traced for.
    ///
    /// # Errors
    /// [`Error::Signature`] if there is no such argument, or it was not traced for this value, with those that there are.
    pub fn with<T: Static>(mut self, argument: &str, value: T) -> Result<Self> {
        let entries: Vec<_> = self.program.entries_named(&self.name, Mode::Inference).collect();
        let Some(first) = entries.first() else { return Err(self.program.unknown(&self.name)) };
        let fail = |message: String| Err(first.signature.error(None, message));
        let value = match Document::describe(&value) {
            Ok(value) => value,
            Err(message) => {
                return fail(format!("the value of `{argument}` cannot be written down: {message}"));
            }
        };
        let mut known: Vec<&Document> = Vec::new();
        for entry in &entries {
            let found = entry.signature.arguments.iter().find(|(name, _)| name == argument);
            known.extend(found.map(|(_, value)| value).filter(|value| !known.contains(value)));
        }
        if known.is_empty() {
            let names: Vec<_> =
                first.signature.arguments.iter().map(|(name, _)| format!("`{name}`")).collect();
            let names = if names.is_empty() {
                "it has none".to_owned()
            } else {
                format!("it has {}", list(&names, "and"))
            };
            return fail(format!("there is no static argument `{argument}`: {names}"));
        }
        if !known.contains(&&value) {
            let known: Vec<_> = known.iter().map(ToString::to_string).collect();
            return fail(format!(
                "`{argument}` is {value}, and the function was traced for {}: list the value in the signature, and save again",
                list(&known, "and")
            ));
        }
        self.given.retain(|(name, _)| name != argument);
        self.given.push((argument.to_owned(), value));
        Ok(self)
    }

    /// The signature; of a function that was traced for several dtypes or ranks, the most usual.
    ///
    /// # Errors
    /// If there is no such function, with the names there are.
    pub fn signature(&self) -> Result<&'p Signature> {
        self.entries()?.first().map(|entry| &entry.signature).ok_or_else(|| self.program.unknown(&self.name))
    }

    /// Calls the function with tensors in the order of its signature.
    ///
    /// # Errors
    /// As [`Program::call_function`].
    pub fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.run(&self.entries()?, inputs).map(|(_, outputs)| outputs)
    }

    /// Calls the function with named inputs, in any order; gives named outputs.
    ///
    /// # Errors
    /// As [`Program::call_named`].
    pub fn call_named(&self, inputs: &[(&str, Tensor)]) -> Result<Vec<(String, Tensor)>> {
        let names: Vec<_> = inputs.iter().map(|(name, _)| *name).collect();
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(self.signature()?.error(Some(twice.1), "the input is given twice".into()));
        }
        let entries = self.entries()?;
        let named = with_names(&entries, &names);
        let Some(first) = named.first() else { return Err(self.other_names(&entries, &names)) };
        let ordered: Vec<_> = first
            .signature
            .inputs
            .iter()
            .filter_map(|(known, _)| inputs.iter().find(|(name, _)| name == known))
            .map(|(_, tensor)| tensor.clone())
            .collect();
        let (entry, outputs) = self.run(&named, &ordered)?;
        let name = |index| entry.signature.output_name(index);
        Ok(outputs.into_iter().enumerate().map(|(index, output)| (name(index), output)).collect())
    }

    /// Calls the function with a structure, and gives a structure.
    ///
    /// # Errors
    /// As [`Program::call_structure`].
    pub fn call_structure<I: Structure, O: Structure>(&self, inputs: &I) -> Result<O> {
        let entries = self.entries()?;
        let leaves = Leaves::of(inputs);
        let fits = |names: &Vec<String>| {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            !with_names(&entries, &names).is_empty()
        };
        let ways = ways_in(&entries, &leaves);
        let names = ways.iter().find(|names| fits(names)).or_else(|| ways.first());
        let names = names.map(Vec::as_slice).unwrap_or_default();
        let named: Vec<_> = names.iter().map(String::as_str).zip(leaves.tensors().cloned()).collect();
        let given: Vec<_> = named.iter().map(|(name, _)| *name).collect();
        let same = with_names(&entries, &given);
        let Some(first) = same.first() else { return Err(self.other_names(&entries, &given)) };
        let ordered: Vec<_> = first
            .signature
            .inputs
            .iter()
            .filter_map(|(known, _)| named.iter().find(|(name, _)| name == known))
            .map(|(_, tensor)| tensor.clone())
            .collect();
        let (entry, outputs) = self.run(&same, &ordered)?;
        let mut first_error = None;
        for paths in ways_out(&entry.signature) {
            match Leaves::new(paths.into_iter().zip(outputs.iter().cloned())).build() {
                Ok(structure) => return Ok(structure),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        let reason = match first_error {
            Some(Error::Trace { message, .. }) => message,
            Some(error) => error.to_string(),
            None => "there are no outputs".into(),
        };
        let ty = std::any::type_name::<O>();
        Err(entry.signature.error(None, format!("the outputs are no `{ty}`: {reason}")))
    }

    /// The traces with these static arguments, the most usual first.
    fn entries(&self) -> Result<Vec<&'p Entry>> {
        let all: Vec<_> = self.program.entries_named(&self.name, Mode::Inference).collect();
        let Some(first) = all.first() else { return Err(self.program.unknown(&self.name)) };
        let mut wanted = first.signature.arguments.clone();
        for (name, value) in &mut wanted {
            if let Some((_, given)) = self.given.iter().find(|(known, _)| known == name) {
                value.clone_from(given);
            }
        }
        let traced: Vec<_> = all.into_iter().filter(|entry| entry.signature.arguments == wanted).collect();
        if traced.is_empty() {
            let wanted: Vec<_> = wanted.iter().map(|(name, value)| format!("`{name}` = {value}")).collect();
            let message = format!("the function was not traced for {}", list(&wanted, "and"));
            return Err(Error::Trace { function: self.name.clone(), message });
        }
        Ok(traced)
    }

    /// The trace that takes inputs, and what its sizes are for them.
    pub(super) fn bound(&self, inputs: &[Tensor]) -> Result<(&'p Program, &'p Entry, Sizes)> {
        let inputs: Vec<Data> =
            inputs.iter().map(|input| input.clone().into_data()).collect::<Result<_>>()?;
        let (entry, sizes) = select(&self.entries()?, &inputs)?;
        Ok((self.program, entry, sizes))
    }

    fn run(&self, entries: &[&'p Entry], inputs: &[Tensor]) -> Result<(&'p Entry, Vec<Tensor>)> {
        let inputs: Vec<Data> =
            inputs.iter().map(|input| input.clone().into_data()).collect::<Result<_>>()?;
        let (entry, sizes) = select(entries, &inputs)?;
        let outputs = self.program.run_entry(entry, inputs, &sizes)?;
        Ok((entry, outputs.into_iter().map(Tensor::from_data).collect()))
    }

    /// Why no trace takes inputs with these names.
    fn other_names(&self, entries: &[&Entry], given: &[&str]) -> Error {
        let Some(first) = entries.first() else { return self.program.unknown(&self.name) };
        let known = |name: &str| {
            entries.iter().any(|entry| entry.signature.inputs.iter().any(|(known, _)| known == name))
        };
        if let Some(unknown) = given.iter().find(|name| !known(name)) {
            let known: Vec<_> = first.signature.inputs.iter().map(|(name, _)| format!("`{name}`")).collect();
            let known = if known.is_empty() {
                "it takes none".into()
            } else {
                format!("it takes {}", list(&known, "and"))
            };
            return first
                .signature
                .error(Some(unknown), format!("the function has no input of this name; {known}"));
        }
        // Of the traces the one that lacks least.
        let lacking = |entry: &&Entry| {
            entry.signature.inputs.iter().filter(|(name, _)| !given.contains(&name.as_str())).count()
        };
        let nearest =
            entries.iter().copied().filter(|entry| lacking(entry) > 0).min_by_key(lacking).unwrap_or(first);
        let missing = nearest.signature.inputs.iter().find(|(name, _)| !given.contains(&name.as_str()));
        match missing {
            Some((name, kind)) => {
                nearest.signature.error(Some(name), format!("the input is missing; give a tensor {kind}"))
            }
            None => first.signature.error(None, "the inputs do not belong together".into()),
        }
    }
}

/// The traces whose inputs have exactly these names.
fn with_names<'p>(entries: &[&'p Entry], names: &[&str]) -> Vec<&'p Entry> {
    let names = sorted::set(names.iter().copied());
    let same =
        |entry: &&&Entry| sorted::set(entry.signature.inputs.iter().map(|(name, _)| name.as_str())) == names;
    entries.iter().filter(same).copied().collect()
}

/// The names that the tensors of a structure may have as inputs: their paths; those below the only parameter; or the first part
/// of each path counts the parameters.
fn ways_in(entries: &[&Entry], leaves: &Leaves) -> Vec<Vec<String>> {
    let mut parameters: Vec<&str> = Vec::new();
    for (name, _) in entries.iter().flat_map(|entry| &entry.signature.inputs) {
        let first = name.split('.').next().unwrap_or(name);
        if !parameters.contains(&first) {
            parameters.push(first);
        }
    }
    let mut ways = Vec::new();
    if let [only] = parameters.as_slice() {
        ways.push(leaves.paths().map(|path| below(only, path)).collect());
    }
    ways.push(leaves.paths().map(str::to_owned).collect());
    let counted = leaves.paths().map(|path| {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        parameters.get(first.parse::<usize>().ok()?).map(|name| below(name, rest))
    });
    ways.extend(counted.collect::<Option<Vec<_>>>());
    ways
}

fn below(name: &str, path: &str) -> String {
    if path.is_empty() { name.to_owned() } else { Path::new(name).join(path).as_str().to_owned() }
}

/// The paths that outputs may have in a structure: their names; their places; or, of the parts of one output, what follows its
/// name.
fn ways_out(signature: &Signature) -> Vec<Vec<String>> {
    let alone = signature.outputs.len() == 1;
    let name = |(index, (name, _)): (usize, &(Option<String>, _))| match name {
        Some(name) => name.clone(),
        None if alone => String::new(),
        None => index.to_string(),
    };
    let named: Vec<String> = signature.outputs.iter().enumerate().map(name).collect();
    let split = |name: &String| {
        name.split_once('.').map_or_else(
            || (name.clone(), String::new()),
            |(first, rest)| (first.to_owned(), rest.to_owned()),
        )
    };
    let mut firsts: Vec<String> = Vec::new();
    let (mut counted, mut inside) = (Vec::new(), Vec::new());
    for (first, rest) in named.iter().map(split) {
        let place = firsts.iter().position(|known| *known == first).unwrap_or_else(|| {
            firsts.push(first);
            firsts.len() - 1
        });
        counted.push(below(&place.to_string(), &rest));
        inside.push(rest);
    }
    let mut ways = vec![named, counted];
    if firsts.len() == 1 {
        ways.push(inside);
    }
    ways
}

/// The first of some traces that takes the inputs, and what its sizes are.
///
/// # Errors
/// Why the only one that could take them does not, or what they all take; if traces for different parts of a structure take
/// them.
pub(super) fn select<'p>(entries: &[&'p Entry], inputs: &[Data]) -> Result<(&'p Entry, Sizes)> {
    let fits = |entry: &&&Entry| {
        let expected = &entry.signature.inputs;
        let same = |((_, kind), data): (&(String, TensorType), &Data)| {
            kind.dtype == data.dtype() && kind.rank() == data.sizes().len()
        };
        expected.len() == inputs.len() && expected.iter().zip(inputs).all(same)
    };
    let names =
        |entry: &Entry| entry.signature.inputs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let (mut chosen, mut first_error): (Option<(&Entry, Sizes)>, _) = (None, None);
    for entry in entries.iter().filter(fits) {
        match (entry.signature.bind(inputs), &chosen) {
            (Ok(sizes), None) => chosen = Some((entry, sizes)),
            (Ok(_), Some((first, _))) if names(entry) != names(first) => {
                let message = format!(
                    "the inputs may be {} or {}: call it with names",
                    names(first).join(", "),
                    names(entry).join(", ")
                );
                return Err(first.signature.error(None, message));
            }
            (Ok(_), Some(_)) => {}
            (Err(error), _) => {
                first_error.get_or_insert(error);
            }
        }
    }
    match (chosen, first_error, entries) {
        (Some(chosen), ..) => Ok(chosen),
        (None, Some(error), _) => Err(error),
        (None, None, [only]) => Ok((only, only.signature.bind(inputs)?)),
        (None, None, _) => Err(summary(entries, inputs)),
    }
}

/// What several traces take, none of which takes the inputs.
fn summary(entries: &[&Entry], inputs: &[Data]) -> Error {
    let Some(first) = entries.first() else {
        return Error::Trace { function: String::new(), message: "there is no such function".into() };
    };
    let counts: BTreeSet<usize> = entries.iter().map(|entry| entry.signature.inputs.len()).collect();
    if !counts.contains(&inputs.len()) {
        let counts: Vec<_> = counts.iter().map(ToString::to_string).collect();
        let names: Vec<_> = first.signature.inputs.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message =
            format!("it takes {} inputs ({}), not {}", list(&counts, "or"), names.join(", "), inputs.len());
        return first.signature.error(None, message);
    }
    let same: Vec<_> = entries.iter().filter(|entry| entry.signature.inputs.len() == inputs.len()).collect();
    let Some(usual) = same.first() else {
        return first.signature.error(None, "no trace takes the inputs".into());
    };
    for (at, data) in inputs.iter().enumerate() {
        let kinds: Vec<_> = same.iter().filter_map(|entry| entry.signature.inputs.get(at)).collect();
        let name = kinds.first().map(|(name, _)| name.as_str());
        let mut dtypes: Vec<DType> = Vec::new();
        for (_, kind) in &kinds {
            if !dtypes.contains(&kind.dtype) {
                dtypes.push(kind.dtype);
            }
        }
        let ranks: BTreeSet<usize> = kinds.iter().map(|(_, kind)| kind.rank()).collect();
        let found = data.describe();
        if !dtypes.contains(&data.dtype()) {
            let dtypes = list(&dtypes, "or");
            let message = format!("found {found}: the dtype must be {dtypes}, not {}", data.dtype());
            return usual.signature.error(name, message);
        }
        let rank = data.sizes().len();
        if !ranks.contains(&rank) {
            let least = ranks.first().copied().unwrap_or_default();
            let leading: Vec<_> = ranks.iter().map(|rank| rank - least).collect();
            let leading = if leading.len() > 1 {
                format!(", which is {} leading dimensions", list(&leading, "or"))
            } else {
                String::new()
            };
            let ranks: Vec<_> = ranks.iter().copied().collect();
            let message = format!(
                "found {found}: the function was traced for rank {}{leading}, not {rank}",
                list(&ranks, "or")
            );
            return usual.signature.error(name, message);
        }
    }
    let found: Vec<_> = inputs.iter().map(Data::describe).collect();
    let message = format!(
        "found {}: each is taken, but not together: the dtype must be one, and the number of leading dimensions too, wherever the \
         signature says so",
        found.join(", ")
    );
    usual.signature.error(None, message)
}

/// `a, b and c`
fn list(items: &[impl Display], word: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.to_string(),
        [most @ .., last] => {
            let most: Vec<_> = most.iter().map(ToString::to_string).collect();
            format!("{} {word} {last}", most.join(", "))
        }
    }
}
