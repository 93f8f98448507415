//! The words inside `#[module(...)]`, `#[layer(...)]`, `#[op(...)]`, `#[loss(...)]` and `#[metric(...)]`, each kept with its tokens.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Lit, LitInt, LitStr, Meta, Path, Token, Type, token};

use crate::errors::Errors;
use crate::near;

/// Where a word of `#[module(...)]` may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Type,
    Variant,
    Field,
}

const PLACES: [(Place, &str, &[&str]); 3] = [
    (Place::Type, "a type", &["name", "alias"]),
    (Place::Variant, "a variant", &["rename", "alias"]),
    (Place::Field, "a field", &["config", "skip", "rename", "alias", "frozen", "state", "default"]),
];

/// What else people call the words of a field.
const MEANT: [(&str, &str); 13] = [
    ("ignore", "skip"),
    ("skipped", "skip"),
    ("transient", "skip"),
    ("static", "config"),
    ("configuration", "config"),
    ("serde", "config"),
    ("buffer", "state"),
    ("non_trainable", "state"),
    ("freeze", "frozen"),
    ("fixed", "frozen"),
    ("name", "rename"),
    ("aliases", "alias"),
    ("or", "default"),
];

/// One word with what follows it: `skip`, `rename = "w"`, `instances(A, B)`.
struct Word {
    key: Ident,
    /// What follows `=`.
    value: Option<Expr>,
    /// What stands in parentheses.
    list: Option<TokenStream>,
    original: TokenStream,
}

/// What a type says of itself.
#[derive(Default)]
pub struct TypeAttrs {
    pub name: Option<LitStr>,
    pub aliases: Vec<LitStr>,
}

/// What a field or a variant says of itself, each word with its tokens.
#[derive(Default)]
pub struct FieldAttrs {
    pub config: Option<Ident>,
    pub skip: Option<Ident>,
    pub frozen: Option<Ident>,
    pub state: Option<Ident>,
    pub rename: Option<LitStr>,
    pub aliases: Vec<LitStr>,
    pub default: Option<DefaultDef>,
}

/// What a field of a structure says of itself.
#[derive(Default)]
pub struct PartAttrs {
    pub rename: Option<LitStr>,
    pub skip: Option<Ident>,
}

/// `default`, `default = path::to::function`, `default = expression`
pub struct DefaultDef {
    pub word: Ident,
    pub value: Option<Expr>,
}

/// The arguments of `#[op]`.
#[derive(Default)]
pub struct OpAttrs {
    pub names: TypeAttrs,
    pub version: Option<LitInt>,
}

/// The arguments of `#[layer]`.
#[derive(Default)]
pub struct LayerAttrs {
    pub instances: Option<Vec<Type>>,
    pub autograph: Option<Ident>,
    pub original: TokenStream,
}

impl TypeAttrs {
    pub fn read(attributes: &[Attribute], errors: &Errors) -> Self {
        let mut this = Self::default();
        for word in module_words(attributes, Place::Type, errors) {
            match word.key.to_string().as_str() {
                "name" => set(&mut this.name, word.string(errors), &word, errors),
                "alias" => this.aliases.extend(word.string(errors)),
                _ => unknown(&word, Place::Type, errors),
            }
        }
        this
    }

    /// The arguments of `#[loss]` and `#[metric]`, which are the same words.
    pub fn arguments(arguments: TokenStream, attribute: &str, errors: &Errors) -> Self {
        let mut this = Self::default();
        for word in words(arguments, errors) {
            match word.key.to_string().as_str() {
                "name" => set(&mut this.name, word.string(errors), &word, errors),
                "alias" => this.aliases.extend(word.string(errors)),
                other => errors.at(
                    &word.key,
                    format!("`{other}` is not known here: `#[{attribute}]` takes `name = \"…\"` and `alias = \"…\"`"),
                ),
            }
        }
        this
    }
}

impl OpAttrs {
    pub fn read(arguments: TokenStream, errors: &Errors) -> Self {
        let mut this = Self::default();
        for word in words(arguments, errors) {
            match word.key.to_string().as_str() {
                "name" => set(&mut this.names.name, word.string(errors), &word, errors),
                "alias" => this.names.aliases.extend(word.string(errors)),
                "version" => set(&mut this.version, word.number(errors), &word, errors),
                other => errors.at(
                    &word.key,
                    format!(
                        "`{other}` is not known here: `#[op]` takes `name = \"…\"`, `alias = \"…\"` and `version = 2`"
                    ),
                ),
            }
        }
        this
    }
}

impl FieldAttrs {
    pub fn read(attributes: &[Attribute], place: Place, errors: &Errors) -> Self {
        let mut this = Self::default();
        for word in module_words(attributes, place, errors) {
            let field = place == Place::Field;
            match word.key.to_string().as_str() {
                "rename" => set(&mut this.rename, word.string(errors), &word, errors),
                "alias" => this.aliases.extend(word.string(errors)),
                "config" if field => set(&mut this.config, Some(word.flag(errors)), &word, errors),
                "skip" if field => set(&mut this.skip, Some(word.flag(errors)), &word, errors),
                "frozen" if field => set(&mut this.frozen, Some(word.flag(errors)), &word, errors),
                "state" if field => set(&mut this.state, Some(word.flag(errors)), &word, errors),
                "default" if field => set(&mut this.default, word.default_value(errors), &word, errors),
                _ => unknown(&word, place, errors),
            }
        }
        this
    }
}

impl PartAttrs {
    pub fn read(attributes: &[Attribute], errors: &Errors) -> Self {
        const KNOWN: &str = "`#[structure(…)]` takes `rename = \"…\"` and `skip`";
        let mut this = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("structure")) {
            let Meta::List(list) = &attribute.meta else {
                errors.at(attribute, format!("write what is meant in parentheses: {KNOWN}"));
                continue;
            };
            for word in words(list.tokens.clone(), errors) {
                match word.key.to_string().as_str() {
                    "rename" => set(&mut this.rename, word.string(errors), &word, errors),
                    "skip" => set(&mut this.skip, Some(word.flag(errors)), &word, errors),
                    other => errors.at(&word.key, format!("`{other}` is not known here: {KNOWN}")),
                }
            }
        }
        this
    }
}

impl LayerAttrs {
    pub fn read(arguments: TokenStream, errors: &Errors) -> Self {
        let mut this = Self { instances: None, autograph: None, original: arguments.clone() };
        for word in words(arguments, errors) {
            match word.key.to_string().as_str() {
                "autograph" => set(&mut this.autograph, Some(word.flag(errors)), &word, errors),
                "instances" => set(&mut this.instances, word.types(errors), &word, errors),
                "name" | "alias" => errors.at(
                    &word.original,
                    format!("the name of a layer is said where its fields are: `#[derive(Module)] #[module({})]`", word.original),
                ),
                other => errors.at(
                    &word.key,
                    format!("`{other}` is not known here: `#[layer]` takes `autograph`, and for a generic type `instances(…)`"),
                ),
            }
        }
        this
    }
}

impl Word {
    /// The word alone.
    fn flag(&self, errors: &Errors) -> Ident {
        if self.value.is_some() || self.list.is_some() {
            errors.at(&self.original, format!("`{0}` takes no value: write `{0}` alone", self.key));
        }
        self.key.clone()
    }

    /// `word = "text"`
    fn string(&self, errors: &Errors) -> Option<LitStr> {
        if let Some(Expr::Lit(literal)) = self.value.as_ref().map(bare)
            && let Lit::Str(text) = &literal.lit
        {
            return Some(text.clone());
        }
        errors.at(&self.original, format!("write `{} = \"…\"`, with a string", self.key));
        None
    }

    /// `word = 2`
    fn number(&self, errors: &Errors) -> Option<LitInt> {
        if let Some(Expr::Lit(literal)) = self.value.as_ref().map(bare)
            && let Lit::Int(number) = &literal.lit
            && number.base10_parse::<u32>().is_ok_and(|number| number > 0)
        {
            return Some(number.clone());
        }
        errors.at(&self.original, format!("write `{} = 2`, with a whole number from 1 on", self.key));
        None
    }

    fn default_value(&self, errors: &Errors) -> Option<DefaultDef> {
        let word = self.key.clone();
        if self.list.is_some() {
            errors.at(&self.original, "write `default`, or `default = …` with a function or an expression");
        }
        if let Some(Expr::Lit(literal)) = self.value.as_ref().map(bare)
            && let Lit::Str(text) = &literal.lit
        {
            let name = text.value();
            errors.at(
                text,
                format!(
                    "no quotes here: write a function, `default = {name}`, or a value, \
                     `default = String::from(\"{name}\")`"
                ),
            );
            return None;
        }
        if let Some(Expr::Verbatim(tokens)) = &self.value {
            errors.at(
                or(tokens, &self.original),
                "write `default`, or `default = …` with a function or an expression",
            );
            return None;
        }
        Some(DefaultDef { word, value: self.value.clone() })
    }

    /// `word(Type, Type)`
    fn types(&self, errors: &Errors) -> Option<Vec<Type>> {
        let Some(list) = self.list.clone() else {
            errors.at(
                &self.original,
                format!("write `{0}(…)`, with the types in parentheses, or `{0}()`", self.key),
            );
            return None;
        };
        match Punctuated::<Type, Token![,]>::parse_terminated.parse2(list) {
            Ok(types) => Some(types.into_iter().collect()),
            Err(error) => {
                errors.report(error);
                None
            }
        }
    }
}

/// Keeps the first of two values for one word and reports the second.
fn set<T>(slot: &mut Option<T>, value: Option<T>, word: &Word, errors: &Errors) {
    if slot.is_some() {
        errors.at(&word.original, format!("`{}` is said twice: keep one", word.key));
    } else {
        *slot = value;
    }
}

fn unknown(word: &Word, place: Place, errors: &Errors) {
    let text = word.key.to_string();
    let Some((_, here, known)) = PLACES.iter().find(|(at, _, _)| *at == place) else { return };
    let known_list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let elsewhere = PLACES.iter().find(|(_, _, words)| words.contains(&text.as_str()));
    let meant = MEANT.iter().find(|(foreign, ours)| *foreign == text && known.contains(ours));
    let meant = meant.map(|(_, ours)| *ours).or_else(|| near::slip(&text, known));
    let message = match (meant, elsewhere) {
        (Some(ours), _) => format!("`{text}` is not known here: write `{ours}`; {here} takes {known_list}"),
        (None, Some((_, there, _))) => format!("`{text}` belongs on {there}; {here} takes {known_list}"),
        (None, None) => format!("`{text}` is not known here; {here} takes {known_list}"),
    };
    errors.at(&word.key, message);
}

/// The words of every `#[module(...)]` among the attributes.
fn module_words(attributes: &[Attribute], place: Place, errors: &Errors) -> Vec<Word> {
    let mut found = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("module")) {
        match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => found.extend(words(list.tokens.clone(), errors)),
            _ => {
                let example = match place {
                    Place::Type => "name = \"…\"",
                    Place::Variant => "rename = \"…\"",
                    Place::Field => "config",
                };
                errors.at(
                    attribute,
                    format!("write what is meant in parentheses, such as `#[module({example})]`"),
                );
            }
        }
    }
    found
}

fn words(tokens: TokenStream, errors: &Errors) -> Vec<Word> {
    let parser = |input: ParseStream| {
        let mut found = Vec::new();
        while !input.is_empty() {
            let read = input.call(word).map(|word| found.push(word));
            let mut rest = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                rest.extend([input.parse::<TokenTree>()?]);
            }
            match read {
                Err(error) => errors.report(error),
                Ok(()) if !rest.is_empty() => {
                    errors.at(rest, "unexpected here: write a comma between the words");
                }
                Ok(()) => {}
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(found)
    };
    parser.parse2(tokens).unwrap_or_else(|error| {
        errors.report(error);
        Vec::new()
    })
}

fn word(input: ParseStream) -> syn::Result<Word> {
    let Ok(key) = Ident::parse_any(input) else {
        return Err(input.error("write a word, or `word = value`, and commas between them"));
    };
    if let Some(equals) = input.parse::<Option<Token![=]>>()? {
        let ahead = input.fork();
        let value = if let Ok(value) = ahead.parse::<Expr>() {
            input.advance_to(&ahead);
            value
        } else {
            // Whoever wants this value says what to write instead.
            let mut tokens = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                tokens.extend([input.parse::<TokenTree>()?]);
            }
            Expr::Verbatim(tokens)
        };
        let original = quote!(#key #equals #value);
        return Ok(Word { key, value: Some(value), list: None, original });
    }
    if input.peek(token::Paren) {
        let group: Group = input.parse()?;
        let original = quote!(#key #group);
        return Ok(Word { key, value: None, list: Some(group.stream()), original });
    }
    let original = key.to_token_stream();
    Ok(Word { key, value: None, list: None, original })
}

/// Tokens to point at, or those of `whole` where there are none.
fn or(tokens: &TokenStream, whole: &TokenStream) -> TokenStream {
    if tokens.is_empty() { whole.clone() } else { tokens.clone() }
}

/// An expression out of the invisible group that `macro_rules` puts around it.
fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Group(group) => bare(&group.expr),
        other => other,
    }
}

/// Whether `path` is one of our attributes, however it is qualified.
pub fn names(path: &Path, attribute: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == attribute && last.arguments.is_empty())
}

/// The `#[cfg]`s among the attributes, which what we generate beside the item has to share.
pub fn cfgs(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}
