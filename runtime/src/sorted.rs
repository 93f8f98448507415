//! Short lists in order. The sorts of the standard library are made for long ones and compiled anew for each type of element
//! and each order, as are sets and maps that are collected; here one sort of positions does for all.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sorts a list. What compares equal stays in its order.
pub(crate) fn sort<T: Ord>(list: &mut Vec<T>) {
    sort_by(list, &Ord::cmp);
}

/// Sorts a list and leaves one of each.
pub(crate) fn sort_distinct<T: Ord>(list: &mut Vec<T>) {
    sort(list);
    list.dedup();
}

/// Sorts a list by a key of each element. What compares equal stays in its order.
pub(crate) fn sort_by_key<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    sort_by(list, &|a, b| key(a).cmp(&key(b)));
}

/// Sorts a list by an order. What compares equal stays in its order.
pub(crate) fn sort_by<T>(list: &mut Vec<T>, compare: &dyn Fn(&T, &T) -> Ordering) {
    let order = positions(list.len(), &|a, b| compare(&list[a], &list[b]));
    // Plain loops, of which there are many: iterators take longer to compile.
    let mut elements = Vec::with_capacity(list.len());
    for element in list.drain(..) {
        elements.push(Some(element));
    }
    for position in order {
        list.extend(elements[position].take());
    }
}

/// The positions of so many elements in the order in which they compare.
pub(crate) fn positions(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

/// A set of these.
pub(crate) fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// A map of these; of entries with the same key the last.
pub(crate) fn map<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in entries {
        map.insert(key, value);
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_elements_stay_in_order() {
        let mut list = vec![(2, 'a'), (1, 'b'), (2, 'c'), (0, 'd'), (1, 'e')];
        sort_by_key(&mut list, |(number, _)| *number);
        assert_eq!(list, [(0, 'd'), (1, 'b'), (1, 'e'), (2, 'a'), (2, 'c')]);
        sort_by(&mut list, &|a, b| b.1.cmp(&a.1));
        assert_eq!(list, [(1, 'e'), (0, 'd'), (2, 'c'), (1, 'b'), (2, 'a')]);
        let mut names = vec!["b".to_owned(), "a".to_owned(), "b".to_owned()];
        sort_distinct(&mut names);
        assert_eq!(names, ["a", "b"]);
        let mut none: Vec<String> = Vec::new();
        sort(&mut none);
        assert!(none.is_empty());
    }

    #[test]
    fn of_the_same_keys_the_last_counts() {
        assert_eq!(map([(1, 'a'), (0, 'b'), (1, 'c')]), BTreeMap::from([(0, 'b'), (1, 'c')]));
        assert_eq!(set([3, 1, 3]), BTreeSet::from([1, 3]));
    }
}
