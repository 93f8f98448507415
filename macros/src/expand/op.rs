//! `#[op]`. For `#[op(alias = "old::Scale", version = 2)] impl Op for Scale { … }` it emits
//!
//! ```ignore
//! impl Op for Scale {
//!     const NAME: &'static str = concat!(module_path!(), "::", "Scale");     // each of these only if it is not written
//!     const VERSION: u32 = 2;
//!     fn onnx(&self) -> Mapping { Mapping::Unsupported("the op is defined outside of Holotype") }
//!     fn samples() -> Vec<Sample> { Vec::new() }
//!     ..
//! }
//! const _: () = {
//!     submit! { op_entry::<Scale>(&["old::Scale"], file!(), line!()) }
//! };
//! ```
//!
//! with absolute paths.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Item, ItemImpl, parse_quote};

use crate::attr::{OpAttrs, cfgs};
use crate::check::{self, last_name};
use crate::errors::Errors;
use crate::expand::{position, registered_name, unread};
use crate::{debug, private};

/// The entry point of `#[op]`.
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return unread(misplaced(&item).unwrap_or(error), item),
    };
    let errors = Errors::new();
    let attrs = OpAttrs::read(arguments, &errors);
    check::op::form(&block, &attrs, &errors);
    let name = last_name(&block.self_ty).unwrap_or_default();
    let mistakes = errors.check();
    let is_op = matches!(&block.trait_, Some((path, _)) if path.segments.last().is_some_and(|last| last.ident == "Op"));
    let tokens = match mistakes {
        Ok(()) => expand(block, &attrs, &name, true),
        // The impl is whole, so that nothing is said to be missing from it.
        Err(error) if is_op && !name.is_empty() => {
            let error = error.into_compile_error();
            let inert = expand(block, &OpAttrs::default(), &name, false);
            return quote!(#error #inert);
        }
        Err(error) => return unread(error, block),
    };
    debug::show(&name, &tokens);
    tokens
}

fn misplaced(item: &TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item.clone()).ok()?;
    let message = "`#[op]` belongs on the trait's impl: write `#[op] impl Op for MyOp { … }`";
    match item {
        Item::Struct(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Enum(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Fn(item) => Some(syn::Error::new(item.sig.ident.span(), message)),
        Item::Impl(_) => None,
        other => Some(syn::Error::new_spanned(other, message)),
    }
}

fn expand(mut block: ItemImpl, attrs: &OpAttrs, name: &str, registered: bool) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let saved = registered_name(attrs.names.name.as_ref(), &format_ident!("{name}"));
    if !check::op::has(&block, "NAME") {
        block.items.push(parse_quote!(const NAME: &'static str = #saved;));
    }
    if let Some(version) = &attrs.version {
        block.items.push(parse_quote!(const VERSION: u32 = #version;));
    }
    if !check::op::has(&block, "onnx") {
        let tokens = quote_spanned! {here=>
            fn onnx(&self) -> #private::Mapping {
                #private::Mapping::Unsupported("the op is defined outside of Holotype")
            }
        };
        block.items.push(parse_quote!(#tokens));
    }
    if !check::op::has(&block, "samples") {
        let tokens = quote_spanned! {here=>
            fn samples() -> ::std::vec::Vec<#private::Sample> {
                ::std::vec::Vec::new()
            }
        };
        block.items.push(parse_quote!(#tokens));
    }
    if !registered {
        return quote!(#block);
    }
    let (ty, aliases, cfgs) = (&block.self_ty, &attrs.names.aliases, cfgs(&block.attrs));
    let [file, line] = position(ty);
    quote_spanned! {here=>
        #block
        #(#cfgs)*
        const _: () = {
            #private::submit! { #private::op_entry::<#ty>(&[#(#aliases),*], #file, #line) }
        };
    }
}
