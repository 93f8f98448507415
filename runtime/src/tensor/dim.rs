//! Symbolic sizes: polynomials with integer coefficients in named sizes.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Add, Mul, Sub};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A size that is known only when a function is called.
///
/// Anonymous sizes come from `None` in a signature and may be refined by a trace; their names start with `?`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// The size a signature calls `name`.
    pub fn named(name: &str) -> Self {
        Self(name.into())
    }

    /// The anonymous size with this number.
    pub fn anonymous(number: usize) -> Self {
        Self(format!("?{number}").into())
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether the size comes from `None`, and so promises nothing.
    pub fn is_anonymous(&self) -> bool {
        self.0.starts_with('?')
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Sizes that a file may hold and that arithmetic may give are no larger than this, so that no file costs more time and
/// memory than its own length warrants.
const MAX_TERMS: usize = 256;
const MAX_POWER: u32 = 64;

/// What each symbolic size is in one call.
pub type Sizes = BTreeMap<Symbol, usize>;

/// A product of powers of symbols, sorted by symbol, powers at least 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Monomial(Vec<(Symbol, u32)>);

impl Ord for Monomial {
    /// The lexicographic order of the exponents, under which products keep their order: long division needs that.
    fn cmp(&self, other: &Self) -> Ordering {
        for ((a, a_power), (b, b_power)) in self.0.iter().zip(&other.0) {
            let order = b.cmp(a).then(a_power.cmp(b_power));
            if order != Ordering::Equal {
                return order;
            }
        }
        self.0.len().cmp(&other.0.len())
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The size of one dimension: a number, or a polynomial in symbols such as `batch*seq + 1`.
///
/// Two sizes are equal if and only if they are equal whatever the symbols are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Dim {
    /// Sorted by monomial, coefficients not 0; a number is a term without factors, and zero has no terms.
    terms: Vec<(Monomial, i64)>,
}

/// How a size is written into attributes: a number, or the polynomial as it prints, `2*batch + 1`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
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

impl Dim {
    /// The size of a symbol.
    pub fn symbol(symbol: Symbol) -> Self {
        Self { terms: vec![(Monomial(vec![(symbol, 1)]), 1)] }
    }

    /// The number, if the size is one; sizes of real tensors are never negative, differences may be.
    pub fn constant(&self) -> Option<i64> {
        match self.terms.as_slice() {
            [] => Some(0),
            [(monomial, coefficient)] if monomial.0.is_empty() => Some(*coefficient),
            _ => None,
        }
    }

    /// The number as a size, if it is known and not negative.
    pub fn as_usize(&self) -> Option<usize> {
        self.constant().and_then(|size| usize::try_from(size).ok())
    }

    /// The symbol, if the size is one symbol and nothing else.
    pub fn as_symbol(&self) -> Option<&Symbol> {
        match self.terms.as_slice() {
            [(monomial, 1)] => match monomial.0.as_slice() {
                [(symbol, 1)] => Some(symbol),
                _ => None,
            },
            _ => None,
        }
    }

    /// The symbols that occur, each once, sorted.
    pub fn symbols(&self) -> Vec<Symbol> {
        let mut symbols: Vec<_> = self
            .terms
            .iter()
            .flat_map(|(monomial, _)| monomial.0.iter().map(|(symbol, _)| symbol.clone()))
            .collect();
        symbols.sort();
        symbols.dedup();
        symbols
    }

    /// The coefficients and factors, for a file.
    pub fn written_terms(&self) -> Vec<(i64, Vec<(String, u32)>)> {
        let factors = |monomial: &Monomial| -> Vec<_> {
            monomial.0.iter().map(|(symbol, power)| (symbol.name().to_owned(), *power)).collect()
        };
        self.terms.iter().map(|(monomial, coefficient)| (*coefficient, factors(monomial))).collect()
    }

    /// The size with these coefficients and factors.
    ///
    /// # Errors
    /// If a coefficient overflows or a power is 0.
    pub fn from_written_terms(terms: Vec<(i64, Vec<(String, u32)>)>) -> Result<Self, String> {
        let mut sum = BTreeMap::new();
        for (coefficient, factors) in terms {
            let mut monomial = Monomial::default();
            for (name, power) in factors {
                if power == 0 || power > MAX_POWER || name.is_empty() {
                    return Err(format!("`{name}` to the power of {power} is no factor of a size"));
                }
                multiply_factor(&mut monomial, &Symbol::named(&name), power).ok_or("a power overflows")?;
            }
            add_term(&mut sum, monomial, coefficient).ok_or("a coefficient overflows")?;
        }
        Self::from_sum(sum).ok_or_else(|| format!("it has more than {MAX_TERMS} terms"))
    }

    /// The sum, unless a coefficient overflows.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        let mut sum: BTreeMap<_, _> = self.terms.iter().cloned().collect();
        for (monomial, coefficient) in &other.terms {
            add_term(&mut sum, monomial.clone(), *coefficient)?;
        }
        Self::from_sum(sum)
    }

    /// The difference, unless a coefficient overflows.
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.checked_add(&other.checked_mul(&Self::from(-1_i64))?)
    }

    /// The product, unless a coefficient or a power overflows, or it would have so many terms that no tensor needs it.
    pub fn checked_mul(&self, other: &Self) -> Option<Self> {
        if self.terms.len() * other.terms.len() > MAX_TERMS * MAX_TERMS {
            return None;
        }
        let mut sum = BTreeMap::new();
        for (left, a) in &self.terms {
            for (right, b) in &other.terms {
                let mut monomial = left.clone();
                for (symbol, power) in &right.0 {
                    multiply_factor(&mut monomial, symbol, *power)?;
                }
                add_term(&mut sum, monomial, a.checked_mul(*b)?)?;
            }
        }
        Self::from_sum(sum)
    }

    /// The quotient, if the division has no remainder whatever the symbols are.
    pub fn exact_div(&self, divisor: &Self) -> Option<Self> {
        // Long division: the terms are sorted lexicographically, so the last one of each leads.
        let (lead, lead_coefficient) = divisor.terms.last()?;
        let mut remainder = self.clone();
        let mut quotient = Self::from(0_i64);
        while let Some((monomial, coefficient)) = remainder.terms.last() {
            let step = Self {
                terms: vec![(
                    divide_monomial(monomial, lead)?,
                    exact_quotient(*coefficient, *lead_coefficient)?,
                )],
            };
            let next = remainder.checked_sub(&step.checked_mul(divisor)?)?;
            if next.terms.last().is_some_and(|(next, _)| next >= monomial) {
                return None;
            }
            quotient = quotient.checked_add(&step)?;
            remainder = next;
        }
        Some(quotient)
    }

    /// The size with `symbol` replaced by `value`; none if a coefficient overflows.
    pub fn substitute(&self, symbol: &Symbol, value: &Self) -> Option<Self> {
        let mut sum = Self::from(0_i64);
        for (monomial, coefficient) in &self.terms {
            let mut rest = monomial.clone();
            let mut power = 0;
            rest.0.retain(|(factor, factor_power)| {
                let found = factor == symbol;
                if found {
                    power = *factor_power;
                }
                !found
            });
            let mut term = Self { terms: vec![(rest, *coefficient)] };
            for _ in 0..power {
                term = term.checked_mul(value)?;
            }
            sum = sum.checked_add(&term)?;
        }
        Some(sum)
    }

    /// The number this size is when the symbols have these values; none if one is missing or the result is no size.
    pub fn evaluate(&self, sizes: &Sizes) -> Option<usize> {
        let mut sum = 0_i64;
        for (monomial, coefficient) in &self.terms {
            let mut product = *coefficient;
            for (symbol, power) in &monomial.0 {
                let value = i64::try_from(*sizes.get(symbol)?).ok()?;
                product = product.checked_mul(value.checked_pow(*power)?)?;
            }
            sum = sum.checked_add(product)?;
        }
        usize::try_from(sum).ok()
    }

    fn from_sum(sum: BTreeMap<Monomial, i64>) -> Option<Self> {
        let terms: Vec<_> = sum.into_iter().filter(|(_, coefficient)| *coefficient != 0).collect();
        let small = |(monomial, _): &(Monomial, i64)| monomial.0.iter().all(|(_, power)| *power <= MAX_POWER);
        (terms.len() <= MAX_TERMS && terms.iter().all(small)).then_some(Self { terms })
    }
}

fn add_term(sum: &mut BTreeMap<Monomial, i64>, monomial: Monomial, coefficient: i64) -> Option<()> {
    let entry = sum.entry(monomial).or_insert(0);
    *entry = entry.checked_add(coefficient)?;
    Some(())
}

fn multiply_factor(monomial: &mut Monomial, symbol: &Symbol, power: u32) -> Option<()> {
    match monomial.0.binary_search_by(|(factor, _)| factor.cmp(symbol)) {
        Ok(index) => monomial.0[index].1 = monomial.0[index].1.checked_add(power)?,
        Err(index) => monomial.0.insert(index, (symbol.clone(), power)),
    }
    Some(())
}

fn divide_monomial(dividend: &Monomial, divisor: &Monomial) -> Option<Monomial> {
    let mut quotient = dividend.clone();
    for (symbol, power) in &divisor.0 {
        let index = quotient.0.iter().position(|(factor, _)| factor == symbol)?;
        quotient.0[index].1 = quotient.0[index].1.checked_sub(*power)?;
    }
    quotient.0.retain(|(_, power)| *power > 0);
    Some(quotient)
}

fn exact_quotient(dividend: i64, divisor: i64) -> Option<i64> {
    (dividend.checked_rem(divisor)? == 0).then_some(dividend / divisor)
}

/// Reads a polynomial as it prints: terms with signs between them, factors with `*` between them, powers behind `^`.
fn parse(text: &str) -> Result<Dim, String> {
    let fail = || format!("`{text}` is no size");
    let (mut terms, mut negative) = (Vec::new(), false);
    if text.split(' ').count() % 2 == 0 {
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

impl From<i64> for Dim {
    fn from(size: i64) -> Self {
        Self { terms: if size == 0 { Vec::new() } else { vec![(Monomial::default(), size)] } }
    }
}

impl From<i32> for Dim {
    fn from(size: i32) -> Self {
        Self::from(i64::from(size))
    }
}

impl From<isize> for Dim {
    fn from(size: isize) -> Self {
        Self::from(size as i64)
    }
}

impl From<usize> for Dim {
    /// Sizes beyond `i64::MAX` cannot exist in memory and become `i64::MAX`.
    fn from(size: usize) -> Self {
        Self::from(i64::try_from(size).unwrap_or(i64::MAX))
    }
}

impl From<Symbol> for Dim {
    fn from(symbol: Symbol) -> Self {
        Self::symbol(symbol)
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $checked:ident) => {
        impl<D: Into<Dim>> $trait<D> for &Dim {
            type Output = Dim;

            /// An overflow gives a size that no tensor can have, and so an error where it is used.
            fn $method(self, other: D) -> Dim {
                self.$checked(&other.into()).unwrap_or_else(|| Dim::from(i64::MIN))
            }
        }

        impl<D: Into<Dim>> $trait<D> for Dim {
            type Output = Dim;

            fn $method(self, other: D) -> Dim {
                (&self).$method(other)
            }
        }
    };
}

operator!(Add, add, checked_add);
operator!(Sub, sub, checked_sub);
operator!(Mul, mul, checked_mul);

impl From<&Dim> for Dim {
    fn from(dim: &Dim) -> Self {
        dim.clone()
    }
}

impl PartialEq<usize> for Dim {
    fn eq(&self, other: &usize) -> bool {
        self.as_usize() == Some(*other)
    }
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
            let magnitude = coefficient.unsigned_abs();
            if monomial.0.is_empty() {
                write!(f, "{magnitude}")?;
                continue;
            }
            if magnitude != 1 {
                write!(f, "{magnitude}*")?;
            }
            for (index, (symbol, power)) in monomial.0.iter().enumerate() {
                if index > 0 {
                    f.write_str("*")?;
                }
                f.write_str(if symbol.is_anonymous() && !f.alternate() { "?" } else { symbol.name() })?;
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

    fn symbol(name: &str) -> Dim {
        Dim::symbol(Symbol::named(name))
    }

    #[test]
    fn equal_polynomials_are_equal_however_they_were_made() {
        let (batch, seq) = (symbol("batch"), symbol("seq"));
        let left = (&batch + 1) * (&seq + 2);
        let right = &seq * &batch + &batch * 2 + &seq + 2;
        assert_eq!(left, right);
        assert_eq!(&left - &right, Dim::from(0));
        assert_eq!(left.to_string(), "batch*seq + 2*batch + seq + 2");
    }

    #[test]
    fn division_is_exact_or_nothing() {
        let (batch, seq) = (symbol("batch"), symbol("seq"));
        let product = (&batch + 1) * (&seq + 2) * 6;
        assert_eq!(product.exact_div(&(&seq + 2)), Some((&batch + 1) * 6));
        assert_eq!(product.exact_div(&Dim::from(4)), None);
        assert_eq!((&batch * 784).exact_div(&Dim::from(784)), Some(batch.clone()));
        assert_eq!(batch.exact_div(&seq), None);
        assert_eq!(batch.exact_div(&Dim::from(0)), None);
        let square = (&batch + &seq) * (&batch + &seq + 1);
        assert_eq!(square.exact_div(&(&batch + &seq)), Some(&batch + &seq + 1));
        assert_eq!((&batch * &batch - 1).exact_div(&(&batch - 1)), Some(&batch + 1));
    }

    #[test]
    fn substitution_and_evaluation_agree() {
        let dim = symbol("n") * symbol("n") * symbol("m") - 3;
        let sizes = Sizes::from([(Symbol::named("n"), 4), (Symbol::named("m"), 2)]);
        assert_eq!(dim.evaluate(&sizes), Some(29));
        let replaced = dim.substitute(&Symbol::named("n"), &Dim::from(4)).unwrap();
        assert_eq!(replaced, symbol("m") * 16 - 3);
        assert_eq!(dim.evaluate(&Sizes::from([(Symbol::named("n"), 4)])), None);
    }

    #[test]
    fn overflow_gives_nothing() {
        let huge = Dim::from(i64::MAX);
        assert_eq!(huge.checked_add(&Dim::from(1)), None);
        assert_eq!(huge.checked_mul(&symbol("n")).unwrap().checked_mul(&Dim::from(2)), None);
        assert!((huge * 2).as_usize().is_none());
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
            let document = crate::tensor::Document::describe(&dim).unwrap();
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
}
