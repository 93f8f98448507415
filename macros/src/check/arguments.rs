//! The rules of static arguments and of named sizes in a signature.

use syn::{Ident, Type};

use crate::ast::{ParameterDef, ParameterKind};
use crate::errors::Errors;
use crate::rule::RuleDef;
use crate::signature::{SignatureDef, saved_name};
use crate::spec::DimDef;

/// Values belong to parameters, ranges and divisors to named sizes of the inputs.
pub fn entries(method: &Ident, parameters: &[ParameterDef], signature: &SignatureDef, errors: &Errors) {
    let parameter =
        |name: &Ident| parameters.iter().find(|known| saved_name(&known.ident) == saved_name(name));
    let sizes = named_sizes(signature);
    for argument in &signature.arguments {
        let name = saved_name(&argument.name);
        if signature.inputs.iter().any(|input| saved_name(&input.name) == name) {
            errors.at(
                &argument.name,
                format!("`{name}` is a tensor in one entry and has values in another: keep one of them"),
            );
        } else if sizes.contains(&name) && parameter(&argument.name).is_none() {
            errors.at(
                &argument.original,
                format!("`{name}` is a size: give its range, `{name} in 1..=64`, or a name of its own to each value"),
            );
        } else if parameter(&argument.name).is_none() && signature.complete {
            let known: Vec<_> = parameters.iter().map(|known| format!("`{}`", known.ident)).collect();
            let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
            errors.at(&argument.name, format!("`{method}` has no parameter `{name}`: it takes {known}"));
        }
    }
    let mut divisors = Vec::new();
    let mut ranges = Vec::new();
    for size in &signature.sizes {
        let name = saved_name(&size.name);
        let twice = match size.rule {
            RuleDef::Within(..) if ranges.contains(&name) => true,
            RuleDef::Multiple(_) if divisors.contains(&name) => true,
            RuleDef::Within(..) => {
                ranges.push(name.clone());
                false
            }
            RuleDef::Multiple(_) => {
                divisors.push(name.clone());
                false
            }
        };
        if twice {
            errors.at(&size.original, format!("this is said twice of `{name}`: keep one"));
        }
        if sizes.contains(&name) {
            continue;
        }
        if let Some(parameter) = parameter(&size.name) {
            match parameter.kind {
                ParameterKind::Static => errors.at(
                    &size.original,
                    format!("`{name}` is a parameter: list its values, `{name} in [1, 2, 4]`"),
                ),
                ParameterKind::Tensors => errors.at(
                    &size.original,
                    format!("`{name}` is a tensor: give the range of one of its sizes, `batch in 1..=64`"),
                ),
                ParameterKind::Mistake => {}
            }
        } else {
            let known: Vec<_> = sizes.iter().map(|name| format!("`{name}`")).collect();
            let advice = if known.is_empty() {
                format!("write `{name}` in place of a `None`")
            } else {
                format!("the sizes with names are {}", known.join(", "))
            };
            errors.at(&size.name, format!("no input has a size called `{name}`: {advice}"));
        }
    }
}

/// The names of sizes in the inputs.
fn named_sizes(signature: &SignatureDef) -> Vec<String> {
    let specs = signature.inputs.iter().flat_map(|input| input.layout.specs());
    let names = specs.flat_map(|spec| &spec.dims).filter_map(|dim| match dim {
        DimDef::Named(name) => Some(saved_name(name)),
        _ => None,
    });
    let mut names: Vec<_> = names.collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// The type without the reference, as a type that values can be written for: `&'static str` for `&str`.
pub fn value_type(ty: &Type) -> (Type, bool) {
    match super::bare(ty) {
        Type::Reference(reference) => {
            let inner = Type::clone(&reference.elem);
            if super::last_name(&inner).is_some_and(|name| name == "str") {
                let text: Type = syn::parse_quote!(&'static #inner);
                (text, true)
            } else {
                (inner, false)
            }
        }
        other => (other.clone(), true),
    }
}
