//! What each macro emits, pinned as text: `snapshots/NAME.in.rs` expands to `snapshots/NAME.out.rs`.
//!
//! `HOLOTYPE_SNAPSHOTS=overwrite cargo test -p holotype-macros` writes the second from the first.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Item, Meta};

use crate::{debug, expand};

/// The item without its macro attribute, and what that attribute makes of it.
fn expanded(item: Item) -> TokenStream {
    match item {
        Item::Struct(mut item) => {
            let derive = item.attrs.remove(0).meta.to_token_stream().to_string();
            if derive.contains("Structure") {
                expand::structure::derive(item.into_token_stream())
            } else {
                expand::module::derive(item.into_token_stream())
            }
        }
        Item::Enum(mut item) => {
            item.attrs.retain(|attribute| !attribute.path().is_ident("derive"));
            expand::module::derive(item.into_token_stream())
        }
        Item::Impl(mut item) => {
            let (word, arguments) = macro_attribute(&mut item.attrs);
            let item = item.into_token_stream();
            match word.as_str() {
                "layer" => expand::layer::attribute(arguments, item),
                "op" => expand::op::attribute(arguments, item),
                "schedule" => expand::rule::attribute(expand::rule::SCHEDULE, arguments, item),
                word @ ("loss" | "metric") => expand::loss::attribute(word, arguments, item),
                _ => expand::rule::attribute(expand::rule::OPTIMIZER, arguments, item),
            }
        }
        Item::Fn(mut item) => {
            let (word, arguments) = macro_attribute(&mut item.attrs);
            let item = item.into_token_stream();
            match word.as_str() {
                "autograph" => expand::autograph::attribute(arguments, item),
                "gradient" => expand::gradient::attribute(arguments, item),
                word => expand::loss::attribute(word, arguments, item),
            }
        }
        other => panic!("no macro for {}", other.to_token_stream()),
    }
}

fn macro_attribute(attributes: &mut Vec<Attribute>) -> (String, TokenStream) {
    let attribute = attributes.remove(0);
    let arguments = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    (attribute.path().to_token_stream().to_string(), arguments)
}

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/expand/snapshots");
    let input = std::fs::read_to_string(folder.join(format!("{name}.in.rs"))).unwrap();
    let tokens: TokenStream = syn::parse_file(&input).unwrap().items.into_iter().map(expanded).collect();
    let found = debug::formatted(&tokens.to_string()).expect("rustfmt has to be installed for this test");
    let path = folder.join(format!("{name}.out.rs"));
    if std::env::var("HOLOTYPE_SNAPSHOTS").is_ok_and(|mode| mode == "overwrite") {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert!(found == expected, "{name} expands differently now:\n{found}");
}

#[test]
fn a_struct() {
    check("struct");
}

#[test]
fn structures() {
    check("structure");
}

#[test]
fn a_layer_with_structures_and_static_arguments() {
    check("structured_layer");
}

#[test]
fn an_enum() {
    check("enum");
}

#[test]
fn a_generic_struct() {
    check("generic_struct");
}

#[test]
fn a_layer() {
    check("layer");
}

#[test]
fn a_generic_layer() {
    check("generic_layer");
}

#[test]
fn a_loss_and_a_metric() {
    check("loss");
}

#[test]
fn an_optimizer() {
    check("optimizer");
}

#[test]
fn an_inert_module() {
    check("inert_module");
}

#[test]
fn an_inert_layer() {
    check("inert_layer");
}

#[test]
fn a_function_with_autograph() {
    check("autograph");
}

#[test]
fn a_layer_without_autograph() {
    check("decisions");
}

#[test]
fn an_op() {
    check("op");
}

#[test]
fn a_gradient() {
    check("gradient");
}
