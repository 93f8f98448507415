//! Finding things by name: built on first use, ambiguity reported when a name is asked for.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::entry::{Entry, Kind};
use crate::error::{Error, Result};

/// How many names an error lists at most.
const LISTED: usize = 8;

/// All things of a kind, sorted by name.
pub fn entries(kind: Kind) -> Vec<&'static Entry> {
    let mut entries: Vec<_> =
        inventory::iter::<Entry>.into_iter().filter(|entry| entry.kind == kind).collect();
    crate::sorted::sort_by_key(&mut entries, |entry| (entry.name, entry.instance));
    entries
}

/// The thing of this kind that is saved under `name`.
///
/// # Errors
/// [`Error::UnknownName`] with the names that look alike, or [`Error::AmbiguousName`] with both places.
pub fn find(kind: Kind, name: &str) -> Result<&'static Entry> {
    let found = index().get(&(kind, name.to_owned())).map_or(&[][..], Vec::as_slice);
    match found {
        [entry] => Ok(entry),
        [] => Err(Error::UnknownName { kind: kind.name(), name: name.to_owned(), near: near(kind, name) }),
        [first, second, ..] => Err(Error::AmbiguousName {
            kind: kind.name(),
            name: name.to_owned(),
            first: first.location(),
            second: second.location(),
        }),
    }
}

/// The entry that registers a Rust type as a thing of this kind.
pub fn find_type(kind: Kind, id: TypeId) -> Option<&'static Entry> {
    inventory::iter::<Entry>
        .into_iter()
        .find(|entry| entry.kind == kind && entry.type_id.is_some_and(|type_id| type_id() == id))
}

type Index = HashMap<(Kind, String), Vec<&'static Entry>>;

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = Index::new();
        for entry in inventory::iter::<Entry> {
            for name in std::iter::once(&entry.name).chain(entry.aliases) {
                index.entry((entry.kind, format!("{name}{}", entry.instance))).or_default().push(entry);
            }
        }
        index
    })
}

/// A clause that lists the names closest to `name`, or all of a few.
fn near(kind: Kind, name: &str) -> String {
    let mut names: Vec<_> = entries(kind).iter().map(|entry| entry.full_name()).collect();
    names.dedup();
    if names.is_empty() {
        return String::new();
    }
    crate::sorted::sort_by_key(&mut names, |known| {
        (distance(last_part(known), last_part(name)), known.clone())
    });
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(" (known: {}{more})", names.join(", "))
}

fn last_part(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// The number of characters to insert, delete or replace (Levenshtein 1966).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<_> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, &b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    static LAYER: () = ();

    const fn entry(
        name: &'static str,
        instance: &'static str,
        aliases: &'static [&'static str],
        line: u32,
    ) -> Entry {
        Entry {
            kind: Kind::Layer,
            name,
            instance,
            aliases,
            type_id: None,
            constructor: &LAYER,
            file: "here.rs",
            line,
        }
    }

    inventory::submit! { entry("index_test::Dense", "", &["index_test::OldDense"], 1) }
    inventory::submit! { entry("index_test::Twice", "", &[], 2) }
    inventory::submit! { entry("index_test::Twice", "", &[], 3) }
    inventory::submit! { entry("index_test::Residual", "<Dense>", &[], 4) }
    inventory::submit! { entry("index_test::Residual", "<Conv>", &[], 5) }

    #[test]
    fn names_aliases_and_instances_are_found() {
        assert_eq!(find(Kind::Layer, "index_test::Dense").unwrap().line, 1);
        assert_eq!(find(Kind::Layer, "index_test::OldDense").unwrap().line, 1);
        assert_eq!(find(Kind::Layer, "index_test::Residual<Conv>").unwrap().line, 5);
    }

    #[test]
    fn a_duplicate_is_an_error_when_asked_for() {
        let error = find(Kind::Layer, "index_test::Twice").unwrap_err().to_string();
        assert!(error.contains("here.rs:2:0") && error.contains("here.rs:3:0"), "{error}");
    }

    #[test]
    fn an_unknown_name_lists_the_near_ones_and_says_what_to_do() {
        let error = find(Kind::Layer, "other::Dens").unwrap_err().to_string();
        assert!(error.contains("index_test::Dense,"), "{error}");
        assert!(error.contains("use its_name as _"), "{error}");
        assert!(find(Kind::Loss, "index_test::Dense").is_err());
    }
}
