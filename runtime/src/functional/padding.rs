//! Padding around an image.

use serde::{Deserialize, Serialize};

use crate::tensor::Dim;

/// What is added around an image before windows move over it: `Padding::Same`, `1.into()`, `[(0, 1), (2, 2)].into()`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Nothing.
    #[default]
    Valid,
    /// So much that there are `ceil(size / stride)` windows, on both sides the same or one more behind: what Keras and
    /// TensorFlow call `same`.
    Same,
    /// Before and behind, for each spatial dimension, or one pair for all.
    Explicit(Vec<(usize, usize)>),
}

impl From<usize> for Padding {
    fn from(all: usize) -> Self {
        Self::Explicit(vec![(all, all)])
    }
}

impl<const N: usize> From<[(usize, usize); N]> for Padding {
    fn from(each: [(usize, usize); N]) -> Self {
        Self::Explicit(each.to_vec())
    }
}

impl Padding {
    /// Before and behind the dimension with this number among `count` spatial ones, for windows of `span` elements.
    pub(super) fn widths(
        &self,
        (number, count): (usize, usize),
        size: &Dim,
        span: usize,
        stride: usize,
    ) -> Result<(Dim, Dim), String> {
        match self {
            Self::Valid => Ok((Dim::from(0), Dim::from(0))),
            Self::Explicit(pairs) => {
                let (low, high) = explicit(pairs, number, count)?;
                Ok((Dim::from(low), Dim::from(high)))
            }
            Self::Same => same(size, span, stride),
        }
    }

    /// As [`Padding::widths`], around what is to become a larger image in which the same windows give this one.
    pub(super) fn transposed(
        &self,
        (number, count): (usize, usize),
        span: usize,
        stride: usize,
    ) -> Result<(i64, i64), String> {
        let (span, stride) = (span as i64, stride as i64);
        match self {
            Self::Valid => Ok((span - 1, (span - 1).max(stride - 1))),
            Self::Same => {
                let both = span + stride - 2;
                let low = if stride >= span { span - 1 } else { both - both / 2 };
                Ok((low, both - low))
            }
            Self::Explicit(pairs) => {
                let (low, high) = explicit(pairs, number, count)?;
                let rest = |width: usize| i64::try_from(width).map(|width| span - 1 - width);
                let overflow = |_| "a width of the padding overflows".to_owned();
                Ok((rest(low).map_err(overflow)?, rest(high).map_err(overflow)?))
            }
        }
    }
}

fn explicit(pairs: &[(usize, usize)], number: usize, count: usize) -> Result<(usize, usize), String> {
    match pairs {
        [all] => Ok(*all),
        each if each.len() == count => Ok(each[number]),
        each => Err(format!("padding {each:?} is not one pair for each of {count} spatial dimensions")),
    }
}

/// So that there are `ceil(size / stride)` windows.
fn same(size: &Dim, span: usize, stride: usize) -> Result<(Dim, Dim), String> {
    let overflow = || "a size overflows".to_owned();
    let (span, step) = (i64::try_from(span).unwrap_or(i64::MAX), i64::try_from(stride).unwrap_or(i64::MAX));
    let last = size.ceil_div(step).and_then(|count| (count - 1).checked_mul(&Dim::from(step)));
    let both =
        last.and_then(|last| last.checked_add(&Dim::from(span))?.checked_sub(size)).ok_or_else(overflow)?;
    // Where the stride is larger than the window, some of the image may be under no window; then nothing is added.
    let both = match (both.constant(), span) {
        (Some(both), _) => Dim::from(both.max(0)),
        (None, 1) if step > 1 => Dim::from(0),
        // At most 1, and then behind; less than nothing leaves out what is under no window.
        (None, 2) if step > 2 => return Ok((Dim::from(0), both)),
        (None, _) if step > span => {
            return Err(format!(
                "what windows of {span} that move by {step} need around {size} elements cannot be told: \
                 give the dimension a number in the signature, or the padding"
            ));
        }
        (None, _) => both,
    };
    let low = both.floor_div(2).ok_or_else(overflow)?;
    let high = both.checked_sub(&low).ok_or_else(overflow)?;
    Ok((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{Sizes, Symbol};

    #[test]
    fn the_same_padding_of_unknown_sizes_is_that_of_known_ones() {
        let h = Symbol::named("h");
        for (span, step) in (1..6_usize).flat_map(|span| (1..6).map(move |step| (span, step))) {
            let widths = same(&Dim::symbol(h.clone()), span, step);
            if span > 2 && step > span {
                assert!(widths.unwrap_err().contains("cannot be told"));
                continue;
            }
            let (low, high) = widths.unwrap();
            for size in 0..20_usize {
                let sizes = Sizes::from([(h.clone(), size)]);
                let value = |dim: &Dim| dim.evaluate_signed(&sizes).unwrap();
                let total =
                    ((size.div_ceil(step) as i64 - 1) * step as i64 + span as i64 - size as i64).max(0);
                assert_eq!(
                    (value(&low), value(&high).max(0)),
                    (total / 2, total - total / 2),
                    "{span} {step} {size}"
                );
                let known = same(&Dim::from(size), span, step).unwrap();
                assert_eq!(known, (Dim::from(total / 2), Dim::from(total - total / 2)));
            }
        }
    }
}
