//! The local variables that are known at a point of a function.

use std::cell::Cell;
use std::rc::Rc;

use syn::{FnArg, Ident, Pat, ReceiverKind, Signature, Type};

use crate::autograph::infer;
use crate::check::{bare, last_name};

/// A local variable.
#[derive(Clone)]
pub struct Local {
    pub ident: Ident,
    pub access: Access,
    /// It has a value here.
    pub assigned: bool,
    /// Its type is known where it is declared, and may be that of a tensor.
    pub holds_tensor: bool,
    /// Declared by `let x;`: whether it has to be `mut`, as both branches of an `if` on a tensor assign it.
    pub twice: Rc<Cell<bool>>,
}

/// How a variable may be changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Not at all.
    Fixed,
    /// It is declared `mut`.
    Mutable,
    /// It is a `&mut`, as its type says, so that what is changed is behind it.
    Exclusive,
}

/// The scopes around a point, the innermost last.
#[derive(Default)]
pub struct Scopes {
    locals: Vec<Local>,
    /// How many locals there were when each scope began.
    starts: Vec<usize>,
}

impl Scopes {
    pub fn enter(&mut self) {
        self.starts.push(self.locals.len());
    }

    pub fn leave(&mut self) {
        self.locals.truncate(self.starts.pop().unwrap_or_default());
    }

    /// How many locals there are; those before this number were declared before this point.
    pub fn len(&self) -> usize {
        self.locals.len()
    }

    /// The local that a name means here, and its number.
    pub fn find(&self, ident: &Ident) -> Option<(usize, &Local)> {
        self.locals.iter().enumerate().rev().find(|(_, local)| local.ident == *ident)
    }

    pub fn assign(&mut self, ident: &Ident) {
        if let Some(local) = self.locals.iter_mut().rev().find(|local| local.ident == *ident) {
            local.assigned = true;
        }
    }

    /// Which locals have a value.
    pub fn assigned(&self) -> Vec<bool> {
        self.locals.iter().map(|local| local.assigned).collect()
    }

    pub fn set_assigned(&mut self, assigned: &[bool]) {
        for (local, assigned) in self.locals.iter_mut().zip(assigned) {
            local.assigned = *assigned;
        }
    }

    /// The names of a pattern.
    pub fn bind(&mut self, pattern: &Pat, how: Binding) {
        names(pattern, &mut |ident, mutable, by_reference| {
            self.locals.push(Local {
                ident: ident.clone(),
                access: match (how.exclusive, mutable) {
                    (true, _) => Access::Exclusive,
                    (false, true) => Access::Mutable,
                    (false, false) => Access::Fixed,
                },
                assigned: how.assigned,
                holds_tensor: how.holds_tensor && !by_reference,
                twice: Rc::default(),
            });
        });
    }

    /// The last local that was bound.
    pub fn last(&self) -> Option<&Local> {
        self.locals.last()
    }

    /// The parameters of a function.
    pub fn parameters(&mut self, signature: &Signature) {
        for argument in &signature.inputs {
            match argument {
                FnArg::Receiver(receiver) => {
                    let access = match &receiver.kind {
                        ReceiverKind::Reference(_, _, Some(_)) => Access::Exclusive,
                        _ if receiver.mutability.is_some() => Access::Mutable,
                        _ => Access::Fixed,
                    };
                    self.locals.push(Local {
                        ident: Ident::from(receiver.self_token),
                        access,
                        assigned: true,
                        holds_tensor: false,
                        twice: Rc::default(),
                    });
                }
                FnArg::Typed(typed) => self.bind(&typed.pat, Binding::typed(&typed.ty)),
            }
        }
    }
}

/// How the names of a pattern are bound.
#[derive(Clone, Copy)]
pub struct Binding {
    pub exclusive: bool,
    pub assigned: bool,
    pub holds_tensor: bool,
}

impl Binding {
    /// Parts of a value.
    pub const PART: Self = Self { exclusive: false, assigned: true, holds_tensor: true };
    /// Of a type that is found out later.
    pub const LATER: Self = Self { exclusive: false, assigned: true, holds_tensor: false };

    pub fn typed(ty: &Type) -> Self {
        let exclusive = matches!(bare(ty), Type::Reference(reference) if reference.mutability.is_some());
        let holds_tensor = match bare(ty) {
            Type::Tuple(_) | Type::Array(_) => true,
            ty => last_name(ty).is_some_and(|name| name == "Tensor"),
        };
        Self { exclusive, assigned: true, holds_tensor }
    }

    /// Of `let pattern: ty = value;`
    pub fn local(ty: Option<&Type>, value: Option<&syn::Expr>) -> Self {
        let mut binding = match (ty, value) {
            (Some(ty), _) => Self::typed(ty),
            (None, Some(value)) if infer::is_known(value) => Self::PART,
            _ => Self::LATER,
        };
        binding.assigned = value.is_some();
        binding
    }
}

/// Calls `found` for each name that a pattern binds, with whether it is `mut` and whether it is `ref`.
pub fn names(pattern: &Pat, found: &mut dyn FnMut(&Ident, bool, bool)) {
    match pattern {
        Pat::Ident(name) => {
            let constant = name.subpat.is_none()
                && name.mutability.is_none()
                && name.by_ref.is_none()
                && name.ident.to_string().starts_with(char::is_uppercase);
            if !constant {
                found(&name.ident, name.mutability.is_some(), name.by_ref.is_some());
            }
            if let Some((_, inner)) = &name.subpat {
                names(inner, found);
            }
        }
        Pat::Type(typed) => names(&typed.pat, found),
        Pat::Guard(guarded) => names(&guarded.pat, found),
        Pat::Paren(paren) => names(&paren.pat, found),
        Pat::Reference(reference) => names(&reference.pat, found),
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|part| names(part, found)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|part| names(part, found)),
        Pat::Slice(slice) => slice.elems.iter().for_each(|part| names(part, found)),
        Pat::Struct(fields) => fields.fields.iter().for_each(|field| names(&field.pat, found)),
        Pat::Or(cases) => {
            if let Some(first) = cases.cases.first() {
                names(first, found);
            }
        }
        _ => {}
    }
}
