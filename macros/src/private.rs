//! The one path that generated code may name, besides `::core` and `::std`.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

/// `::holotype::__private`, under the name that the user's manifest gives the crate. The runtime calls itself
/// `holotype` too, so the path means the same inside the library.
pub fn path() -> TokenStream {
    path_at(Span::mixed_site())
}

/// The same path, shown to be at `here` by the compiler's messages.
pub fn path_at(here: Span) -> TokenStream {
    let name = match crate_name("holotype") {
        Ok(FoundCrate::Name(name)) => Ident::new(&name, here),
        Ok(FoundCrate::Itself) | Err(_) => Ident::new("holotype", here),
    };
    quote_spanned!(here=> ::#name::__private)
}
