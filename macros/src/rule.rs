//! The entries of a signature that are no tensors: `causal in [true, false]`, `batch in 1..=64`, `seq % 8 == 0`.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, Lit, RangeLimits, Token};

use crate::errors::Errors;
use crate::pieces::{is, stream, text};

/// The values that a method is traced for: `causal in [true, false]`.
pub struct ArgumentDef {
    pub name: Ident,
    pub values: Vec<Expr>,
    pub original: TokenStream,
}

/// What is said of a named size.
pub struct SizeDef {
    pub name: Ident,
    pub rule: RuleDef,
    pub original: TokenStream,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleDef {
    /// `in 1..=64`
    Within(usize, Option<usize>),
    /// `% 8 == 0`
    Multiple(usize),
}

pub enum EntryDef {
    Argument(ArgumentDef),
    Size(SizeDef),
    /// A mistake that has been reported.
    Unreadable,
}

const VALUES: &str =
    "list the values of a parameter, `causal in [true, false]`, or the range of a size, `batch in 1..=64`";

impl EntryDef {
    /// Reads an entry that begins like one of these.
    pub fn read(piece: &[TokenTree], errors: &Errors) -> Option<Self> {
        match piece {
            [TokenTree::Ident(name), TokenTree::Ident(word), rest @ ..] if word == "in" => {
                Some(within(name, rest, piece, errors))
            }
            [TokenTree::Ident(name), percent, rest @ ..] if is(percent, '%') => {
                Some(multiple(name, rest, piece, errors))
            }
            [TokenTree::Ident(name), sign, ..] if is(sign, '<') || is(sign, '>') => {
                errors.at(
                    stream(piece),
                    format!("bounds of a size are a range: write `{name} in 1..`, `{name} in 1..=64`"),
                );
                Some(Self::Unreadable)
            }
            _ => None,
        }
    }
}

fn within(name: &Ident, rest: &[TokenTree], piece: &[TokenTree], errors: &Errors) -> EntryDef {
    let original = stream(piece);
    match rest {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::Bracket => {
            match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(group.stream()) {
                Ok(values) => {
                    let values: Vec<_> = values.into_iter().collect();
                    argument_values(name, &values, group, errors);
                    EntryDef::Argument(ArgumentDef { name: name.clone(), values, original })
                }
                Err(error) => {
                    errors.report(error);
                    EntryDef::Unreadable
                }
            }
        }
        [] => {
            errors.at(original, VALUES);
            EntryDef::Unreadable
        }
        rest => match range(stream(rest)) {
            Ok((min, max)) => {
                EntryDef::Size(SizeDef { name: name.clone(), rule: RuleDef::Within(min, max), original })
            }
            Err(message) => {
                errors.at(stream(rest), message);
                EntryDef::Unreadable
            }
        },
    }
}

fn argument_values(name: &Ident, values: &[Expr], group: &impl ToTokens, errors: &Errors) {
    if values.is_empty() {
        errors.at(group, format!("`{name}` is traced for the values in this list: write at least one"));
    }
    let mut seen = Vec::new();
    for value in values {
        let shown = text(value);
        if seen.contains(&shown) {
            errors.at(value, format!("`{shown}` is listed twice: keep one"));
        }
        seen.push(shown);
    }
}

/// `1..=64`, `1..`, `..=64`, `1..65`
fn range(tokens: TokenStream) -> Result<(usize, Option<usize>), String> {
    let Ok(Expr::Range(range)) = syn::parse2::<Expr>(tokens) else { return Err(VALUES.to_owned()) };
    let number = |end: &Option<Box<Expr>>| match end.as_deref() {
        None => Ok(None),
        Some(Expr::Lit(literal)) => match &literal.lit {
            Lit::Int(number) if number.suffix().is_empty() => {
                number.base10_parse().map(Some).map_err(|error| error.to_string())
            }
            _ => Err("a bound is a number without a suffix: `batch in 1..=64`".to_owned()),
        },
        Some(_) => Err("a bound is a number, nothing is computed here: `batch in 1..=64`".to_owned()),
    };
    let (start, end): (Option<usize>, Option<usize>) = (number(&range.start)?, number(&range.end)?);
    let min = start.unwrap_or(0);
    let max = match range.limits {
        RangeLimits::HalfOpen(_) => {
            end.map(|end| end.checked_sub(1).ok_or("no size lies in this range")).transpose()?
        }
        RangeLimits::Closed(_) => end,
    };
    if max.is_some_and(|max| max < min) {
        return Err("no size lies in this range".to_owned());
    }
    Ok((min, max))
}

fn multiple(name: &Ident, rest: &[TokenTree], piece: &[TokenTree], errors: &Errors) -> EntryDef {
    let number = |token: &TokenTree| match token {
        TokenTree::Literal(literal) => match Lit::new(literal.clone()) {
            Lit::Int(number) if number.suffix().is_empty() => number.base10_parse::<u32>().ok(),
            _ => None,
        },
        _ => None,
    };
    let original = stream(piece);
    match rest {
        [divisor, first, second, zero] if is(first, '=') && is(second, '=') && number(zero) == Some(0) => {
            match number(divisor) {
                Some(divisor @ 1..) => {
                    let rule = RuleDef::Multiple(divisor as usize);
                    return EntryDef::Size(SizeDef { name: name.clone(), rule, original });
                }
                _ => errors.at(divisor, "a size is divided by a number that is not 0: `seq % 8 == 0`"),
            }
        }
        _ => errors.at(original, format!("write `{name} % 8 == 0` for a size that is a multiple of 8")),
    }
    EntryDef::Unreadable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::flat;

    fn read(source: &str) -> Result<String, String> {
        let errors = Errors::new();
        let entry = EntryDef::read(&flat(source.parse().unwrap()), &errors);
        let shown = match entry {
            Some(EntryDef::Argument(argument)) => format!("{} values", argument.values.len()),
            Some(EntryDef::Size(size)) => format!("{:?}", size.rule),
            Some(EntryDef::Unreadable) => "!".to_owned(),
            None => "something else".to_owned(),
        };
        errors
            .check()
            .map(|()| shown)
            .map_err(|error| error.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn every_kind_of_entry() {
        for (source, shown) in [
            ("causal in [true, false]", "2 values"),
            ("mode in [Mode::Wide { by: 3 }]", "1 values"),
            ("batch in 1..=64", "Within(1, Some(64))"),
            ("batch in ..65", "Within(0, Some(64))"),
            ("batch in 1..", "Within(1, None)"),
            ("seq % 8 == 0", "Multiple(8)"),
            ("x = [None; f32]", "something else"),
        ] {
            assert_eq!(read(source).unwrap(), shown, "{source}");
        }
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (source, advice) in [
            ("causal in", "causal in [true, false]"),
            ("causal in true", "causal in [true, false]"),
            ("causal in []", "at least one"),
            ("causal in [1, 1]", "listed twice"),
            ("batch in 64..=1", "no size lies"),
            ("batch in 1..1", "no size lies"),
            ("batch in 1..=n", "nothing is computed"),
            ("batch in 1..=2.5", "a number without a suffix"),
            ("batch >= 1", "batch in 1.."),
            ("seq % 8", "write `seq % 8 == 0`"),
            ("seq % 0 == 0", "not 0"),
            ("seq % 8 == 1", "write `seq % 8 == 0`"),
        ] {
            let message = read(source).err().unwrap_or_else(|| panic!("{source} was accepted"));
            assert!(message.contains(advice), "{source}: {message}");
            assert!(!message.contains('\n'), "{source} gives more than one message: {message}");
        }
    }
}
