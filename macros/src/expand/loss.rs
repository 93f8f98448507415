//! `#[loss]`, and `#[metric]` in the same way. For
//!
//! ```ignore
//! fn custom_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor { (y_true - y_pred).square().mean() }
//! ```
//!
//! it emits
//!
//! ```ignore
//! #[track_caller]
//! fn custom_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
//!     call_function(
//!         concat!(module_path!(), "::", "custom_loss"),
//!         [("y_true", y_true), ("y_pred", y_pred)],
//!         |[y_true, y_pred]: [&Tensor; 2]| -> Tensor { (y_true - y_pred).square().mean() },
//!     )
//! }
//! const _: () = {
//!     submit! {
//!         loss_entry(concat!(module_path!(), "::", "custom_loss"), &[], &LossFunction(custom_loss), file!(), line!())
//!     }
//! };
//! ```
//!
//! with absolute paths. On `impl Loss` and `impl Metric` they do what `rule.rs` says.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{Expr, Item, ItemFn, ItemImpl, ReturnType, Stmt};

use crate::ast::LossDef;
use crate::attr::cfgs;
use crate::errors::Errors;
use crate::expand::layer::{add_track_caller, allow_underscores};
use crate::expand::{position, registered_name, rule, unread};
use crate::signature::saved_name;
use crate::{debug, private};

/// The entry point of `#[loss]` and `#[metric]`; `word` is one of the two.
pub fn attribute(word: &str, arguments: TokenStream, item: TokenStream) -> TokenStream {
    if let Ok(block) = syn::parse2::<ItemImpl>(item.clone())
        && block.trait_.is_some()
    {
        return rule::on_impl(if word == "loss" { rule::LOSS } else { rule::METRIC }, arguments, block);
    }
    let item: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => return unread(misplaced(word, &item).unwrap_or(error), item),
    };
    let errors = Errors::new();
    let loss = LossDef::read(word, arguments, item, &errors);
    if let Err(error) = errors.check() {
        return unread(error, loss.item);
    }
    let name = saved_name(&loss.item.sig.ident);
    let tokens = expand(word, loss);
    debug::show(&name, &tokens);
    tokens
}

fn misplaced(word: &str, item: &TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item.clone()).ok()?;
    let name = if word == "loss" { rule::LOSS.name } else { rule::METRIC.name };
    let message = format!(
        "`#[{word}]` belongs on a function, or on the trait's impl of a module: write `#[{word}] fn my_{word}(y_true: &Tensor, \
         y_pred: &Tensor) -> Tensor`, or `#[{word}] impl {name} for My{name} {{ … }}`"
    );
    match item {
        Item::Struct(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Enum(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Impl(item) => Some(syn::Error::new_spanned(item.self_ty, message)),
        Item::Fn(_) => None,
        other => Some(syn::Error::new_spanned(other, message)),
    }
}

fn expand(word: &str, loss: LossDef) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let LossDef { mut item, attrs, parameters } = loss;
    let ident = item.sig.ident.clone();
    let ReturnType::Type(_, returned) = item.sig.output.clone() else { return TokenStream::new() };
    let name = registered_name(attrs.name.as_ref(), &ident);
    let texts = parameters.iter().map(saved_name);
    let count = Literal::usize_unsuffixed(parameters.len());
    let body = &item.block.stmts;
    let call = quote_spanned! {here=>
        #private::call_function(
            #name,
            [#((#texts, #parameters)),*],
            |[#(#parameters),*]: [&#private::Tensor; #count]| -> #returned {
                #(#body)*
            },
        )
    };
    item.block.stmts = vec![Stmt::Expr(Expr::Verbatim(call), None)];
    add_track_caller(&mut item.attrs);
    allow_underscores(&mut item.attrs, parameters.iter());
    let cfgs = cfgs(&item.attrs);
    let entry = format_ident!("{word}_entry", span = here);
    let aliases = &attrs.aliases;
    let [file, line] = position(&ident);
    quote_spanned! {here=>
        #item
        #(#cfgs)*
        const _: () = {
            #private::submit! {
                #private::#entry(#name, &[#(#aliases),*], &#private::LossFunction(#ident), #file, #line)
            }
        };
    }
}
