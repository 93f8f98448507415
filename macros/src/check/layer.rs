//! The rules of `#[layer]`.

use syn::{GenericParam, ImplItem, ImplItemFn, ItemImpl};

use crate::attr::{LayerAttrs, cfgs};
use crate::check::last_name;
use crate::errors::Errors;
use crate::pieces::text;

/// `#[layer]` stands on the inherent impl block of a type of its own.
pub fn place(item: &ItemImpl, errors: &Errors) {
    let ty = text(&item.self_ty);
    if let Some((path, _)) = &item.trait_ {
        let message = if path.segments.last().is_some_and(|last| last.ident == "Layer") {
            format!(
                "`impl Layer` is written by `#[layer]`: put it on the type's own methods, `#[layer] impl {ty} {{ … }}`"
            )
        } else {
            format!(
                "`#[layer]` belongs on the type's own methods, not on those of a trait: `#[layer] impl {ty} {{ … }}`"
            )
        };
        errors.at(path, message);
    } else if last_name(&item.self_ty).is_none() {
        errors.at(
            &item.self_ty,
            "a layer is a struct or an enum with `#[derive(Module)]`: write `#[layer] impl MyLayer { … }`",
        );
    }
    if let Some(unsafety) = &item.unsafety {
        errors.at(unsafety, "a layer is safe code: remove `unsafe`");
    }
}

/// A generic type is registered once for each instance that is named; any other type is registered once.
pub fn instances(item: &ItemImpl, attrs: &LayerAttrs, errors: &Errors) {
    for lifetime in item.generics.lifetimes() {
        errors.at(&lifetime.lifetime, "a layer owns what it holds, so it has no lifetime");
    }
    let generic = item.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_)));
    let Some(name) = last_name(&item.self_ty) else { return };
    match &attrs.instances {
        None if generic && attrs.original.is_empty() => errors.at(
            &item.self_ty,
            format!(
                "a generic layer cannot be registered without naming its instances: write `#[layer(instances({name}<…>, \
                 {name}<…>))]`, or `#[layer(instances())]` if it is never loaded behind `Box<dyn Layer>`"
            ),
        ),
        None => {}
        Some(_) if !generic => {
            errors.at(&attrs.original, format!("`{}` is not generic, so it is its only instance: write `#[layer]`", text(&item.self_ty)));
        }
        Some(types) => {
            let mut seen = Vec::new();
            for ty in types {
                let written = text(ty);
                if last_name(ty).as_deref() != Some(name.as_str()) {
                    errors.at(ty, format!("this is no instance of `{name}`: write `{name}<…>`"));
                } else if seen.contains(&written) {
                    errors.at(ty, format!("`{written}` is named twice: keep one"));
                }
                seen.push(written);
            }
        }
    }
}

/// A layer has one `call`, with a signature; no two traced methods share a name. Returns the places of the later twins,
/// which would only draw the compiler's own complaint as well.
pub fn methods(item: &ItemImpl, traced: &dyn Fn(usize) -> bool, errors: &Errors) -> Vec<usize> {
    let methods: Vec<_> = item
        .items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| if let ImplItem::Fn(method) = item { Some((at, method)) } else { None })
        .collect();
    let mut twins = Vec::new();
    for (position, (at, method)) in methods.iter().enumerate() {
        let name = &method.sig.ident;
        let earlier = methods.iter().take(position).find(|(_, earlier)| earlier.sig.ident == *name);
        let Some((earlier, _)) = earlier else { continue };
        if !cfgs(&method.attrs).is_empty() || !(traced(*at) || traced(*earlier) || name == "call") {
            continue;
        }
        twins.push(*at);
        errors.at(
            name,
            format!("a layer has one `{name}`: give this one another name; each method may carry a signature of its own"),
        );
    }
    if !methods.iter().any(|(_, method)| method.sig.ident == "call") && item.trait_.is_none() {
        errors.at(
            &item.self_ty,
            "a layer needs a method `call`: write `#[signature(input = [None, None; f32])] pub fn call(&self, input: \
             &Tensor) -> Tensor { … }`",
        );
    }
    twins
}

/// A `call` that carries no signature. The advice names its own parameters.
pub fn unsigned_call(method: &ImplItemFn, errors: &Errors) {
    let entries: Vec<_> = method
        .sig
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            syn::FnArg::Typed(typed) if let syn::Pat::Ident(name) = &*typed.pat => {
                Some(format!("{} = [None, None; f32]", name.ident))
            }
            _ => None,
        })
        .collect();
    let entries = entries.join(", ");
    errors
        .at(&method.sig.ident, format!("`call` needs a signature: write `#[signature({entries})]` above it"));
}
