//! The rules of a method with a signature.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::{FnArg, Ident, ImplItemFn, Pat, PatIdent, ReceiverKind, Safety, Signature, Type};

use crate::ast::{ParameterDef, ParameterKind};
use crate::check::arguments::value_type;
use crate::check::{bare, is_plain_value, is_tensor, last_name, layout, returns};
use crate::errors::Errors;
use crate::near;
use crate::signature::{SignatureDef, saved_name};

/// A traced method is an ordinary method on `&self`, of tensors, under one name for all types.
pub fn form(method: &ImplItemFn, signature: &SignatureDef, errors: &Errors) -> Vec<ParameterDef> {
    let sig = &method.sig;
    plain(sig, "a method with a signature", errors);
    receiver(sig, errors);
    returns::returns(&sig.ident, &sig.output, signature.outputs.as_ref(), errors);
    let listed: Vec<_> = signature.arguments.iter().map(|argument| saved_name(&argument.name)).collect();
    sig.inputs.iter().filter_map(|argument| parameter(argument, &listed, errors)).collect()
}

/// Nothing that a graph cannot express: no generics, no `async`, `unsafe`, `const`, `extern`, no variadics.
pub fn plain(sig: &Signature, what: &str, errors: &Errors) {
    let unsafety = match &sig.safety {
        Safety::Unsafe(token) => Some(token.to_token_stream()),
        Safety::Safe(token) => Some(token.to_token_stream()),
        Safety::Default => None,
    };
    let words = [
        sig.asyncness.as_ref().map(ToTokens::to_token_stream),
        sig.constness.as_ref().map(ToTokens::to_token_stream),
        sig.abi.as_ref().map(ToTokens::to_token_stream),
        sig.variadic.as_ref().map(ToTokens::to_token_stream),
        unsafety,
    ];
    for word in words.into_iter().flatten() {
        errors.at(&word, format!("{what} is traced into a graph, which knows no `{word}`: remove it"));
    }
    if !sig.generics.params.is_empty() {
        let message = format!(
            "{what} becomes one graph, so it is not generic: remove the parameters, and write `&Tensor` for a tensor"
        );
        errors.at(&sig.generics.params, message);
    }
}

fn receiver(sig: &Signature, errors: &Errors) {
    let Some(receiver) = sig.receiver() else {
        errors.at(
            &sig.ident,
            format!("a method with a signature computes from its layer: write `fn {}(&self, …)`", sig.ident),
        );
        return;
    };
    match &receiver.kind {
        ReceiverKind::Reference(_, None, None) => {}
        ReceiverKind::Reference(_, _, Some(_)) => errors.at(
            receiver,
            "write `&self`: what a layer changes is a `Variable`, which is assigned through a shared reference",
        ),
        _ => errors.at(receiver, "write `&self`"),
    }
}

fn parameter(argument: &FnArg, listed: &[String], errors: &Errors) -> Option<ParameterDef> {
    let FnArg::Typed(typed) = argument else { return None };
    let name = match &*typed.pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, mutability, .. }) => {
            Some((ident, mutability))
        }
        other => {
            errors.at(other, "a tensor parameter needs a plain name, which is its name in the saved model: write `input: &Tensor`");
            None
        }
    };
    if let Some((ident, mutability)) = name
        && listed.contains(&saved_name(ident))
    {
        let (ty, by_value) = value_type(&typed.ty);
        let kind = if is_tensor(&ty) {
            errors.at(
                &typed.ty,
                "a tensor has no list of values: write `{name} = [None, 5; f32]` in the signature"
                    .replace("{name}", &ident.to_string()),
            );
            ParameterKind::Mistake
        } else {
            ParameterKind::Static
        };
        return Some(ParameterDef { ident: ident.clone(), mutability: *mutability, by_value, ty, kind });
    }
    let what = name.map_or_else(|| "this parameter".to_owned(), |(ident, _)| format!("`{ident}`"));
    let message = match bare(&typed.ty) {
        Type::Reference(reference) if reference.mutability.is_some() => {
            Some("a traced method makes new tensors and changes none: write `&Tensor`".to_owned())
        }
        Type::Reference(reference) if matches!(bare(&reference.elem), Type::Slice(_)) => Some(format!(
            "a function of a saved model takes a fixed number of tensors: write `&[Tensor; N]`, `&Vec<Tensor>` with its length in \
             the signature, or a `&Tensor` for each that {what} holds"
        )),
        Type::Reference(reference) => not_tensors(&reference.elem, &what),
        ty => not_tensors(ty, &what),
    };
    let kind = if let Some(message) = message {
        errors.at(&typed.ty, message);
        ParameterKind::Mistake
    } else {
        ParameterKind::Tensors
    };
    let (ident, mutability) = name?;
    let (by_value, ty) = match bare(&typed.ty) {
        Type::Reference(reference) => (false, Type::clone(&reference.elem)),
        ty => (true, ty.clone()),
    };
    Some(ParameterDef { ident: ident.clone(), mutability: *mutability, by_value, ty, kind })
}

/// What to say of a type that is no tensor, nor a structure of tensors.
fn not_tensors(ty: &Type, what: &str) -> Option<String> {
    let ty = bare(ty);
    let plain = last_name(ty).is_some_and(|name| is_plain_value(&name) || name == "str");
    let bare_word = what.trim_matches('`');
    if plain {
        return Some(format!(
            "{what} is no tensor: list the values it is traced for in the signature, `{bare_word} in [{}]`, keep it as \
             configuration in a field of the layer, or write `&Tensor`",
            example(&last_name(ty).unwrap_or_default())
        ));
    }
    if !matches!(ty, Type::Path(_) | Type::Tuple(_) | Type::Array(_) | Type::Macro(_) | Type::Verbatim(_)) {
        return Some(format!(
            "a function of a saved model takes tensors: write `&Tensor`, or a struct with `#[derive(Structure)]`, for {what}"
        ));
    }
    None
}

fn example(ty: &str) -> &'static str {
    match ty {
        "bool" => "true, false",
        "str" | "String" => "\"fast\", \"exact\"",
        "f32" | "f64" => "0.5, 1.0",
        "char" => "'a', 'b'",
        _ => "1, 2",
    }
}

/// The layouts of inputs and outputs fit the types of parameters and of what is returned.
pub fn layouts(method: &ImplItemFn, parameters: &[ParameterDef], signature: &SignatureDef, errors: &Errors) {
    for input in &signature.inputs {
        let parameter = parameters.iter().find(|known| saved_name(&known.ident) == saved_name(&input.name));
        if let Some(parameter) = parameter.filter(|parameter| parameter.kind == ParameterKind::Tensors) {
            layout::fits(&parameter.ty, &input.layout, errors);
        }
    }
    let syn::ReturnType::Type(_, ty) = &method.sig.output else { return };
    let Some(outputs) = &signature.outputs else { return };
    match (bare(ty), outputs.entries.as_slice()) {
        (Type::Tuple(tuple), [_, _, ..]) if tuple.elems.len() == outputs.entries.len() => {
            for (ty, output) in tuple.elems.iter().zip(&outputs.entries) {
                layout::fits(ty, &output.layout, errors);
            }
        }
        (Type::Path(_), [output]) => layout::fits(ty, &output.layout, errors),
        _ => {}
    }
}

/// Names and parameters agree: each name is a parameter, each parameter is named, none is named twice.
pub fn names(method: &ImplItemFn, parameters: &[ParameterDef], signature: &SignatureDef, errors: &Errors) {
    twice(signature.inputs.iter().map(|input| &input.name), errors);
    twice(signature.arguments.iter().map(|argument| &argument.name), errors);
    let outputs = signature.outputs.iter().flat_map(|outputs| &outputs.entries);
    twice(outputs.filter_map(|output| output.name.as_ref()), errors);

    let named: BTreeSet<_> = signature.inputs.iter().map(|input| saved_name(&input.name)).collect();
    let known: BTreeSet<_> = parameters.iter().map(|parameter| saved_name(&parameter.ident)).collect();
    let mut missing: Vec<_> = parameters
        .iter()
        .filter(|parameter| {
            parameter.kind == ParameterKind::Tensors && !named.contains(&saved_name(&parameter.ident))
        })
        .collect();
    // A parameter without a plain name may be the one that is meant.
    let readable = parameters.len() + usize::from(method.sig.receiver().is_some()) == method.sig.inputs.len();
    let unknown = signature.inputs.iter().filter(|input| !known.contains(&saved_name(&input.name)));
    for input in unknown.filter(|_| readable) {
        // A misspelt name is one mistake: the parameter that it was meant for is not reported again.
        let candidates: Vec<_> = missing.iter().map(|parameter| saved_name(&parameter.ident)).collect();
        let advice = match near::closest(&saved_name(&input.name), &candidates) {
            Some(at) => format!("write `{}`", missing.remove(at).ident),
            None if parameters.is_empty() => "it takes no tensor".to_owned(),
            None => format!("it takes {}", list(parameters.iter().map(|parameter| &parameter.ident))),
        };
        errors.at(&input.name, format!("`{}` has no parameter `{}`: {advice}", method.sig.ident, input.name));
    }
    if signature.complete {
        for parameter in missing {
            let name = &parameter.ident;
            let advice = if is_tensor(&parameter.ty) {
                format!("add `{name} = [None, None; f32]` to it")
            } else {
                format!(
                    "add the layout of its tensors to it, `{name} = {{ part: [None, None; f32] }}`, or its values, `{name} in […]`"
                )
            };
            errors.at(name, format!("the signature says nothing about `{name}`: {advice}"));
        }
    }
}

fn twice<'a>(names: impl Iterator<Item = &'a Ident>, errors: &Errors) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(saved_name(name)) {
            errors.at(name, format!("`{name}` is named twice in this signature: keep one"));
        }
    }
}

/// `a`, `b`
fn list<'a>(names: impl Iterator<Item = &'a Ident>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
