//! The rules of `#[derive(Structure)]`.

use syn::{Data, DeriveInput, Type};

use crate::attr::PartAttrs;
use crate::check::{bare, is_plain_value, last_name};
use crate::errors::Errors;
use crate::pieces::text;

/// A structure of tensors is a struct, whose layout is the same whatever it holds.
pub fn kind(input: &DeriveInput, errors: &Errors) {
    match &input.data {
        Data::Struct(_) => {}
        Data::Enum(data) => errors.at(
            data.enum_token,
            "a structure has the same tensors whatever it holds, and an enum has not: write a struct, with `Option` where a part \
             may be missing; a choice that is made while tracing is a static argument, `mode in [Mode::Fast, Mode::Exact]`",
        ),
        Data::Union(data) => errors.at(
            data.union_token,
            "a union does not know what it holds, so its tensors cannot be listed: write a struct",
        ),
    }
    for lifetime in input.generics.lifetimes() {
        errors.at(
            &lifetime.lifetime,
            "a structure owns its tensors, which are cheap to clone: hold `Tensor`, not `&Tensor`",
        );
    }
}

/// A part is made of tensors, or is skipped.
pub fn part(name: &str, ty: &Type, attrs: &PartAttrs, errors: &Errors) {
    if attrs.skip.is_some() {
        if let Some(rename) = &attrs.rename {
            errors.at(rename, "a skipped field has no name in a graph: remove `rename`, or `skip`");
        }
        return;
    }
    let written = text(ty);
    match bare(ty) {
        Type::Reference(_) => errors.at(
            ty,
            "a structure owns its tensors, which are cheap to clone: write the type without `&`",
        ),
        ty if last_name(ty).is_some_and(|name| is_plain_value(&name)) => errors.at(
            ty,
            format!(
                "a structure is made of tensors, and `{name}` is `{written}`: write `Tensor`, or mark it `#[structure(skip)]` if \
                 `Default::default()` will do where it is rebuilt; what a method is traced for is a parameter of its own, `{name} \
                 in […]`"
            ),
        ),
        ty if last_name(ty).is_some_and(|name| name == "Variable") => errors.at(
            ty,
            "a `Variable` is state, which a module owns: write `Tensor`, and give its value",
        ),
        _ => {}
    }
}
