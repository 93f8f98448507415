//! `#[autograph]` on a function; see `autograph/emit.rs` for what its body becomes.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Item, ItemFn};

use crate::attr::names;
use crate::autograph::{Mode, rewrite};
use crate::check;
use crate::errors::Errors;
use crate::expand::unread;
use crate::signature::saved_name;
use crate::{debug, private};

/// The entry point of `#[autograph]`.
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return unread(misplaced(&item).unwrap_or(error), item),
    };
    let errors = Errors::new();
    if !arguments.is_empty() {
        errors.at(arguments, "`#[autograph]` takes nothing: write it alone");
    }
    check::autograph::form(&function.sig, &errors);
    let more = function.attrs.iter().filter(|attribute| names(attribute.path(), "autograph"));
    check::autograph::twice(more, &errors);
    let mistakes = errors.check();
    function.attrs.retain(|attribute| !names(attribute.path(), "autograph"));
    if function.sig.constness.is_none() {
        rewrite(&function.sig, &mut function.block, Mode::Graph, &private::path());
    }
    if let Err(error) = mistakes {
        return unread(error, function);
    }
    let tokens = function.to_token_stream();
    debug::show(&saved_name(&function.sig.ident), &tokens);
    tokens
}

fn misplaced(item: &TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item.clone()).ok()?;
    let message = "`#[autograph]` belongs on a function, or in a `#[layer]` block on a method";
    match item {
        Item::Fn(_) => None,
        Item::Struct(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Enum(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Impl(item) => Some(syn::Error::new_spanned(
            item.self_ty,
            "`#[autograph]` belongs on a function: write `#[layer(autograph)]` for all methods of a layer, or `#[autograph]` \
             above each method",
        )),
        other => Some(syn::Error::new_spanned(other, message)),
    }
}
