//! `#[gradient]`. For
//!
//! ```ignore
//! #[gradient(scale_gradient)]
//! fn scale(x: &Tensor, by: &Tensor) -> Tensor { x * by }
//! ```
//!
//! it emits
//!
//! ```ignore
//! #[track_caller]
//! fn scale(x: &Tensor, by: &Tensor) -> Tensor {
//!     with_gradient(
//!         concat!(module_path!(), "::", "scale"),
//!         (Clone::clone(x), Clone::clone(by)),
//!         |(x, by): &(Tensor, Tensor)| -> Tensor { x * by },
//!         |(x, by): &(Tensor, Tensor), value: &Tensor, gradient: &Tensor| -> (Tensor, Tensor) {
//!             scale_gradient(x, by, value, gradient)
//!         },
//!     )
//! }
//! ```
//!
//! with absolute paths; of one input, the gradient is a tuple of one part.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, FnArg, Item, ItemFn, Pat, ReturnType, Stmt};

use crate::check::gradient::{GradientDef, ParameterDef};
use crate::errors::Errors;
use crate::expand::layer::{add_track_caller, allow_values, structure_proofs};
use crate::expand::{at, registered_name, unread};
use crate::signature::saved_name;
use crate::{debug, private};

/// The entry point of `#[gradient]`.
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return unread(misplaced(&item).unwrap_or(error), item),
    };
    let errors = Errors::new();
    let def = GradientDef::read(arguments, &item, &errors);
    if let Err(error) = errors.check() {
        return unread(error, item);
    }
    let name = saved_name(&item.sig.ident);
    let tokens = expand(item, &def);
    debug::show(&name, &tokens);
    tokens
}

fn misplaced(item: &TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item.clone()).ok()?;
    let message = "`#[gradient]` belongs on a free function: write `#[gradient(my_gradient)] fn my_function(x: &Tensor) -> Tensor`";
    match item {
        Item::Fn(_) => None,
        Item::Struct(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Enum(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Impl(item) => Some(syn::Error::new_spanned(item.self_ty, message)),
        other => Some(syn::Error::new_spanned(other, message)),
    }
}

fn expand(mut item: ItemFn, def: &GradientDef) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let (Some(backward), ReturnType::Type(_, returned)) = (&def.backward, item.sig.output.clone()) else {
        return item.into_token_stream();
    };
    let name = registered_name(None, &item.sig.ident);
    let given = def.parameters.iter().map(|ParameterDef { ident, by_value, .. }| {
        let value = if *by_value { quote!(&#ident) } else { quote!(#ident) };
        quote_spanned!(here=> ::core::clone::Clone::clone(#value))
    });
    let types = def.parameters.iter().map(|parameter| &parameter.ty);
    let inputs = quote_spanned!(here=> (#(#types,)*));
    let names: Vec<_> = def.parameters.iter().map(|parameter| &parameter.ident).collect();
    let owned =
        def.parameters.iter().filter(|parameter| parameter.by_value || parameter.mutability.is_some());
    let owned = owned.map(|ParameterDef { ident, mutability, by_value, .. }| {
        let value = if *by_value {
            quote_spanned!(here=> ::core::clone::Clone::clone(#ident))
        } else {
            quote!(#ident)
        };
        quote_spanned!(here=> let #mutability #ident = #value;)
    });
    let body = &item.block.stmts;
    // At the name of the function, which is where a wrong number of parameters or results belongs.
    let place = at(backward.span());
    let called = quote_spanned!(place=> #backward(#(#names,)* value, gradient));
    let called = if names.len() == 1 { quote_spanned!(place=> (#called,)) } else { called };
    let call = quote_spanned! {here=>
        #private::with_gradient(
            #name,
            (#(#given,)*),
            |(#(#names,)*): &#inputs| -> #returned {
                #(#owned)*
                #(#body)*
            },
            |(#(#names,)*): &#inputs, value: &#returned, gradient: &#returned| -> #inputs { #called },
        )
    };
    let types = def.parameters.iter().map(|parameter| &parameter.ty).chain([&*returned]);
    let proofs = structure_proofs(types, &private);
    item.block.stmts = vec![Stmt::Expr(Expr::Verbatim(quote!(#proofs #call)), None)];
    for argument in &mut item.sig.inputs {
        if let FnArg::Typed(typed) = argument
            && let Pat::Ident(name) = &mut *typed.pat
        {
            name.mutability = None;
        }
    }
    add_track_caller(&mut item.attrs);
    allow_values(&mut item.attrs, def.parameters.iter().any(|parameter| parameter.by_value));
    quote!(#item)
}
