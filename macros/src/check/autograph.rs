//! The rules of `#[autograph]`.

use syn::{Attribute, Ident, ImplItem, ItemImpl, Signature};

use crate::attr::names;
use crate::errors::Errors;

/// What `async` and `const` do with control flow, a graph cannot.
pub fn form(signature: &Signature, errors: &Errors) {
    if let Some(word) = &signature.asyncness {
        errors.at(word, "`#[autograph]` makes parts of a graph, which waits for nothing: remove `async`");
    }
    if let Some(word) = &signature.constness {
        errors.at(
            word,
            "`#[autograph]` makes parts of a graph, which the compiler does not run: remove `const`",
        );
    }
}

/// An attribute that is there already.
pub fn twice<'a>(attributes: impl IntoIterator<Item = &'a Attribute>, errors: &Errors) {
    for attribute in attributes {
        errors.at(attribute, "`autograph` is said twice: keep one");
    }
}

/// Takes `#[autograph]` off the methods of a layer; gives the places of those that have it, or of all that may have it.
pub fn methods(item: &mut ItemImpl, all: Option<&Ident>, errors: &Errors) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, item) in item.items.iter_mut().enumerate() {
        let ImplItem::Fn(method) = item else { continue };
        let own = method.attrs.extract_if(.., |attribute| names(attribute.path(), "autograph"));
        let own: Vec<Attribute> = own.collect();
        if let [first, more @ ..] = own.as_slice() {
            twice(more, errors);
            form(&method.sig, errors);
            if !matches!(first.meta, syn::Meta::Path(_)) {
                errors.at(first, "`#[autograph]` takes nothing: write it alone");
            }
            if all.is_some() {
                errors.at(first, "`#[layer(autograph)]` says it of all methods: keep one of the two");
            }
            found.push(at);
        } else if all.is_some() && method.sig.asyncness.is_none() && method.sig.constness.is_none() {
            found.push(at);
        }
    }
    found
}

/// The word `autograph` in the signature of a method.
pub fn word(at: usize, word: &Ident, found: &mut Vec<usize>, errors: &Errors) {
    if found.contains(&at) {
        errors.at(word, "`autograph` is said twice: keep one");
    } else {
        found.push(at);
    }
}
