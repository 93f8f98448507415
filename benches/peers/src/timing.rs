//! Timing calls of several peers by turns.

use std::time::{Duration, Instant};

use crate::Result;
use crate::peers::Call;

/// How long one peer computes before it is the next one's turn.
const TURN: Duration = Duration::from_millis(40);
/// How long all rest between turns: thread pools look for work for a while after their last call.
const REST: Duration = Duration::from_millis(3);
/// The fewest calls, unless a call alone takes longer than all of them should.
const FEWEST: usize = 5;

/// A peer's call while it is timed.
pub struct Timed {
    pub name: &'static str,
    call: Call,
    samples: Vec<f64>,
    spent: Duration,
}

/// What came of it, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub median: f64,
    pub min: f64,
}

impl Timed {
    /// A call that has been made once, so that what is done only once is done.
    pub fn new(name: &'static str, mut call: Call) -> Result<Self> {
        let start = Instant::now();
        std::hint::black_box(call()?);
        let mut timed = Self { name, call, samples: Vec::new(), spent: Duration::ZERO };
        // A call this slow is not made again to warm up.
        if start.elapsed() > Duration::from_secs(20) {
            timed.spent = start.elapsed();
            timed.samples.push(micros(timed.spent));
        }
        Ok(timed)
    }

    fn done(&self, budget: Duration) -> bool {
        self.spent >= budget && (self.samples.len() >= FEWEST || self.spent >= budget * 8)
    }

    fn turn(&mut self) -> Result<()> {
        let turn = Instant::now();
        // The first call of a turn finds caches that others have used.
        let mut cold = true;
        loop {
            let start = Instant::now();
            std::hint::black_box((self.call)()?);
            let took = start.elapsed();
            self.spent += took;
            if !cold || took > TURN {
                self.samples.push(micros(took));
            }
            cold = false;
            if turn.elapsed() >= TURN && (self.samples.len() > 1 || took > TURN) {
                return Ok(());
            }
        }
    }

    pub fn times(&self) -> Times {
        let mut sorted = self.samples.clone();
        sorted.sort_by(f64::total_cmp);
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
        Times { median, min: sorted.first().copied().unwrap_or(f64::NAN) }
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Times calls by turns, A B C A B C …, until each has had its time; those that fail are named and left out.
pub fn by_turns(timed: &mut Vec<Timed>, budget: Duration) {
    while timed.iter().any(|timed| !timed.done(budget)) {
        timed.retain_mut(|timed| {
            if timed.done(budget) {
                return true;
            }
            std::thread::sleep(REST);
            match timed.turn() {
                Ok(()) => true,
                Err(error) => {
                    eprintln!("{}: {error}", timed.name);
                    false
                }
            }
        });
    }
}
