//! The rules of `#[loss]`, `#[metric]`, `#[optimizer]` and `#[schedule]`.

use syn::{FnArg, Ident, ItemFn, ItemImpl, Pat, PatIdent, ReturnType, Type};

use crate::check::{bare, is_tensor, is_tensor_reference, last_name, method};
use crate::errors::Errors;
use crate::expand::rule::Rule;
use crate::pieces::text;

/// `fn name(y_true: &Tensor, y_pred: &Tensor) -> Tensor`, and the names of its parameters.
pub fn form(attribute: &str, item: &ItemFn, errors: &Errors) -> Vec<Ident> {
    let sig = &item.sig;
    let article = if attribute == "loss" { "a loss" } else { "a metric" };
    let form = format!("fn {}(y_true: &Tensor, y_pred: &Tensor) -> Tensor", sig.ident);
    method::plain(sig, article, errors);
    let names: Vec<_> =
        sig.inputs.iter().filter_map(|argument| parameter(article, &form, argument, errors)).collect();
    if sig.inputs.len() - usize::from(sig.receiver().is_some()) != 2 {
        errors.at(&sig.ident, format!("{article} compares what is true with what is predicted, so it takes two tensors: write `{form}`"));
    }
    match &sig.output {
        ReturnType::Type(_, ty) if is_tensor(ty) => {}
        ReturnType::Type(_, ty) => errors.at(ty, format!("{article} returns a tensor: write `{form}`")),
        ReturnType::Default => errors.at(&sig.ident, format!("{article} returns a tensor: write `{form}`")),
    }
    names
}

fn parameter(article: &str, form: &str, argument: &FnArg, errors: &Errors) -> Option<Ident> {
    let typed = match argument {
        FnArg::Receiver(receiver) => {
            errors.at(receiver, format!("{article} is a free function without `self`: write `{form}`"));
            return None;
        }
        FnArg::Typed(typed) => typed,
    };
    if !is_tensor_reference(&typed.ty) {
        errors.at(&typed.ty, format!("{article} takes two `&Tensor` and nothing else: write `{form}`"));
    }
    match &*typed.pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, mutability: None, ident, .. }) => {
            Some(ident.clone())
        }
        other => {
            errors.at(other, format!("a plain name belongs here, such as `y_true`: write `{form}`"));
            None
        }
    }
}

/// `impl Optimizer for Adam`, not generic; so with the other rules.
pub fn rule(Rule { word, name, article, .. }: Rule, item: &ItemImpl, errors: &Errors) {
    let ty = text(&item.self_ty);
    match &item.trait_ {
        Some((path, _)) if path.segments.last().is_some_and(|last| last.ident == name) => {}
        Some((path, _)) => errors.at(path, format!("`#[{word}]` belongs on `impl {name} for {ty}`")),
        None => errors.at(
            &item.self_ty,
            format!("`#[{word}]` belongs on the trait's impl: write `impl {name} for {ty} {{ … }}`"),
        ),
    }
    if !item.generics.params.is_empty() {
        errors.at(
            &item.generics.params,
            format!(
                "a generic {word} has no one name in a saved model: write the impl for one type, and keep what varies in a field"
            ),
        );
    }
    if last_name(&item.self_ty).is_none() && !matches!(bare(&item.self_ty), Type::Verbatim(_)) {
        errors.at(&item.self_ty, format!("{article} is a struct or an enum with `#[derive(Module)]`"));
    }
}
