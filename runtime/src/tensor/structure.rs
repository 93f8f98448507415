//! Trees of tensors: what functions, loops and branches take and give as one value.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::handle::Tensor;
use crate::error::{Error, Result};

/// A tree of tensors: a tensor, a tuple, an array, a `Vec`, an `Option`, a map from names, or a struct that derives it.
///
/// Each tensor in it has a path: the names of fields and the positions in tuples and lists, joined by dots. The paths
/// are the whole layout, so that a structure goes into a graph as named values and comes back from them.
///
/// ```
/// use holotype::tensor::{Leaves, Structure, Tensor};
///
/// let state = (Tensor::from([1.0_f32]), vec![Tensor::from([2.0_f32]), Tensor::from([3.0_f32])]);
/// let leaves = Leaves::of(&state);
/// assert_eq!(leaves.paths().collect::<Vec<_>>(), ["0", "1.0", "1.1"]);
/// let again: (Tensor, Vec<Tensor>) = leaves.build()?;
/// assert_eq!(again.1[1].to_vec::<f32>()?, [3.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no structure of tensors",
    label = "not made of tensors",
    note = "a structure is `Tensor`, a tuple, an array, `Vec`, `Option` or a map from `String` of structures, or a struct with `#[derive(Structure)]`"
)]
pub trait Structure: Sized {
    /// The names of its parts, where the type alone tells them.
    const PARTS: Option<&'static [&'static str]> = None;

    /// Appends the tensors in it, in a fixed order, under paths that begin with `path`.
    fn flatten(&self, path: &Path, leaves: &mut Leaves);

    /// Takes the structure whose tensors stand under paths that begin with `path` out of the leaves.
    ///
    /// # Errors
    /// If a tensor that the structure needs is not there.
    fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self>;

    /// The structure whose tensors all carry an error; lists have one item, maps and options none.
    fn failed(error: &Error) -> Self;
}

/// The place of a part in a structure: names joined by dots; empty for the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// The place of a named part.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// The place of a part of this part.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.to_owned()) } else { Self(format!("{}.{name}", self.0)) }
    }

    /// The place as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `path` is the place of something inside of this part.
    pub fn is_above(&self, path: &str) -> bool {
        self.child(path).is_some()
    }

    /// What comes behind this place in `path`, if that is the place of a part of this one: the name of the part.
    fn child<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = if self.0.is_empty() {
            Some(path).filter(|path| !path.is_empty())
        } else {
            path.strip_prefix(&self.0)?.strip_prefix('.')
        };
        rest.map(|rest| rest.split_once('.').map_or(rest, |(name, _)| name))
    }
}

/// The tensors of a structure with their paths, in order.
#[derive(Clone, Debug, Default)]
pub struct Leaves(Vec<(String, Tensor)>);

impl Leaves {
    /// The tensors of a structure.
    pub fn of<S: Structure>(structure: &S) -> Self {
        Self::under(structure, "")
    }

    /// The tensors of a structure that is a part called `name` of something larger.
    pub fn under<S: Structure>(structure: &S, name: &str) -> Self {
        let mut leaves = Self::default();
        structure.flatten(&Path::new(name), &mut leaves);
        leaves
    }

    /// The tensors with these paths.
    pub fn new(leaves: impl IntoIterator<Item = (String, Tensor)>) -> Self {
        Self(leaves.into_iter().collect())
    }

    /// Appends a tensor.
    pub fn push(&mut self, path: &Path, tensor: Tensor) {
        self.0.push((path.as_str().to_owned(), tensor));
    }

    /// Takes the tensor at a path out.
    ///
    /// # Errors
    /// If there is none, with the paths there are.
    pub fn take(&mut self, path: &Path) -> Result<Tensor> {
        match self.0.iter().position(|(known, _)| known == path.as_str()) {
            Some(index) => Ok(self.0.remove(index).1),
            None => Err(Error::Trace {
                function: "structure".into(),
                message: format!(
                    "there is no tensor at `{}`; there are {}",
                    path.as_str(),
                    self.paths().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
                ),
            }),
        }
    }

    /// Takes out the tensors that stand at a path or below it.
    pub fn split(&mut self, path: &Path) -> Self {
        let inside = |(known, _): &mut (String, Tensor)| known == path.as_str() || path.is_above(known);
        Self(self.0.extract_if(.., inside).collect())
    }

    /// Whether a tensor stands at the path or below it.
    pub fn contains(&self, path: &Path) -> bool {
        self.0.iter().any(|(known, _)| known == path.as_str() || path.is_above(known))
    }

    /// The names of the parts of the part at a path, in order.
    pub fn children(&self, path: &Path) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.0.iter().filter_map(|(known, _)| path.child(known)) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// The structure with these tensors.
    ///
    /// # Errors
    /// If a tensor that it needs is not there, or one is left over.
    pub fn build<S: Structure>(self) -> Result<S> {
        self.build_under("")
    }

    /// The structure with the tensors of a part called `name`.
    ///
    /// # Errors
    /// As [`Leaves::build`].
    pub fn build_under<S: Structure>(mut self, name: &str) -> Result<S> {
        let structure = S::unflatten(&Path::new(name), &mut self)?;
        match self.paths().next() {
            None => Ok(structure),
            Some(path) => Err(Error::Trace {
                function: "structure".into(),
                message: format!("it has no place for the tensor at `{path}`"),
            }),
        }
    }

    /// The paths, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(path, _)| path.as_str())
    }

    /// The tensors, in order.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        self.0.iter().map(|(_, tensor)| tensor)
    }

    /// The paths and tensors, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.0.iter().map(|(path, tensor)| (path.as_str(), tensor))
    }

    /// The number of tensors.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no tensors.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same paths with other tensors; those that are missing carry an error.
    #[must_use]
    pub fn with(&self, tensors: impl IntoIterator<Item = Tensor>) -> Self {
        let mut tensors = tensors.into_iter();
        let with = |(path, _): &(String, Tensor)| {
            let missing = || Error::Trace { function: path.clone(), message: "a tensor is missing".into() };
            (path.clone(), tensors.next().unwrap_or_else(|| Tensor::from_error(missing())))
        };
        Self(self.0.iter().map(with).collect())
    }
}

impl IntoIterator for Leaves {
    type Item = (String, Tensor);
    type IntoIter = std::vec::IntoIter<(String, Tensor)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Structure for Tensor {
    fn flatten(&self, path: &Path, leaves: &mut Leaves) {
        leaves.push(path, self.clone());
    }

    fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
        leaves.take(path)
    }

    fn failed(error: &Error) -> Self {
        Self::from_error(error.clone())
    }
}

impl<S: Structure> Structure for Vec<S> {
    fn flatten(&self, path: &Path, leaves: &mut Leaves) {
        for (index, item) in self.iter().enumerate() {
            item.flatten(&path.join(&index.to_string()), leaves);
        }
    }

    fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
        let mut items = Self::new();
        loop {
            let item = path.join(&items.len().to_string());
            if !leaves.contains(&item) {
                return Ok(items);
            }
            items.push(S::unflatten(&item, leaves)?);
        }
    }

    fn failed(error: &Error) -> Self {
        vec![S::failed(error)]
    }
}

impl<S: Structure, const N: usize> Structure for [S; N] {
    fn flatten(&self, path: &Path, leaves: &mut Leaves) {
        for (index, item) in self.iter().enumerate() {
            item.flatten(&path.join(&index.to_string()), leaves);
        }
    }

    fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
        let items: Vec<S> = (0..N)
            .map(|index| S::unflatten(&path.join(&index.to_string()), leaves))
            .collect::<Result<_>>()?;
        items.try_into().map_err(|_| Error::Trace {
            function: path.as_str().to_owned(),
            message: format!("it is not a list of {N}"),
        })
    }

    fn failed(error: &Error) -> Self {
        std::array::from_fn(|_| S::failed(error))
    }
}

impl<S: Structure> Structure for Option<S> {
    fn flatten(&self, path: &Path, leaves: &mut Leaves) {
        if let Some(item) = self {
            item.flatten(path, leaves);
        }
    }

    fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
        if leaves.contains(path) { S::unflatten(path, leaves).map(Some) } else { Ok(None) }
    }

    fn failed(_: &Error) -> Self {
        None
    }
}

macro_rules! boxes {
    ($($pointer:ident),*) => {$(
        impl<S: Structure> Structure for $pointer<S> {
            fn flatten(&self, path: &Path, leaves: &mut Leaves) {
                S::flatten(self, path, leaves);
            }

            fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
                S::unflatten(path, leaves).map(Self::new)
            }

            fn failed(error: &Error) -> Self {
                Self::new(S::failed(error))
            }
        }
    )*};
}

boxes!(Box, Arc);

/// Names come in the order of the alphabet, whatever the map's own order. A name with a dot in it would be two names.
impl<S: Structure> Structure for BTreeMap<String, S> {
    fn flatten(&self, path: &Path, leaves: &mut Leaves) {
        for (name, item) in self {
            item.flatten(&path.join(name), leaves);
        }
    }

    fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
        let mut map = Self::new();
        for name in leaves.children(path) {
            let item = S::unflatten(&path.join(&name), leaves)?;
            map.insert(name, item);
        }
        Ok(map)
    }

    fn failed(_: &Error) -> Self {
        Self::new()
    }
}

impl<V: Structure, S: std::hash::BuildHasher + Default> Structure for HashMap<String, V, S> {
    fn flatten(&self, path: &Path, leaves: &mut Leaves) {
        let mut names: Vec<_> = self.iter().collect();
        crate::sorted::sort_by_key(&mut names, |(name, _)| *name);
        for (name, item) in names {
            item.flatten(&path.join(name), leaves);
        }
    }

    fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
        BTreeMap::unflatten(path, leaves).map(|map: BTreeMap<String, V>| map.into_iter().collect())
    }

    fn failed(_: &Error) -> Self {
        Self::default()
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),*);)*) => {$(
        impl<$($name: Structure),*> Structure for ($($name,)*) {
            fn flatten(&self, path: &Path, leaves: &mut Leaves) {
                let _ = (path, &leaves);
                $(self.$index.flatten(&path.join(stringify!($index)), leaves);)*
            }

            fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
                let _ = (path, &leaves);
                Ok(($($name::unflatten(&path.join(stringify!($index)), leaves)?,)*))
            }

            #[allow(clippy::unused_unit, reason = "the tuple of nothing")]
            fn failed(error: &Error) -> Self {
                let _ = error;
                ($($name::failed(error),)*)
            }
        }
    )*};
}

tuples! {
    ();
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: f32) -> Tensor {
        Tensor::from(value)
    }

    type Nested = (Option<Tensor>, BTreeMap<String, Vec<Tensor>>, [Tensor; 2], Option<(Tensor, ())>);

    #[test]
    fn any_nesting_comes_back_from_its_leaves() {
        let map = BTreeMap::from([
            ("b".to_owned(), vec![number(2.0), number(3.0)]),
            ("a".to_owned(), vec![number(1.0)]),
        ]);
        let nested: Nested = (None, map, [number(4.0), number(5.0)], Some((number(6.0), ())));
        let leaves = Leaves::of(&nested);
        assert_eq!(leaves.paths().collect::<Vec<_>>(), ["1.a.0", "1.b.0", "1.b.1", "2.0", "2.1", "3.0"]);
        let again: Nested = leaves.clone().build().unwrap();
        let values = |leaves: &Leaves| {
            leaves.tensors().flat_map(|leaf| leaf.to_vec::<f32>().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(values(&Leaves::of(&again)), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert!(again.0.is_none() && again.3.is_some());
    }

    #[test]
    fn missing_and_surplus_tensors_are_errors() {
        let leaves = Leaves::new([("0".to_owned(), number(1.0)), ("2".to_owned(), number(2.0))]);
        let error = leaves.clone().build::<(Tensor, Tensor)>().unwrap_err().to_string();
        assert!(error.contains("no tensor at `1`") && error.contains("`2`"), "{error}");
        let error = leaves.build::<(Tensor,)>().unwrap_err().to_string();
        assert!(error.contains("no place for the tensor at `2`"), "{error}");
    }
}
