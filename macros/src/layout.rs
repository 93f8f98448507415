//! The grammar of layouts: `[None, 8; f32]`, `{ image: [..; f32] }`, `([..; f32], [..; f32])`, `[[None; f32]; 3]`, `?[..; f32]`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Lit, LitInt};

use crate::errors::Errors;
use crate::pieces::{between_commas, flat, is, stream, text};
use crate::spec::SpecDef;

/// What stands behind the name of a parameter or an output.
pub enum LayoutDef {
    Tensor(SpecDef),
    /// `{ image: […], "other name": […] }`
    Fields(Vec<FieldLayout>, TokenStream),
    /// `([…], […])`
    Tuple(Vec<Self>, TokenStream),
    /// `[[…]; 3]`
    List(Box<Self>, usize, TokenStream),
    /// `?[…]`
    Optional(Box<Self>, TokenStream),
    /// A mistake that has been reported.
    Unreadable,
}

pub struct FieldLayout {
    pub name: String,
    /// The tokens to blame for the name.
    pub original: TokenTree,
    pub layout: LayoutDef,
}

impl LayoutDef {
    /// Reads what stands where a layout belongs.
    pub fn read(tokens: &[TokenTree], errors: &Errors) -> Self {
        match tokens {
            [mark, rest @ ..] if is(mark, '?') && !rest.is_empty() => {
                if rest.first().is_some_and(|next| is(next, '?')) {
                    errors.at(mark, "one `?` says that it may be missing: remove this one");
                    return Self::read(rest, errors);
                }
                Self::Optional(Box::new(Self::read(rest, errors)), stream(tokens))
            }
            [TokenTree::Group(group), more @ ..] if is_structure(group) => {
                if !more.is_empty() {
                    let close = if group.delimiter() == Delimiter::Brace { "{…}" } else { "(…)" };
                    let close = if group.delimiter() == Delimiter::Bracket { "[…]" } else { close };
                    errors
                        .at(stream(more), format!("unexpected after `{close}`: commas separate the tensors"));
                }
                match group.delimiter() {
                    Delimiter::Brace => fields(group, errors),
                    Delimiter::Parenthesis => tuple(group, errors),
                    _ => list(group, errors),
                }
            }
            other => Self::Tensor(SpecDef::read(other, errors)),
        }
    }

    /// The specs of all tensors in it.
    pub fn specs(&self) -> Vec<&SpecDef> {
        match self {
            Self::Tensor(spec) => vec![spec],
            Self::Fields(fields, _) => fields.iter().flat_map(|field| field.layout.specs()).collect(),
            Self::Tuple(items, _) => items.iter().flat_map(Self::specs).collect(),
            Self::List(item, ..) | Self::Optional(item, _) => item.specs(),
            Self::Unreadable => Vec::new(),
        }
    }
}

/// Whether this is a layout of several tensors, and not a spec, nor an attempt at one.
fn is_structure(group: &Group) -> bool {
    let tokens = flat(group.stream());
    match group.delimiter() {
        Delimiter::Bracket => match tokens.first() {
            Some(TokenTree::Group(_)) => true,
            Some(mark) => {
                is(mark, '?') && tokens.len() > 1 && matches!(tokens.get(1), Some(TokenTree::Group(_)))
            }
            None => false,
        },
        Delimiter::Brace | Delimiter::Parenthesis => !tokens.iter().any(|token| is(token, ';')),
        Delimiter::None => false,
    }
}

fn fields(group: &Group, errors: &Errors) -> LayoutDef {
    let tokens = flat(group.stream());
    let mut fields: Vec<FieldLayout> = Vec::new();
    for piece in between_commas(&tokens) {
        let Some(field) = field(piece, group, errors) else { continue };
        if fields.iter().any(|known| known.name == field.name) {
            errors.at(&field.original, format!("`{}` is named twice here: keep one", field.name));
        }
        fields.push(field);
    }
    if tokens.is_empty() {
        errors.at(group, "no tensors here: write each with its name, `{ image: [None, 28; f32] }`");
    }
    LayoutDef::Fields(fields, group.to_token_stream())
}

fn field(piece: &[TokenTree], group: &Group, errors: &Errors) -> Option<FieldLayout> {
    const FORM: &str = "write `name: [None, 5; f32]`";
    let [name, mark, layout @ ..] = piece else {
        errors.at(if piece.is_empty() { group.to_token_stream() } else { stream(piece) }, FORM);
        return None;
    };
    let original = name.clone();
    let name = match name {
        TokenTree::Ident(name) => name.unraw().to_string(),
        TokenTree::Literal(literal) if let Lit::Str(text) = Lit::new(literal.clone()) => text.value(),
        TokenTree::Literal(literal) => {
            let message = "a part is called by a name, or by a string if it is no identifier; those of a tuple stand in \
                           parentheses without names: `([None; f32], [None; f32])`";
            errors.at(literal, message);
            return None;
        }
        _ => {
            errors.at(stream(piece), FORM);
            return None;
        }
    };
    if name.is_empty() || name.contains(['.', '/']) {
        errors.at(
            &original,
            "a name here is not empty and has no `.` and no `/`, which separate names in a saved model",
        );
        return None;
    }
    if layout.is_empty() || !(is(mark, ':') || is(mark, '=')) {
        errors.at(stream(piece), FORM);
        return None;
    }
    if is(mark, '=') {
        errors.at(
            mark,
            format!("inside of braces write `:`, as in a struct: `{name}: {}`", text(stream(layout))),
        );
    }
    Some(FieldLayout { name, original, layout: LayoutDef::read(layout, errors) })
}

fn tuple(group: &Group, errors: &Errors) -> LayoutDef {
    let tokens = flat(group.stream());
    if tokens.is_empty() {
        errors.at(group, "no tensors here: write `([None; f32], [None; f32])`");
    }
    let pieces = between_commas(&tokens);
    if let Some(named) = pieces
        .iter()
        .find(|piece| matches!(piece, [TokenTree::Ident(_), mark, ..] if is(mark, '=') || is(mark, ':')))
    {
        errors.at(
            stream(named),
            "parts with names stand in braces: `{ image: [None; f32] }`; those of a tuple have none",
        );
        return LayoutDef::Unreadable;
    }
    let items = pieces.into_iter().map(|piece| LayoutDef::read(piece, errors)).collect();
    LayoutDef::Tuple(items, group.to_token_stream())
}

fn list(group: &Group, errors: &Errors) -> LayoutDef {
    const FORM: &str =
        "a list is one spec and a number: `[[None, 8; f32]; 3]`; different ones are a tuple, `([…], […])`";
    let tokens = flat(group.stream());
    let cut = tokens.iter().rposition(|token| is(token, ';'));
    let Some((item, count)) = cut.and_then(|cut| Some((tokens.get(..cut)?, tokens.get(cut + 1..)?))) else {
        errors.at(group, FORM);
        return LayoutDef::Unreadable;
    };
    if let [mark, ..] = item
        && is(mark, '?')
    {
        errors.at(mark, "an item of a list is always there: write the list without `?`, or a struct with an optional field");
        return LayoutDef::Unreadable;
    }
    let number: Option<usize> = match count {
        [TokenTree::Literal(literal)] => match syn::parse2::<LitInt>(literal.to_token_stream()) {
            Ok(count) if count.suffix().is_empty() => count.base10_parse().ok().filter(|&count| count > 0),
            _ => None,
        },
        _ => None,
    };
    let Some(number) = number else {
        errors.at(if count.is_empty() { group.to_token_stream() } else { stream(count) }, FORM);
        return LayoutDef::Unreadable;
    };
    LayoutDef::List(Box::new(LayoutDef::read(item, errors)), number, group.to_token_stream())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<String, String> {
        let errors = Errors::new();
        let layout = LayoutDef::read(&flat(source.parse().unwrap()), &errors);
        errors
            .check()
            .map(|()| show(&layout))
            .map_err(|error| error.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n"))
    }

    fn show(layout: &LayoutDef) -> String {
        let all = |items: &[LayoutDef]| items.iter().map(show).collect::<Vec<_>>().join(" ");
        match layout {
            LayoutDef::Tensor(spec) => spec.dims.len().to_string(),
            LayoutDef::Fields(fields, _) => {
                let fields = fields.iter().map(|field| format!("{}:{}", field.name, show(&field.layout)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(" "))
            }
            LayoutDef::Tuple(items, _) => format!("({})", all(items)),
            LayoutDef::List(item, count, _) => format!("[{}x{count}]", show(item)),
            LayoutDef::Optional(item, _) => format!("?{}", show(item)),
            LayoutDef::Unreadable => "!".to_owned(),
        }
    }

    #[test]
    fn every_kind_of_layout() {
        for (source, shown) in [
            ("[None, 8; f32]", "2"),
            (
                "{ image: [None, 28, 28; f32], r#type: [; bool], \"no-name\": [..; f32], }",
                "{image:3 type:0 no-name:0}",
            ),
            ("([; f32], [n; f32])", "(0 1)"),
            ("[[None, 8; f32]; 3]", "[2x3]"),
            ("?[None; bool]", "?1"),
            ("{ a: ?([; f32], [{ b: [n; f32] }; 2]) }", "{a:?(0 [{b:1}x2])}"),
        ] {
            assert_eq!(read(source).unwrap(), shown, "{source}");
        }
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (source, advice) in [
            ("{ image = [None; f32] }", "write `:`"),
            ("{ image }", "write `name: [None, 5; f32]`"),
            ("{ }", "no tensors here"),
            ("{ a: [; f32], a: [; f32] }", "named twice"),
            ("{ \"a.b\": [; f32] }", "no `.`"),
            ("{ 0: [; f32] }", "in parentheses without names"),
            ("(a = [; f32])", "stand in braces"),
            ("[[; f32]]", "one spec and a number"),
            ("[[; f32]; n]", "one spec and a number"),
            ("[[; f32]; 0]", "one spec and a number"),
            ("[[; f32], [; f32]]", "are a tuple"),
            ("[?[; f32]; 2]", "always there"),
            ("??[; f32]", "one `?`"),
            ("(None; f32)", "in brackets"),
            ("{ a: [; f32] } b", "commas separate"),
        ] {
            let message = read(source).err().unwrap_or_else(|| panic!("{source} was accepted"));
            assert!(message.contains(advice), "{source}: {message}");
            assert!(!message.contains('\n'), "{source} gives more than one message: {message}");
        }
    }
}
