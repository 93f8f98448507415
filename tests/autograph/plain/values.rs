//! What moves, is lent and is inferred.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt::Write;

use holotype::prelude::*;

/// Not `Clone`, not `Copy`.
#[derive(Debug, PartialEq)]
pub struct Owned(i32);

twice! {
    pub fn moved(flag: bool, text: String) -> (String, usize) {
        let other;
        let result = if flag {
            other = 1;
            text
        } else {
            other = text.len();
            text + "!"
        };
        (result, other)
    }

    pub fn moved_owned(flag: bool) -> Owned {
        let value = Owned(1);
        let rest;
        if flag {
            rest = value;
        } else {
            drop(value);
            rest = Owned(2);
        }
        rest
    }

    pub fn closures(values: Vec<i32>, limit: i32) -> Vec<i32> {
        let mut count = 0;
        let mut seen = |x: i32| {
            if x > limit { count += 1 }
            count
        };
        let largest = |a, b| if a > b { a } else { b };
        let last = seen(largest(3, 4));
        let mut kept: Vec<i32> = values
            .into_iter()
            .filter(|x| *x > limit && x % 2 == 0 || *x == last)
            .map(|x| if x > 10 { x - 10 } else { x })
            .collect();
        kept.sort_by(|a, b| if a < b { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less });
        kept.push(count);
        kept
    }

    pub fn strings(names: &[&str], wanted: String) -> String {
        let mut out = String::new();
        let mut found = HashMap::new();
        for (index, name) in names.iter().enumerate() {
            if *name == wanted || wanted.as_str() < *name {
                write!(out, "{index}:{name};").unwrap();
            }
            *found.entry(*name).or_insert(0) += 1;
        }
        let counts: BTreeMap<_, _> = found.into_iter().collect();
        for (name, count) in &counts {
            if *count > 1 { out += name }
        }
        if out.is_empty() { wanted } else { out }
    }

    pub fn conversions(text: &str, verbose: bool) -> u64 {
        let number = text.parse().unwrap();
        let defaulted = Default::default();
        let collected = text.chars().collect();
        fn takes(number: u64, text: String, flag: Option<u8>) -> u64 {
            number + text.len() as u64 + u64::from(flag.unwrap_or(7))
        }
        if verbose {
            takes(number, collected, defaulted)
        } else if takes(number, collected, defaulted) > 5 {
            number
        } else {
            0
        }
    }

    pub fn references(values: &mut Vec<i32>, limit: &i32) -> i32 {
        let mut total = 0;
        for value in values.iter_mut() {
            if *value > *limit {
                *value = *limit;
            } else {
                *value += 1;
                total += *value;
            }
        }
        if values.len() > 2 {
            values.push(total);
        }
        let longest = if let Some(last) = values.last_mut() { last } else { &mut total };
        *longest += 1;
        *longest
    }

    pub fn destructured(pairs: Vec<(i32, i32)>) -> (i32, i32) {
        let (mut low, mut high) = (0, 0);
        for (left, right) in pairs {
            (low, high) = if left < right { (low + left, high + right) } else { (low + right, high + left) };
        }
        let [mut a, b] = [low, high];
        if a < b {
            [a, _] = [b, a];
        }
        (a, b)
    }
}

#[test]
fn values_move_as_they_did() {
    agree!(moved, (true, "a".into()), (false, "a".into()));
    agree!(moved_owned, (true), (false));
    agree!(destructured, (vec![(1, 2), (4, 3)]), (vec![]));
    agree!(conversions, ("12", true), ("12", false), ("1", false));
    agree!(references, (&mut vec![1, 5, 9], &4), (&mut vec![], &4));
    agree!(strings, (&["a", "b", "a"], "b".into()), (&[], "z".into()));
    agree!(closures, (vec![1, 12, 14, 3], 4), (vec![], 0));
}
