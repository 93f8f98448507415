//! `#[derive(Module)]`. For
//!
//! ```ignore
//! struct Block {
//!     weights: Variable,
//!     inner: Dense,
//!     #[module(config, alias = "activation")]
//!     act: Activation,
//!     #[module(skip)]
//!     cache: Cache,
//! }
//! ```
//!
//! it emits
//!
//! ```ignore
//! const _: () = {
//!     #[automatically_derived]
//!     #[diagnostic::do_not_recommend]
//!     #[allow(clippy::use_self)]
//!     impl Module for Block {
//!         const TYPE: ModuleType = ModuleType::new(concat!(module_path!(), "::", "Block"), &[]);
//!         fn visit(&self, visitor: &mut Visitor<'_>) {
//!             let _ = <Dense as Field>::rebuild;
//!             let _ = configuration::<Activation>;
//!             visitor.field::<Variable>("weights", Role::Inherit, &self.weights);
//!             visitor.field::<Dense>("inner", Role::Inherit, &self.inner);
//!             visitor.config::<Activation>("act", &self.act);
//!         }
//!         fn rebuild(source: &mut Source<'_>) -> Result<Self> {
//!             let _ = <Dense as Field>::rebuild;
//!             let _ = configuration::<Activation>;
//!             Ok(Self {
//!                 weights: source.field::<Variable>(FieldName::new("weights", &[]))?,
//!                 inner: source.field::<Dense>(FieldName::new("inner", &[]))?,
//!                 act: source.config::<Activation>(FieldName::new("act", &["activation"]))?,
//!                 cache: Default::default(),
//!             })
//!         }
//!     }
//! };
//! ```
//!
//! with absolute paths. An enum is the same with a `match`. The `let _` lines come first so that a type which is no
//! `Field`, or no `Config`, is reported once: the compiler drops a second report with the same words at the same place.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Expr, Generics, Ident, Path, Type, WherePredicate, parse_quote_spanned};

use crate::ast::{Body, FieldDef, Keep, ModuleDef, SavedName, VariantDef};
use crate::check::{is_plain_value, last_name};
use crate::errors::Errors;
use crate::expand::{at, not_an_example, registered_name};
use crate::pieces::{text, words};
use crate::signature::saved_name;
use crate::{debug, fallback, private};

/// The entry point of the derive.
pub fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let errors = Errors::new();
    let module = ModuleDef::read(&input, &errors);
    if let Err(error) = errors.check() {
        let error = error.into_compile_error();
        let inert = fallback::module(&input);
        return quote!(#error #inert);
    }
    let tokens = expand(&module);
    debug::show(&saved_name(&module.ident), &tokens);
    tokens
}

fn expand(module: &ModuleDef) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let ident = &module.ident;
    let type_name = registered_name(module.attrs.name.as_ref(), ident);
    let aliases = &module.attrs.aliases;
    let generics = generics(module, &private);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let quiet = not_an_example(&generics);
    let (visit, rebuild) = match &module.body {
        Body::Struct(fields) => (visit_struct(fields, &private), rebuild_struct(fields, &private)),
        Body::Enum(variants) => (visit_enum(variants, &private), rebuild_enum(variants, &private)),
    };
    quote_spanned! {here=>
        const _: () = {
            #[automatically_derived]
            #quiet
            #[allow(clippy::use_self)]
            impl #impl_generics #private::Module for #ident #ty_generics #where_clause {
                const TYPE: #private::ModuleType = #private::ModuleType::new(#type_name, &[#(#aliases),*]);
                #visit
                #rebuild
            }
        };
    }
}

fn visit_struct(fields: &[FieldDef], private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let visitor = binding("visitor", !fields.iter().any(FieldDef::is_saved));
    let proofs = proofs(fields.iter(), private);
    let visits = fields.iter().map(|field| {
        let span = at(field.ty.span());
        let member = &field.member;
        visit_field(field, &quote_spanned!(span=> &self.#member), private)
    });
    quote_spanned! {here=>
        fn visit(&self, #visitor: &mut #private::Visitor<'_>) {
            #proofs
            #(#visits)*
        }
    }
}

fn visit_enum(variants: &[VariantDef], private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let proofs = proofs(variants.iter().flat_map(|variant| &variant.fields), private);
    let arms = variants.iter().map(|variant| {
        let VariantDef { ident, saved: SavedName { name, .. }, .. } = variant;
        let saved: Vec<_> = variant.fields.iter().filter(|field| field.is_saved()).collect();
        let members = saved.iter().map(|field| &field.member);
        let bindings: Vec<_> = (0..saved.len()).map(|at| format_ident!("field{at}", span = here)).collect();
        let visits = saved
            .iter()
            .zip(&bindings)
            .map(|(field, binding)| visit_field(field, &quote!(#binding), private));
        quote_spanned! {here=>
            Self::#ident { #(#members: #bindings,)* .. } => {
                visitor.variant(#name);
                #(#visits)*
            }
        }
    });
    quote_spanned! {here=>
        fn visit(&self, visitor: &mut #private::Visitor<'_>) {
            #proofs
            match self {
                #(#arms)*
            }
        }
    }
}

/// `visitor.field::<Variable>("weights", Role::Inherit, &self.weights);`
fn visit_field(field: &FieldDef, place: &TokenStream, private: &TokenStream) -> TokenStream {
    let span = at(field.ty.span());
    let here = Span::mixed_site();
    let (ty, name) = (&field.ty, &field.saved.name);
    let visitor = Ident::new("visitor", here);
    match field.keep {
        Keep::Tracked(role) => {
            let role = Ident::new(role, here);
            quote_spanned!(span=> #visitor.field::<#ty>(#name, #private::Role::#role, #place);)
        }
        Keep::Config => quote_spanned!(span=> #visitor.config::<#ty>(#name, #place);),
        Keep::Skipped => TokenStream::new(),
    }
}

fn rebuild_struct(fields: &[FieldDef], private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let source = binding("source", !fields.iter().any(FieldDef::is_saved));
    let proofs = proofs(fields.iter(), private);
    let fields = fields.iter().map(|field| rebuild_field(field, private));
    quote_spanned! {here=>
        fn rebuild(#source: &mut #private::Source<'_>) -> #private::Result<Self> {
            #proofs
            ::core::result::Result::Ok(Self { #(#fields,)* })
        }
    }
}

fn rebuild_enum(variants: &[VariantDef], private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let proofs = proofs(variants.iter().flat_map(|variant| &variant.fields), private);
    let names = variants.iter().map(|variant| &variant.saved.name);
    let arms = variants.iter().map(|variant| {
        let ident = &variant.ident;
        let SavedName { name, aliases, .. } = &variant.saved;
        let fields = variant.fields.iter().map(|field| rebuild_field(field, private));
        quote_spanned!(here=> #name #(| #aliases)* => ::core::result::Result::Ok(Self::#ident { #(#fields,)* }),)
    });
    quote_spanned! {here=>
        fn rebuild(source: &mut #private::Source<'_>) -> #private::Result<Self> {
            #proofs
            let variant = source.variant()?;
            match &*variant {
                #(#arms)*
                found => ::core::result::Result::Err(source.unknown_variant(found, &[#(#names),*])),
            }
        }
    }
}

/// `weights: source.field::<Variable>(FieldName::new("weights", &[]))?`
fn rebuild_field(field: &FieldDef, private: &TokenStream) -> TokenStream {
    let span = at(field.ty.span());
    let here = Span::mixed_site();
    let FieldDef { member, ty, saved: SavedName { name, aliases, .. }, .. } = field;
    let source = Ident::new("source", here);
    let name = quote_spanned!(here=> #private::FieldName::new(#name, &[#(#aliases),*]));
    let default = field.default.as_ref().map(|default| default_function(default.value.as_ref()));
    let value = match (field.keep, default) {
        (Keep::Tracked(_), None) => quote_spanned!(span=> #source.field::<#ty>(#name)?),
        (Keep::Tracked(_), Some(default)) => quote_spanned!(span=> #source.field_or::<#ty>(#name, #default)?),
        (Keep::Config, None) => quote_spanned!(span=> #source.config::<#ty>(#name)?),
        (Keep::Config, Some(default)) => quote_spanned!(span=> #source.config_or::<#ty>(#name, #default)?),
        (Keep::Skipped, _) => quote_spanned!(span=> <#ty as ::core::default::Default>::default()),
    };
    quote_spanned!(here=> #member: #value)
}

/// What makes the value of a field that an old file lacks. A path in lower case is a function, anything else a value.
fn default_function(value: Option<&Expr>) -> TokenStream {
    let here = Span::mixed_site();
    match value {
        None => quote_spanned!(here=> ::core::default::Default::default),
        Some(Expr::Path(path)) if is_function(&path.path) => quote!(#path),
        Some(Expr::Closure(closure)) => quote!(#closure),
        Some(value) => quote_spanned!(here=> || #value),
    }
}

fn is_function(path: &Path) -> bool {
    let last = path.segments.last().map(|last| saved_name(&last.ident)).unwrap_or_default();
    last.starts_with(|first: char| first.is_lowercase() || first == '_')
}

/// `let _ = <Encoder as Field>::rebuild;` for each tracked field, but those whose type is a field by its name, and the like
/// for configuration.
fn proofs<'a>(fields: impl Iterator<Item = &'a FieldDef>, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let unknown = fields.filter(|field| {
        !last_name(&field.ty).is_some_and(|name| name == "Variable" || is_plain_value(&name))
    });
    let proofs = unknown.map(|FieldDef { ty, keep, .. }| match keep {
        Keep::Tracked(_) => quote_spanned!(here=> let _ = <#ty as #private::Field>::rebuild;),
        Keep::Config => quote_spanned!(here=> let _ = #private::configuration::<#ty>;),
        Keep::Skipped => TokenStream::new(),
    });
    quote_spanned!(here=> #(#proofs)*)
}

/// A parameter, or `_` where nothing uses it.
fn binding(name: &str, unused: bool) -> TokenStream {
    let here = Span::mixed_site();
    let name = Ident::new(name, here);
    if unused { quote_spanned!(here=> _) } else { quote!(#name) }
}

/// The generics of the type, bounded by what its fields need.
fn generics(module: &ModuleDef, private: &TokenStream) -> Generics {
    let here = Span::mixed_site();
    let mut generics = fallback::owned(&module.generics);
    let fields: Vec<&FieldDef> = match &module.body {
        Body::Struct(fields) => fields.iter().collect(),
        Body::Enum(variants) => variants.iter().flat_map(|variant| &variant.fields).collect(),
    };
    let params: Vec<Ident> = generics.type_params().map(|param| param.ident.clone()).collect();
    let mut predicates: Vec<WherePredicate> = Vec::new();
    for field in fields {
        let bound = match field.keep {
            Keep::Tracked(_) if last_name(&field.ty).is_some_and(|name| name == "PhantomData") => continue,
            Keep::Tracked(_) => quote_spanned!(here=> #private::Field),
            Keep::Config => quote_spanned!(here=> #private::Config),
            Keep::Skipped => quote_spanned!(here=> ::core::default::Default),
        };
        let whole = &field.ty;
        for param in &params {
            match mention(whole, param) {
                Mention::None => {}
                Mention::Itself if field.keep != Keep::Skipped => {
                    predicates.push(parse_quote_spanned!(here=> #param: #bound));
                }
                Mention::Itself | Mention::Associated => {
                    predicates.push(parse_quote_spanned!(here=> #whole: #bound));
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    predicates.retain(|predicate| seen.insert(text(predicate)));
    if !predicates.is_empty() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    generics
}

/// How a type speaks of a type parameter.
enum Mention {
    None,
    Itself,
    /// `T::Item`, which a bound on `T` says nothing about.
    Associated,
}

fn mention(ty: &Type, param: &Ident) -> Mention {
    let param = param.to_string();
    let words = words(quote!(#ty));
    let mut found = Mention::None;
    for (at, word) in words.iter().enumerate() {
        let qualified = at > 0 && words.get(at - 1).is_some_and(|before| before == ":");
        if *word != param || qualified {
            continue;
        }
        match words.get(at + 1).map(String::as_str) {
            Some(":" | "as") => return Mention::Associated,
            _ => found = Mention::Itself,
        }
    }
    found
}

impl FieldDef {
    fn is_saved(&self) -> bool {
        self.keep != Keep::Skipped
    }
}
