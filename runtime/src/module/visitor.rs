//! Describing a module tree.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use serde::Serialize;

use super::field::{Config, Field, FieldRole, Module};
use super::objects::{Object, ObjectId, ObjectKind, Objects};
use crate::error::{Error, Result};
use crate::graph::{Role, Variable, VariableId};
use crate::tensor::Document;

/// A variable of a tree.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The artifact path it was reached by first.
    pub path: String,
    /// What it is in this tree: the role it was made with, or what a field around it says.
    pub role: Role,
    /// The handle.
    pub variable: Variable,
}

/// What a walk over a module tree finds.
#[derive(Default)]
pub struct ModuleTree {
    /// The tree.
    pub objects: Objects,
    /// The variables, each once.
    pub leaves: Vec<Leaf>,
    /// The modules by address and type, with their artifact paths.
    pub modules: Vec<(usize, TypeId, String)>,
}

impl ModuleTree {
    /// Walks over a module or anything else that a field may be.
    ///
    /// # Errors
    /// [`Error::Module`] with the path of what cannot be described.
    pub fn of<F: Field + ?Sized>(root: &F) -> Result<Self> {
        let mut structure = Self::default();
        let mut visitor = Visitor::new(&mut structure);
        visitor.child("", FieldRole::Inherit, &mut |visitor| root.visit(visitor));
        match visitor.error {
            Some(error) => Err(error),
            None => Ok(structure),
        }
    }
}

/// Takes a module tree in, field by field.
pub struct Visitor<'a> {
    structure: &'a mut ModuleTree,
    path: Vec<String>,
    role: FieldRole,
    /// The children of the objects that are being visited, the innermost last.
    open: Vec<Vec<(String, ObjectId)>>,
    variant: Option<String>,
    /// The object that was finished last.
    finished: Option<ObjectId>,
    variables: HashMap<u64, ObjectId>,
    shared: HashMap<(usize, TypeId), ObjectId>,
    error: Option<Error>,
}

impl<'a> Visitor<'a> {
    fn new(structure: &'a mut ModuleTree) -> Self {
        Self {
            structure,
            path: Vec::new(),
            role: FieldRole::Inherit,
            open: Vec::new(),
            variant: None,
            finished: None,
            variables: HashMap::new(),
            shared: HashMap::new(),
            error: None,
        }
    }

    /// Takes a field in.
    pub fn field<F: Field + ?Sized>(&mut self, name: &str, role: FieldRole, field: &F) {
        self.open_child(name, role, &mut |visitor| field.visit(visitor));
    }

    /// Takes configuration in.
    pub fn config<C: Config>(&mut self, name: &str, value: &C) {
        self.open_child(name, FieldRole::Inherit, &mut |visitor| visitor.value(value));
    }

    /// States which variant of an enum is being visited.
    pub fn variant(&mut self, name: &'static str) {
        self.variant = Some(name.to_owned());
    }

    /// The object is this module.
    pub fn module<M: Module>(&mut self, module: &M) {
        self.module_named(module, M::TYPE.name);
    }

    pub(super) fn module_named<M: Module>(&mut self, module: &M, type_name: &str) {
        self.stands_for(module);
        self.visit_module(type_name, &mut |visitor| module.visit(visitor));
    }

    fn visit_module(&mut self, type_name: &str, visit: &mut dyn FnMut(&mut Self)) {
        self.open.push(Vec::new());
        let outer = self.variant.take();
        visit(self);
        let variant = std::mem::replace(&mut self.variant, outer);
        let children = self.open.pop().unwrap_or_default();
        self.finish(ObjectKind::Module { type_name: type_name.to_owned(), variant }, children);
    }

    /// The module that is being visited is also the one at this address.
    pub(super) fn stands_for<M: Module>(&mut self, module: &M) {
        self.at_address(std::ptr::from_ref(module).addr(), TypeId::of::<M>());
    }

    fn at_address(&mut self, address: usize, kind: TypeId) {
        self.structure.modules.push((address, kind, self.path.join(".")));
    }

    /// The object is a list of these.
    pub fn list<'f, F: Field + ?Sized + 'f>(&mut self, items: impl IntoIterator<Item = &'f F>) {
        self.group(ObjectKind::List, |visitor| {
            for (index, item) in items.into_iter().enumerate() {
                visitor.field(&index.to_string(), FieldRole::Inherit, item);
            }
        });
    }

    /// The object is a map of these, taken in by order of the names.
    pub fn map<'f, F: Field + 'f>(&mut self, items: impl IntoIterator<Item = (&'f String, &'f F)>) {
        let items: Vec<_> = items.into_iter().collect();
        let mut order: Vec<_> = items.iter().enumerate().map(|(at, (name, _))| (*name, at)).collect();
        crate::sorted::sort(&mut order);
        self.group(ObjectKind::Map, |visitor| {
            for (name, at) in order {
                visitor.field(name, FieldRole::Inherit, items[at].1);
            }
        });
    }

    /// The object is a group of what `fields` shows.
    pub(super) fn group(&mut self, kind: ObjectKind, fields: impl FnOnce(&mut Self)) {
        self.open.push(Vec::new());
        fields(self);
        let children = self.open.pop().unwrap_or_default();
        self.finish(kind, children);
    }

    /// The object is nothing.
    pub fn nothing(&mut self) {
        self.finish(ObjectKind::Nothing, Vec::new());
    }

    /// The object is configuration.
    pub fn value<C: Serialize + ?Sized>(&mut self, value: &C) {
        self.described(Document::describe(value));
    }

    fn described(&mut self, document: Result<Document, String>) {
        match document {
            Ok(document) => self.finish(ObjectKind::Config(document), Vec::new()),
            Err(message) => self.fail(format!("the configuration cannot be described: {message}")),
        }
    }

    /// The object is this variable.
    pub fn variable(&mut self, variable: &Variable) {
        if let Some(&known) = self.variables.get(&variable.identity()) {
            self.finished = Some(known);
            return;
        }
        let role = match self.role {
            FieldRole::Frozen if variable.role() == Role::Trainable => Role::Frozen,
            FieldRole::State => Role::State,
            FieldRole::Inherit | FieldRole::Frozen => variable.role(),
        };
        let id = VariableId::new(self.structure.leaves.len());
        self.structure.leaves.push(Leaf { path: self.path.join("."), role, variable: variable.clone() });
        self.finish(ObjectKind::Variable { variable: id, role: variable.role() }, Vec::new());
        if let Some(object) = self.finished {
            self.variables.insert(variable.identity(), object);
        }
    }

    /// The object is what `visit` shows, once for all that share it.
    pub(super) fn shared<T: Any>(&mut self, value: &T, visit: impl FnOnce(&mut Self)) {
        let key = (std::ptr::from_ref(value).addr(), TypeId::of::<T>());
        if let Some(&known) = self.shared.get(&key) {
            self.finished = Some(known);
            return;
        }
        visit(self);
        if let Some(object) = self.finished {
            self.shared.insert(key, object);
        }
    }

    /// The object cannot be described.
    pub fn fail(&mut self, message: impl Into<String>) {
        let path = self.path.join(".");
        self.error.get_or_insert_with(|| Error::Module { path, message: message.into() });
    }

    /// Takes a child of the innermost object in.
    fn open_child(&mut self, name: &str, role: FieldRole, visit: &mut dyn FnMut(&mut Self)) {
        if let Some(id) = self.child(name, role, visit)
            && let Some(children) = self.open.last_mut()
        {
            children.push((name.to_owned(), id));
        }
    }

    fn child(&mut self, name: &str, role: FieldRole, visit: &mut dyn FnMut(&mut Self)) -> Option<ObjectId> {
        let outer = self.role;
        if role != FieldRole::Inherit {
            self.role = role;
        }
        if !name.is_empty() || !self.open.is_empty() {
            self.path.push(name.to_owned());
        }
        self.finished = None;
        visit(self);
        if !name.is_empty() || !self.open.is_empty() {
            self.path.pop();
        }
        self.role = outer;
        self.finished.take()
    }

    fn finish(&mut self, kind: ObjectKind, children: Vec<(String, ObjectId)>) {
        self.structure.objects.0.push(Object { kind, children });
        self.finished = Some(ObjectId::new(self.structure.objects.0.len() - 1));
    }
}
