//! Checks of the names in a layout, which the compiler makes where it knows the type of the parameter. For
//! `input = { image: […], mask: […] }` and `input: &Inputs` it emits
//!
//! ```ignore
//! const _: () = has_part::<Inputs>("image", "`Inputs` has no part `image`, which …");
//! const _: () = has_part::<Inputs>("mask", "…");
//! const _: () = has_parts::<Inputs>(&["image", "mask"], "the signature says nothing about a part of `Inputs`: add ");
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use crate::ast::MethodDef;
use crate::check::{is_tensor, last_name};
use crate::expand::at;
use crate::layout::LayoutDef;
use crate::pieces::{text, words};
use crate::signature::saved_name;

/// The checks of all parameters of a method.
pub fn checks(def: &MethodDef, private: &TokenStream) -> TokenStream {
    let checks = def.signature.inputs.iter().filter_map(|input| {
        let parameter =
            def.parameters.iter().find(|known| saved_name(&known.ident) == saved_name(&input.name))?;
        match &input.layout {
            LayoutDef::Fields(..) if is_plain_path(&parameter.ty) => {
                Some(fields(&input.layout, &saved_name(&input.name), &parameter.ty, private))
            }
            _ => None,
        }
    });
    quote!(#(#checks)*)
}

/// A type that means the same in a constant.
fn is_plain_path(ty: &Type) -> bool {
    let words = words(ty.to_token_stream());
    let odd = words.iter().any(|word| word == "Self" || word == "'" || word == "_" || word == "impl");
    last_name(ty).is_some() && !is_tensor(ty) && !odd
}

fn fields(layout: &LayoutDef, name: &str, ty: &Type, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let LayoutDef::Fields(fields, original) = layout else { return TokenStream::new() };
    let shown = text(ty);
    let known = fields.iter().map(|field| {
        let part = &field.name;
        let span = at(field.original.span());
        let message = format!("`{shown}` has no part called `{part}`: name its fields, as they are saved");
        quote_spanned!(span=> const _: () = #private::has_part::<#ty>(#part, #message);)
    });
    let names = fields.iter().map(|field| &field.name);
    let span = original.clone().into_iter().next().map_or(here, |first| at(first.span()));
    let message = format!("the signature of `{name}` does not name all parts of `{shown}`: it lacks ");
    let all = quote_spanned!(span=> const _: () = #private::has_parts::<#ty>(&[#(#names),*], #message););
    quote!(#(#known)* #all)
}
