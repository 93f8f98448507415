//! The one path that generated code may name, besides `::core` and `::std`.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

/// `::holotype::__private`, under the name that the user's manifest gives the crate. The runtime calls itself
/// `holotype` too, so the path means the same inside the library.
pub fn path() -> TokenStream {
    let here = Span::mixed_site();
    let name = match crate_name("holotype") {
        Ok(FoundCrate::Name(name)) => Ident::new(&name, here),
        Ok(FoundCrate::Itself) | Err(_) => Ident::new("holotype", here),
    };
    quote_spanned!(here=> ::#name::__private)
}
