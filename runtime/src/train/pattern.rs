//! Patterns of paths: `encoder.*`, `*.bias`.

use crate::error::{Error, Result};

/// Whether a path is as a pattern says: `*` stands for any characters, dots among them, `?` for one, and all else for itself.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
    // `fits[i]` says whether what has been read of the pattern stands for the first `i` characters of the path.
    let mut fits: Vec<bool> = (0..=path.len()).map(|length| length == 0).collect();
    for letter in pattern {
        let mut next = vec![false; path.len() + 1];
        for length in 0..=path.len() {
            let before = length.checked_sub(1);
            next[length] = match letter {
                '*' => fits[length] || before.is_some_and(|before| next[before]),
                '?' => before.is_some_and(|before| fits[before]),
                letter => before.is_some_and(|before| fits[before] && path[before] == letter),
            };
        }
        fits = next;
    }
    fits.last().copied().unwrap_or(false)
}

/// How many paths an error lists.
const LISTED: usize = 20;

/// The places of the paths that a pattern stands for.
///
/// # Errors
/// If there are none, with the paths there are.
pub(super) fn places(what: &str, pattern: &str, paths: &[&str]) -> Result<Vec<usize>> {
    let found: Vec<usize> = (0..paths.len()).filter(|&at| matches(pattern, paths[at])).collect();
    if found.is_empty() {
        let listed: Vec<_> = paths.iter().take(LISTED).copied().collect();
        return Err(Error::Training(format!(
            "{what} for `{pattern}` concerns nothing: the trainable variables are {}; `*` stands for any characters",
            listed.join(", ")
        )));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything_and_letters_for_themselves() {
        for (pattern, path, expected) in [
            ("encoder.*", "encoder.layers.0.weights", true),
            ("encoder.*", "decoder.encoder.bias", false),
            ("*.bias", "layers.0.bias", true),
            ("*.bias", "bias", false),
            ("*bias", "bias", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("layers.?.bias", "layers.3.bias", true),
            ("layers.?.bias", "layers.13.bias", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("weights", "weights", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_for_nothing_says_what_there_is() {
        let error = places("the optimizer", "encodr.*", &["encoder.bias"]).unwrap_err().to_string();
        assert!(error.contains("`encodr.*` concerns nothing") && error.contains("encoder.bias"), "{error}");
    }
}
