use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::*;

/// Tests that change the number of threads exclude each other.
fn with_threads(n: usize) -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    set_threads(n);
    guard
}

fn each_once(tasks: usize) {
    let ran: Vec<_> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
    parallel(tasks, &|index| {
        ran[index].fetch_add(1, Ordering::Relaxed);
    });
    assert!(ran.iter().all(|ran| ran.load(Ordering::Relaxed) == 1), "{tasks}: {ran:?}");
}

#[test]
fn each_task_runs_once_whatever_the_number_of_threads() {
    let _guard = with_threads(0);
    assert!(threads() >= 1);
    for threads in [1, 2, 5, 3, 8, 1, 0] {
        set_threads(threads);
        for tasks in [0, 1, 2, 3, 7, 64, 1000] {
            each_once(tasks);
        }
    }
    set_threads(0);
}

#[test]
fn many_jobs_one_after_another_are_told_apart() {
    let _guard = with_threads(4);
    for round in 0..3000 {
        each_once(2 + round % 5);
    }
    set_threads(0);
}

#[test]
fn workers_wake_after_a_rest() {
    let _guard = with_threads(3);
    for _ in 0..20 {
        std::thread::sleep(std::time::Duration::from_millis(1));
        each_once(6);
    }
    set_threads(0);
}

#[test]
fn a_nested_call_runs_on_its_caller() {
    let _guard = with_threads(4);
    let count = AtomicUsize::new(0);
    parallel(8, &|_| {
        let caller = std::thread::current().id();
        parallel(5, &|_| {
            assert_eq!(std::thread::current().id(), caller);
            count.fetch_add(1, Ordering::Relaxed);
        });
    });
    assert_eq!(count.into_inner(), 40);
    set_threads(0);
}

#[test]
fn several_callers_at_once_all_finish() {
    let _guard = with_threads(4);
    std::thread::scope(|scope| {
        for caller in 0..6 {
            scope.spawn(move || (0..300).for_each(|round| each_once(caller + round % 9)));
        }
    });
    set_threads(0);
}

#[test]
fn a_panic_reaches_the_caller_and_the_pool_survives() {
    let _guard = with_threads(3);
    for bad in [0, 1, 17, 63] {
        let outcome = catch_unwind(|| {
            parallel(64, &|index| {
                if index == bad {
                    std::panic::panic_any(index);
                }
                std::thread::yield_now();
            });
        });
        assert_eq!(outcome.unwrap_err().downcast_ref::<usize>(), Some(&bad));
        each_once(100);
    }
    set_threads(0);
}

#[test]
fn chunks_cover_a_slice_once() {
    let _guard = with_threads(3);
    for (length, chunk) in [(0, 4), (10, 4), (12, 4), (5, 0), (3, 100)] {
        let mut slice = vec![0; length];
        parallel_chunks(&mut slice, chunk, &|index, chunk| chunk.iter_mut().for_each(|x| *x += index + 1));
        let expected: Vec<_> = (0..length).map(|i| i / chunk.max(1) + 1).collect();
        assert_eq!(slice, expected);
    }
    set_threads(0);
}
