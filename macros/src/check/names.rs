//! Names in a saved model.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::LitStr;

use crate::ast::SavedName;
use crate::attr::TypeAttrs;
use crate::errors::Errors;

/// No two fields (or variants) are found under one name, old names included, and no name breaks an artifact path.
pub fn saved<'a>(names: impl Iterator<Item = &'a SavedName>, kind: &str, errors: &Errors) {
    let mut taken = BTreeSet::new();
    let mut take = |name: &str, place: &dyn ToTokens| {
        if name.is_empty() {
            errors.at(place, format!("a {kind} needs a name that is not empty"));
        } else if name.contains(['.', '/']) {
            errors.at(
                place,
                format!(
                    "`{name}` has a `.` or a `/`, which separate names in a saved model: write another name"
                ),
            );
        } else if !taken.insert(name.to_owned()) {
            errors.at(
                place,
                format!("two {kind}s are called `{name}` in a saved model: each needs a name of its own"),
            );
        }
    };
    let names: Vec<_> = names.collect();
    for saved in &names {
        take(&saved.name, &saved.original);
    }
    for alias in names.iter().flat_map(|saved| &saved.aliases) {
        take(&alias.value(), alias);
    }
}

/// The names of a type or a function differ from each other and are not empty.
pub fn registered(attrs: &TypeAttrs, errors: &Errors) {
    let mut taken = Vec::new();
    for literal in attrs.name.iter().chain(&attrs.aliases) {
        let name = literal.value();
        if name.trim().is_empty() {
            errors.at(literal, "this name is empty: write something like `\"my_crate::Dense\"`");
        } else if taken.contains(&name) {
            errors.at(literal, format!("`{name}` is said twice: keep one"));
        }
        taken.push(name);
    }
}

/// The place to name in a message about text.
pub fn quoted(literal: &LitStr) -> String {
    format!("`{}`", literal.value())
}
