//! `#[optimizer]` and `#[schedule]`; `#[loss]` and `#[metric]` on modules. For `impl Optimizer for Momentum { … }` it emits
//!
//! ```ignore
//! #[diagnostic::do_not_recommend]
//! impl Optimizer for Momentum where for<'module> Self: Module { .. }
//! const _: () = {
//!     submit! {{ let _ = <Momentum as Module>::TYPE; optimizer_entry::<Momentum>(file!(), line!()) }}
//! };
//! ```
//!
//! with absolute paths. As for a layer, a forgotten `#[derive(Module)]` is thus reported once. An `impl Loss` also gets
//! `fn module(&self) -> Option<&dyn AnyModule> { Some(self) }`, which functions do not have.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::{Item, ItemImpl, parse_quote_spanned};

use crate::attr::cfgs;
use crate::check::{self, last_name};
use crate::errors::Errors;
use crate::expand::layer::{bound_to_module, proof};
use crate::expand::{position, unread};
use crate::{debug, private};

/// A trait of which an impl is registered.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The word of the attribute.
    pub word: &'static str,
    /// The trait.
    pub name: &'static str,
    /// One of its types, in a sentence.
    pub article: &'static str,
    /// The function of the runtime that makes the entry.
    entry: &'static str,
}

pub const OPTIMIZER: Rule =
    Rule { word: "optimizer", name: "Optimizer", article: "an optimizer", entry: "optimizer_entry" };
pub const SCHEDULE: Rule =
    Rule { word: "schedule", name: "Schedule", article: "a schedule", entry: "schedule_entry" };
pub const LOSS: Rule = Rule { word: "loss", name: "Loss", article: "a loss", entry: "loss_module_entry" };
pub const METRIC: Rule =
    Rule { word: "metric", name: "Metric", article: "a metric", entry: "metric_module_entry" };

/// The entry point of `#[optimizer]` and `#[schedule]`.
pub fn attribute(rule: Rule, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return unread(misplaced(rule, &item).unwrap_or(error), item),
    };
    on_impl(rule, arguments, block)
}

/// What any of the attributes makes of an impl.
pub fn on_impl(rule: Rule, arguments: TokenStream, block: ItemImpl) -> TokenStream {
    let errors = Errors::new();
    if !arguments.is_empty() {
        let Rule { word, article, .. } = rule;
        let place = if [LOSS.word, METRIC.word].contains(&word) { " on an impl" } else { "" };
        let message = format!(
            "`#[{word}]` takes nothing{place}: the name of {article} is said where its fields are, \
             `#[derive(Module)] #[module(name = \"…\")]`"
        );
        errors.at(arguments, message);
    }
    check::loss::rule(rule, &block, &errors);
    if let Err(error) = errors.check() {
        return unread(error, block);
    }
    let name = last_name(&block.self_ty).unwrap_or_default();
    let tokens = expand(rule, block);
    debug::show(&name, &tokens);
    tokens
}

fn misplaced(Rule { word, name, .. }: Rule, item: &TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item.clone()).ok()?;
    let message = format!(
        "`#[{word}]` belongs on the trait's impl: write `#[{word}] impl {name} for My{name} {{ … }}`"
    );
    match item {
        Item::Struct(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Enum(item) => Some(syn::Error::new(item.ident.span(), message)),
        Item::Impl(_) => None,
        other => Some(syn::Error::new_spanned(other, message)),
    }
}

fn expand(rule: Rule, mut block: ItemImpl) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    if rule.name == LOSS.name {
        block.items.push(parse_quote_spanned! {here=>
            fn module(&self) -> ::core::option::Option<&dyn #private::AnyModule> {
                ::core::option::Option::Some(self)
            }
        });
    }
    bound_to_module(&mut block.generics, &private);
    let ty = &block.self_ty;
    let proof = proof(ty, &private);
    let cfgs = cfgs(&block.attrs);
    let entry = Ident::new(rule.entry, here);
    let [file, line] = position(ty);
    quote_spanned! {here=>
        #[diagnostic::do_not_recommend]
        #block
        #(#cfgs)*
        const _: () = {
            #private::submit! {{
                #proof
                #private::#entry::<#ty>(#file, #line)
            }}
        };
    }
}
