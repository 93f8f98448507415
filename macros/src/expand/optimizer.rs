//! `#[optimizer]`. For `impl Optimizer for Momentum { … }` it emits
//!
//! ```ignore
//! #[diagnostic::do_not_recommend]
//! impl Optimizer for Momentum where for<'module> Self: Module { .. }
//! const _: () = {
//!     submit! {{ let _ = <Momentum as Module>::TYPE; optimizer_entry::<Momentum>(file!(), line!()) }}
//! };
//! ```
//!
//! with absolute paths. As for a layer, a forgotten `#[derive(Module)]` is thus reported once.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Item, ItemImpl};

use crate::attr::cfgs;
use crate::check::{self, last_name};
use crate::errors::Errors;
use crate::expand::layer::{bound_to_module, proof};
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
    let name = last_name(&block.self_ty).unwrap_or_default();
    let tokens = expand(block);
    debug::show(&name, &tokens);
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

fn expand(mut block: ItemImpl) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    bound_to_module(&mut block.generics, &private);
    let ty = &block.self_ty;
    let proof = proof(ty, &private);
    let cfgs = cfgs(&block.attrs);
    let [file, line] = position(ty);
    quote_spanned! {here=>
        #[diagnostic::do_not_recommend]
        #block
        #(#cfgs)*
        const _: () = {
            #private::submit! {{
                #proof
                #private::optimizer_entry::<#ty>(#file, #line)
            }}
        };
    }
}
