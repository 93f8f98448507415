//! `#[optimizer]`. Behind `impl Optimizer for Momentum { … }` it emits
//!
//! ```ignore
//! const _: () = {
//!     submit! { optimizer_entry::<Momentum>(file!(), line!()) }
//! };
//! ```
//!
//! with absolute paths.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Item, ItemImpl};

use crate::attr::cfgs;
use crate::check::{self, last_name};
use crate::errors::Errors;
use crate::expand::{position, unread};
use crate::{debug, private};

/// The entry point of `#[optimizer]`.
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return unread(misplaced(&item).unwrap_or(error), item),
    };
    let errors = Errors::new();
    if !arguments.is_empty() {
        let message = "`#[optimizer]` takes nothing: the name of an optimizer is said where its fields are, \
                       `#[derive(Module)] #[module(name = \"…\")]`";
        errors.at(arguments, message);
    }
    check::loss::optimizer(&block, &errors);
    if let Err(error) = errors.check() {
        return unread(error, block);
    }
    let tokens = expand(&block);
    debug::show(&last_name(&block.self_ty).unwrap_or_default(), &tokens);
    tokens
}

fn misplaced(item: &TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item.clone()).ok()?;
    let message = "`#[optimizer]` belongs on the trait's impl: write `#[optimizer] impl Optimizer for MyOptimizer { … }`";
    match item {
        Item::Struct(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Enum(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Impl(_) => None,
        other => Some(syn::Error::new_spanned(other, message)),
    }
}

fn expand(block: &ItemImpl) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let ty = &block.self_ty;
    let cfgs = cfgs(&block.attrs);
    let [file, line] = position(ty);
    quote_spanned! {here=>
        #block
        #(#cfgs)*
        const _: () = {
            #private::submit! { #private::optimizer_entry::<#ty>(#file, #line) }
        };
    }
}
