//! What is emitted beside an error: the user's item without our attributes, and impls that do nothing, so that the one
//! mistake is not followed by a trail of missing traits.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Generics, ItemImpl, parse_quote};

use crate::check::last_name;
use crate::private;

/// `impl Module` for any type, even a union.
pub fn module(input: &DeriveInput) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let ident = &input.ident;
    let generics = owned(&input.generics);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    quote_spanned! {here=>
        #[automatically_derived]
        impl #impl_generics #private::Module for #ident #ty_generics #where_clause {
            const TYPE: #private::ModuleType = #private::ModuleType::new("", &[]);
            fn visit(&self, _: &mut #private::Visitor<'_>) {}
            fn rebuild(_: &mut #private::Source<'_>) -> #private::Result<Self> {
                ::core::unreachable!()
            }
        }
    }
}

/// `impl Structure` for any type, even a union.
pub fn structure(input: &DeriveInput) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    quote_spanned! {here=>
        #[automatically_derived]
        impl #impl_generics #private::Structure for #ident #ty_generics #where_clause {
            fn flatten(&self, _: &#private::Path, _: &mut #private::Leaves) {}
            fn unflatten(_: &#private::Path, _: &mut #private::Leaves) -> #private::Result<Self> {
                ::core::unreachable!()
            }
            fn failed(_: &#private::Error) -> Self {
                ::core::unreachable!()
            }
        }
    }
}

/// The block as it is, and `impl Layer` for its type.
pub fn layer(item: &ItemImpl) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    if last_name(&item.self_ty).is_none() {
        return quote!(#item);
    }
    let block = match &item.trait_ {
        None => Some(item),
        // A half-written `impl Layer` would only draw complaints about what is missing from it.
        Some((path, _)) if path.segments.last().is_some_and(|last| last.ident == "Layer") => None,
        Some(_) => return quote!(#item),
    };
    let ty = &item.self_ty;
    let mut generics = owned(&item.generics);
    super::expand::layer::bound_to_module(&mut generics, &private);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let layer = quote_spanned! {here=>
        #[automatically_derived]
        impl #impl_generics #private::Layer for #ty #where_clause {
            fn signatures(&self) -> ::std::vec::Vec<#private::SignatureSpec> {
                ::std::vec::Vec::new()
            }
            fn enter(&self, _: &str, _: &mut #private::Arguments) -> #private::Result<#private::Leaves> {
                ::core::unreachable!()
            }
            fn made_by_the_layer_attribute(&self) -> #private::Sealed {
                #private::Sealed::NEW
            }
        }
    };
    quote!(#block #layer)
}

/// The block as it is, and `impl TrainStep` for its type.
pub fn steps(item: &ItemImpl) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    match &item.trait_ {
        // A half-written `impl TrainStep` would only draw complaints about what is missing from it.
        Some((path, _)) if path.segments.last().is_some_and(|last| last.ident == "TrainStep") => {
            return TokenStream::new();
        }
        None if last_name(&item.self_ty).is_some() && item.generics.params.is_empty() => {}
        _ => return quote!(#item),
    }
    let ty = &item.self_ty;
    quote_spanned! {here=>
        #item
        #[automatically_derived]
        impl #private::TrainStep for #ty {
            fn steps(&self) -> ::std::vec::Vec<#private::SignatureSpec> {
                ::std::vec::Vec::new()
            }
            fn enter_step(&self, _: &str, _: &mut #private::Arguments) -> #private::Result<#private::Leaves> {
                ::core::unreachable!()
            }
        }
    }
}

/// The generics with everything in them outliving the program, as a module has to.
pub fn owned(generics: &Generics) -> Generics {
    let mut owned = generics.clone();
    let lifetimes: Vec<_> = generics.lifetimes().map(|param| param.lifetime.clone()).collect();
    let types: Vec<_> = generics.type_params().map(|param| param.ident.clone()).collect();
    if lifetimes.is_empty() && types.is_empty() {
        return owned;
    }
    let predicates = &mut owned.make_where_clause().predicates;
    for lifetime in lifetimes {
        predicates.push(parse_quote!(#lifetime: 'static));
    }
    for ty in types {
        predicates.push(parse_quote!(#ty: 'static));
    }
    owned
}
