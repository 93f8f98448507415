//! The rules of a method with a signature.

use std::collections::BTreeSet;

use quote::{ToTokens, quote};
use syn::{FnArg, Ident, ImplItemFn, Pat, PatIdent, ReceiverKind, Safety, Signature, Type};

use crate::ast::ParameterDef;
use crate::check::{bare, is_tensor, is_tensor_reference, returns};
use crate::errors::Errors;
use crate::near;
use crate::pieces::words;
use crate::signature::{SignatureDef, saved_name};

/// A traced method is an ordinary method on `&self`, of tensors, under one name for all types.
pub fn form(method: &ImplItemFn, signature: &SignatureDef, errors: &Errors) -> Vec<ParameterDef> {
    let sig = &method.sig;
    plain(sig, "a method with a signature", errors);
    receiver(sig, errors);
    returns::returns(&sig.ident, &sig.output, signature.outputs.as_ref(), errors);
    sig.inputs.iter().filter_map(|argument| parameter(argument, errors)).collect()
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

fn parameter(argument: &FnArg, errors: &Errors) -> Option<ParameterDef> {
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
    let by_value = is_tensor(&typed.ty);
    let tensor = by_value || is_tensor_reference(&typed.ty);
    if !tensor {
        let what = name.map_or_else(|| "this parameter".to_owned(), |(ident, _)| format!("`{ident}`"));
        let message = match bare(&typed.ty) {
            Type::Reference(reference) if is_tensor(&reference.elem) => {
                "a traced method makes new tensors and changes none: write `&Tensor`".to_owned()
            }
            ty if is_several_tensors(ty) => format!(
                "a function of a saved model takes a fixed number of tensors: write a `&Tensor` for each that {what} holds"
            ),
            _ => format!(
                "a function of a saved model takes tensors only: write `&Tensor`, or keep {what} as configuration in a field \
                 of the layer"
            ),
        };
        errors.at(&typed.ty, message);
    }
    let (ident, mutability) = name?;
    Some(ParameterDef { ident: ident.clone(), mutability: *mutability, by_value, tensor })
}

/// Names and parameters agree: each name is a parameter, each parameter is named, none is named twice.
pub fn names(method: &ImplItemFn, parameters: &[ParameterDef], signature: &SignatureDef, errors: &Errors) {
    twice(signature.inputs.iter().map(|input| &input.name), errors);
    let outputs = signature.outputs.iter().flat_map(|outputs| &outputs.entries);
    twice(outputs.filter_map(|output| output.name.as_ref()), errors);

    let named: BTreeSet<_> = signature.inputs.iter().map(|input| saved_name(&input.name)).collect();
    let known: BTreeSet<_> = parameters.iter().map(|parameter| saved_name(&parameter.ident)).collect();
    let mut missing: Vec<_> = parameters
        .iter()
        .filter(|parameter| parameter.tensor && !named.contains(&saved_name(&parameter.ident)))
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
            errors.at(
                name,
                format!("the signature says nothing about `{name}`: add `{name} = [None, None; f32]` to it"),
            );
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

/// `&[Tensor]`, `[Tensor; 2]`, `Vec<Tensor>`, `(Tensor, Tensor)`
fn is_several_tensors(ty: &Type) -> bool {
    match bare(ty) {
        Type::Reference(reference) => is_several_tensors(&reference.elem),
        ty => !is_tensor(ty) && words(quote!(#ty)).iter().any(|word| word == "Tensor"),
    }
}
