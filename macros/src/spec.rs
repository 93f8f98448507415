//! The grammar of one spec, `[.., None, 5, batch, self.units; f32]`.

use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream, TokenTree};
use syn::{Lit, LitInt, Member};

use crate::dtype::{self, DTypeDef};
use crate::errors::Errors;
use crate::pieces::{between_commas, flat, is, stream, text};

const SIZES: &str = "a size is a number, `None`, a name, or `self.field`";

/// The sizes and the dtype of one tensor.
pub struct SpecDef {
    /// It begins with `..`: any number of leading dimensions.
    pub leading: bool,
    pub dims: Vec<DimDef>,
    pub dtype: DTypeDef,
    /// The dtypes of the class that are meant, if not all are.
    pub among: Vec<DTypeDef>,
    /// The tokens to blame.
    pub original: Vec<TokenTree>,
}

/// One size.
pub enum DimDef {
    /// `None`
    Any,
    /// `5`
    Size(LitInt),
    /// `batch`
    Named(Ident),
    /// `self.units`, `self.shape.0`
    Field(Vec<Member>),
}

impl SpecDef {
    /// What stands for a spec that could not be read; nothing is generated from it.
    pub fn unreadable() -> Self {
        Self {
            leading: true,
            dims: Vec::new(),
            dtype: DTypeDef::Any,
            among: Vec::new(),
            original: Vec::new(),
        }
    }

    /// Reads what stands where a spec belongs.
    pub fn read(tokens: &[TokenTree], errors: &Errors) -> Self {
        match tokens {
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::Bracket => {
                Self::inside(group, errors)
            }
            [TokenTree::Group(group), more @ ..] if group.delimiter() == Delimiter::Bracket => {
                errors.at(stream(more), "unexpected after `[…]`: commas separate the tensors");
                Self::inside(group, errors)
            }
            [TokenTree::Ident(word)] if dtype::find(&word.to_string()).is_ok() => {
                errors.at(
                    word,
                    format!("sizes are missing: write `[None; {word}]`, or `[; {word}]` for a scalar"),
                );
                Self::unreadable()
            }
            other => {
                errors.at(stream(other), "write the sizes and the dtype in brackets: `[None, 5; f32]`");
                Self::unreadable()
            }
        }
    }

    fn inside(group: &Group, errors: &Errors) -> Self {
        let before = errors.count();
        let tokens = flat(group.stream());
        let mut halves = tokens.splitn(2, |token| is(token, ';'));
        let sizes = halves.next().unwrap_or_default();
        let mut spec = Self::unreadable();
        spec.leading = false;
        spec.original = vec![TokenTree::Group(group.clone())];
        for (index, piece) in between_commas(sizes).into_iter().enumerate() {
            match piece {
                [] => errors.at(group, format!("an empty place between commas: {SIZES}")),
                [first, second] if is(first, '.') && is(second, '.') && index == 0 => spec.leading = true,
                piece => spec.dims.extend(dim(piece, errors)),
            }
        }
        match halves.next() {
            Some(dtype) => (spec.dtype, spec.among) = read_dtype(dtype, group, errors),
            // A dtype among the sizes has been reported already, with the semicolon that it needs.
            None if errors.count() == before => {
                let sizes = text(stream(sizes));
                errors.at(group, format!("the dtype is missing: write `[{sizes}; f32]`"));
            }
            None => {}
        }
        spec
    }
}

fn dim(piece: &[TokenTree], errors: &Errors) -> Option<DimDef> {
    let mistake = |message: String| {
        errors.at(stream(piece), message);
        None
    };
    match piece {
        [TokenTree::Ident(word)] => named(word).map_or_else(mistake, Some),
        [TokenTree::Literal(literal)] => number(literal).map_or_else(mistake, Some),
        [TokenTree::Ident(receiver), path @ ..] if receiver == "self" => match members(path) {
            Some(members) => Some(DimDef::Field(members)),
            None => mistake(
                "a size comes straight from a field, nothing is called or computed here: write `self.units`"
                    .to_owned(),
            ),
        },
        [first, second, ..] if is(first, '.') && is(second, '.') => mistake(match piece.len() {
            2 => "`..` stands for any number of leading dimensions: it comes first".to_owned(),
            _ => "leading dimensions have no name and no number: write `..` alone, then a comma".to_owned(),
        }),
        [first, ..] if is(first, '-') => mistake("write `None` for a size that may be anything".to_owned()),
        [mark] if is(mark, '?') || is(mark, '*') => {
            mistake("write `None` for a size that may be anything".to_owned())
        }
        [one, two] if simple(one) && simple(two) => {
            mistake(format!("write a comma between the sizes: `{one}, {two}`"))
        }
        _ => mistake(format!("{SIZES}; nothing is computed here")),
    }
}

fn simple(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_))
}

fn named(word: &Ident) -> Result<DimDef, String> {
    let text = word.to_string();
    match text.as_str() {
        "None" => Ok(DimDef::Any),
        "_" | "none" | "NONE" | "null" | "any" | "Any" | "Some" => {
            Err("write `None` for a size that may be anything".to_owned())
        }
        "self" => Err("`self` alone is not a size: write `self.units`, with the name of a field".to_owned()),
        _ if dtype::is_like_one(&text) => {
            Err(format!("a dtype comes after a semicolon: write `[None; {text}]`"))
        }
        _ => Ok(DimDef::Named(word.clone())),
    }
}

fn number(literal: &Literal) -> Result<DimDef, String> {
    match Lit::new(literal.clone()) {
        Lit::Int(size) if !size.suffix().is_empty() => {
            Err(format!("a size has no suffix: write `{}`", size.base10_digits()))
        }
        Lit::Int(size) if size.base10_parse::<i64>().is_err() => {
            Err("no dimension is as large as this".to_owned())
        }
        Lit::Int(size) => Ok(DimDef::Size(size)),
        Lit::Str(text) => {
            Err(format!("a size is a token, not a string: write `{}` without quotes", text.value()))
        }
        _ => Err(SIZES.to_owned()),
    }
}

/// `.units`, `.shape.0`
fn members(path: &[TokenTree]) -> Option<Vec<Member>> {
    path.chunks(2)
        .map(|pair| match pair {
            [dot, name] if is(dot, '.') => syn::parse2(TokenStream::from(name.clone())).ok(),
            _ => None,
        })
        .collect()
}

/// What stands after the semicolon of `group`: a dtype, a class, or some dtypes of a class.
fn read_dtype(tokens: &[TokenTree], group: &Group, errors: &Errors) -> (DTypeDef, Vec<DTypeDef>) {
    match tokens {
        [] => errors.at(group, "the dtype is missing after the semicolon: write `; f32`"),
        [TokenTree::Ident(word)] => match dtype::find(&word.to_string()) {
            Ok(dtype) => return (dtype, Vec::new()),
            Err(message) => errors.at(word, message),
        },
        [TokenTree::Ident(class), TokenTree::Ident(word), TokenTree::Group(list)]
            if word == "in" && list.delimiter() == Delimiter::Bracket =>
        {
            match dtype::find(&class.to_string()) {
                Ok(DTypeDef::Exact(_)) => {
                    errors.at(class, format!("`{class}` is one dtype already: write it alone, or a class, `float in [f32, bf16]`"));
                }
                Ok(class) => return (class, among(class, list, errors)),
                Err(message) => errors.at(class, message),
            }
        }
        [TokenTree::Literal(literal)] if let Lit::Str(text) = Lit::new(literal.clone()) => {
            errors.at(
                literal,
                format!("a dtype is a token, not a string: write `{}` without quotes", text.value()),
            );
        }
        other => errors.at(stream(other), "one dtype ends a spec: `[None, 5; f32]`"),
    }
    (DTypeDef::Any, Vec::new())
}

/// `[f32, bf16]` of `float in [f32, bf16]`
fn among(class: DTypeDef, list: &Group, errors: &Errors) -> Vec<DTypeDef> {
    let tokens = flat(list.stream());
    let mut dtypes = Vec::new();
    for piece in between_commas(&tokens) {
        match piece {
            [TokenTree::Ident(word)] => match dtype::find(&word.to_string()) {
                Ok(dtype) if dtypes.contains(&dtype) => {
                    errors.at(word, format!("`{word}` is listed twice: keep one"));
                }
                Ok(dtype) if class.includes(dtype) => dtypes.push(dtype),
                Ok(_) => errors.at(word, format!("`{word}` is no dtype of the class `{}`", class.word())),
                Err(message) => errors.at(word, message),
            },
            other => errors
                .at(stream(other), "dtypes stand here, with commas between them: `float in [f32, bf16]`"),
        }
    }
    if tokens.is_empty() {
        errors.at(list, "no dtype is left: write `float in [f32, bf16]`");
    }
    dtypes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<SpecDef, String> {
        let errors = Errors::new();
        let spec = SpecDef::read(&flat(source.parse().unwrap()), &errors);
        errors
            .check()
            .map(|()| spec)
            .map_err(|error| error.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n"))
    }

    fn show(source: &str) -> String {
        let spec = read(source).unwrap();
        let dims = spec.dims.iter().map(|dim| match dim {
            DimDef::Any => "?".to_owned(),
            DimDef::Size(size) => size.to_string(),
            DimDef::Named(name) => name.to_string(),
            DimDef::Field(members) => members.iter().fold("self".to_owned(), |path, member| match member {
                Member::Named(name) => format!("{path}.{name}"),
                Member::Unnamed(index) => format!("{path}.{}", index.index),
            }),
        });
        format!("{} {:?} {:?}", spec.leading, dims.collect::<Vec<_>>(), spec.dtype)
    }

    #[test]
    fn every_kind_of_size() {
        assert_eq!(
            show("[.., None, 5, batch, self.units, self.shape.0; bf16]"),
            r#"true ["?", "5", "batch", "self.units", "self.shape.0"] Exact("BF16")"#
        );
        assert_eq!(show("[None, None; float]"), r#"false ["?", "?"] Float"#);
        let among = read("[None; float in [f32, bf16]]").unwrap().among;
        assert_eq!(among, [DTypeDef::Exact("F32"), DTypeDef::Exact("BF16")]);
    }

    #[test]
    fn scalars_and_whole_ranks() {
        assert_eq!(show("[; f32]"), r#"false [] Exact("F32")"#);
        assert_eq!(show("[..; any]"), "true [] Any");
        assert_eq!(show("[None,; int]"), r#"false ["?"] Int"#);
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (source, advice) in [
            ("[None, 5]", "write `[None, 5; f32]`"),
            ("[None, self.units]", "write `[None, self.units; f32]`"),
            ("[None, f32]", "a dtype comes after a semicolon: write `[None; f32]`"),
            ("[None; ]", "missing after the semicolon"),
            ("[None; \"f32\"]", "write `f32` without quotes"),
            ("[None; f32, f32]", "one dtype ends a spec"),
            ("[none; f32]", "write `None`"),
            ("[_; f32]", "write `None`"),
            ("[-1; f32]", "write `None`"),
            ("[?; f32]", "write `None`"),
            ("[5usize; f32]", "write `5`"),
            ("[5.0; f32]", "a size is a number"),
            ("[99999999999999999999; f32]", "as large"),
            ("[\"batch\"; f32]", "write `batch` without quotes"),
            ("[None, ..; f32]", "it comes first"),
            ("[..batch; f32]", "write `..` alone"),
            ("[..3; f32]", "write `..` alone"),
            ("[2 * n; f32]", "nothing is computed here"),
            ("[self; f32]", "write `self.units`"),
            ("[self.units(); f32]", "nothing is called"),
            ("[self.; f32]", "write `self.units`"),
            ("[None 5; f32]", "write a comma between the sizes: `None, 5`"),
            ("[None,, 5; f32]", "an empty place between commas"),
            ("[None; float in [f32, i32]]", "`i32` is no dtype of the class `float`"),
            ("[None; int in [float]]", "`float` is no dtype of the class `int`"),
            ("[None; any in []]", "no dtype is left"),
            ("[None; f32 in [f32]]", "write it alone"),
            ("[None; float in [f32, f32]]", "listed twice"),
            ("f32", "write `[None; f32]`, or `[; f32]`"),
            ("(None; f32)", "in brackets"),
            ("[None; f32] [None; f32]", "commas separate the tensors"),
        ] {
            let message = read(source).err().unwrap_or_else(|| panic!("{source} was accepted"));
            assert!(message.contains(advice), "{source}: {message}");
            assert!(!message.contains('\n'), "{source} gives more than one message: {message}");
        }
    }
}
