//! Sizes as text: printed for people, and written into attributes so that they are read back.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::factor::Factor;
use super::{Dim, MAX_QUOTIENT, Symbol};

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
    let words = split(text, ' ');
    if words.len().is_multiple_of(2) {
        return Err(fail());
    }
    for (index, word) in words.into_iter().enumerate() {
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
        for factor in split(word, '*') {
            if factor.starts_with(|first: char| first.is_ascii_digit()) {
                let number: u64 = factor.parse().map_err(|_| fail())?;
                coefficient =
                    i64::try_from(i128::from(number) * i128::from(coefficient)).map_err(|_| fail())?;
                continue;
            }
            let (name, power) = match split(factor, '^').as_slice() {
                [name] => (*name, 1),
                [name, power] => (*name, power.parse().map_err(|_| fail())?),
                _ => return Err(fail()),
            };
            factors.push((name.to_owned(), power));
        }
        terms.push((coefficient, factors));
    }
    Dim::from_written_terms(terms)
}

/// Reads a factor: the name of a symbol, or a quotient as it prints.
pub(super) fn factor(text: &str) -> Result<Factor, String> {
    if !text.contains(['(', ')']) {
        return Ok(Factor::Symbol(Symbol::named(text)));
    }
    let fail = || format!("`{text}` is no factor of a size");
    let inner = text.strip_prefix("floor(").and_then(|text| text.strip_suffix(')'));
    let inner = inner.filter(|_| text.len() <= MAX_QUOTIENT).ok_or_else(fail)?;
    // The last one: the name of a quotient that is exact has one of its own.
    let divisor = split(inner, '/').pop().ok_or_else(fail)?;
    let dividend = inner.strip_suffix(divisor).and_then(|rest| rest.strip_suffix('/')).ok_or_else(fail)?;
    let without = dividend.strip_prefix('(').and_then(|dividend| dividend.strip_suffix(')'));
    let dividend = parse(without.unwrap_or(dividend))?;
    let quotient = divisor.parse().ok().and_then(|divisor| dividend.floor_div(divisor)).ok_or_else(fail)?;
    quotient.as_factor().filter(|factor| factor.text() == text).cloned().ok_or_else(fail)
}

/// The parts between separators that stand outside of parentheses.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == separator && depth == 0
    })
    .collect()
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
            let mut names: Vec<Option<&str>> = Vec::new();
            for (factor, power) in &monomial.0 {
                let divided = factor.as_symbol().and_then(Symbol::divided).filter(|_| !f.alternate());
                let divided =
                    divided.and_then(|(name, by)| Some((name, by.unsigned_abs().checked_pow(*power)?)));
                names.push(match divided {
                    Some((name, by)) if magnitude.is_multiple_of(by) => {
                        magnitude /= by;
                        Some(name)
                    }
                    _ => None,
                });
            }
            if magnitude != 1 {
                write!(f, "{magnitude}*")?;
            }
            for (index, (name, (factor, power))) in names.into_iter().zip(&monomial.0).enumerate() {
                if index > 0 {
                    f.write_str("*")?;
                }
                match name {
                    Some(name) => f.write_str(name)?,
                    None => factor.fmt(f)?,
                }
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
            (&batch + 1).floor_div(2).unwrap(),
            (&batch * &open + &open * 2 + 2).floor_div(3).unwrap() * 5 + &batch,
            ((&batch * &batch).floor_div(7).unwrap() + &batch).floor_div(2).unwrap() * &batch - 1,
        ] {
            let document = Document::describe(&dim).unwrap();
            assert_eq!(document.read::<Dim>().unwrap(), dim, "{document}");
        }
        for text in [
            "",
            "2*",
            "a +",
            "a ? b",
            "a^b",
            "a^0",
            "-",
            "99999999999999999999*a",
            "floor(a/1)",
            "floor(3*a/2)",
            "floor(a)",
            "a(",
            ")a",
            "floor((a + 1/2)",
            "floor(a/b)",
            "floor(a/-2)",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn anonymous_sizes_print_as_a_question_mark() {
        let dim = Dim::symbol(Symbol::anonymous(3)) * 2;
        assert_eq!(dim.to_string(), "2*?");
        assert_eq!(format!("{dim:#}"), "2*?3");
        let half = (Dim::symbol(Symbol::anonymous(3)) + 1).floor_div(2).unwrap() * 3;
        assert_eq!(
            (half.to_string(), format!("{half:#}")),
            ("3*floor((? + 1)/2)".into(), "3*floor((?3 + 1)/2)".into())
        );
    }

    #[test]
    fn quotients_of_exact_quotients_come_back() {
        for odd in [0, 1] {
            let dim = (Dim::symbol(Symbol::quotient("seq", 8)) * 3 + odd).floor_div(2).unwrap();
            assert_eq!(Document::describe(&dim).unwrap().read::<Dim>().unwrap(), dim, "{dim:#}");
        }
        let dim = Dim::symbol(Symbol::quotient("seq", 8)).floor_div(2).unwrap();
        assert_eq!(Document::describe(&dim).unwrap().read::<Dim>().unwrap(), dim, "{dim:#}");
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
