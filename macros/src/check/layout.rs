//! Whether a layout fits a type, as far as tokens tell.

use syn::{Expr, GenericArgument, Lit, PathArguments, Type, TypePath};

use crate::check::{bare, is_tensor, last_name};
use crate::errors::Errors;
use crate::layout::LayoutDef;
use crate::pieces::{stream, text};

/// Reports where the layout of a parameter or an output can never be that of its type.
pub fn fits(ty: &Type, layout: &LayoutDef, errors: &Errors) {
    let ty = bare(ty);
    let place = match layout {
        LayoutDef::Unreadable => return,
        LayoutDef::Tensor(spec) => stream(&spec.original),
        LayoutDef::Fields(_, original)
        | LayoutDef::Tuple(_, original)
        | LayoutDef::List(_, _, original)
        | LayoutDef::Optional(_, original) => original.clone(),
    };
    let mistake = |message: String| errors.at(&place, message);
    let written = text(ty);
    if let (LayoutDef::Optional(layout, _), inner) = (layout, argument(ty, &["Option"])) {
        match inner {
            Some(inner) => fits(inner, layout, errors),
            None if is_known(ty) => {
                mistake(format!(
                    "`?` is a value that may be missing, and `{written}` is always there: remove it, or write `Option<{written}>`"
                ));
            }
            None => {}
        }
        return;
    }
    if let Some(inner) = argument(ty, &["Box", "Arc"]) {
        return fits(inner, layout, errors);
    }
    match (ty, layout) {
        (ty, LayoutDef::Tensor(_)) if is_tensor(ty) => {}
        (ty, _) if is_tensor(ty) => {
            mistake(
                "this parameter or output is one `Tensor`: write its sizes and its dtype, `[None, 5; f32]`"
                    .to_owned(),
            );
        }
        (ty, layout) if argument(ty, &["Option"]).is_some() => {
            let _ = layout;
            mistake(format!("`{written}` may be missing: write `?` in front"));
        }
        (Type::Tuple(tuple), LayoutDef::Tuple(items, _)) if tuple.elems.len() == items.len() => {
            for (ty, item) in tuple.elems.iter().zip(items) {
                fits(ty, item, errors);
            }
        }
        (Type::Tuple(tuple), _) => {
            let form = vec!["[None; f32]"; tuple.elems.len()].join(", ");
            mistake(format!("`{written}` has {} parts: write each of them, `({form})`", tuple.elems.len()));
        }
        (Type::Array(array), LayoutDef::List(item, count, _)) => {
            match length(&array.len) {
                Some(length) if length != *count => {
                    mistake(format!("`{written}` has {length} items, and this list has {count}"));
                }
                _ => {}
            }
            fits(&array.elem, item, errors);
        }
        (Type::Array(array), LayoutDef::Tuple(items, _)) => {
            if length(&array.len).is_some_and(|length| length != items.len()) {
                mistake(format!("`{written}` does not have {} items", items.len()));
            }
            for item in items {
                fits(&array.elem, item, errors);
            }
        }
        (Type::Array(_), _) => mistake(format!("`{written}` is a list: write `[[None; f32]; 3]`")),
        (ty, layout) => containers(ty, layout, &written, &mistake, errors),
    }
}

fn containers(ty: &Type, layout: &LayoutDef, written: &str, mistake: &dyn Fn(String), errors: &Errors) {
    if let Some(item) = argument(ty, &["Vec"]) {
        match layout {
            LayoutDef::List(layout, ..) => fits(item, layout, errors),
            LayoutDef::Tuple(items, _) => items.iter().for_each(|layout| fits(item, layout, errors)),
            _ => mistake(format!("`{written}` is a list: write `[[None; f32]; 3]`, with its length")),
        }
    } else if let Some(item) = argument(ty, &["BTreeMap", "HashMap"]) {
        match layout {
            // A key may be missing without an `Option`.
            LayoutDef::Fields(fields, _) => fields.iter().for_each(|field| match &field.layout {
                LayoutDef::Optional(layout, _) if argument(item, &["Option"]).is_none() => {
                    fits(item, layout, errors);
                }
                layout => fits(item, layout, errors),
            }),
            _ => mistake(format!("`{written}` is a map: write its keys, `{{ image: [None; f32] }}`")),
        }
    }
}

/// Whether the type is one of those whose layout tokens tell, and no `Option`.
fn is_known(ty: &Type) -> bool {
    is_tensor(ty)
        || matches!(ty, Type::Tuple(_) | Type::Array(_))
        || argument(ty, &["Vec", "BTreeMap", "HashMap"]).is_some()
}

/// The last type argument, if the type is called one of these.
fn argument<'t>(ty: &'t Type, names: &[&str]) -> Option<&'t Type> {
    let name = last_name(ty)?;
    let Type::Path(TypePath { path, .. }) = bare(ty) else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.segments.last()?.arguments else { return None };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let types: Vec<_> = types.collect();
    let ty = if name == "HashMap" { types.get(1).copied() } else { types.last().copied() };
    names.contains(&name.as_str()).then_some(ty)?
}

fn length(length: &Expr) -> Option<usize> {
    match length {
        Expr::Lit(literal) if let Lit::Int(length) = &literal.lit => length.base10_parse().ok(),
        _ => None,
    }
}
