//! From our types to tokens. Each file begins with what it emits.

pub mod autograph;
pub mod gradient;
pub mod layer;
pub mod loss;
pub mod module;
pub mod op;
mod parts;
pub mod rule;
pub mod signature;
#[cfg(test)]
mod snapshots;
pub mod structure;
pub mod train_step;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Ident, LitStr};

use crate::signature::saved_name;

/// `file!()` and `line!()` at `place`. The tokens are the user's own, so that they name the user's line.
fn position(place: &impl Spanned) -> [TokenStream; 2] {
    let span = place.span();
    [quote_spanned!(span=> ::core::file!()), quote_spanned!(span=> ::core::line!())]
}

/// Where the user wrote it, but with names that mean what they mean here.
pub fn at(span: Span) -> Span {
    span.resolved_at(Span::mixed_site())
}

/// Keeps an impl for one type out of the compiler's list of types that implement a trait, which would name whatever modules
/// are linked. One with parameters says what is missing of its arguments, so it stays.
fn not_an_example(generics: &Generics) -> TokenStream {
    let here = Span::mixed_site();
    if generics.params.is_empty() {
        quote_spanned!(here=> #[diagnostic::do_not_recommend])
    } else {
        TokenStream::new()
    }
}

/// The name in the registry: the one that is stated, or the path of the item.
fn registered_name(stated: Option<&LitStr>, ident: &Ident) -> TokenStream {
    let here = Span::mixed_site();
    stated.map_or_else(
        || {
            let ident = saved_name(ident);
            quote_spanned!(here=> ::core::concat!(::core::module_path!(), "::", #ident))
        },
        ToTokens::to_token_stream,
    )
}

/// The user's item and our errors, where the item could not even be read.
fn unread(error: syn::Error, item: impl ToTokens) -> TokenStream {
    let error = error.into_compile_error();
    quote!(#item #error)
}
