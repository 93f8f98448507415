//! What the macros understand of the user's items. Everything is generated from these types.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Attribute, Data, DeriveInput, Fields, Generics, Ident, ImplItem, ImplItemFn, ItemFn, ItemImpl, LitStr,
    Member, Token, Type,
};

use crate::attr::{DefaultDef, FieldAttrs, LayerAttrs, Place, TypeAttrs, names};
use crate::check;
use crate::errors::Errors;
use crate::signature::{SignatureDef, saved_name};

/// A type with `#[derive(Module)]`.
pub struct ModuleDef {
    pub ident: Ident,
    pub generics: Generics,
    pub attrs: TypeAttrs,
    pub body: Body,
}

pub enum Body {
    Struct(Vec<FieldDef>),
    Enum(Vec<VariantDef>),
}

pub struct VariantDef {
    pub ident: Ident,
    pub saved: SavedName,
    pub fields: Vec<FieldDef>,
}

/// The name in a file, and the older names that still load.
pub struct SavedName {
    pub name: String,
    pub aliases: Vec<LitStr>,
    /// The tokens to blame for the name.
    pub original: TokenStream,
}

pub struct FieldDef {
    pub member: Member,
    pub ty: Type,
    pub saved: SavedName,
    pub keep: Keep,
    pub default: Option<DefaultDef>,
}

/// What becomes of a field's value in a saved model.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Visited: variables, modules, containers of them, and plain values. The word is a variant of `Role`.
    Tracked(&'static str),
    /// Saved through serde.
    Config,
    /// Not saved.
    Skipped,
}

impl ModuleDef {
    pub fn read(input: &DeriveInput, errors: &Errors) -> Self {
        let attrs = TypeAttrs::read(&input.attrs, errors);
        let body = match &input.data {
            Data::Struct(data) => Body::Struct(fields(&data.fields, errors)),
            Data::Enum(data) => Body::Enum(data.variants.iter().map(|one| variant(one, errors)).collect()),
            Data::Union(_) => Body::Struct(Vec::new()),
        };
        check::module::kind(input, errors);
        let this = Self { ident: input.ident.clone(), generics: input.generics.clone(), attrs, body };
        check::module::all_names(&this, errors);
        this
    }
}

fn variant(variant: &syn::Variant, errors: &Errors) -> VariantDef {
    let attrs = FieldAttrs::read(&variant.attrs, Place::Variant, errors);
    VariantDef {
        ident: variant.ident.clone(),
        saved: SavedName::new(saved_name(&variant.ident), &variant.ident, &attrs),
        fields: fields(&variant.fields, errors),
    }
}

fn fields(fields: &Fields, errors: &Errors) -> Vec<FieldDef> {
    let mut defs = Vec::new();
    for (member, field) in fields.members().zip(fields) {
        let mut attrs = FieldAttrs::read(&field.attrs, Place::Field, errors);
        check::module::field_words(&attrs, &field.ty, errors);
        let name = match &member {
            Member::Named(ident) => saved_name(ident),
            Member::Unnamed(index) => index.index.to_string(),
        };
        let original =
            field.ident.as_ref().map_or_else(|| field.ty.to_token_stream(), ToTokens::to_token_stream);
        let keep = if attrs.skip.is_some() {
            Keep::Skipped
        } else if attrs.config.is_some() {
            Keep::Config
        } else if attrs.frozen.is_some() {
            Keep::Tracked("Frozen")
        } else if attrs.state.is_some() {
            Keep::Tracked("State")
        } else {
            Keep::Tracked("Inherit")
        };
        let saved = SavedName::new(name, original, &attrs);
        defs.push(FieldDef { member, ty: field.ty.clone(), saved, keep, default: attrs.default.take() });
    }
    defs
}

impl SavedName {
    fn new(name: String, original: impl ToTokens, attrs: &FieldAttrs) -> Self {
        let aliases = attrs.aliases.clone();
        match &attrs.rename {
            Some(text) => Self { name: text.value(), aliases, original: text.to_token_stream() },
            None => Self { name, aliases, original: original.into_token_stream() },
        }
    }
}

/// An impl block with `#[layer]`.
pub struct LayerDef {
    /// The block without our attributes; its bodies are still the user's.
    pub item: ItemImpl,
    /// `call` first, the others as they were written.
    pub methods: Vec<MethodDef>,
    /// The types to register.
    pub instances: Vec<Type>,
    /// The places of the methods in which tensors decide.
    pub autograph: Vec<usize>,
}

/// A method with a signature.
pub struct MethodDef {
    /// Its place among the items of the block.
    pub at: usize,
    pub name: String,
    pub signature: SignatureDef,
    pub parameters: Vec<ParameterDef>,
}

pub struct ParameterDef {
    pub ident: Ident,
    pub mutability: Option<Token![mut]>,
    /// It is taken as it is, and not by reference.
    pub by_value: bool,
    /// Its type, without the reference.
    pub ty: Type,
    pub kind: ParameterKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// A tensor, or a structure of tensors.
    Tensors,
    /// One of the values that the signature lists.
    Static,
    /// A mistake that has been reported.
    Mistake,
}

impl LayerDef {
    pub fn read(arguments: TokenStream, mut item: ItemImpl, errors: &Errors) -> Self {
        let attrs = LayerAttrs::read(arguments, errors);
        check::layer::place(&item, errors);
        check::layer::instances(&item, &attrs, errors);
        let mut signatures: Vec<Vec<Attribute>> = Vec::new();
        let mut autograph = check::autograph::methods(&mut item, attrs.autograph.as_ref(), errors);
        for item in &mut item.items {
            signatures.push(match item {
                ImplItem::Fn(method) => {
                    method.attrs.extract_if(.., |attribute| names(attribute.path(), "signature")).collect()
                }
                _ => Vec::new(),
            });
        }
        let mut methods = Vec::new();
        if item.trait_.is_none() {
            let traced = |at: usize| signatures.get(at).is_some_and(|attributes| !attributes.is_empty());
            let twins = check::layer::methods(&item, &traced, errors);
            for (at, (inner, attributes)) in item.items.iter().zip(&signatures).enumerate() {
                let ImplItem::Fn(method) = inner else { continue };
                if !twins.contains(&at) {
                    let def = MethodDef::read(at, method, attributes, errors);
                    if let Some(word) = def.as_ref().and_then(|def| def.signature.autograph.as_ref()) {
                        check::autograph::word(at, word, &mut autograph, errors);
                    }
                    methods.extend(def);
                }
            }
            methods.sort_by_key(|method| method.name != "call");
            let mut at = 0;
            item.items.retain(|_| {
                at += 1;
                !twins.contains(&(at - 1))
            });
        }
        let instances = attrs.instances.unwrap_or_else(|| vec![Type::clone(&item.self_ty)]);
        Self { item, methods, instances, autograph }
    }
}

impl LayerDef {
    /// Reads a block with `#[train_step]`: the methods are the steps.
    pub fn steps(arguments: &TokenStream, mut item: ItemImpl, errors: &Errors) -> Self {
        use check::train_step::{STEPS, no_step, place, there, twice, unsigned};
        place(arguments, &item, errors);
        let mut autograph = check::autograph::methods(&mut item, None, errors);
        let mut methods: Vec<MethodDef> = Vec::new();
        let (mut found, mut twins) = (false, Vec::new());
        for (at, inner) in item.items.iter_mut().enumerate() {
            let ImplItem::Fn(method) = inner else { continue };
            let signatures = method.attrs.extract_if(.., |attribute| names(attribute.path(), "signature"));
            let signatures: Vec<Attribute> = signatures.collect();
            let step = STEPS.iter().any(|step| method.sig.ident == step);
            found |= method.sig.ident == STEPS[0];
            match (step, signatures.is_empty()) {
                (true, true) => unsigned(method, errors),
                (true, false) if methods.iter().any(|known| known.name == saved_name(&method.sig.ident)) => {
                    twice(method, errors);
                    twins.push(at);
                }
                (true, false) => {
                    let def = MethodDef::read(at, method, &signatures, errors);
                    if let Some(word) = def.as_ref().and_then(|def| def.signature.autograph.as_ref()) {
                        check::autograph::word(at, word, &mut autograph, errors);
                    }
                    methods.extend(def);
                }
                (false, true) => {}
                (false, false) => no_step(method, errors),
            }
        }
        there(&item, found, errors);
        // A later twin would only draw the compiler's own complaint as well.
        let mut at = 0;
        item.items.retain(|_| {
            at += 1;
            !twins.contains(&(at - 1))
        });
        Self { item, methods, instances: Vec::new(), autograph }
    }
}

impl MethodDef {
    fn read(at: usize, method: &ImplItemFn, attributes: &[Attribute], errors: &Errors) -> Option<Self> {
        let [first, more @ ..] = attributes else {
            if method.sig.ident == "call" {
                check::layer::unsigned_call(method, errors);
            }
            return None;
        };
        for attribute in more {
            errors.at(attribute, "a method has one signature: keep one, or write a second method");
        }
        let mut signature = SignatureDef::read(first, errors);
        let parameters = check::method::form(method, &signature, errors);
        check::method::names(method, &parameters, &signature, errors);
        check::arguments::entries(&method.sig.ident, &parameters, &signature, errors);
        check::method::layouts(method, &parameters, &signature, errors);
        let place =
            |name: &Ident| parameters.iter().position(|known| saved_name(&known.ident) == saved_name(name));
        signature.inputs.sort_by_key(|input| place(&input.name));
        signature.arguments.sort_by_key(|argument| place(&argument.name));
        Some(Self { at, name: saved_name(&method.sig.ident), signature, parameters })
    }
}

/// A function with `#[loss]` or `#[metric]`.
pub struct LossDef {
    pub item: ItemFn,
    pub attrs: TypeAttrs,
    pub parameters: Vec<Ident>,
}

impl LossDef {
    pub fn read(attribute: &str, arguments: TokenStream, item: ItemFn, errors: &Errors) -> Self {
        let attrs = TypeAttrs::arguments(arguments, attribute, errors);
        check::names::registered(&attrs, errors);
        let parameters = check::loss::form(attribute, &item, errors);
        Self { item, attrs, parameters }
    }
}
