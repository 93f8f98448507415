//! Timing calls of several peers by turns.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::Result;
use crate::peers::Call;

/// What time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// What a user waits.
    Wall,
    /// What the threads of the process compute, together: with one thread, what a user waits on an idle machine, also while the
    /// machine is busy with other things.
    Cpu,
}

impl Clock {
    fn now(self) -> Duration {
        match self {
            Self::Wall => {
                static START: OnceLock<Instant> = OnceLock::new();
                START.get_or_init(Instant::now).elapsed()
            }
            Self::Cpu => {
                let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
                // SAFETY: the pointer is to a time that may be written.
                unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
                Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).unwrap_or(0))
            }
        }
    }

    /// How many calls make a sample, if one takes this long: reading the clock of the process takes a while itself.
    fn calls(self, one: Duration) -> u32 {
        match self {
            Self::Wall => 1,
            Self::Cpu => {
                (Duration::from_micros(200).as_nanos() / one.as_nanos().max(1)).clamp(1, 1000) as u32
            }
        }
    }
}

/// How long one peer computes before it is the next one's turn.
const TURN: Duration = Duration::from_millis(40);
/// How long all rest between turns, at least: some kernels count the time of a process in steps of 10 ms.
const REST: Duration = Duration::from_millis(40);
/// Thread pools look for work for a while after their last call, and take the time of whose turn it is: the next one waits until
/// they sleep, but no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// The fewest calls, unless a call alone takes longer than all of them should.
const FEWEST: usize = 5;

/// A peer's call while it is timed.
pub struct Timed {
    pub name: &'static str,
    call: Call,
    clock: Clock,
    /// How many calls make a sample.
    calls: u32,
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
    /// A call that has been made twice, so that what is done only once is done.
    pub fn new(name: &'static str, mut call: Call, clock: Clock) -> Result<Self> {
        let mut samples = Vec::new();
        let mut took = Duration::ZERO;
        for _ in 0..2 {
            let start = clock.now();
            std::hint::black_box(call()?);
            took = clock.now() - start;
            // A call this slow is not made again to warm up.
            if took > Duration::from_secs(20) {
                samples.push(micros(took));
                break;
            }
        }
        Ok(Self { name, call, clock, calls: clock.calls(took), samples, spent: took })
    }

    fn done(&self, budget: Duration) -> bool {
        self.spent >= budget && (self.samples.len() >= FEWEST || self.spent >= budget * 8)
    }

    fn turn(&mut self) -> Result<()> {
        let turn = Instant::now();
        // The first calls of a turn find caches that others have used.
        let mut cold = true;
        loop {
            let start = self.clock.now();
            for _ in 0..self.calls {
                std::hint::black_box((self.call)()?);
            }
            let took = self.clock.now() - start;
            self.spent += took;
            let long = took > TURN;
            if !cold || long {
                self.samples.push(micros(took) / f64::from(self.calls));
            }
            if turn.elapsed() >= TURN && (!cold || long) {
                return Ok(());
            }
            cold = false;
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

/// Waits until the threads of the process have nothing to do.
fn rest() {
    let start = Instant::now();
    loop {
        let before = Clock::Cpu.now();
        std::thread::sleep(REST);
        if Clock::Cpu.now() - before < REST / 8 || start.elapsed() > LONGEST_REST {
            return;
        }
    }
}

/// Times calls by turns, A B C A B C …, until each has had its time; those that fail are named and left out.
pub fn by_turns(timed: &mut Vec<Timed>, budget: Duration) {
    while timed.iter().any(|timed| !timed.done(budget)) {
        timed.retain_mut(|timed| {
            if timed.done(budget) {
                return true;
            }
            rest();
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
