//! The rules that take more than one word to break. One file for each kind of item, one function for each rule.

pub mod arguments;
pub mod autograph;
pub mod gradient;
pub mod layer;
pub mod layout;
pub mod loss;
pub mod method;
pub mod module;
pub mod names;
pub mod op;
pub mod returns;
pub mod structure;
pub mod train_step;

use syn::Type;

/// Whether `ty` is written as `Tensor`, however it is qualified.
pub fn is_tensor(ty: &Type) -> bool {
    last_name(ty).is_some_and(|name| name == "Tensor")
}

/// `&Tensor`
pub fn is_tensor_reference(ty: &Type) -> bool {
    matches!(bare(ty), Type::Reference(reference) if reference.mutability.is_none() && is_tensor(&reference.elem))
}

/// The last name of a path type: `Dense` of `crate::layers::Dense<4>`.
pub fn last_name(ty: &Type) -> Option<String> {
    match bare(ty) {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
}

/// A type out of the invisible groups and the parentheses around it.
pub fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        other => other,
    }
}

/// Whether `name` is a plain value of the language, which is configuration without any mark.
pub fn is_plain_value(name: &str) -> bool {
    const PLAIN: [&str; 17] = [
        "bool", "char", "String", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize",
    ];
    PLAIN.contains(&name)
}
