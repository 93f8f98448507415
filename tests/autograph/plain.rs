//! Functions without tensors, each compiled with the attribute and without it, which have to agree.

#![allow(
    clippy::needless_late_init,
    clippy::needless_range_loop,
    clippy::manual_range_contains,
    clippy::explicit_counter_loop,
    clippy::needless_pass_by_value,
    clippy::nonminimal_bool,
    clippy::collapsible_if,
    clippy::while_let_loop,
    clippy::unnecessary_wraps,
    clippy::items_after_statements,
    clippy::float_cmp,
    clippy::if_not_else,
    clippy::comparison_chain,
    clippy::overly_complex_bool_expr,
    clippy::assigning_clones,
    clippy::redundant_else,
    clippy::manual_filter_map,
    clippy::multiple_bound_locations,
    clippy::manual_is_multiple_of,
    clippy::unnecessary_literal_unwrap,
    clippy::drop_non_drop,
    clippy::trivially_copy_pass_by_ref,
    clippy::bool_to_int_with_if,
    clippy::match_bool,
    clippy::useless_vec,
    clippy::default_trait_access,
    clippy::manual_unwrap_or_default
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::rc::Rc;

use holotype::prelude::*;

/// Compiles each function twice.
macro_rules! twice {
    ($($function:item)*) => {
        mod rust {
            use super::*;
            $($function)*
        }
        mod graph {
            use super::*;
            $(#[autograph] $function)*
        }
    };
}

/// Says when it is dropped.
#[derive(Debug)]
pub struct Noisy(&'static str, Rc<RefCell<Vec<&'static str>>>);

impl Drop for Noisy {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

pub struct Log(Rc<RefCell<Vec<&'static str>>>);

impl Log {
    fn new() -> Self {
        Self(Rc::default())
    }

    fn make(&self, name: &'static str) -> Noisy {
        Noisy(name, Rc::clone(&self.0))
    }

    fn say(&self, name: &'static str) {
        self.0.borrow_mut().push(name);
    }

    fn told(self) -> Vec<&'static str> {
        self.0.take()
    }
}

/// Not `Clone`, not `Copy`.
#[derive(Debug, PartialEq)]
pub struct Owned(i32);

/// With a comparison of its own.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Meters(f64);

impl PartialEq<f64> for Meters {
    fn eq(&self, other: &f64) -> bool {
        self.0 == *other
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    Round(u32),
    Square { side: u32 },
    None,
}

twice! {
    pub fn sign(x: i32) -> &'static str {
        if x > 0 { "positive" } else if x < 0 { "negative" } else { "zero" }
    }

    pub fn collatz(mut n: u64) -> u32 {
        let mut steps = 0;
        while n != 1 {
            n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
            steps += 1;
        }
        steps
    }

    pub fn inferred(limit: usize) -> u64 {
        let mut total = 0;
        let mut index = 0;
        while index < limit {
            if index >= 3 && total != 5 {
                total += index as u64;
            }
            index += 1;
        }
        for item in 0..limit {
            total += item as u64;
        }
        for item in 1..=3 {
            total += item;
        }
        total
    }

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

    pub fn coerced(flag: bool) -> i32 {
        let apply: Box<dyn Fn(i32) -> i32> = if flag { Box::new(|x| x.pow(2)) } else { Box::new(|x| x + 1) };
        let function: fn(i32) -> i32 = if flag { |x| x * 2 } else { |x| x * 3 };
        let slice: &[i32] = if flag { &[1, 2] } else { &[3] };
        let option = if flag { None } else { Some(4_u8) };
        apply(3) + function(5) + slice.iter().sum::<i32>() + i32::from(option.unwrap_or(9))
    }

    pub fn extended(flag: bool) -> usize {
        let text: &String = if flag { &String::from("long lived") } else { &String::new() };
        text.len()
    }

    pub fn borrowed(flag: bool) -> String {
        let mut items = vec![String::from("a"), String::from("b")];
        let first = &items[0];
        let mut out = String::new();
        if flag {
            out.push_str(first);
        } else {
            items.push(String::from("c"));
        }
        for item in &mut items {
            item.push('.');
        }
        for item in &items {
            out += item;
        }
        out
    }

    pub fn early(values: &[i32]) -> Option<i32> {
        let mut best = None;
        for &value in values {
            if value < 0 {
                return None;
            }
            if value == 7 {
                break;
            }
            if value % 2 == 1 {
                continue;
            }
            if best.is_none() || best < Some(value) {
                best = Some(value);
            }
        }
        best
    }

    pub fn question(text: &str) -> Result<i32, std::num::ParseIntError> {
        let number: i32 = text.parse()?;
        let double = if number > 10 { text.parse::<i32>()? * 2 } else { number };
        let mut total = 0;
        while total < double {
            total += "2".parse::<i32>()?;
        }
        Ok(total)
    }

    pub fn labels(limit: usize) -> (usize, usize) {
        let mut count = 0;
        'outer: for i in 0..limit {
            for j in 0..limit {
                if j > i {
                    continue 'outer;
                }
                if i * j > 12 {
                    break 'outer;
                }
                count += 1;
            }
        }
        let found = 'block: {
            for i in 0..limit {
                if i * i > limit {
                    break 'block i;
                }
            }
            limit
        };
        let looped = loop {
            count += 1;
            if count > 5 && count % 3 == 0 {
                break count;
            }
        };
        (found, looped)
    }

    pub fn lazy(log: &Log, left: bool, right: bool) -> bool {
        let say = |name: &'static str, value: bool| {
            log.say(name);
            value
        };
        let both = say("a", left) && say("b", right);
        let either = say("c", left) || say("d", right);
        let mixed = !say("e", left) && (say("f", right) || say("g", left)) || say("h", both);
        both != either || mixed && !(left == right)
    }

    pub fn order_of_drops(log: &Log, flag: bool) {
        let first = log.make("first");
        let second = log.make("second");
        let third = log.make("third");
        if flag {
            log.say("then");
            drop(second);
        } else {
            let _inner = log.make("inner");
            log.say("else");
            drop(third);
        }
        log.say("after");
        let kept = if !flag { first } else { log.make("new") };
        if log.make("condition").0.len() == 9 {
            log.say("in branch");
        }
        log.say(kept.0);
    }

    pub fn temporaries(log: &Log) -> usize {
        let mut rounds = 0;
        while log.make("while").0.len() > rounds {
            log.say("round");
            rounds += 1;
        }
        for _ in log.make("for").0.chars() {
            log.say("item");
        }
        let value = if log.make("if").0.is_empty() { 1 } else { log.make("tail").0.len() };
        let joined = log.make("left").0.len() == 4 && log.make("right").0.len() == 5;
        log.say("end");
        value + usize::from(joined)
    }

    pub fn shadowed(x: i32) -> i32 {
        let mut x = x;
        let y = 10;
        if x > 3 {
            let x = y;
            let mut y = x + 1;
            y += 1;
            let _ = (x, y);
        } else {
            x = y;
        }
        for x in 0..3 {
            let mut y = x;
            y += 1;
            let _ = y;
        }
        while x > 20 {
            x -= 7;
        }
        x + y
    }

    pub fn patterns(values: &[(i32, Option<&str>)], shape: Shape) -> i32 {
        let mut total = 0;
        for &(number, name) in values {
            if let Some(name) = name && number > 1 && name.len() != 3 {
                total += number;
            } else if let Some(name) = name {
                total -= name.len() as i32;
            }
            let Some(text) = name else {
                total += 100;
                continue;
            };
            match (number, text) {
                (1, _) => total += 1,
                (n, text) if n > 2 && text.len() > 2 => total += n,
                _ if number == 2 || total < 0 => total *= 2,
                _ => {}
            }
        }
        let mut stack = vec![1, 2, 3];
        while let Some(top) = stack.pop() && top > 1 {
            total += top;
        }
        match shape {
            Shape::Round(radius) if radius > 2 => total + radius as i32,
            Shape::Square { side } => if side == 1 { 1 } else { total },
            Shape::Round(_) | Shape::None => total,
        }
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

    pub fn floats(a: f32, b: f64, c: Meters) -> f64 {
        let mut total = 0.0;
        if a < 1.0 { total += 1.0 }
        if 2.0 > b { total += 2.0 }
        if c == 3.0 { total += 4.0 }
        if c < Meters(5.0) { total += 8.0 }
        if f64::from(a) != b { total += 16.0 }
        if [a, a] == [1.0, a] { total += 32.0 }
        if (a, b) < (0.5, 0.5) { total += 64.0 }
        total
    }

    pub fn bits(mask: u32) -> u32 {
        let inverse: u64 = !0;
        let other = !mask;
        if mask & 1 == 0 && !(other == 0) { other } else { (inverse >> 40) as u32 }
    }

    pub fn late(choice: u8) -> (i32, &'static str) {
        let number;
        let text;
        if choice == 0 {
            number = 1;
            text = "zero";
        } else if choice == 1 {
            number = 2;
            text = "one";
        } else {
            number = 3;
            text = "many";
        }
        let unused;
        if number > 2 {
            unused = number;
            let _ = unused;
        }
        (number, text)
    }

    pub fn diverging(x: u32) -> u32 {
        let y = if x > 100 { panic!("too large: {x}") } else { x };
        let z: u32 = if y != 3 { y } else { unreachable!("three") };
        if z == 50 {
            std::process::exit(3)
        }
        z
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

    pub fn nested(n: usize) -> Vec<Vec<usize>> {
        let mut rows = Vec::new();
        for i in 0..n {
            let mut row = vec![if i > 1 { 1 } else { 0 }; 1];
            let mut j = 0;
            while j <= i {
                if i % 2 == 0 {
                    if j > 1 { row.push(i * j) } else { row.push(0) }
                } else if j != 2 {
                    row.push(j);
                }
                j += 1;
            }
            rows.push(row);
        }
        rows
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

    pub fn generic<T: PartialOrd + Copy, const N: usize>(values: [T; N]) -> Option<T>
    where
        T: Into<f64>,
    {
        let mut best: Option<T> = None;
        for value in values {
            best = match best {
                Some(old) if old > value => Some(old),
                _ => Some(value),
            };
            if value.into() > 100.0 && N > 2 {
                best = None;
            }
        }
        best
    }

    pub fn blocks(x: i32) -> i32 {
        let y = { if x > 1 { 1 } else { 2 } };
        let z = (if y == 1 { x } else { -x }) * 2;
        let w = -if z > 0 { 1 } else { 2 };
        let list = vec![if w < 0 { 5 } else { 6 }, z];
        let sum: i32 = list.iter().sum();
        #[allow(clippy::let_and_return)]
        let total = sum + match x > 2 { true => 1, false => 2 };
        #[cfg(any())]
        if total > 3 { return 0; }
        total
    }
}

fn log<R>(run: impl FnOnce(&Log) -> R) -> (R, Vec<&'static str>) {
    let log = Log::new();
    let result = run(&log);
    (result, log.told())
}

macro_rules! agree {
    ($function:ident, $($arguments:tt),* $(,)?) => {$(
        assert_eq!(
            format!("{:?}", rust::$function $arguments),
            format!("{:?}", graph::$function $arguments),
            "{}",
            concat!(stringify!($function), stringify!($arguments))
        );
    )*};
}

#[test]
fn branches_and_loops_give_the_same() {
    agree!(sign, (3), (0), (-3));
    agree!(collatz, (1), (27));
    agree!(inferred, (0), (9));
    agree!(coerced, (true), (false));
    agree!(extended, (true), (false));
    agree!(borrowed, (true), (false));
    agree!(shadowed, (1), (4), (40));
    agree!(late, (0), (1), (2));
    agree!(nested, (0), (6));
    agree!(blocks, (0), (1), (2), (3));
    agree!(bits, (0), (1), (u32::MAX));
    agree!(floats, (0.5, 0.5, Meters(3.0)), (1.0, 3.0, Meters(7.0)), (f32::NAN, f64::NAN, Meters(0.0)));
    agree!(diverging, (5));
    agree!(generic, ([1.0, 3.0, 2.0]), ([1_u8, 2]), ([1.0_f32, 200.0, 3.0]));
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

#[test]
fn jumps_patterns_and_errors_stay() {
    agree!(early, (&[2, 4, 1]), (&[2, -1]), (&[8, 7, 100]), (&[]));
    agree!(question, ("12"), ("3"), ("x"));
    agree!(labels, (0), (3), (9));
    let values = [(1, Some("abc")), (3, Some("abcd")), (2, Some("x")), (5, None)];
    agree!(
        patterns,
        (&values, Shape::Round(5)),
        (&values[..2], Shape::Square { side: 1 }),
        (&[], Shape::None)
    );
}

#[test]
fn operands_are_computed_when_they_were() {
    for (left, right) in [(true, true), (true, false), (false, true), (false, false)] {
        assert_eq!(log(|log| rust::lazy(log, left, right)), log(|log| graph::lazy(log, left, right)));
    }
}

#[test]
fn values_are_dropped_when_they_were() {
    for flag in [true, false] {
        let (expected, found) =
            (log(|log| rust::order_of_drops(log, flag)), log(|log| graph::order_of_drops(log, flag)));
        assert!(expected.1.len() > 7, "{expected:?}");
        assert_eq!(expected, found);
    }
    assert_eq!(log(rust::temporaries), log(graph::temporaries));
}
