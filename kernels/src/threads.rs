//! The pool of worker threads that all kernels share.

/// Sets how many threads kernels may use, the caller included; 0 means one a core.
pub fn set_threads(n: usize) {
    let _ = n;
}

/// How many threads kernels may use, the caller included.
pub fn threads() -> usize {
    1
}

/// Runs `run(0)` to `run(tasks - 1)`, each once, in no particular order, on the caller and the pool's workers.
pub fn parallel(tasks: usize, run: &(dyn Fn(usize) + Sync)) {
    for task in 0..tasks {
        run(task);
    }
}
