//! The rules of `#[op]`.

use syn::{ImplItem, ItemImpl, Type};

use crate::attr::OpAttrs;
use crate::check::{bare, last_name, names};
use crate::errors::Errors;
use crate::pieces::text;

/// `impl Op for Scale`, not generic, which says its name and its version once.
pub fn form(item: &ItemImpl, attrs: &OpAttrs, errors: &Errors) {
    let ty = text(&item.self_ty);
    match &item.trait_ {
        Some((path, _)) if path.segments.last().is_some_and(|last| last.ident == "Op") => {}
        Some((path, _)) => errors.at(path, format!("`#[op]` belongs on `impl Op for {ty}`")),
        None => errors.at(
            &item.self_ty,
            format!("`#[op]` belongs on the trait's impl: write `impl Op for {ty} {{ … }}`"),
        ),
    }
    if !item.generics.params.is_empty() {
        errors.at(
            &item.generics.params,
            "a generic op has no one name in a saved model: write the impl for one type, and keep what varies in its fields",
        );
    }
    if last_name(&item.self_ty).is_none() && !matches!(bare(&item.self_ty), Type::Verbatim(_)) {
        errors.at(&item.self_ty, "an op is a struct or an enum that holds its attributes");
    }
    for constant in constants(item) {
        let stated = match constant.ident.to_string().as_str() {
            "NAME" => attrs.names.name.is_some(),
            "VERSION" => attrs.version.is_some(),
            _ => false,
        };
        if stated {
            let word = constant.ident.to_string().to_lowercase();
            errors.at(
                &constant.ident,
                format!("the {word} is said twice, here and in `#[op({word} = …)]`: keep one"),
            );
        }
    }
    names::registered(&attrs.names, errors);
}

fn constants(item: &ItemImpl) -> impl Iterator<Item = &syn::ImplItemConst> {
    item.items.iter().filter_map(|item| match item {
        ImplItem::Const(constant) => Some(constant),
        _ => None,
    })
}

/// Whether the impl has an item of this name.
pub fn has(item: &ItemImpl, name: &str) -> bool {
    item.items.iter().any(|item| match item {
        ImplItem::Const(constant) => constant.ident == name,
        ImplItem::Fn(function) => function.sig.ident == name,
        _ => false,
    })
}
