//! The grammar of `#[signature(input = [None, units; f32] -> [None, self.units; f32])]`, from tokens to our own types.
//!
//! A mistake is reported where it stands and replaced by something harmless, so that the rest is read as well.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Meta};

use crate::errors::Errors;
use crate::layout::LayoutDef;
use crate::pieces::{at_arrow, between_commas, flat, is, stream, text};
use crate::rule::{ArgumentDef, EntryDef, SizeDef};

/// A whole signature, in the order in which it was written.
pub struct SignatureDef {
    pub inputs: Vec<InputDef>,
    pub arguments: Vec<ArgumentDef>,
    pub sizes: Vec<SizeDef>,
    pub outputs: Option<OutputsDef>,
    /// The word `autograph`.
    pub autograph: Option<Ident>,
    /// Every input could be told by its name, so that a missing name is missing indeed.
    pub complete: bool,
    pub original: Attribute,
}

/// `input = [None, 5; f32]`
pub struct InputDef {
    pub name: Ident,
    pub layout: LayoutDef,
}

/// What follows `->`.
pub struct OutputsDef {
    pub entries: Vec<OutputDef>,
    pub original: TokenStream,
}

/// `[None, 5; f32]`, in parentheses perhaps `mean = [None, 5; f32]`
pub struct OutputDef {
    pub name: Option<Ident>,
    pub layout: LayoutDef,
}

impl SignatureDef {
    /// Reads the signature that `attribute` holds.
    pub fn read(attribute: &Attribute, errors: &Errors) -> Self {
        let tokens = match &attribute.meta {
            Meta::List(list) => flat(list.tokens.clone()),
            Meta::Path(_) => Vec::new(),
            Meta::NameValue(_) => {
                errors
                    .at(attribute, "write the signature in parentheses: `#[signature(input = [None; f32])]`");
                Vec::new()
            }
        };
        let (before, after) = at_arrow(&tokens);
        let (outputs, late) = after.map_or((None, &[][..]), |after| outputs(after, errors));
        let pieces: Vec<_> = between_commas(before).into_iter().chain(between_commas(late)).collect();
        let pieces: Vec<_> = pieces.into_iter().flat_map(|piece| run_on(piece, errors)).collect();
        let (mut inputs, mut arguments, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        let mut complete = !matches!(attribute.meta, Meta::NameValue(_));
        let mut autograph = None;
        for piece in pieces {
            if let [TokenTree::Ident(word)] = piece
                && word == "autograph"
            {
                if autograph.replace(word.clone()).is_some() {
                    errors.at(word, "`autograph` is said twice: keep one");
                }
                continue;
            }
            match EntryDef::read(piece, errors) {
                Some(EntryDef::Argument(argument)) => arguments.push(argument),
                Some(EntryDef::Size(size)) => sizes.push(size),
                Some(EntryDef::Unreadable) => complete = false,
                None => match input(piece, errors) {
                    Some(input) => inputs.push(input),
                    None => complete = false,
                },
            }
        }
        Self { inputs, arguments, sizes, outputs, autograph, complete, original: attribute.clone() }
    }
}

/// `a = [; f32] b = [; f32]` lacks a comma; both are read.
fn run_on<'a>(piece: &'a [TokenTree], errors: &Errors) -> Vec<&'a [TokenTree]> {
    let end = piece.windows(2).position(|pair| matches!(pair, [TokenTree::Group(_), TokenTree::Ident(_)]));
    let Some((one, rest)) = end.and_then(|end| piece.split_at_checked(end + 1)) else { return vec![piece] };
    errors.at(rest.first(), "write a comma in front of this: one stands between two tensors");
    let mut pieces = vec![one];
    pieces.extend(run_on(rest, errors));
    pieces
}

fn input(piece: &[TokenTree], errors: &Errors) -> Option<InputDef> {
    match piece {
        [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Bracket => {
            errors.at(
                group,
                format!("which parameter is this? Write `input = {}`, with its name", text(group)),
            );
            None
        }
        piece => {
            let (name, layout) = named(piece, "input", errors)?;
            Some(InputDef { name, layout })
        }
    }
}

/// `NAME = SPEC`
fn named(piece: &[TokenTree], example: &str, errors: &Errors) -> Option<(Ident, LayoutDef)> {
    match piece {
        [TokenTree::Ident(name), equals, spec @ ..] if is(equals, '=') && !spec.is_empty() => {
            Some((name.clone(), LayoutDef::read(spec, errors)))
        }
        [TokenTree::Ident(name), colon, spec @ ..] if is(colon, ':') && !spec.is_empty() => {
            errors.at(
                colon,
                format!("write `=` between a name and its sizes: `{name} = {}`", text(stream(spec))),
            );
            Some((name.clone(), LayoutDef::read(spec, errors)))
        }
        [TokenTree::Ident(name)] => {
            errors.at(name, format!("sizes and a dtype are missing: write `{name} = [None, 5; f32]`"));
            Some((name.clone(), LayoutDef::Unreadable))
        }
        [TokenTree::Ident(name), rest @ ..] => {
            errors.at(stream(rest), format!("write `{name} = [None, 5; f32]`"));
            Some((name.clone(), LayoutDef::Unreadable))
        }
        [TokenTree::Literal(_), ..] => {
            errors.at(
                stream(piece),
                format!("a signature is made of tokens, not of strings or numbers: write `{example} = [None, 5; f32]`"),
            );
            None
        }
        other => {
            errors.at(stream(other), format!("write `{example} = [None, 5; f32]`"));
            None
        }
    }
}

/// `-> SPEC` or `-> (NAME = SPEC, …)`, and the inputs that stand behind it by mistake.
fn outputs<'a>(after: &'a [TokenTree], errors: &Errors) -> (Option<OutputsDef>, &'a [TokenTree]) {
    let (first, rest) = match after {
        [_, _, mark, _, ..] if is(mark, '?') => {
            (after.get(2..4).unwrap_or_default(), after.get(4..).unwrap_or_default())
        }
        [_, _, first, rest @ ..] if !is(first, ',') => (std::slice::from_ref(first), rest),
        arrow => {
            errors.at(stream(arrow), "nothing follows the `->`: write `-> [None, 3; f32]`, or leave it out");
            return (None, &[]);
        }
    };
    let late = match rest {
        [] => rest,
        [comma] if is(comma, ',') => &[],
        [comma, more @ ..] if is(comma, ',') => {
            let message = "the outputs come last: write all else in front of `->`, and several outputs as \
                           `-> (a = [; f32], b = [; f32])`";
            errors.at(stream(more), message);
            more
        }
        more => {
            errors.at(stream(more), "unexpected after the outputs");
            &[]
        }
    };
    let entries = match first {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Parenthesis => {
            let tokens = flat(group.stream());
            if tokens.is_empty() {
                let message = "a function of a saved model returns something: write `-> [None, 3; f32]`, or leave `->` out";
                errors.at(group, message);
            }
            between_commas(&tokens).into_iter().filter_map(|piece| output(piece, errors)).collect()
        }
        one => vec![OutputDef { name: None, layout: LayoutDef::read(one, errors) }],
    };
    (Some(OutputsDef { entries, original: stream(first) }), late)
}

fn output(piece: &[TokenTree], errors: &Errors) -> Option<OutputDef> {
    match piece {
        [TokenTree::Group(_), ..] => Some(OutputDef { name: None, layout: LayoutDef::read(piece, errors) }),
        [mark, ..] if is(mark, '?') => Some(OutputDef { name: None, layout: LayoutDef::read(piece, errors) }),
        piece => {
            let (name, layout) = named(piece, "output", errors)?;
            Some(OutputDef { name: Some(name), layout })
        }
    }
}

/// The name as it is saved: `r#type` is `type`.
pub fn saved_name(name: &Ident) -> String {
    name.unraw().to_string()
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::parse_quote;

    use super::*;

    fn read(attribute: &Attribute) -> (SignatureDef, Vec<String>) {
        let errors = Errors::new();
        let signature = SignatureDef::read(attribute, &errors);
        let messages = errors.check().err().into_iter().flatten().map(|error| error.to_string()).collect();
        (signature, messages)
    }

    fn rank(layout: &LayoutDef) -> usize {
        layout.specs().iter().map(|spec| spec.dims.len()).sum()
    }

    /// `input[2] other[1] -> mean[1] ?[0]`, the numbers being ranks.
    fn show(attribute: &Attribute) -> String {
        let (signature, messages) = read(attribute);
        assert_eq!(messages, [""; 0]);
        let mut parts: Vec<_> =
            signature.inputs.iter().map(|input| format!("{}[{}]", input.name, rank(&input.layout))).collect();
        if let Some(outputs) = signature.outputs {
            parts.push("->".to_owned());
            parts.extend(outputs.entries.iter().map(|output| {
                let name = output.name.as_ref().map_or("?".to_owned(), ToString::to_string);
                format!("{name}[{}]", rank(&output.layout))
            }));
        }
        parts.join(" ")
    }

    #[test]
    fn inputs_alone() {
        assert_eq!(show(&parse_quote!(#[signature(input = [None, 5; f32])])), "input[2]");
        assert_eq!(show(&parse_quote!(#[signature(a = [; f32], b = [.., n; int],)])), "a[0] b[1]");
        assert_eq!(show(&parse_quote!(#[signature()])), "");
        assert_eq!(show(&parse_quote!(#[signature])), "");
    }

    #[test]
    fn structures_values_and_rules_of_sizes() {
        let attribute: Attribute = parse_quote!(
            #[signature(x = { a: [n, 8; f32], b: ?[n; bool] }, causal in [true, false], n in 1..=64, n % 8 == 0
                -> { y: [n; f32], z: ([; f32], [; f32]) })]
        );
        assert_eq!(show(&attribute), "x[3] -> ?[1]");
        let (signature, _) = read(&attribute);
        assert_eq!((signature.arguments.len(), signature.sizes.len()), (1, 2));
        assert!(signature.complete);
        assert_eq!(show(&parse_quote!(#[signature(x = [; f32] -> ?[n; f32])])), "x[0] -> ?[1]");
    }

    #[test]
    fn outputs_with_and_without_a_comma() {
        assert_eq!(
            show(&parse_quote!(#[signature(input = [None, 5; f32] -> [None, 3; f32])])),
            "input[2] -> ?[2]"
        );
        assert_eq!(
            show(&parse_quote!(#[signature(input = [None, 5; f32], -> [None, 3; f32],)])),
            "input[2] -> ?[2]"
        );
        assert_eq!(show(&parse_quote!(#[signature(-> [; f32])])), "-> ?[0]");
    }

    #[test]
    fn several_outputs() {
        assert_eq!(
            show(&parse_quote!(#[signature(x = [n; f32] -> (mean = [; f32], scale = [n; f32]))])),
            "x[1] -> mean[0] scale[1]"
        );
        assert_eq!(
            show(&parse_quote!(#[signature(x = [n; f32] -> ([; f32], [n; f32]))])),
            "x[1] -> ?[0] ?[1]"
        );
    }

    #[test]
    fn mistakes_say_what_to_write() {
        let cases: [(Attribute, &str); 13] = [
            (parse_quote!(#[signature = "x"]), "in parentheses"),
            (parse_quote!(#[signature("input: f32")]), "tokens, not of strings"),
            (parse_quote!(#[signature([None; f32])]), "Write `input = [None; f32]`"),
            (parse_quote!(#[signature(input)]), "write `input = [None, 5; f32]`"),
            (parse_quote!(#[signature(input =)]), "write `input = [None, 5; f32]`"),
            (parse_quote!(#[signature(input: [None; f32])]), "write `=`"),
            (parse_quote!(#[signature(input[None; f32])]), "write `input = [None, 5; f32]`"),
            (parse_quote!(#[signature(a = [; f32] b = [; f32])]), "write a comma in front of this"),
            (parse_quote!(#[signature(a = [; f32],, b = [; f32])]), "write `input = [None, 5; f32]`"),
            (parse_quote!(#[signature(a = [; f32] ->)]), "nothing follows"),
            (parse_quote!(#[signature(a = [; f32] -> ())]), "returns something"),
            (parse_quote!(#[signature(a = [; f32] -> Tensor)]), "in brackets"),
            (parse_quote!(#[signature(a = [; f32] -> [; f32], b = [; f32])]), "the outputs come last"),
        ];
        for (attribute, advice) in cases {
            let source = attribute.to_token_stream().to_string();
            let (_, messages) = read(&attribute);
            assert_eq!(messages.len(), 1, "{source}: {messages:?}");
            assert!(messages.concat().contains(advice), "{source}: {messages:?}");
        }
    }

    #[test]
    fn every_mistake_is_found_in_one_reading() {
        let (signature, messages) = read(
            &parse_quote!(#[signature(a = [none; f32], b: [2; float32], c = [5u8 n] -> (d = [None, f32]))]),
        );
        assert_eq!(signature.inputs.len(), 3);
        assert_eq!(messages.len(), 5, "{messages:?}");
    }
}
