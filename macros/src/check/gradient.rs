//! The rules of `#[gradient]`.

use proc_macro2::TokenStream;
use syn::{FnArg, Ident, ItemFn, Pat, PatIdent, Path, ReturnType, Token, Type};

use crate::check::{bare, method};
use crate::errors::Errors;

/// The most inputs, as structures are tuples of so many parts.
const INPUTS: usize = 8;

/// What `#[gradient]` reads of a function.
pub struct GradientDef {
    pub backward: Option<Path>,
    pub parameters: Vec<ParameterDef>,
}

pub struct ParameterDef {
    pub ident: Ident,
    pub mutability: Option<Token![mut]>,
    /// The type, without the reference.
    pub ty: Type,
    pub by_value: bool,
}

impl GradientDef {
    pub fn read(arguments: TokenStream, item: &ItemFn, errors: &Errors) -> Self {
        let sig = &item.sig;
        let example = format!("{}_gradient", sig.ident);
        let backward = if arguments.is_empty() {
            errors.at(
                &sig.ident,
                format!("name the function that computes the gradient: write `#[gradient({example})]`"),
            );
            None
        } else {
            let path = syn::parse2::<Path>(arguments.clone());
            path.map_err(|_| {
                errors.at(arguments, format!("name one function, such as `#[gradient({example})]`"));
            })
            .ok()
        };
        method::plain(sig, "a function with a gradient of its own", errors);
        let parameters: Vec<_> =
            sig.inputs.iter().filter_map(|argument| parameter(argument, item, errors)).collect();
        if sig.inputs.is_empty() {
            errors.at(&sig.ident, "a function with a gradient takes at least one tensor: write `x: &Tensor`");
        }
        if parameters.len() > INPUTS {
            errors.at(
                &sig.inputs,
                format!("a function with a gradient takes at most {INPUTS} parameters: put some into a struct with `#[derive(Structure)]`"),
            );
        }
        if matches!(sig.output, ReturnType::Default) {
            errors.at(
                &sig.ident,
                "nothing is returned, so there is nothing to differentiate: return a `Tensor`",
            );
        }
        Self { backward, parameters }
    }
}

fn parameter(argument: &FnArg, item: &ItemFn, errors: &Errors) -> Option<ParameterDef> {
    let typed = match argument {
        FnArg::Receiver(receiver) => {
            errors.at(
                receiver,
                format!(
                    "a function with a gradient of its own is a free function, of whose inputs the gradient is: write \
                     `fn {}(x: &Tensor, weights: &Tensor) -> Tensor`, and call it with the variables",
                    item.sig.ident
                ),
            );
            return None;
        }
        FnArg::Typed(typed) => typed,
    };
    let (ty, by_value) = match bare(&typed.ty) {
        Type::Reference(reference) if reference.mutability.is_some() => {
            errors.at(&typed.ty, "a traced function makes new tensors and changes none: write `&Tensor`");
            return None;
        }
        Type::Reference(reference) => (Type::clone(&reference.elem), false),
        other => (other.clone(), true),
    };
    match &*typed.pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, mutability, ident, .. }) => {
            Some(ParameterDef { ident: ident.clone(), mutability: *mutability, ty, by_value })
        }
        other => {
            errors.at(other, "a plain name belongs here: write `x: &Tensor`");
            None
        }
    }
}
