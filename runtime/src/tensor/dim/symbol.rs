//! Sizes that are known only when a function is called.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

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

    /// The size called `name`, which is a multiple of `divisor`, divided by it. It is called `name/divisor`.
    pub fn quotient(name: &str, divisor: usize) -> Self {
        Self(format!("{name}/{divisor}").into())
    }

    /// The size that is divided and the divisor, if the symbol is a quotient.
    pub fn divided(&self) -> Option<(&str, i64)> {
        let (name, divisor) = self.0.split_once('/')?;
        divisor.parse().ok().filter(|&divisor| divisor > 1).map(|divisor| (name, divisor))
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

/// What each symbolic size is in one call.
pub type Sizes = BTreeMap<Symbol, usize>;
