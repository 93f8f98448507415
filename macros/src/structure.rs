//! What `#[derive(Structure)]` understands of a struct.

use quote::ToTokens;
use syn::{Data, DeriveInput, Fields, Generics, Ident, LitStr, Member, Type};

use crate::ast::SavedName;
use crate::attr;
use crate::check;
use crate::errors::Errors;
use crate::signature::saved_name;

/// A struct with `#[derive(Structure)]`.
pub struct StructureDef {
    pub ident: Ident,
    pub generics: Generics,
    pub fields: Vec<PartDef>,
}

pub struct PartDef {
    pub member: Member,
    pub ty: Type,
    pub saved: SavedName,
    /// It is not made of tensors, and comes back as its default.
    pub skip: bool,
}

impl StructureDef {
    pub fn read(input: &DeriveInput, errors: &Errors) -> Self {
        check::structure::kind(input, errors);
        for attribute in &input.attrs {
            if attribute.path().is_ident("structure") {
                errors.at(attribute, "`#[structure(…)]` belongs on a field: `#[structure(rename = \"…\")]`, `#[structure(skip)]`");
            }
        }
        let fields = match &input.data {
            Data::Struct(data) => fields(&data.fields, errors),
            Data::Enum(_) | Data::Union(_) => Vec::new(),
        };
        let kept = fields.iter().filter(|field| !field.skip).map(|field| &field.saved);
        check::names::saved(kept, "part", errors);
        Self { ident: input.ident.clone(), generics: input.generics.clone(), fields }
    }
}

fn fields(fields: &Fields, errors: &Errors) -> Vec<PartDef> {
    let mut parts = Vec::new();
    for (member, field) in fields.members().zip(fields) {
        let attrs = attr::PartAttrs::read(&field.attrs, errors);
        let name = match &member {
            Member::Named(ident) => saved_name(ident),
            Member::Unnamed(index) => index.index.to_string(),
        };
        check::structure::part(&name, &field.ty, &attrs, errors);
        let original = match (&attrs.rename, &field.ident) {
            (Some(text), _) => text.to_token_stream(),
            (None, Some(ident)) => ident.to_token_stream(),
            (None, None) => field.ty.to_token_stream(),
        };
        let name = attrs.rename.as_ref().map_or(name, LitStr::value);
        let saved = SavedName { name, aliases: Vec::new(), original };
        parts.push(PartDef { member, ty: field.ty.clone(), saved, skip: attrs.skip.is_some() });
    }
    parts
}
