//! The rules of `#[derive(Module)]`.

use syn::{Data, DeriveInput, Fields, Ident, Type};

use crate::ast::{Body, ModuleDef};
use crate::attr::FieldAttrs;
use crate::check::{is_plain_value, last_name, names};
use crate::errors::Errors;

/// A module is a struct, or an enum of which at least one variant has fields. It owns what it holds.
pub fn kind(input: &DeriveInput, errors: &Errors) {
    match &input.data {
        Data::Union(data) => errors.at(
            data.union_token,
            "a union does not know what it holds, so it cannot be saved: use a struct, or an enum with data",
        ),
        Data::Enum(data) if data.variants.is_empty() => {
            errors.at(&input.ident, "an enum without variants has no value to save: use a struct");
        }
        Data::Enum(data) if data.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit)) => errors.at(
            &input.ident,
            "an enum that carries no data is configuration, not a module: derive `Serialize` and `Deserialize` for it, and \
             mark the fields of this type `#[module(config)]`",
        ),
        Data::Struct(_) | Data::Enum(_) => {}
    }
    for lifetime in input.generics.lifetimes() {
        errors.at(
            &lifetime.lifetime,
            format!("a module owns what it holds, so it has no `{}`: hold the value itself, or share it in an `Arc`", lifetime.lifetime),
        );
    }
}

/// The names of the whole type.
pub fn all_names(module: &ModuleDef, errors: &Errors) {
    names::registered(&module.attrs, errors);
    match &module.body {
        Body::Struct(fields) => names::saved(fields.iter().map(|field| &field.saved), "field", errors),
        Body::Enum(variants) => {
            names::saved(variants.iter().map(|variant| &variant.saved), "variant", errors);
            for variant in variants {
                names::saved(variant.fields.iter().map(|field| &field.saved), "field", errors);
            }
        }
    }
}

/// Words that exclude each other, and words that mean nothing for a field of this type.
pub fn field_words(attrs: &FieldAttrs, ty: &Type, errors: &Errors) {
    if attrs.skip.is_some() {
        skipped_alone(attrs, errors);
        return;
    }
    let trained: [(&Option<Ident>, &str); 2] = [(&attrs.frozen, "frozen"), (&attrs.state, "state")];
    if let (Some(_), Some(state)) = (&attrs.frozen, &attrs.state) {
        errors.at(state, "`frozen` and `state` exclude each other: `frozen` for weights that are not trained, `state` for what a layer keeps track of itself");
    }
    let type_name = last_name(ty).unwrap_or_default();
    for (mark, word) in trained {
        let Some(mark) = mark else { continue };
        if attrs.config.is_some() {
            errors.at(mark, format!("configuration is never trained: remove `{word}`, or `config`"));
        } else if is_plain_value(&type_name) {
            errors.at(
                mark,
                format!("`{word}` is about variables, and `{type_name}` is a plain value: remove it"),
            );
        }
    }
    if let Some(config) = &attrs.config
        && type_name == "Variable"
    {
        errors.at(config, "a `Variable` is tracked, not configuration: remove `config`, or write `frozen` to keep it from being trained");
    }
}

fn skipped_alone(attrs: &FieldAttrs, errors: &Errors) {
    let words = [
        &attrs.config,
        &attrs.frozen,
        &attrs.state,
        &attrs.default.as_ref().map(|default| default.word.clone()),
    ];
    for word in words.into_iter().flatten() {
        errors.at(word, format!("a skipped field is not saved and comes back as `Default::default()`: remove `{word}`, or `skip`"));
    }
    for literal in attrs.rename.iter().chain(&attrs.aliases) {
        errors.at(
            literal,
            format!(
                "a skipped field has no name in a saved model: remove the name {}, or `skip`",
                names::quoted(literal)
            ),
        );
    }
}
