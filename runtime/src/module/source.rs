//! Making a module tree from what a saved model holds.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::field::{Config, Field, Module};
use super::objects::{DEPTH, Object, ObjectId, ObjectKind, Objects};
use crate::error::{Error, Result};
use crate::graph::Variable;
use crate::tensor::Document;

/// The name of a field with the names it was saved under before.
#[derive(Clone, Copy, Debug)]
pub struct FieldName {
    name: &'static str,
    aliases: &'static [&'static str],
}

impl FieldName {
    /// A name with the names before it.
    pub const fn new(name: &'static str, aliases: &'static [&'static str]) -> Self {
        Self { name, aliases }
    }
}

/// What all parts of a tree are made from.
struct Shared<'a> {
    objects: &'a Objects,
    variables: &'a [Variable],
    /// What was made for objects that are reached more than once.
    made: RefCell<HashMap<ObjectId, Arc<dyn Any + Send + Sync>>>,
}

/// One object of a saved model, to make a field from.
pub struct Source<'a> {
    shared: &'a Shared<'a>,
    id: ObjectId,
    path: Vec<String>,
    claimed: BTreeSet<ObjectId>,
}

impl Source<'_> {
    /// Makes a field from an object of a tree.
    ///
    /// # Errors
    /// If the object is not what the type needs, with the path.
    pub fn build<F: Field>(objects: &Objects, variables: &[Variable], id: ObjectId) -> Result<F> {
        let shared = Shared { objects, variables, made: RefCell::new(HashMap::new()) };
        F::rebuild(&mut Source { shared: &shared, id, path: Vec::new(), claimed: BTreeSet::new() })
    }

    /// Makes a field of the module.
    ///
    /// # Errors
    /// If the saved model has none of that name, or it is something else.
    pub fn field<F: Field>(&mut self, name: FieldName) -> Result<F> {
        match self.find(name) {
            Some((found, id)) => self.child(&found, id),
            None => Err(self.lacks(name)),
        }
    }

    fn lacks(&self, name: FieldName) -> Error {
        let known: Vec<_> = match self.object() {
            Ok(object) => object.children.iter().map(|(name, _)| format!("`{name}`")).collect(),
            Err(error) => return error,
        };
        let message = format!(
            "the saved model has no such field; it has {}. A field that is new needs `#[module(default)]`, one that \
             has a new name `#[module(alias = \"its old name\")]`",
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        );
        Error::Module { path: self.child_path(name.name), message }
    }

    /// Makes a field of the module, or the default if the saved model has none of that name.
    ///
    /// # Errors
    /// If it is something else.
    pub fn field_or<F: Field>(&mut self, name: FieldName, default: impl FnOnce() -> F) -> Result<F> {
        match self.find(name) {
            Some((found, id)) => self.child(&found, id),
            None => Ok(default()),
        }
    }

    /// Makes a field of the module that is configuration.
    ///
    /// # Errors
    /// If the saved model has none of that name, or its type does not take it.
    pub fn config<C: Config>(&mut self, name: FieldName) -> Result<C> {
        self.field::<Value<C>>(name).map(|value| value.0)
    }

    /// Makes a field of the module that is configuration, or the default if the saved model has none of that name.
    ///
    /// # Errors
    /// If its type does not take it.
    pub fn config_or<C: Config>(&mut self, name: FieldName, default: impl FnOnce() -> C) -> Result<C> {
        self.field_or::<Value<C>>(name, || Value(default())).map(|value| value.0)
    }

    /// The variant of the enum that was saved.
    ///
    /// # Errors
    /// If it was no enum.
    pub fn variant(&mut self) -> Result<String> {
        match &self.object()?.kind {
            ObjectKind::Module { variant: Some(variant), .. } => Ok(variant.clone()),
            _ => Err(self.fail("the saved model holds no enum here")),
        }
    }

    /// The error of a variant that the enum does not have.
    pub fn unknown_variant(&self, found: &str, known: &'static [&'static str]) -> Error {
        let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
        self.fail(format!(
            "the saved model holds the variant `{found}`, and the enum has {}",
            known.join(", ")
        ))
    }

    /// Makes a module, and checks that it has a field for every variable that was saved below it.
    ///
    /// # Errors
    /// If the object is no module, a field cannot be made, or a variable is left over.
    pub fn module<M: Module>(&mut self) -> Result<M> {
        self.check_module(M::TYPE.name)?;
        let module = M::rebuild(self)?;
        self.check_claimed(M::TYPE.name)?;
        Ok(module)
    }

    /// The object is a module, as a type of this name needs.
    fn check_module(&self, type_name: &str) -> Result<()> {
        if matches!(self.object()?.kind, ObjectKind::Module { .. }) {
            return Ok(());
        }
        let found = self.found();
        Err(self.fail(format!("`{type_name}` is a module, and the saved model holds {found}")))
    }

    /// A type of this name has a field for every variable that was saved below it.
    fn check_claimed(&self, type_name: &str) -> Result<()> {
        let children = &self.object()?.children;
        let left = children
            .iter()
            .find(|(_, child)| !self.claimed.contains(child) && self.shared.objects.holds_variables(*child));
        match left {
            Some((name, _)) => Err(Error::Variable {
                path: self.child_path(name),
                message: format!(
                    "the saved model holds it, and `{type_name}` has no field of that name: \
                     keep the field, or give its new name `#[module(alias = \"{name}\")]`"
                ),
            }),
            None => Ok(()),
        }
    }

    /// The name the type of the module was saved under.
    pub(crate) fn type_name(&self) -> Result<&str> {
        match &self.object()?.kind {
            ObjectKind::Module { type_name, .. } => Ok(type_name),
            _ => Err(self.fail(format!("a layer is expected, and the saved model holds {}", self.found()))),
        }
    }

    /// The variable.
    pub(super) fn variable(&self) -> Result<Variable> {
        match &self.object()?.kind {
            ObjectKind::Variable { variable, .. } => self
                .shared
                .variables
                .get(variable.index())
                .cloned()
                .ok_or_else(|| self.fail("the saved model lacks the variable")),
            _ => {
                Err(self.fail(format!("a variable is expected, and the saved model holds {}", self.found())))
            }
        }
    }

    /// The configuration.
    pub(super) fn value<C: DeserializeOwned>(&self) -> Result<C> {
        let document = self.config_document()?;
        document.read().map_err(|message| self.misfit(document, &message))
    }

    fn config_document(&self) -> Result<&Document> {
        match &self.object()?.kind {
            ObjectKind::Config(document) => Ok(document),
            _ => {
                Err(self
                    .fail(format!("configuration is expected, and the saved model holds {}", self.found())))
            }
        }
    }

    fn misfit(&self, document: &Document, message: &str) -> Error {
        self.fail(format!("the saved configuration {document} does not fit: {message}"))
    }

    /// Whether a variable stands here.
    pub(crate) fn is_variable(&self) -> Result<bool> {
        Ok(matches!(self.object()?.kind, ObjectKind::Variable { .. }))
    }

    /// Whether there is nothing here.
    pub(super) fn is_nothing(&self) -> Result<bool> {
        Ok(matches!(self.object()?.kind, ObjectKind::Nothing))
    }

    /// The items of a list.
    pub(super) fn list<F: Field>(&mut self) -> Result<Vec<F>> {
        let object = self.object()?;
        if object.kind != ObjectKind::List {
            return Err(self.fail(format!("a list is expected, and the saved model holds {}", self.found())));
        }
        let children = object.children.clone();
        children.into_iter().map(|(name, id)| self.child(&name, id)).collect()
    }

    /// One item of a tuple of `length` items.
    pub(super) fn item<F: Field>(&mut self, index: usize, length: usize) -> Result<F> {
        let object = self.object()?;
        if object.kind != ObjectKind::List || object.children.len() != length {
            return Err(
                self.fail(format!("{length} items are expected, and the saved model holds {}", self.found()))
            );
        }
        let (name, id) = object.children[index].clone();
        self.child(&name, id)
    }

    /// The entries of a map.
    pub(super) fn map<F: Field>(&mut self) -> Result<Vec<(String, F)>> {
        let object = self.object()?;
        if object.kind != ObjectKind::Map {
            return Err(self.fail(format!("a map is expected, and the saved model holds {}", self.found())));
        }
        let children = object.children.clone();
        children.into_iter().map(|(name, id)| Ok((name.clone(), self.child(&name, id)?))).collect()
    }

    /// What was made for this object, made once for all that share it.
    pub(super) fn shared<T: Any + Send + Sync>(
        &mut self,
        make: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Arc<T>> {
        let known = self.shared.made.borrow().get(&self.id).cloned();
        if let Some(known) = known {
            return known.downcast().map_err(|_| self.fail("it is shared by fields of different types"));
        }
        let made = Arc::new(make(self)?);
        self.shared.made.borrow_mut().insert(self.id, made.clone());
        Ok(made)
    }

    /// An error about this object.
    pub fn fail(&self, message: impl Into<String>) -> Error {
        Error::Module { path: self.path.join("."), message: message.into() }
    }

    /// What the saved model holds here, in words.
    pub(super) fn found(&self) -> String {
        match self.object().map(|object| (&object.kind, object.children.len())) {
            Ok((ObjectKind::Module { type_name, .. }, _)) => format!("a module `{type_name}`"),
            Ok((ObjectKind::List, length)) => format!("a list of {length}"),
            Ok((ObjectKind::Map, length)) => format!("a map of {length}"),
            Ok((ObjectKind::Variable { .. }, _)) => "a variable".to_owned(),
            Ok((ObjectKind::Config(document), _)) => format!("the configuration {document}"),
            Ok((ObjectKind::Nothing, _)) | Err(_) => "nothing".to_owned(),
        }
    }

    fn object(&self) -> Result<&Object> {
        self.shared.objects.get(self.id).ok_or_else(|| self.fail("the saved model lacks it"))
    }

    fn find(&self, name: FieldName) -> Option<(String, ObjectId)> {
        let names = std::iter::once(&name.name).chain(name.aliases);
        names
            .into_iter()
            .find_map(|name| Some(((*name).to_owned(), self.shared.objects.child(self.id, name)?)))
    }

    fn child<F: Field>(&mut self, name: &str, id: ObjectId) -> Result<F> {
        F::rebuild(&mut self.child_source(name, id)?)
    }

    fn child_source(&mut self, name: &str, id: ObjectId) -> Result<Source<'_>> {
        self.claimed.insert(id);
        let mut path = self.path.clone();
        path.push(name.to_owned());
        if path.len() > DEPTH {
            return Err(self.fail(format!("the saved model nests deeper than {DEPTH} levels")));
        }
        Ok(Source { shared: self.shared, id, path, claimed: BTreeSet::new() })
    }

    fn child_path(&self, name: &str) -> String {
        self.path.iter().map(String::as_str).chain(std::iter::once(name)).collect::<Vec<_>>().join(".")
    }
}

/// Configuration as a field.
struct Value<C>(C);

impl<C: DeserializeOwned> Field for Value<C> {
    fn visit(&self, visitor: &mut super::Visitor<'_>) {
        visitor.fail("configuration is described by its own type");
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        source.value().map(Self)
    }
}
