//! The one job that the pool works on.

#![expect(unsafe_code)]

use std::any::Any;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The job is open: workers may enter.
const OPEN: usize = 1 << 15;
/// The bits of the state that count the workers inside.
const INSIDE: usize = OPEN - 1;
/// Added to the state for each job, so that a worker knows one from the next.
const NEXT: usize = OPEN << 1;

type Run = dyn Fn(usize) + Sync;

/// The job of the whole process; the lock on the workers says who may post one.
pub(super) static JOB: Job = Job {
    state: Line(AtomicUsize::new(0)),
    next: Line(AtomicUsize::new(0)),
    posted: UnsafeCell::new(Posted { run: None, tasks: 0, helpers: 0 }),
    panic: Mutex::new(None),
};

/// A value that shares its cache lines with nothing.
#[repr(align(128))]
struct Line<T>(T);

pub(super) struct Job {
    /// Its number, whether it is open, and how many workers are inside.
    state: Line<AtomicUsize>,
    /// The first task that nobody has taken.
    next: Line<AtomicUsize>,
    posted: UnsafeCell<Posted>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

#[derive(Clone, Copy)]
struct Posted {
    run: Option<*const Run>,
    tasks: usize,
    /// Workers with a smaller index than this may enter.
    helpers: usize,
}

// SAFETY: `posted` is written while the job is closed and no worker is inside, by the one who holds the lock on the workers, and
// read only between entering an open job and leaving it, which the atomic state orders. What `run` points to is `Sync`, and
// `run_with` does not return, nor unwind, before all workers have left.
unsafe impl Sync for Job {}

impl Job {
    /// Opens a job, calls `work`, and waits until every worker that entered has left. `work` must not unwind.
    pub fn run_with<R>(
        &self,
        tasks: usize,
        helpers: usize,
        run: &(dyn Fn(usize) + Sync),
        work: impl FnOnce() -> R,
    ) -> R {
        #[expect(clippy::transmute_ptr_to_ptr, reason = "a cast cannot lengthen a lifetime")]
        // SAFETY: only the lifetime changes, and the pointer is not used after this function has returned.
        let run = unsafe { std::mem::transmute::<*const (dyn Fn(usize) + Sync), *const Run>(run) };
        // SAFETY: the job is closed and nobody is inside: the last call waited for that.
        unsafe { *self.posted.get() = Posted { run: Some(run), tasks, helpers } };
        self.next.0.store(0, Ordering::Relaxed);
        let number = self.state.0.load(Ordering::Relaxed).wrapping_add(NEXT);
        self.state.0.store(number | OPEN, Ordering::SeqCst);
        let guard = Closing(self);
        let result = work();
        drop(guard);
        result
    }

    /// Whether there is an open job other than number `seen`.
    pub fn news(&self, seen: usize) -> bool {
        let state = self.state.0.load(Ordering::SeqCst);
        state & OPEN != 0 && state / NEXT != seen
    }

    /// Enters an open job other than number `seen`, helps, and leaves; the number of the job looked at, if there was one.
    pub fn help(&self, index: usize, seen: usize) -> Option<usize> {
        let mut state = self.state.0.load(Ordering::Acquire);
        loop {
            if state & OPEN == 0 || state / NEXT == seen {
                return None;
            }
            match self.state.0.compare_exchange_weak(state, state + 1, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => break,
                Err(now) => state = now,
            }
        }
        // SAFETY: this thread is inside an open job.
        let helpers = unsafe { (*self.posted.get()).helpers };
        if index < helpers {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.work()));
            if let Err(payload) = outcome {
                let mut panic = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
                panic.get_or_insert(payload);
            }
        }
        self.state.0.fetch_sub(1, Ordering::Release);
        Some(state / NEXT)
    }

    /// Takes and runs tasks until there are none left; to be called inside the job only.
    pub fn work(&self) {
        // SAFETY: the caller is inside an open job, or is the one who opened it.
        let Posted { run, tasks, .. } = unsafe { *self.posted.get() };
        let Some(run) = run else { return };
        // SAFETY: as above, so that what it points to is still borrowed by `run_with`.
        let run = unsafe { &*run };
        let stop = Stop { job: self, tasks };
        loop {
            let task = self.next.0.fetch_add(1, Ordering::Relaxed);
            if task >= tasks {
                break;
            }
            run(task);
        }
        std::mem::forget(stop);
    }

    pub fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.panic.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Makes the others stop when a task panics.
struct Stop<'a> {
    job: &'a Job,
    tasks: usize,
}

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.job.next.0.store(self.tasks, Ordering::Relaxed);
    }
}

/// Closes the job and waits until the workers have left it.
struct Closing<'a>(&'a Job);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let state = &self.0.state.0;
        let mut inside = state.fetch_and(!OPEN, Ordering::Acquire) & INSIDE;
        let mut spins = 0_u32;
        while inside != 0 {
            spins += 1;
            // Some 20 us, then others may need the core.
            if spins > 2000 && spins.is_multiple_of(32) {
                std::thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
            inside = state.load(Ordering::Acquire) & INSIDE;
        }
    }
}
