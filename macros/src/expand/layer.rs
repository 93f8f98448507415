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
//!         call(
//!             Callee::method(self, "call"),
//!             || SignatureSpec { .. },
//!             Arguments::new().with::<Tensor>("input", input),
//!             |arguments| Ok((arguments.take::<Tensor>("input")?,)),
//!             |(input,): (Tensor,)| -> Tensor {
//!                 let input = &input;
//!                 input.matmul(&self.weights)
//!             },
//!         )
//!     }
//! }
//! const _: () = {
//!     #[automatically_derived]
//!     #[diagnostic::do_not_recommend]
//!     impl Layer for Dense where for<'module> Self: Module {
//!         fn signatures(&self) -> Vec<SignatureSpec> { Vec::from([SignatureSpec { .. }]) }
//!         fn enter(&self, function: &str, arguments: &mut Arguments) -> Result<Leaves> {
//!             match function {
//!                 "call" => {
//!                     let input0 = arguments.take::<Tensor>("input")?;
//!                     Ok(Leaves::of::<Tensor>(&Self::call(self, &input0)))
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
//! A static argument is no part of `Arguments`: the closure has it from the method around it, and `enter` takes it out of those
//! that the signature lists, `arguments.choose::<bool>("causal", &[true, false])?`.
//!
//! with absolute paths. The `let _` lines and the `where` clause, which is always true of a module, are there so that a
//! forgotten `#[derive(Module)]` is reported once, on the name of the type, and not once for each use.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Block, Expr, FnArg, Generics, Ident, ImplItem, ImplItemFn, Item, ItemImpl, Pat, PathArguments,
    ReturnType, Stmt, Token, Type, parse_quote_spanned,
};

use crate::ast::{LayerDef, MethodDef, ParameterDef, ParameterKind};
use crate::attr::cfgs;
use crate::autograph::{Mode, rewrite};
use crate::check::{bare, is_tensor, last_name, returns};
use crate::errors::Errors;
use crate::expand::{not_an_example, parts, position, signature, unread};
use crate::pieces::text;
use crate::signature::saved_name;
use crate::{debug, fallback, private};

/// The entry point of `#[layer]`.
pub fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return unread(misplaced(&item).unwrap_or(error), item),
    };
    let errors = Errors::new();
    let mut layer = LayerDef::read(arguments, item, &errors);
    if let Err(error) = errors.check() {
        let error = error.into_compile_error();
        layer.methods.clear();
        decisions(&mut layer, &private::path());
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
    decisions(&mut layer, &private);
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

/// Lets tensors decide where the user says so; elsewhere in a traced method, a tensor as a condition is a mistake.
pub fn decisions(layer: &mut LayerDef, private: &TokenStream) {
    for (at, item) in layer.item.items.iter_mut().enumerate() {
        let ImplItem::Fn(method) = item else { continue };
        if layer.autograph.contains(&at) {
            rewrite(&method.sig, &mut method.block, Mode::Graph, private);
        } else if layer.methods.iter().any(|def| def.at == at) {
            rewrite(&method.sig, &mut method.block, Mode::Check, private);
        }
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
    let tensors: Vec<_> =
        def.parameters.iter().filter(|parameter| parameter.kind == ParameterKind::Tensors).collect();
    let given = tensors.iter().map(|ParameterDef { ident, by_value, ty, .. }| {
        let name = saved_name(ident);
        if *by_value {
            quote_spanned!(here=> .with::<#ty>(#name, &#ident))
        } else {
            quote_spanned!(here=> .with::<#ty>(#name, #ident))
        }
    });
    let takes = tensors.iter().map(|ParameterDef { ident, ty, .. }| take(ident, ty));
    let arguments =
        if tensors.is_empty() { quote_spanned!(here=> _) } else { quote_spanned!(here=> arguments) };
    let bound = tensors.iter().map(
        |ParameterDef { ident, mutability, by_value, .. }| {
            if *by_value { quote!(#mutability #ident) } else { quote!(#ident) }
        },
    );
    let types = tensors.iter().map(|parameter| &parameter.ty);
    let lent = tensors.iter().filter(|parameter| !parameter.by_value);
    let lent = lent.map(
        |ParameterDef { ident, mutability, .. }| quote_spanned!(here=> let #mutability #ident = &#ident;),
    );
    let parts = if generic { TokenStream::new() } else { parts::checks(def) };
    // Both at the name of the type, which is where a missing `Module` belongs.
    let this = Ident::new("Self", self_ty.span());
    let mut layer = receiver.clone();
    layer.set_span(self_ty.span().resolved_at(receiver.span()));
    let proof = if generic { TokenStream::new() } else { proof(&this, private) };
    let body = &method.block.stmts;
    let outputs_proof = outputs_proof(&returned, private);
    let parameters_proof = structure_proofs(tensors.iter().map(|parameter| &parameter.ty), private);
    let generics = returns::is_alias(&returned).then(|| quote_spanned!(here=> ::<_, #returned>));
    let call = quote_spanned! {here=>
        #proof
        #outputs_proof
        #parameters_proof
        #parts
        #private::call #generics(
            #private::Callee::method(#layer, #name),
            || #spec,
            #private::Arguments::new() #(#given)*,
            |#arguments| ::core::result::Result::Ok((#(#takes,)*)),
            |(#(#bound,)*): (#(#types,)*)| -> #returned {
                #(#lent)*
                #(#body)*
            },
        )
    };
    method.block =
        Block { brace_token: method.block.brace_token, stmts: vec![Stmt::Expr(Expr::Verbatim(call), None)] };
    add_track_caller(&mut method.attrs);
    allow_underscores(&mut method.attrs, def.parameters.iter().map(|parameter| &parameter.ident));
    allow_values(&mut method.attrs, def.parameters.iter().any(|parameter| parameter.by_value));
    if generic {
        let predicate = parse_quote_spanned!(here=> Self: #private::Module);
        method.sig.generics.make_where_clause().predicates.push(predicate);
    }
    for argument in &mut method.sig.inputs {
        if let FnArg::Typed(typed) = argument
            && let Pat::Ident(name) = &mut *typed.pat
            && tensors.iter().any(|parameter| parameter.ident == name.ident)
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

/// A parameter that the user's code consumes is lent to the call around it.
pub fn allow_values(attributes: &mut Vec<Attribute>, any: bool) {
    let here = Span::mixed_site();
    if any {
        attributes.push(parse_quote_spanned!(here=> #[allow(clippy::needless_pass_by_value)]));
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

/// `arguments.take::<Tensor>("input")?`
fn take(ident: &Ident, ty: &Type) -> TokenStream {
    let here = Span::mixed_site();
    let name = saved_name(ident);
    quote_spanned!(here=> arguments.take::<#ty>(#name)?)
}

/// `let _ = <Pair as Structure>::flatten;` for a return type whose name says nothing.
fn outputs_proof(returned: &Type, private: &TokenStream) -> TokenStream {
    structure_proofs(std::iter::once(returned).filter(|returned| returns::is_alias(returned)), private)
}

/// The same for each type that is no tensor.
pub fn structure_proofs<'t>(types: impl Iterator<Item = &'t Type>, private: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let proofs = types
        .filter(|ty| !is_tensor(ty))
        .map(|ty| quote_spanned!(here=> let _ = <#ty as #private::Structure>::flatten;));
    quote!(#(#proofs)*)
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
    let seal = quote_spanned! {here=>
        fn made_by_the_layer_attribute(&self) -> #private::Sealed {
            #private::Sealed::NEW
        }
    };
    methods_impl(layer, ["Layer", "signatures", "enter"], &seal, private)
}

/// The impl of a trait that gives the signatures of methods, and runs one by its name; `names` are those of the trait and of these
/// two functions.
pub fn methods_impl(
    layer: &LayerDef,
    names: [&str; 3],
    more: &TokenStream,
    private: &TokenStream,
) -> TokenStream {
    let here = Span::mixed_site();
    let [implemented, signatures_of, enter] = names.map(|name| Ident::new(name, here));
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
    let unused = layer.methods.iter().all(|def| def.parameters.is_empty());
    let arguments = if unused { quote_spanned!(here=> _) } else { quote_spanned!(here=> arguments) };
    quote_spanned! {here=>
        #[automatically_derived]
        #quiet
        impl #impl_generics #private::#implemented for #ty #where_clause {
            fn #signatures_of(&#receiver) -> ::std::vec::Vec<#private::SignatureSpec> {
                ::std::vec::Vec::from([#(#signatures),*])
            }
            fn #enter(
                &self,
                function: &str,
                #arguments: &mut #private::Arguments,
            ) -> #private::Result<#private::Leaves> {
                match function {
                    #(#arms)*
                    _ => ::core::result::Result::Err(#private::unknown_function(
                        <Self as #private::Module>::TYPE.name,
                        function,
                        &[#(#known),*],
                    )),
                }
            }
            #more
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
    let inputs: Vec<_> =
        (0..def.parameters.len()).map(|at| format_ident!("input{at}", span = here)).collect();
    let taken = def.parameters.iter().zip(&inputs).map(|(parameter, input)| {
        let value = match parameter.kind {
            ParameterKind::Static => choose(parameter, def),
            ParameterKind::Tensors | ParameterKind::Mistake => take(&parameter.ident, &parameter.ty),
        };
        quote_spanned!(here=> let #input = #value;)
    });
    let given = def.parameters.iter().zip(&inputs).map(|(parameter, input)| {
        if parameter.by_value { quote!(#input) } else { quote_spanned!(here=> &#input) }
    });
    let parameters_proof = structure_proofs(
        def.parameters.iter().filter(|one| one.kind == ParameterKind::Tensors).map(|one| &one.ty),
        private,
    );
    quote_spanned! {here=>
        #(#cfgs)*
        #name => {
            #outputs_proof
            #parameters_proof
            #(#taken)*
            ::core::result::Result::Ok(#private::Leaves::of::<#returned>(&Self::#ident(self, #(#given),*)))
        }
    }
}

/// `arguments.choose::<bool>("causal", &[true, false])?`
fn choose(parameter: &ParameterDef, def: &MethodDef) -> TokenStream {
    let here = Span::mixed_site();
    let name = saved_name(&parameter.ident);
    let listed = def.signature.arguments.iter().find(|argument| saved_name(&argument.name) == name);
    let Some(listed) = listed else { return TokenStream::new() };
    let (ty, values) = (&parameter.ty, signature::values(listed, &parameter.ty));
    quote_spanned!(here=> arguments.choose::<#ty>(#name, #values)?)
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
