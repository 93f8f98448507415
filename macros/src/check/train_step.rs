//! The rules of `#[train_step]`.

use proc_macro2::TokenStream;
use syn::{FnArg, ImplItemFn, ItemImpl, Pat};

use crate::check::last_name;
use crate::errors::Errors;
use crate::pieces::text;

/// The methods that are steps.
pub const STEPS: [&str; 2] = ["train_step", "evaluate_step"];

/// `#[train_step]` takes nothing, and stands on the inherent impl block of a type of its own.
pub fn place(arguments: &TokenStream, item: &ItemImpl, errors: &Errors) {
    if !arguments.is_empty() {
        errors.at(
            arguments,
            "`#[train_step]` takes nothing: what the step takes is said by `#[signature(…)]` on it",
        );
    }
    let ty = text(&item.self_ty);
    if let Some((path, _)) = &item.trait_ {
        errors.at(
            path,
            format!("`#[train_step]` belongs on the type's own methods: write `#[train_step] impl {ty} {{ … }}`, which implements `TrainStep`"),
        );
    } else if last_name(&item.self_ty).is_none() {
        errors.at(
            &item.self_ty,
            "a model is a struct or an enum with `#[derive(Module)]`: write `#[train_step] impl MyModel { … }`",
        );
    }
    if !item.generics.params.is_empty() {
        errors.at(
            &item.generics.params,
            "the step of a generic model is not one graph: write the step for one type, `#[train_step] impl Model<Dense> { … }`",
        );
    }
}

/// There is a `train_step`.
pub fn there(item: &ItemImpl, found: bool, errors: &Errors) {
    if !found && item.trait_.is_none() {
        errors.at(
            &item.self_ty,
            "the model needs a method `train_step`: write `#[signature(x = [batch, None; f32])] fn train_step(&self, x: &Tensor) -> \
             Tensor { … }`",
        );
    }
}

/// A step that carries no signature. The advice names its own parameters.
pub fn unsigned(method: &ImplItemFn, errors: &Errors) {
    let entries: Vec<_> = method
        .sig
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(typed) if let Pat::Ident(name) = &*typed.pat => {
                Some(format!("{} = [batch, None; f32]", name.ident))
            }
            _ => None,
        })
        .collect();
    let (name, entries) = (&method.sig.ident, entries.join(", "));
    errors.at(name, format!("`{name}` needs a signature: write `#[signature({entries})]` above it"));
}

/// A method with a signature that is no step.
pub fn no_step(method: &ImplItemFn, errors: &Errors) {
    errors.at(
        &method.sig.ident,
        "a step is called `train_step`, or `evaluate_step`: a method that a saved model offers belongs in the `#[layer]` block, and a \
         method that only helps has no signature",
    );
}

/// A step that is there twice.
pub fn twice(method: &ImplItemFn, errors: &Errors) {
    let name = &method.sig.ident;
    errors.at(name, format!("a model has one `{name}`: keep one"));
}
