//! What a method with a signature may return, as far as tokens tell.

use quote::ToTokens;
use syn::{Expr, Lit, ReturnType, Type};

use crate::check::{bare, is_plain_value, last_name};
use crate::errors::Errors;
use crate::layout::LayoutDef;
use crate::pieces::text;
use crate::signature::{OutputDef, OutputsDef};

const RETURN: &str = "return `Tensor`, a tuple of tensors, `[Tensor; N]`, `Vec<Tensor>`, or a struct with `#[derive(Structure)]`";

/// How many tensors a return type stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    Known(usize),
    /// An alias, a `Vec`, or an array of a named length.
    Unknown,
}

/// The return type is made of tensors, and a stated list of outputs has its length.
pub fn returns(method: &dyn ToTokens, output: &ReturnType, stated: Option<&OutputsDef>, errors: &Errors) {
    let ReturnType::Type(_, ty) = output else {
        errors.at(method, format!("nothing is returned, so there is nothing to trace: {RETURN}"));
        return;
    };
    match count(ty) {
        Err(message) => errors.at(ty, message),
        Ok(Count::Known(returned)) => {
            if let Some(outputs) = stated
                && let Some(stated) = stated_count(outputs)
                && stated != returned
            {
                errors.at(
                    &outputs.original,
                    format!(
                        "{stated} output{} stated, but `{}` is {returned}: state each tensor that is returned",
                        if stated == 1 { " is" } else { "s are" },
                        text(ty)
                    ),
                );
            }
        }
        Ok(Count::Unknown) => {}
    }
}

/// How many outputs are stated; none if a layout stands for all of them.
fn stated_count(outputs: &OutputsDef) -> Option<usize> {
    match outputs.entries.as_slice() {
        [OutputDef { name: None, layout }] => match layout {
            LayoutDef::Tensor(_) => Some(1),
            LayoutDef::List(_, count, _) => Some(*count),
            _ => None,
        },
        entries => Some(entries.len()),
    }
}

/// Whether tokens alone do not tell that this type is made of tensors, so that the compiler has to.
pub fn is_alias(ty: &Type) -> bool {
    count(ty) == Ok(Count::Unknown)
        && !matches!(last_name(ty).as_deref(), Some("Vec"))
        && !matches!(bare(ty), Type::Array(_))
}

fn count(ty: &Type) -> Result<Count, String> {
    match bare(ty) {
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            Err(format!("nothing is returned, so there is nothing to trace: {RETURN}"))
        }
        Type::Tuple(tuple) => {
            for element in &tuple.elems {
                element_is_tensors(element)?;
            }
            Ok(Count::Known(tuple.elems.len()))
        }
        Type::Array(array) => {
            element_is_tensors(&array.elem)?;
            match &array.len {
                Expr::Lit(literal) if let Lit::Int(length) = &literal.lit => {
                    Ok(length.base10_parse().map_or(Count::Unknown, Count::Known))
                }
                _ => Ok(Count::Unknown),
            }
        }
        Type::Reference(_) => {
            Err(format!("a function of a saved model makes new tensors, it lends none: {RETURN}"))
        }
        Type::Path(_) => named(ty),
        Type::Macro(_) | Type::Verbatim(_) => Ok(Count::Unknown),
        _ => Err(format!("a function of a saved model returns tensors: {RETURN}")),
    }
}

fn named(ty: &Type) -> Result<Count, String> {
    match last_name(ty).as_deref() {
        Some("Tensor") => Ok(Count::Known(1)),
        Some("Result" | "Option") => Err(format!(
            "a tensor carries its own error, which comes out where it is read, saved or traced: {RETURN}, without `Result` or `Option`"
        )),
        Some(name) if is_plain_value(name) || name == "Self" => {
            Err(format!("a function of a saved model returns tensors, not `{name}`: {RETURN}"))
        }
        _ => Ok(Count::Unknown),
    }
}

/// An element may itself be made of tensors, or be an `Option` of them.
fn element_is_tensors(ty: &Type) -> Result<(), String> {
    match last_name(ty).as_deref() {
        Some("Option") => Ok(()),
        _ => count(ty).map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn tensors_are_counted() {
        assert_eq!(count(&parse_quote!(Tensor)), Ok(Count::Known(1)));
        assert_eq!(count(&parse_quote!(holotype::Tensor)), Ok(Count::Known(1)));
        assert_eq!(count(&parse_quote!((Tensor, Tensor))), Ok(Count::Known(2)));
        assert_eq!(count(&parse_quote!([Tensor; 3])), Ok(Count::Known(3)));
        assert_eq!(count(&parse_quote!([Tensor; N])), Ok(Count::Unknown));
        assert_eq!(count(&parse_quote!(Vec<Tensor>)), Ok(Count::Unknown));
        assert_eq!(count(&parse_quote!(Pair)), Ok(Count::Unknown));
        assert_eq!(count(&parse_quote!(((Tensor, Option<Tensor>), Pair))), Ok(Count::Known(2)));
    }

    #[test]
    fn what_is_no_tensor_is_refused() {
        for ty in
            ["()", "&Tensor", "f32", "Result<Tensor>", "Option<Tensor>", "impl Into<Tensor>", "(Tensor, f32)"]
        {
            let ty: Type = syn::parse_str(ty).unwrap();
            assert!(count(&ty).is_err(), "{}", text(&ty));
        }
    }
}
