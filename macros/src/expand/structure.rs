//! `#[derive(Structure)]`. For
//!
//! ```ignore
//! struct Inputs {
//!     image: Tensor,
//!     #[structure(rename = "labels")]
//!     classes: Option<Tensor>,
//!     #[structure(skip)]
//!     source: String,
//! }
//! ```
//!
//! it emits
//!
//! ```ignore
//! const _: () = {
//!     #[automatically_derived]
//!     impl Structure for Inputs {
//!         const PARTS: Option<&'static [&'static str]> = Some(&["image", "labels"]);
//!         fn flatten(&self, path: &Path, leaves: &mut Leaves) {
//!             <Tensor as Structure>::flatten(&self.image, &path.join("image"), leaves);
//!             <Option<Tensor> as Structure>::flatten(&self.classes, &path.join("labels"), leaves);
//!         }
//!         fn unflatten(path: &Path, leaves: &mut Leaves) -> Result<Self> {
//!             Ok(Self {
//!                 image: <Tensor as Structure>::unflatten(&path.join("image"), leaves)?,
//!                 classes: <Option<Tensor> as Structure>::unflatten(&path.join("labels"), leaves)?,
//!                 source: Default::default(),
//!             })
//!         }
//!         fn failed(error: &Error) -> Self { Self { image: <Tensor as Structure>::failed(error), .. } }
//!     }
//! };
//! ```
//!
//! with absolute paths.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Generics, WherePredicate, parse_quote_spanned};

use crate::errors::Errors;
use crate::expand::{at, not_an_example};
use crate::pieces::{text, words};
use crate::signature::saved_name;
use crate::structure::{PartDef, StructureDef};
use crate::{debug, fallback, private};

/// The entry point of the derive.
pub fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let errors = Errors::new();
    let structure = StructureDef::read(&input, &errors);
    if let Err(error) = errors.check() {
        let error = error.into_compile_error();
        let inert = fallback::structure(&input);
        return quote!(#error #inert);
    }
    let tokens = expand(&structure);
    debug::show(&saved_name(&structure.ident), &tokens);
    tokens
}

fn expand(structure: &StructureDef) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let ident = &structure.ident;
    let generics = generics(structure, &private);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let quiet = not_an_example(&generics);
    let parts = || structure.fields.iter().filter(|part| !part.skip);
    let names = parts().map(|part| &part.saved.name);
    let flattened = parts().map(|part| {
        let member = &part.member;
        let span = at(part.ty.span());
        let place = quote_spanned!(span=> &self.#member);
        part_call(part, "flatten", &place, &private)
    });
    let unflattened = structure.fields.iter().map(|part| {
        let member = &part.member;
        let value = if part.skip {
            default(part)
        } else {
            let call = part_call(part, "unflatten", &TokenStream::new(), &private);
            quote_spanned!(here=> #call?)
        };
        quote_spanned!(here=> #member: #value)
    });
    let failed = structure.fields.iter().map(|part| {
        let member = &part.member;
        let value = if part.skip {
            default(part)
        } else {
            let (ty, span) = (&part.ty, at(part.ty.span()));
            let error = Ident::new("error", here);
            quote_spanned!(span=> <#ty as #private::Structure>::failed(#error))
        };
        quote_spanned!(here=> #member: #value)
    });
    let [path, leaves, error] =
        ["path", "leaves", "error"].map(|name| binding(name, parts().next().is_none()));
    quote_spanned! {here=>
        const _: () = {
            #[automatically_derived]
            #quiet
            #[allow(clippy::use_self)]
            impl #impl_generics #private::Structure for #ident #ty_generics #where_clause {
                const PARTS: ::core::option::Option<&'static [&'static str]> =
                    ::core::option::Option::Some(&[#(#names),*]);
                fn flatten(&self, #path: &#private::Path, #leaves: &mut #private::Leaves) {
                    #(#flattened;)*
                }
                fn unflatten(#path: &#private::Path, #leaves: &mut #private::Leaves) -> #private::Result<Self> {
                    ::core::result::Result::Ok(Self { #(#unflattened,)* })
                }
                fn failed(#error: &#private::Error) -> Self {
                    Self { #(#failed,)* }
                }
            }
        };
    }
}

/// `<Tensor as Structure>::flatten(&self.image, &path.join("image"), leaves)`
fn part_call(part: &PartDef, method: &str, place: &TokenStream, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let (ty, name, span) = (&part.ty, &part.saved.name, at(part.ty.span()));
    let [path, leaves, method] = ["path", "leaves", method].map(|name| Ident::new(name, here));
    let place = (!place.is_empty()).then(|| quote_spanned!(span=> #place,));
    quote_spanned!(span=> <#ty as #private::Structure>::#method(#place &#path.join(#name), #leaves))
}

fn default(part: &PartDef) -> TokenStream {
    let (ty, span) = (&part.ty, at(part.ty.span()));
    quote_spanned!(span=> <#ty as ::core::default::Default>::default())
}

/// A parameter, or `_` where nothing uses it.
fn binding(name: &str, unused: bool) -> TokenStream {
    let here = Span::mixed_site();
    if unused { quote_spanned!(here=> _) } else { Ident::new(name, here).into_token_stream() }
}

/// The generics of the struct; a type of a part that mentions a parameter has to be a structure.
fn generics(structure: &StructureDef, private: &TokenStream) -> Generics {
    let here = Span::mixed_site();
    let mut generics = structure.generics.clone();
    let params: Vec<String> = generics.type_params().map(|param| param.ident.to_string()).collect();
    let mut seen = BTreeSet::new();
    let mut predicates: Vec<WherePredicate> = Vec::new();
    for PartDef { ty, skip, .. } in &structure.fields {
        if !words(ty.to_token_stream()).iter().any(|word| params.contains(word))
            || !seen.insert((text(ty), *skip))
        {
            continue;
        }
        predicates.push(if *skip {
            parse_quote_spanned!(here=> #ty: ::core::default::Default)
        } else {
            parse_quote_spanned!(here=> #ty: #private::Structure)
        });
    }
    if !predicates.is_empty() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    generics
}
