//! Checks of the names in a layout, which the compiler makes where it knows the type of the parameter. For
//! `input = { image: […], mask: […] }` and `input: &Inputs` it emits
//!
//! ```ignore
//! const _: () = has_part(<Inputs as Structure>::PARTS, "image", "`Inputs` has no part called `image`: …");
//! const _: () = has_part(<Inputs as Structure>::PARTS, "mask", "…");
//! const _: () = has_parts(<Inputs as Structure>::PARTS, &["image", "mask"], "… it lacks ");
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use crate::ast::MethodDef;
use crate::check::{is_tensor, last_name};
use crate::expand::at;
use crate::layout::LayoutDef;
use crate::pieces::{text, words};
use crate::private;
use crate::signature::saved_name;

/// The checks of all parameters of a method.
pub fn checks(def: &MethodDef) -> TokenStream {
    let checks = def.signature.inputs.iter().filter_map(|input| {
        let parameter =
            def.parameters.iter().find(|known| saved_name(&known.ident) == saved_name(&input.name))?;
        match &input.layout {
            LayoutDef::Fields(..) if is_plain_path(&parameter.ty) => {
                Some(fields(&input.layout, &saved_name(&input.name), &parameter.ty))
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

fn fields(layout: &LayoutDef, name: &str, ty: &Type) -> TokenStream {
    let here = Span::mixed_site();
    let LayoutDef::Fields(fields, original) = layout else { return TokenStream::new() };
    let shown = text(ty);
    let known = fields.iter().map(|field| {
        let part = &field.name;
        let span = at(field.original.span());
        let message = format!("`{shown}` has no part called `{part}`: name its fields, as they are saved");
        let private = private::path_at(span);
        let parts = quote_spanned!(span=> <#ty as #private::Structure>::PARTS);
        quote_spanned!(span=> const _: () = #private::has_part(#parts, #part, #message);)
    });
    let names = fields.iter().map(|field| &field.name);
    let span = original.clone().into_iter().next().map_or(here, |first| at(first.span()));
    let message = format!("the signature of `{name}` does not name all parts of `{shown}`: it lacks ");
    let private = private::path_at(span);
    let parts = quote_spanned!(span=> <#ty as #private::Structure>::PARTS);
    let all = quote_spanned!(span=> const _: () = #private::has_parts(#parts, &[#(#names),*], #message););
    quote!(#(#known)* #all)
}
