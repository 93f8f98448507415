//! `#[train_step]`. For
//!
//! ```ignore
//! impl Gan {
//!     #[signature(real = [batch, 784; f32])]
//!     fn train_step(&self, real: &Tensor) -> Reports { .. }
//! }
//! ```
//!
//! it emits the block with `#[allow(clippy::unused_self)]` on the step, and
//!
//! ```ignore
//! const _: () = {
//!     #[automatically_derived]
//!     #[diagnostic::do_not_recommend]
//!     impl TrainStep for Gan where for<'module> Self: Module {
//!         fn steps(&self) -> Vec<SignatureSpec> { Vec::from([SignatureSpec { .. }]) }
//!         fn enter_step(&self, function: &str, arguments: &mut Arguments) -> Result<Leaves> {
//!             match function {
//!                 "train_step" => {
//!                     let input0 = arguments.take::<Tensor>("real")?;
//!                     Ok(Leaves::of::<Reports>(&Self::train_step(self, &input0)))
//!                 }
//!                 _ => Err(unknown_function(..)),
//!             }
//!         }
//!     }
//! };
//! ```
//!
//! with absolute paths.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ImplItem, Item, ItemImpl, parse_quote_spanned};

use crate::ast::LayerDef;
use crate::attr::cfgs;
use crate::check::last_name;
use crate::errors::Errors;
use crate::expand::layer::{decisions, methods_impl};
use crate::expand::unread;
use crate::{debug, fallback, private};

/// The entry point of `#[train_step]`.
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return unread(misplaced(&item).unwrap_or(error), item),
    };
    let errors = Errors::new();
    let mut steps = LayerDef::steps(&arguments, item, &errors);
    let private = private::path();
    if let Err(error) = errors.check() {
        let error = error.into_compile_error();
        steps.methods.clear();
        decisions(&mut steps, &private);
        let inert = fallback::steps(&steps.item);
        return quote!(#error #inert);
    }
    let here = Span::mixed_site();
    let steps_impl =
        methods_impl(&steps, ["TrainStep", "steps", "enter_step"], &TokenStream::new(), &private);
    decisions(&mut steps, &private);
    for def in &steps.methods {
        // A step may do without the model, and is a method all the same.
        if let Some(ImplItem::Fn(method)) = steps.item.items.get_mut(def.at) {
            method.attrs.push(parse_quote_spanned!(here=> #[allow(clippy::unused_self)]));
        }
    }
    let (item, cfgs) = (&steps.item, cfgs(&steps.item.attrs));
    let tokens = quote_spanned! {here=>
        #item
        #(#cfgs)*
        const _: () = {
            #steps_impl
        };
    };
    debug::show(&last_name(&steps.item.self_ty).unwrap_or_default(), &tokens);
    tokens
}

/// What to say where there is no impl block.
fn misplaced(item: &TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item.clone()).ok()?;
    let message = |of: &str| {
        format!(
            "`#[train_step]` belongs on an impl block: write `#[train_step] impl {of} {{ #[signature(x = [batch, None; f32])] fn \
             train_step(&self, x: &Tensor) -> Tensor {{ … }} }}`"
        )
    };
    match item {
        Item::Struct(item) => Some(syn::Error::new(item.ident.span(), message(&item.ident.to_string()))),
        Item::Enum(item) => Some(syn::Error::new(item.ident.span(), message(&item.ident.to_string()))),
        Item::Fn(item) => Some(syn::Error::new(item.sig.ident.span(), message("MyModel"))),
        Item::Impl(_) => None,
        other => Some(syn::Error::new_spanned(other, message("MyModel"))),
    }
}
