//! `#[layer]`. For
//!
//! ```ignore
//! impl Dense {
//!     #[signature(input = [None, None; f32])]
//!     pub fn call(&self, input: &Tensor) -> Tensor { input.matmul(&self.weights) }
//! }
//! ```
//!
//! it emits
//!
//! ```ignore
//! impl Dense {
//!     #[track_caller]
//!     pub fn call(&self, input: &Tensor) -> Tensor {
//!         let _ = <Self as Module>::TYPE;
//!         call(Callee::method(self, "call"), || SignatureSpec { .. }, [input], |[input]: [&Tensor; 1]| -> Tensor {
//!             input.matmul(&self.weights)
//!         })
//!     }
//! }
//! const _: () = {
//!     #[automatically_derived]
//!     #[diagnostic::do_not_recommend]
//!     impl Layer for Dense where for<'module> Self: Module {
//!         fn signatures(&self) -> Vec<SignatureSpec> { Vec::from([SignatureSpec { .. }]) }
//!         fn invoke(&self, function: &str, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
//!             match function {
//!                 "call" => {
//!                     let [input0] = inputs::<1>("call", inputs)?;
//!                     Ok(<Tensor as Outputs>::into_tensors(Self::call(self, input0)))
//!                 }
//!                 _ => Err(unknown_function(<Self as Module>::TYPE.name, function, &["call"])),
//!             }
//!         }
//!         fn made_by_the_layer_attribute(&self) -> Sealed { Sealed::NEW }
//!     }
//!     submit! {{ let _ = <Dense as Module>::TYPE; layer_entry::<Dense>("", file!(), line!()) }}
//! };
//! ```
//!
//! with absolute paths. The `let _` lines and the `where` clause, which is always true of a module, are there so that a
//! forgotten `#[derive(Module)]` is reported once, on the name of the type, and not once for each use.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Block, Expr, FnArg, Generics, Ident, ImplItem, ImplItemFn, Item, ItemImpl, Pat, PathArguments,
    ReturnType, Stmt, Token, Type, parse_quote_spanned,
};

use crate::ast::{LayerDef, MethodDef, ParameterDef};
use crate::attr::cfgs;
use crate::check::{bare, last_name, returns};
use crate::errors::Errors;
use crate::expand::{not_an_example, position, signature, unread};
use crate::pieces::text;
use crate::{debug, fallback, private};

/// The entry point of `#[layer]`.
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return unread(misplaced(&item).unwrap_or(error), item),
    };
    let errors = Errors::new();
    let layer = LayerDef::read(arguments, item, &errors);
    if let Err(error) = errors.check() {
        let error = error.into_compile_error();
        let inert = fallback::layer(&layer.item);
        return quote!(#error #inert);
    }
    let name = last_name(&layer.item.self_ty).unwrap_or_default();
    let tokens = expand(layer);
    debug::show(&name, &tokens);
    tokens
}

/// What to say where there is no impl block.
fn misplaced(item: &TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item.clone()).ok()?;
    let (place, message) = match item {
        Item::Struct(item) => (item.ident.clone(), type_message(&item.ident)),
        Item::Enum(item) => (item.ident.clone(), type_message(&item.ident)),
        Item::Fn(item) => {
            let message = "`#[layer]` belongs on an impl block: write `#[layer] impl MyLayer { … }` around this function";
            (item.sig.ident, message.to_owned())
        }
        Item::Trait(item) => (
            item.ident,
            "`#[layer]` belongs on the impl block of a type: write `#[layer] impl MyLayer { … }`".to_owned(),
        ),
        Item::Impl(_) => return None,
        other => {
            let message = "`#[layer]` belongs on an impl block: write `#[layer] impl MyLayer { … }`";
            return Some(syn::Error::new_spanned(other, message));
        }
    };
    Some(syn::Error::new(place.span(), message))
}

fn type_message(ident: &Ident) -> String {
    format!(
        "`#[layer]` belongs on the impl block: write `#[derive(Module)]` here, and `#[layer] impl {ident} {{ … }}` below"
    )
}

fn expand(mut layer: LayerDef) -> TokenStream {
    let private = private::path();
    let here = Span::mixed_site();
    let trait_impl = trait_impl(&layer, &private);
    let entries = entries(&layer, &private);
    let cfgs: Vec<Attribute> = cfgs(&layer.item.attrs).into_iter().cloned().collect();
    let generic = !layer.item.generics.params.is_empty();
    let self_ty = layer.item.self_ty.clone();
    for def in &layer.methods {
        if let Some(ImplItem::Fn(method)) = layer.item.items.get_mut(def.at) {
            wrap(method, def, &self_ty, generic, &private);
        }
    }
    let item = &layer.item;
    quote_spanned! {here=>
        #item
        #(#cfgs)*
        const _: () = {
            #trait_impl
            #entries
        };
    }
}

/// Puts the body of a traced method into the closure that the runtime calls, or traces.
fn wrap(method: &mut ImplItemFn, def: &MethodDef, self_ty: &Type, generic: bool, private: &TokenStream) {
    let here = Span::mixed_site();
    let Some(receiver) = method.sig.receiver().map(|receiver| Ident::from(receiver.self_token)) else {
        return;
    };
    let ReturnType::Type(_, returned) = method.sig.output.clone() else { return };
    let name = &def.name;
    let spec = signature::value(def, &receiver, private);
    let count = Literal::usize_unsuffixed(def.parameters.len());
    let given = def.parameters.iter().map(|ParameterDef { ident, by_value, .. }| {
        if *by_value { quote_spanned!(here=> &{ #ident }) } else { quote!(#ident) }
    });
    let taken =
        def.parameters.iter().map(
            |ParameterDef { ident, mutability, by_value, .. }| {
                if *by_value { quote!(#ident) } else { quote!(#mutability #ident) }
            },
        );
    let owned = def.parameters.iter().filter(|parameter| parameter.by_value);
    let owned = owned.map(|ParameterDef { ident, mutability, .. }| {
        quote_spanned!(here=> let #mutability #ident = ::core::clone::Clone::clone(#ident);)
    });
    // Both at the name of the type, which is where a missing `Module` belongs.
    let this = Ident::new("Self", self_ty.span());
    let mut layer = receiver.clone();
    layer.set_span(self_ty.span().resolved_at(receiver.span()));
    let proof = if generic { TokenStream::new() } else { proof(&this, private) };
    let body = &method.block.stmts;
    let outputs_proof = outputs_proof(&returned, private);
    let generics = returns::is_alias(&returned).then(|| quote_spanned!(here=> ::<#count, #returned>));
    let call = quote_spanned! {here=>
        #proof
        #outputs_proof
        #private::call #generics(
            #private::Callee::method(#layer, #name),
            || #spec,
            [#(#given),*],
            |[#(#taken),*]: [&#private::Tensor; #count]| -> #returned {
                #(#owned)*
                #(#body)*
            },
        )
    };
    method.block =
        Block { brace_token: method.block.brace_token, stmts: vec![Stmt::Expr(Expr::Verbatim(call), None)] };
    add_track_caller(&mut method.attrs);
    allow_underscores(&mut method.attrs, def.parameters.iter().map(|parameter| &parameter.ident));
    if generic {
        let predicate = parse_quote_spanned!(here=> Self: #private::Module);
        method.sig.generics.make_where_clause().predicates.push(predicate);
    }
    for argument in &mut method.sig.inputs {
        if let FnArg::Typed(typed) = argument
            && let Pat::Ident(name) = &mut *typed.pat
        {
            name.mutability = None;
        }
    }
}

/// A parameter that the user's code leaves unused is used by the call around it.
pub fn allow_underscores<'i>(attributes: &mut Vec<Attribute>, mut names: impl Iterator<Item = &'i Ident>) {
    let here = Span::mixed_site();
    if names.any(|name| name.to_string().starts_with('_')) {
        attributes.push(parse_quote_spanned!(here=> #[allow(clippy::used_underscore_binding)]));
    }
}

/// `#[track_caller]`, so that an error names the line that called the layer.
pub fn add_track_caller(attributes: &mut Vec<Attribute>) {
    let here = Span::mixed_site();
    if !attributes.iter().any(|attribute| attribute.path().is_ident("track_caller")) {
        attributes.push(parse_quote_spanned!(here=> #[track_caller]));
    }
}

/// `let _ = <Dense as Module>::TYPE;`
pub fn proof(ty: &impl ToTokens, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    quote_spanned!(here=> let _ = <#ty as #private::Module>::TYPE;)
}

/// `let _ = <Pair as Outputs>::into_tensors;` for a return type whose name says nothing.
fn outputs_proof(returned: &Type, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    if returns::is_alias(returned) {
        quote_spanned!(here=> let _ = <#returned as #private::Outputs>::into_tensors;)
    } else {
        TokenStream::new()
    }
}

/// Adds what `impl Layer` needs of its type. The clause of a type without parameters has a lifetime, for otherwise the
/// compiler would report a missing `Module` here too.
pub fn bound_to_module(generics: &mut Generics, private: &TokenStream) {
    let here = Span::mixed_site();
    let predicate = if generics.params.is_empty() {
        parse_quote_spanned!(here=> for<'module> Self: #private::Module)
    } else {
        parse_quote_spanned!(here=> Self: #private::Module + ::core::marker::Send + ::core::marker::Sync)
    };
    generics.make_where_clause().predicates.push(predicate);
}

fn trait_impl(layer: &LayerDef, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let ty = &layer.item.self_ty;
    // As the user would write it, so that a mistake in `self.field` reads the same here and in the method.
    let receiver = Ident::new("self", ty.span());
    let mut generics = layer.item.generics.clone();
    bound_to_module(&mut generics, private);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let attributes: Vec<_> = layer
        .methods
        .iter()
        .map(|def| match layer.item.items.get(def.at) {
            Some(ImplItem::Fn(method)) => cfgs(&method.attrs),
            _ => Vec::new(),
        })
        .collect();
    let signatures = layer.methods.iter().zip(&attributes).map(|(def, cfgs)| {
        let value = signature::value(def, &receiver, private);
        quote_spanned!(here=> #(#cfgs)* #value)
    });
    let known = layer.methods.iter().zip(&attributes).map(|(def, cfgs)| {
        let name = &def.name;
        quote_spanned!(here=> #(#cfgs)* #name)
    });
    let arms = layer.methods.iter().zip(&attributes).map(|(def, cfgs)| arm(layer, def, cfgs, private));
    let quiet = not_an_example(&layer.item.generics);
    quote_spanned! {here=>
        #[automatically_derived]
        #quiet
        impl #impl_generics #private::Layer for #ty #where_clause {
            fn signatures(&#receiver) -> ::std::vec::Vec<#private::SignatureSpec> {
                ::std::vec::Vec::from([#(#signatures),*])
            }
            fn invoke(
                &self,
                function: &str,
                inputs: &[#private::Tensor],
            ) -> #private::Result<::std::vec::Vec<#private::Tensor>> {
                match function {
                    #(#arms)*
                    _ => ::core::result::Result::Err(#private::unknown_function(
                        <Self as #private::Module>::TYPE.name,
                        function,
                        &[#(#known),*],
                    )),
                }
            }
            fn made_by_the_layer_attribute(&self) -> #private::Sealed {
                #private::Sealed::NEW
            }
        }
    }
}

/// `"call" => { … }`
fn arm(layer: &LayerDef, def: &MethodDef, cfgs: &[&Attribute], private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let Some(ImplItem::Fn(method)) = layer.item.items.get(def.at) else { return TokenStream::new() };
    let ident = &method.sig.ident;
    let ReturnType::Type(_, returned) = &method.sig.output else { return TokenStream::new() };
    let outputs_proof = outputs_proof(returned, private);
    let name = &def.name;
    let count = Literal::usize_unsuffixed(def.parameters.len());
    let inputs: Vec<_> =
        (0..def.parameters.len()).map(|at| format_ident!("input{at}", span = here)).collect();
    let given = def.parameters.iter().zip(&inputs).map(|(parameter, input)| {
        if parameter.by_value {
            quote_spanned!(here=> ::core::clone::Clone::clone(#input))
        } else {
            quote!(#input)
        }
    });
    quote_spanned! {here=>
        #(#cfgs)*
        #name => {
            #outputs_proof
            let [#(#inputs),*] = #private::inputs::<#count>(#name, inputs)?;
            ::core::result::Result::Ok(<#returned as #private::Outputs>::into_tensors(Self::#ident(self, #(#given),*)))
        }
    }
}

/// One `submit!` for each type to register.
fn entries(layer: &LayerDef, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let [file, line] = position(&layer.item.self_ty);
    let entries = layer.instances.iter().map(|ty| {
        let arguments = arguments(ty);
        let proof = proof(ty, private);
        quote_spanned! {here=>
            #private::submit! {{
                #proof
                #private::layer_entry::<#ty>(#arguments, #file, #line)
            }}
        }
    });
    quote!(#(#entries)*)
}

/// `<Dense, 3>` of `Residual<Dense, 3>`, or nothing.
fn arguments(ty: &Type) -> String {
    let Type::Path(path) = bare(ty) else { return String::new() };
    match path.path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => {
            let arguments: Punctuated<_, Token![,]> = arguments.args.iter().map(text).collect();
            format!("<{}>", arguments.into_iter().collect::<Vec<_>>().join(", "))
        }
        _ => String::new(),
    }
}
