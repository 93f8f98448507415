//! Sizes as text: printed for people, and written into attributes so that they are read back.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Dim;

/// How a size is written into attributes: a number, or the polynomial as it prints, `2*batch + 1`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Written {
    Size(i64),
    Polynomial(String),
}

impl From<Dim> for Written {
    fn from(dim: Dim) -> Self {
        match dim.constant() {
            Some(size) => Self::Size(size),
            None => Self::Polynomial(format!("{dim:#}")),
        }
    }
}

impl TryFrom<Written> for Dim {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Size(size) => Ok(Self::from(size)),
            Written::Polynomial(text) => parse(&text),
        }
    }
}

/// Reads a polynomial as it prints: terms with signs between them, factors with `*` between them, powers behind `^`.
fn parse(text: &str) -> Result<Dim, String> {
    let fail = || format!("`{text}` is no size");
    let (mut terms, mut negative) = (Vec::new(), false);
    if text.split(' ').count().is_multiple_of(2) {
        return Err(fail());
    }
    for (index, word) in text.split(' ').enumerate() {
        if index % 2 == 1 {
            negative = match word {
                "+" => false,
                "-" => true,
                _ => return Err(fail()),
            };
            continue;
        }
        let (mut coefficient, mut factors) = (if negative { -1_i64 } else { 1 }, Vec::new());
        let mut word = word;
        if index == 0
            && let Some(rest) = word.strip_prefix('-')
        {
            (word, coefficient) = (rest, -1);
        }
        for factor in word.split('*') {
            if factor.starts_with(|first: char| first.is_ascii_digit()) {
                let number: u64 = factor.parse().map_err(|_| fail())?;
                coefficient =
                    i64::try_from(i128::from(number) * i128::from(coefficient)).map_err(|_| fail())?;
                continue;
            }
            let (name, power) = factor.split_once('^').unwrap_or((factor, "1"));
            factors.push((name.to_owned(), power.parse().map_err(|_| fail())?));
        }
        terms.push((coefficient, factors));
    }
    Dim::from_written_terms(terms)
}

impl fmt::Display for Dim {
    /// An anonymous size alone is `?`; with the alternate flag, `{:#}`, it shows its number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms.is_empty() {
            return f.write_str("0");
        }
        for (index, (monomial, coefficient)) in self.terms.iter().rev().enumerate() {
            match (index, *coefficient < 0) {
                (0, false) => {}
                (0, true) => f.write_str("-")?,
                (_, false) => f.write_str(" + ")?,
                (_, true) => f.write_str(" - ")?,
            }
            let mut magnitude = coefficient.unsigned_abs();
            if monomial.0.is_empty() {
                write!(f, "{magnitude}")?;
                continue;
            }
            // For people `8*seq/8` is `seq`.
            let mut names: Vec<&str> = Vec::new();
            for (symbol, power) in &monomial.0 {
                let divisor = symbol.divided().filter(|_| !f.alternate());
                let divisor =
                    divisor.and_then(|(name, by)| Some((name, by.unsigned_abs().checked_pow(*power)?)));
                names.push(match divisor {
                    Some((name, by)) if magnitude.is_multiple_of(by) => {
                        magnitude /= by;
                        name
                    }
                    _ if symbol.is_anonymous() && !f.alternate() => "?",
                    _ => symbol.name(),
                });
            }
            if magnitude != 1 {
                write!(f, "{magnitude}*")?;
            }
            for (index, (name, (_, power))) in names.into_iter().zip(&monomial.0).enumerate() {
                if index > 0 {
                    f.write_str("*")?;
                }
                f.write_str(name)?;
                if *power > 1 {
                    write!(f, "^{power}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{Document, Symbol};

    fn symbol(name: &str) -> Dim {
        Dim::symbol(Symbol::named(name))
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (batch, open) = (symbol("batch"), Dim::symbol(Symbol::anonymous(7)));
        for dim in [
            &batch * &batch * -3 + &open * 2 - 1,
            Dim::from(i64::MIN) * &open,
            batch.clone(),
            Dim::from(1) - &batch,
            Dim::from(0),
        ] {
            let document = Document::describe(&dim).unwrap();
            assert_eq!(document.read::<Dim>().unwrap(), dim, "{document}");
        }
        for text in ["", "2*", "a +", "a ? b", "a^b", "a^0", "-", "99999999999999999999*a"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn anonymous_sizes_print_as_a_question_mark() {
        let dim = Dim::symbol(Symbol::anonymous(3)) * 2;
        assert_eq!(dim.to_string(), "2*?");
        assert_eq!(format!("{dim:#}"), "2*?3");
    }

    #[test]
    fn a_multiple_of_a_quotient_prints_as_the_size_that_is_divided() {
        let quotient = Dim::symbol(Symbol::quotient("seq", 8));
        assert_eq!((&quotient * 8).to_string(), "seq");
        assert_eq!((&quotient * &quotient * 128 + &quotient * 12).to_string(), "2*seq^2 + 12*seq/8");
        assert_eq!(format!("{:#}", &quotient * 8), "8*seq/8");
        let document = Document::describe(&(&quotient * 8)).unwrap();
        assert_eq!(document.read::<Dim>().unwrap(), quotient * 8);
    }
}
