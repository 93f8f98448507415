//! The structure of a module tree as flat data.

use crate::error::{Error, Result};
use crate::graph::{Role, VariableId};
use crate::tensor::Document;

/// How deep a tree may nest, and how many paths it may have: walks over it take no more stack and time.
pub(crate) const DEPTH: usize = 256;
pub(crate) const PATHS: usize = 1 << 22;

/// An object of a tree: an index into [`Objects`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u32);

impl ObjectId {
    /// The id of the object at this index; an index beyond `u32::MAX` becomes an id that no table has.
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The index in the table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What an object is.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectKind {
    /// A struct or enum that derives `Module`.
    Module {
        /// The name its type is saved under.
        type_name: String,
        /// The variant, of an enum.
        variant: Option<String>,
    },
    /// A list, an array or a tuple; the children are named `0`, `1`, ….
    List,
    /// A map from names.
    Map,
    /// An option that holds nothing.
    Nothing,
    /// A variable.
    Variable {
        /// Which.
        variable: VariableId,
        /// The role that it was made with; a field around it may say otherwise.
        role: Role,
    },
    /// Configuration.
    Config(Document),
}

/// One object with its named children.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// The children, in the order of the fields. Children stand before their parents in the table.
    pub children: Vec<(String, ObjectId)>,
}

/// The objects of a tree; the last one is the root. An object that is reached twice stands here once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objects(pub Vec<Object>);

impl Objects {
    /// The object with this id.
    pub fn get(&self, id: ObjectId) -> Option<&Object> {
        self.0.get(id.index())
    }

    /// The root.
    pub fn root(&self) -> Option<(ObjectId, &Object)> {
        let last = self.0.len().checked_sub(1)?;
        Some((ObjectId::new(last), &self.0[last]))
    }

    /// The child of an object with this name.
    pub fn child(&self, id: ObjectId, name: &str) -> Option<ObjectId> {
        self.get(id)?.children.iter().find(|(child, _)| child == name).map(|(_, id)| *id)
    }

    /// Checks that every child stands before its parent, that names are unique and that variables exist.
    ///
    /// # Errors
    /// [`Error::Module`] with the object that breaks a rule.
    pub fn verify(&self, variables: usize) -> Result<()> {
        let mut walks = Vec::with_capacity(self.0.len());
        for (index, object) in self.0.iter().enumerate() {
            let fail = |message: String| Error::Module { path: format!("object {index}"), message };
            let mut names = std::collections::BTreeSet::new();
            for (name, child) in &object.children {
                if child.index() >= index {
                    return Err(fail(format!("its child `{name}` does not stand before it")));
                }
                if !names.insert(name) {
                    return Err(fail(format!("two of its children are named `{name}`")));
                }
            }
            let below = object.children.iter().filter_map(|(_, child)| walks.get(child.index()).copied());
            let (depth, paths) = below.fold((1, 1_usize), |(depth, paths), (deep, more): (usize, usize)| {
                (depth.max(deep + 1), paths.saturating_add(more))
            });
            if depth > DEPTH || paths > PATHS {
                return Err(fail(format!(
                    "it nests {depth} deep and has {paths} paths below it: at most {DEPTH} and {PATHS} are walked"
                )));
            }
            walks.push((depth, paths));
            if let ObjectKind::Variable { variable, .. } = object.kind
                && variable.index() >= variables
            {
                return Err(fail(format!("there is no variable {}", variable.index())));
            }
        }
        if self.0.is_empty() {
            Err(Error::Module { path: String::new(), message: "there is no object".into() })
        } else {
            Ok(())
        }
    }

    /// Whether an object is a variable or has one below it.
    pub fn holds_variables(&self, id: ObjectId) -> bool {
        let mut next = vec![id];
        let mut seen = std::collections::BTreeSet::new();
        while let Some(id) = next.pop() {
            let Some(object) = self.get(id).filter(|_| seen.insert(id)) else { continue };
            if matches!(object.kind, ObjectKind::Variable { .. }) {
                return true;
            }
            next.extend(object.children.iter().map(|(_, child)| *child));
        }
        false
    }
}
