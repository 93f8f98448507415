//! The layout of parameters and outputs: trees whose leaves are the specs of tensors.

use std::collections::BTreeSet;
use std::fmt;

use super::spec::TensorSpec;
use crate::tensor::Path;

/// What a signature says of a parameter or an output: a tensor, or a tree of tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `[None, 8; f32]`
    Leaf(TensorSpec),
    /// `{ image: [..; f32], mask: [..; bool] }`: the fields of a struct, or the keys of a map.
    Fields(Vec<(&'static str, Self)>),
    /// `([..; f32], [..; f32])`
    Tuple(Vec<Self>),
    /// `[[None, 8; f32]; 3]`: a list of so many of the same.
    List(Box<Self>, usize),
    /// `?[None; bool]`: it may be missing.
    Optional(Box<Self>),
}

/// The paths of the optional parts that are there.
pub(super) type Present = BTreeSet<String>;

impl Layout {
    /// The parts with their paths; none of a tensor. An optional part has the path of what it may be.
    fn parts(&self, path: &Path) -> Vec<(Path, &Self)> {
        match self {
            Self::Leaf(_) => Vec::new(),
            Self::Fields(fields) => fields.iter().map(|(name, part)| (path.join(name), part)).collect(),
            Self::Tuple(items) => {
                items.iter().enumerate().map(|(at, item)| (path.join(&at.to_string()), item)).collect()
            }
            Self::List(item, count) => {
                (0..*count).map(|at| (path.join(&at.to_string()), item.as_ref())).collect()
            }
            Self::Optional(part) => vec![(path.clone(), part)],
        }
    }

    /// The tensors of a value in which these optional parts are there, with their paths.
    pub(super) fn leaves(&self, path: &Path, present: &Present) -> Vec<(Path, &TensorSpec)> {
        match self {
            Self::Leaf(spec) => vec![(path.clone(), spec)],
            Self::Optional(_) if !present.contains(path.as_str()) => Vec::new(),
            _ => {
                let parts = self.parts(path).into_iter();
                parts.flat_map(|(path, part)| part.leaves(&path, present)).collect()
            }
        }
    }

    /// Every choice of optional parts, that of all of them first.
    pub(super) fn choices(&self, path: &Path) -> Vec<Present> {
        let mut choices = vec![Present::new()];
        for (path, part) in self.parts(path) {
            choices = products(&choices, &part.choices(&path));
        }
        if let Self::Optional(_) = self {
            for choice in &mut choices {
                choice.insert(path.as_str().to_owned());
            }
            choices.push(Present::new());
        }
        choices
    }

    /// The optional parts that are there in a value with tensors at these paths.
    pub(super) fn present(&self, path: &Path, found: &[&str], present: &mut Present) {
        if let Self::Optional(_) = self {
            let there = |known: &&str| *known == path.as_str() || path.is_above(known);
            if !found.iter().any(there) {
                return;
            }
            present.insert(path.as_str().to_owned());
        }
        for (path, part) in self.parts(path) {
            part.present(&path, found, present);
        }
    }

    /// Every spec of a tensor in it.
    pub(super) fn specs(&self) -> Vec<&TensorSpec> {
        match self {
            Self::Leaf(spec) => vec![spec],
            Self::List(item, _) | Self::Optional(item) => item.specs(),
            Self::Tuple(items) => items.iter().flat_map(Self::specs).collect(),
            Self::Fields(fields) => fields.iter().flat_map(|(_, part)| part.specs()).collect(),
        }
    }
}

/// Each of the one joined with each of the other.
pub(super) fn products(left: &[Present], right: &[Present]) -> Vec<Present> {
    left.iter().flat_map(|left| right.iter().map(move |right| left | right)).collect()
}

impl From<TensorSpec> for Layout {
    fn from(spec: TensorSpec) -> Self {
        Self::Leaf(spec)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf(spec) => fmt::Display::fmt(spec, f),
            Self::Fields(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, part)| format!("{name}: {part}")).collect();
                write!(f, "{{{}}}", fields.join(", "))
            }
            Self::Tuple(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "({})", items.join(", "))
            }
            Self::List(item, count) => write!(f, "[{item}; {count}]"),
            Self::Optional(part) => write!(f, "?{part}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;
    use crate::trace::DTypeSpec;

    fn scalar() -> Layout {
        TensorSpec { leading: false, dims: Vec::new(), dtype: DTypeSpec::Exact(DType::F32) }.into()
    }

    fn nested() -> Layout {
        let pair = Layout::Tuple(vec![scalar(), Layout::Optional(Box::new(scalar()))]);
        Layout::Fields(vec![
            ("list", Layout::List(Box::new(scalar()), 2)),
            ("pair", Layout::Optional(Box::new(pair))),
        ])
    }

    #[test]
    fn a_layout_lists_its_leaves_for_each_choice() {
        let (layout, x) = (nested(), Path::new("x"));
        assert_eq!(layout.to_string(), "{list: [[; f32]; 2], pair: ?([; f32], ?[; f32])}");
        let paths = |present: &Present| {
            let leaves = layout.leaves(&x, present);
            leaves.iter().map(|(path, _)| path.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        let found: Vec<_> = layout.choices(&x).iter().map(paths).collect();
        let list = "x.list.0 x.list.1";
        assert_eq!(found, [format!("{list} x.pair.0 x.pair.1"), format!("{list} x.pair.0"), list.to_owned()]);
    }

    #[test]
    fn what_is_there_is_told_by_paths() {
        let mut present = Present::new();
        nested().present(&Path::new("x"), &["x.list.0", "x.pair.0"], &mut present);
        assert_eq!(present, Present::from(["x.pair".to_owned()]));
    }
}
