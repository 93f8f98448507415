//! Symbolic sizes: polynomials with integer coefficients in named sizes, and in quotients of such rounded down.

mod factor;
mod monomial;
mod quotient;
mod range;
mod symbol;
mod text;

use crate::sorted;
use std::collections::BTreeMap;
use std::ops::{Add, Div, Mul, Sub};

use serde::{Deserialize, Serialize};

use factor::Factor;
use monomial::{Monomial, add_term, divide_monomial, exact_quotient, multiply_factor};
pub use range::SizeRange;
pub use symbol::{Sizes, Symbol};
use text::Written;

/// Sizes that a file may hold and that arithmetic may give are no larger than this, so that no file costs more time and
/// memory than its own length warrants.
const MAX_TERMS: usize = 256;
const MAX_POWER: u32 = 64;
/// The most bytes of a written quotient; also bounds how deep quotients nest.
const MAX_QUOTIENT: usize = 512;

/// The size of one dimension: a number, or a polynomial in symbols such as `batch*seq + 1`.
///
/// Two polynomials are equal if and only if they are equal whatever the symbols are. A quotient that is rounded down, as of
/// a window that moves by 2, is a factor of its own, `floor((height + 1)/2)`, and has a normal form: sizes that are equal
/// are equal whatever the symbols are, but not every two that always agree are found to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Dim {
    /// Sorted by monomial, coefficients not 0; a number is a term without factors, and zero has no terms.
    terms: Vec<(Monomial, i64)>,
}

impl Dim {
    /// The size of a symbol.
    pub fn symbol(symbol: Symbol) -> Self {
        Self::factor(Factor::Symbol(symbol))
    }

    fn factor(factor: Factor) -> Self {
        Self { terms: vec![(Monomial(vec![(factor, 1)]), 1)] }
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
                [(Factor::Symbol(symbol), 1)] => Some(symbol),
                _ => None,
            },
            _ => None,
        }
    }

    /// The factor and the symbol, if the size is a symbol times a number that is not negative.
    pub fn as_multiple(&self) -> Option<(usize, &Symbol)> {
        match self.terms.as_slice() {
            [(monomial, factor)] => match monomial.0.as_slice() {
                [(Factor::Symbol(symbol), 1)] => usize::try_from(*factor).ok().map(|factor| (factor, symbol)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The symbols that occur, each once, sorted.
    pub fn symbols(&self) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        for (factor, _) in self.terms.iter().flat_map(|(monomial, _)| &monomial.0) {
            factor.add_symbols(&mut symbols);
        }
        sorted::sort_distinct(&mut symbols);
        symbols
    }

    fn mentions(&self, symbol: &Symbol) -> bool {
        self.terms.iter().any(|(monomial, _)| monomial.0.iter().any(|(factor, _)| factor.mentions(symbol)))
    }

    /// The coefficients and factors, for a file; a factor is the name of a symbol, or a quotient as it prints.
    pub fn written_terms(&self) -> Vec<(i64, Vec<(String, u32)>)> {
        let factors = |monomial: &Monomial| -> Vec<_> {
            monomial.0.iter().map(|(factor, power)| (factor.text().to_owned(), *power)).collect()
        };
        self.terms.iter().map(|(monomial, coefficient)| (*coefficient, factors(monomial))).collect()
    }

    /// The size with these coefficients and factors.
    ///
    /// # Errors
    /// If a coefficient overflows, a power is 0, or a factor is neither a name nor a quotient in its normal form.
    pub fn from_written_terms(terms: Vec<(i64, Vec<(String, u32)>)>) -> Result<Self, String> {
        let mut sum = BTreeMap::new();
        for (coefficient, factors) in terms {
            let mut monomial = Monomial::default();
            for (name, power) in factors {
                if power == 0 || power > MAX_POWER || name.is_empty() {
                    return Err(format!("`{name}` to the power of {power} is no factor of a size"));
                }
                multiply_factor(&mut monomial, &text::factor(&name)?, power).ok_or("a power overflows")?;
            }
            add_term(&mut sum, monomial, coefficient).ok_or("a coefficient overflows")?;
        }
        Self::from_sum(sum).ok_or_else(|| format!("it has more than {MAX_TERMS} terms"))
    }

    /// The sum, unless a coefficient overflows.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        let mut sum = sorted::map(self.terms.iter().cloned());
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
            let (changing, rest): (Vec<_>, Vec<_>) =
                monomial.0.iter().cloned().partition(|(factor, _)| factor.mentions(symbol));
            let mut term = Self { terms: vec![(Monomial(rest), *coefficient)] };
            for (factor, power) in changing {
                let value = factor.substitute(symbol, value)?;
                for _ in 0..power {
                    term = term.checked_mul(&value)?;
                }
            }
            sum = sum.checked_add(&term)?;
        }
        Some(sum)
    }

    /// The number this size is when the symbols have these values; none if one is missing or the result is no size.
    pub fn evaluate(&self, sizes: &Sizes) -> Option<usize> {
        usize::try_from(self.evaluate_signed(sizes)?).ok()
    }

    /// As [`Dim::evaluate`], of what need not be a size, such as a difference.
    pub fn evaluate_signed(&self, sizes: &Sizes) -> Option<i64> {
        let mut sum = 0_i64;
        for (monomial, coefficient) in &self.terms {
            let mut product = *coefficient;
            for (factor, power) in &monomial.0 {
                product = product.checked_mul(factor.evaluate(sizes)?.checked_pow(*power)?)?;
            }
            sum = sum.checked_add(product)?;
        }
        Some(sum)
    }

    fn from_sum(sum: BTreeMap<Monomial, i64>) -> Option<Self> {
        let terms: Vec<_> = sum.into_iter().filter(|(_, coefficient)| *coefficient != 0).collect();
        let small = |(monomial, _): &(Monomial, i64)| monomial.0.iter().all(|(_, power)| *power <= MAX_POWER);
        (terms.len() <= MAX_TERMS && terms.iter().all(small)).then_some(Self { terms })
    }
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
// A division with a remainder, too.
operator!(Div, div, exact_div);

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
}
