//! What a term of a size is a product of.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::{Dim, MAX_QUOTIENT, Sizes, Symbol};

/// A symbol, or a quotient rounded down, which no polynomial can say; of its form [`Dim::floor_div`] makes sure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Factor {
    Symbol(Symbol),
    Floor(Arc<Floor>),
}

/// The greatest integer that is at most `dividend / divisor`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Floor {
    pub dividend: Dim,
    pub divisor: i64,
    /// As it is written, by which it is ordered.
    text: String,
}

impl Factor {
    /// A quotient in its normal form; none if it is longer than any size needs to be.
    pub fn floor(dividend: Dim, divisor: i64) -> Option<Self> {
        let text = format!("{:#}", Quotient(&dividend, divisor));
        (text.len() <= MAX_QUOTIENT).then(|| Self::Floor(Arc::new(Floor { dividend, divisor, text })))
    }

    /// How it is written into files.
    pub fn text(&self) -> &str {
        match self {
            Self::Symbol(symbol) => symbol.name(),
            Self::Floor(floor) => &floor.text,
        }
    }

    /// The symbol, if it is one.
    pub fn as_symbol(&self) -> Option<&Symbol> {
        match self {
            Self::Symbol(symbol) => Some(symbol),
            Self::Floor(_) => None,
        }
    }

    pub fn mentions(&self, symbol: &Symbol) -> bool {
        match self {
            Self::Symbol(own) => own == symbol,
            Self::Floor(floor) => floor.dividend.mentions(symbol),
        }
    }

    pub fn add_symbols(&self, symbols: &mut Vec<Symbol>) {
        match self {
            Self::Symbol(symbol) => symbols.push(symbol.clone()),
            Self::Floor(floor) => symbols.extend(floor.dividend.symbols()),
        }
    }

    pub fn substitute(&self, symbol: &Symbol, value: &Dim) -> Option<Dim> {
        match self {
            Self::Symbol(_) => Some(value.clone()),
            Self::Floor(floor) => floor.dividend.substitute(symbol, value)?.floor_div(floor.divisor),
        }
    }

    pub fn evaluate(&self, sizes: &Sizes) -> Option<i64> {
        match self {
            Self::Symbol(symbol) => i64::try_from(*sizes.get(symbol)?).ok(),
            Self::Floor(floor) => Some(floor.dividend.evaluate_signed(sizes)?.div_euclid(floor.divisor)),
        }
    }
}

impl Ord for Factor {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text().cmp(other.text())
    }
}

impl PartialOrd for Factor {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Quotient<'a>(&'a Dim, i64);

impl fmt::Display for Quotient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(dividend, divisor) = self;
        let (open, close) = if dividend.terms.len() > 1 { ("(", ")") } else { ("", "") };
        write!(f, "floor({open}")?;
        fmt::Display::fmt(dividend, f)?;
        write!(f, "{close}/{divisor})")
    }
}

impl fmt::Display for Factor {
    /// An anonymous size is `?`; with the alternate flag, `{:#}`, it shows its number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            _ if f.alternate() => f.write_str(self.text()),
            Self::Symbol(symbol) if symbol.is_anonymous() => f.write_str("?"),
            Self::Symbol(symbol) => f.write_str(symbol.name()),
            Self::Floor(floor) => Quotient(&floor.dividend, floor.divisor).fmt(f),
        }
    }
}
