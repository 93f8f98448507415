//! Token trees cut at separators, so that a mistake in one piece leaves the others readable.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

/// The tokens of `stream`, without the invisible groups that `macro_rules` puts around its fragments.
pub fn flat(stream: TokenStream) -> Vec<TokenTree> {
    let mut tokens = Vec::new();
    for token in stream {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                tokens.extend(flat(group.stream()));
            }
            token => tokens.push(token),
        }
    }
    tokens
}

/// The pieces between commas; a trailing comma adds none.
pub fn between_commas(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut pieces: Vec<_> = tokens.split(|token| is(token, ',')).collect();
    if pieces.last().is_some_and(|last| last.is_empty()) {
        pieces.pop();
    }
    pieces
}

/// What stands before the first `->`, and what begins with it.
pub fn at_arrow(tokens: &[TokenTree]) -> (&[TokenTree], Option<&[TokenTree]>) {
    let arrow =
        tokens.windows(2).position(|pair| matches!(pair, [dash, tip] if is(dash, '-') && is(tip, '>')));
    match arrow.and_then(|at| tokens.split_at_checked(at)) {
        Some((before, after)) => (before, Some(after)),
        None => (tokens, None),
    }
}

/// Whether `token` is this one character.
pub fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// The tokens as a stream, to point at them.
pub fn stream(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}

/// Each identifier, literal and character in order, those in groups included.
pub fn words(stream: TokenStream) -> Vec<String> {
    let mut words = Vec::new();
    for token in stream {
        match token {
            TokenTree::Group(group) => words.extend(self::words(group.stream())),
            token => words.push(token.to_string()),
        }
    }
    words
}

/// Tokens as a user would write them.
pub fn text(tokens: impl ToTokens) -> String {
    const TIGHT: [(&str, &str); 11] = [
        (" ,", ","),
        (" ;", ";"),
        (" . ", "."),
        (" :: ", "::"),
        (":: ", "::"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("& ", "&"),
        ("[ ", "["),
        (" ]", "]"),
    ];
    let text = tokens.into_token_stream().to_string();
    TIGHT.iter().fold(text, |text, (spaced, tight)| text.replace(spaced, tight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        let tokens = flat(source.parse().unwrap());
        between_commas(&tokens).into_iter().map(|piece| stream(piece).to_string()).collect()
    }

    #[test]
    fn commas_inside_groups_do_not_cut() {
        assert_eq!(texts("a = [1, 2], b"), ["a = [1 , 2]", "b"]);
        assert_eq!(texts("a,"), ["a"]);
        assert_eq!(texts("a,,b"), ["a", "", "b"]);
        assert!(texts("").is_empty());
    }

    #[test]
    fn text_is_as_written() {
        let tokens: TokenStream = "Residual<crate::Dense, 3>".parse().unwrap();
        assert_eq!(text(tokens), "Residual<crate::Dense, 3>");
        let tokens: TokenStream = "[None, self.units; f32]".parse().unwrap();
        assert_eq!(text(tokens), "[None, self.units; f32]");
    }

    #[test]
    fn the_arrow_cuts_once() {
        let tokens = flat("a -> b -> c".parse().unwrap());
        let (before, after) = at_arrow(&tokens);
        assert_eq!(stream(before).to_string(), "a");
        assert_eq!(after.map(|after| stream(after).to_string()).unwrap(), "-> b -> c");
    }
}
