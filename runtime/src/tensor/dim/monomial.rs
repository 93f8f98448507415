//! Products of powers of factors, and sums of them while they are being computed.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::factor::Factor;

/// A product of powers of factors, sorted by how these are written, powers at least 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Monomial(pub Vec<(Factor, u32)>);

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

pub(super) fn add_term(
    sum: &mut BTreeMap<Monomial, i64>,
    monomial: Monomial,
    coefficient: i64,
) -> Option<()> {
    let entry = sum.entry(monomial).or_insert(0);
    *entry = entry.checked_add(coefficient)?;
    Some(())
}

pub(super) fn multiply_factor(monomial: &mut Monomial, factor: &Factor, power: u32) -> Option<()> {
    match monomial.0.binary_search_by(|(own, _)| own.cmp(factor)) {
        Ok(index) => monomial.0[index].1 = monomial.0[index].1.checked_add(power)?,
        Err(index) => monomial.0.insert(index, (factor.clone(), power)),
    }
    Some(())
}

pub(super) fn divide_monomial(dividend: &Monomial, divisor: &Monomial) -> Option<Monomial> {
    let mut quotient = dividend.clone();
    for (factor, power) in &divisor.0 {
        let index = quotient.0.iter().position(|(own, _)| own == factor)?;
        quotient.0[index].1 = quotient.0[index].1.checked_sub(*power)?;
    }
    quotient.0.retain(|(_, power)| *power > 0);
    Some(quotient)
}

pub(super) fn exact_quotient(dividend: i64, divisor: i64) -> Option<i64> {
    (dividend.checked_rem(divisor)? == 0).then_some(dividend / divisor)
}
