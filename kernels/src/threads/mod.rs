//! The pool of worker threads that all kernels share.
//!
//! ```
//! use std::sync::atomic::{AtomicUsize, Ordering};
//! let sum = AtomicUsize::new(0);
//! holotype_kernels::threads::parallel(10, &|index| {
//!     sum.fetch_add(index, Ordering::Relaxed);
//! });
//! assert_eq!(sum.into_inner(), 45);
//! ```

mod chunks;
mod job;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, TryLockError};

pub use chunks::parallel_chunks;
use job::JOB;
use worker::Worker;

/// More threads than this are not started.
const MOST: usize = 256;

/// What `set_threads` was last told.
static LIMIT: AtomicUsize = AtomicUsize::new(0);

/// The workers started so far; whoever holds the lock may use them.
static WORKERS: Mutex<Vec<Worker>> = Mutex::new(Vec::new());

/// Sets how many threads kernels may use, the caller included; 0 means one a core.
///
/// Results do not depend on it. Threads are started when they are first needed, and sleep when they are not.
pub fn set_threads(n: usize) {
    LIMIT.store(n.min(MOST), Ordering::Relaxed);
}

/// How many threads kernels may use, the caller included.
pub fn threads() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    // Workers have the best level.
    #[cfg(test)]
    if crate::simd::level::current() != crate::simd::level::Level::Best {
        return 1;
    }
    match LIMIT.load(Ordering::Relaxed) {
        0 => *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST))),
        limit => limit,
    }
}

/// Runs `run(0)` to `run(tasks - 1)`, each once, in no particular order, on the caller and the pool's workers.
///
/// It returns when all have run. A call from within a task, and a call while the pool works for another thread, runs all
/// tasks on the caller, in ascending order.
///
/// # Panics
/// With the payload of a task that panicked; tasks that had not begun by then may not run. The pool can be used afterwards.
pub fn parallel(tasks: usize, run: &(dyn Fn(usize) + Sync)) {
    let helpers = threads().min(tasks).saturating_sub(1);
    if helpers == 0 {
        return (0..tasks).for_each(run);
    }
    let mut workers = match WORKERS.try_lock() {
        Ok(workers) => workers,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return (0..tasks).for_each(run),
    };
    while workers.len() < helpers {
        match Worker::start(workers.len()) {
            Some(worker) => workers.push(worker),
            None => break,
        }
    }
    let helpers = helpers.min(workers.len());
    let outcome = JOB.run_with(tasks, helpers, run, || {
        workers.iter().take(helpers).for_each(Worker::wake);
        catch_unwind(AssertUnwindSafe(|| JOB.work()))
    });
    let panic = JOB.take_panic();
    drop(workers);
    if let Some(payload) = outcome.err().or(panic) {
        resume_unwind(payload);
    }
}

#[cfg(test)]
mod tests;
