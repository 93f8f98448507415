//! The rules of `#[derive(Module)]`.

use syn::{Data, DeriveInput, Fields, GenericArgument, Ident, PathArguments, Type};

use crate::ast::{Body, ModuleDef};
use crate::attr::FieldAttrs;
use crate::check::{bare, is_plain_value, is_tensor, last_name, names};
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
    if let Some(tensor) = tensor_in(ty) {
        errors.at(
            tensor,
            "a `Tensor` is a value, and what a module keeps is a variable: write `Variable`, made with `Variable::new(tensor)`, \
             or with `Variable::state(tensor)` if it is not trained",
        );
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

/// The tensor that a field of this type would hold, itself or in a container.
fn tensor_in(ty: &Type) -> Option<&Type> {
    const CONTAINERS: [&str; 6] = ["Vec", "Option", "Box", "Arc", "BTreeMap", "HashMap"];
    let ty = bare(ty);
    if is_tensor(ty) {
        return Some(ty);
    }
    match ty {
        Type::Array(array) => tensor_in(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(tensor_in),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            let types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            CONTAINERS.iter().any(|name| last.ident == name).then(|| types.last().and_then(tensor_in))?
        }
        _ => None,
    }
}
