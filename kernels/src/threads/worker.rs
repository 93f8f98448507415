//! A thread of the pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::job::JOB;

/// How long a worker without work looks for more before it sleeps: small steps that one thread makes alone take less, and to wake
/// takes as long as some of them.
const PATIENCE: Duration = Duration::from_micros(200);

pub(super) struct Worker {
    asleep: Arc<AtomicBool>,
    thread: Thread,
}

impl Worker {
    /// Starts the worker with this index, if the system lets it.
    pub fn start(index: usize) -> Option<Self> {
        let asleep = Arc::new(AtomicBool::new(false));
        let of_thread = Arc::clone(&asleep);
        let named = thread::Builder::new().name(format!("holotype-{index}"));
        let handle = named.spawn(move || live(index, &of_thread)).ok()?;
        Some(Self { asleep, thread: handle.thread().clone() })
    }

    /// Wakes the worker if it sleeps; the job is open by then.
    pub fn wake(&self) {
        if self.asleep.load(Ordering::SeqCst) && self.asleep.swap(false, Ordering::SeqCst) {
            self.thread.unpark();
        }
    }
}

fn live(index: usize, asleep: &AtomicBool) {
    let mut seen = usize::MAX;
    loop {
        if let Some(number) = JOB.help(index, seen) {
            seen = number;
        }
        let start = Instant::now();
        let mut spins = 0_u32;
        while !JOB.news(seen) {
            spins += 1;
            std::hint::spin_loop();
            if spins.is_multiple_of(64) && start.elapsed() > PATIENCE {
                sleep(asleep, seen);
            }
        }
    }
}

/// Sleeps until there is a job other than number `seen`.
fn sleep(asleep: &AtomicBool, seen: usize) {
    // Either this thread sees the job, or the one who opens it sees that this thread is asleep: all four accesses are in one
    // total order.
    asleep.store(true, Ordering::SeqCst);
    while !JOB.news(seen) && asleep.load(Ordering::SeqCst) {
        thread::park();
    }
    asleep.store(false, Ordering::SeqCst);
}
