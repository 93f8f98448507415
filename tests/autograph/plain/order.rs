//! When operands are computed and values dropped.

use std::cell::RefCell;
use std::rc::Rc;

use holotype::prelude::*;

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

fn log<R>(run: impl FnOnce(&Log) -> R) -> (R, Vec<&'static str>) {
    let log = Log::new();
    let result = run(&log);
    (result, log.told())
}

twice! {
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
