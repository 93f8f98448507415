//! Quotients that are rounded down.

use std::collections::BTreeMap;

use super::Dim;
use super::factor::Factor;
use super::monomial::add_term;

impl Dim {
    /// The greatest integer that is at most `self / divisor`, for a divisor of 1 or more; none if that is less, or a
    /// coefficient overflows.
    ///
    /// In normal form, by what holds for all integers `a` and `b`: multiples of the divisor come out,
    /// `floor((d*a + b)/d) = a + floor(b/d)`; what is common to all terms is left out,
    /// `floor((g*a + c)/(g*d)) = floor((a + floor(c/g))/d)`; and `floor((floor(a/d) + c)/e) = floor((a + d*c)/(d*e))`.
    pub fn floor_div(&self, divisor: i64) -> Option<Self> {
        if divisor < 1 {
            return None;
        }
        let (mut whole, mut rest) = (BTreeMap::new(), BTreeMap::new());
        for (monomial, coefficient) in &self.terms {
            add_term(&mut whole, monomial.clone(), coefficient.div_euclid(divisor))?;
            add_term(&mut rest, monomial.clone(), coefficient.rem_euclid(divisor))?;
        }
        let (whole, mut rest) = (Self::from_sum(whole)?, Self::from_sum(rest)?);
        let symbolic = rest.terms.iter().filter(|(monomial, _)| !monomial.0.is_empty());
        let common =
            symbolic.fold(divisor, |common, (_, coefficient)| greatest_divisor(common, *coefficient));
        for (_, coefficient) in &mut rest.terms {
            *coefficient /= common;
        }
        rest.terms.retain(|(_, coefficient)| *coefficient != 0);
        let quotient = if common == divisor { rest } else { Self::nested(rest, divisor / common)? };
        whole.checked_add(&quotient)
    }

    /// A quotient whose terms have nothing in common with the divisor, and are less than it.
    fn nested(dividend: Self, divisor: i64) -> Option<Self> {
        let constant = dividend.terms.first().filter(|(monomial, _)| monomial.0.is_empty());
        let constant = Self::from(constant.map_or(0, |(_, coefficient)| *coefficient));
        if let Some(Factor::Floor(inner)) = dividend.checked_sub(&constant)?.as_factor() {
            let dividend = inner.dividend.checked_add(&constant.checked_mul(&Self::from(inner.divisor))?)?;
            return dividend.floor_div(divisor.checked_mul(inner.divisor)?);
        }
        Factor::floor(dividend, divisor).map(Self::factor)
    }

    /// The least integer that is at least `self / divisor`; otherwise as [`Dim::floor_div`].
    pub fn ceil_div(&self, divisor: i64) -> Option<Self> {
        self.checked_add(&Self::from(divisor.checked_sub(1)?))?.floor_div(divisor)
    }

    /// The factor, if the size is one and nothing else.
    pub(super) fn as_factor(&self) -> Option<&Factor> {
        match self.terms.as_slice() {
            [(monomial, 1)] => match monomial.0.as_slice() {
                [(factor, 1)] => Some(factor),
                _ => None,
            },
            _ => None,
        }
    }
}

fn greatest_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{Sizes, Symbol};

    fn symbol(name: &str) -> Dim {
        Dim::symbol(Symbol::named(name))
    }

    #[test]
    fn quotients_have_a_normal_form() {
        let (h, w) = (symbol("h"), symbol("w"));
        let text = |dim: &Dim, divisor| dim.floor_div(divisor).unwrap().to_string();
        assert_eq!(text(&Dim::from(-7), 2), "-4");
        assert_eq!(text(&h, 1), "h");
        assert_eq!(text(&(&h * 4 + 5), 2), "2*h + 2");
        assert_eq!(text(&(&h - 3), 2), "floor((h + 1)/2) - 2");
        assert_eq!(text(&(&h * 2 + 3), 4), "floor((h + 1)/2)");
        assert_eq!(text(&(&h * 3), 2), "floor(h/2) + h");
        assert_eq!(text(&(Dim::from(0) - &h), 2), "floor(h/2) - h");
        assert_eq!(text(&(&h * &w), 3), "floor(h*w/3)");
        // Halving three times, rounding up.
        let half = |dim: &Dim| dim.ceil_div(2).unwrap();
        assert_eq!(half(&half(&half(&h))).to_string(), "floor((h + 7)/8)");
        assert_eq!(h.floor_div(0), None);
        assert_eq!(h.floor_div(i64::MIN), None);
        // Of what is written as it can be without limit, no more than a size needs.
        let mut long = h.clone();
        for _ in 0..100 {
            let Some(longer) = (&long * &h + &w).floor_div(3) else { return };
            long = longer;
        }
        panic!("{long}");
    }

    #[test]
    fn quotients_mean_what_they_say_and_let_values_in() {
        let (h, w) = (Symbol::named("h"), Symbol::named("w"));
        let dim = |name: &Symbol| Dim::symbol(name.clone());
        let written = [
            dim(&h) - 3,
            dim(&h) * 6 + dim(&w) * 4 + 5,
            Dim::from(2) - dim(&h) * dim(&h),
            dim(&h).floor_div(3).unwrap() * 5 - dim(&w),
            (dim(&h).floor_div(3).unwrap() - 4) * 2,
        ];
        for (dividend, divisor) in written.iter().flat_map(|dividend| (1..9).map(move |by| (dividend, by))) {
            let quotient = dividend.floor_div(divisor).unwrap();
            for (h_size, w_size) in (0..12).flat_map(|h| (0..4).map(move |w| (h, w))) {
                let sizes = Sizes::from([(h.clone(), h_size), (w.clone(), w_size)]);
                let expected = dividend.evaluate_signed(&sizes).unwrap().div_euclid(divisor);
                assert_eq!(quotient.evaluate_signed(&sizes), Some(expected), "{dividend} by {divisor}");
                let partly = quotient.substitute(&h, &Dim::from(h_size)).unwrap();
                assert_eq!(
                    partly,
                    dividend.substitute(&h, &Dim::from(h_size)).unwrap().floor_div(divisor).unwrap()
                );
                assert_eq!(partly.evaluate_signed(&sizes), Some(expected));
            }
        }
        let half = (dim(&h) + 1).floor_div(2).unwrap();
        assert_eq!((half.symbols(), half.as_symbol()), (vec![h], None));
        assert_eq!((&half * 6).exact_div(&half), Some(Dim::from(6)));
        assert_eq!(half.evaluate(&Sizes::new()), None);
    }
}
