//! One registered thing.

use std::any::{Any, TypeId};
use std::fmt;

use crate::error::Location;

/// The kinds of things that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A primitive operation.
    Op,
    /// A module with `call`.
    Layer,
    /// A loss function.
    Loss,
    /// A metric function.
    Metric,
    /// An update rule.
    Optimizer,
    /// A learning rate that depends on the step.
    Schedule,
}

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Op => "op",
            Self::Layer => "layer",
            Self::Loss => "loss",
            Self::Metric => "metric",
            Self::Optimizer => "optimizer",
            Self::Schedule => "schedule",
        }
    }
}

/// What a macro submits: a name and a constructor.
pub struct Entry {
    /// The kind of thing.
    pub kind: Kind,
    /// The name it is saved under: `crate::path::Type`.
    pub name: &'static str,
    /// What tells the instances of a generic type apart: `<Dense>`; empty for other types.
    pub instance: &'static str,
    /// Names it was saved under before.
    pub aliases: &'static [&'static str],
    /// The Rust type, for things that are types.
    pub type_id: Option<fn() -> TypeId>,
    /// The constructor; its type is known to the floor that builds this kind of thing.
    pub constructor: &'static (dyn Any + Send + Sync),
    /// The file that registered it.
    pub file: &'static str,
    /// The line that registered it.
    pub line: u32,
}

inventory::collect!(Entry);

impl Entry {
    /// The name with the instance: `crate::Residual<Dense>`.
    pub fn full_name(&self) -> String {
        format!("{}{}", self.name, self.instance)
    }

    /// Whether the thing is, or was once, saved under this name.
    pub fn answers_to(&self, name: &str) -> bool {
        let is = |own: &str| name.strip_prefix(own) == Some(self.instance);
        is(self.name) || self.aliases.iter().any(|alias| is(alias))
    }

    /// Where it was registered.
    pub fn location(&self) -> Location {
        Location::new(self.file, self.line, 0)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{} at {}:{}", self.kind.name(), self.name, self.instance, self.file, self.line)
    }
}
