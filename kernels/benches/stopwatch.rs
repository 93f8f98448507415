//! What the benches share: peak, clock and medians.

#![expect(unsafe_code, reason = "the clock of a thread")]
#![allow(dead_code, reason = "not every bench uses all of it")]

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use holotype_kernels::threads;
use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp};

const THREADS: &str = "HOLOTYPE_BENCH_THREADS";

/// Sums that do not wait for each other, in registers only.
struct Peak(usize);

impl SimdOp for Peak {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        let mut sums = [ops.zero(); 12];
        let (a, b) = (ops.splat(black_box(0.5)), ops.splat(black_box(0.25)));
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = ops.mul_add(a, *sum, b);
            }
        }
        sums.iter().map(|sum| sum.to_array()[0]).sum()
    }
}

/// GFLOP/s of all threads together.
pub fn peak(threads: usize) -> f64 {
    let lanes = PEAK_LANES.dispatch();
    let rounds = 200_000;
    let mut best = f64::MAX;
    for _ in 0..5 {
        let start = now();
        threads::parallel(threads, &|_| {
            black_box(Peak(rounds).dispatch());
        });
        best = best.min(now() - start);
    }
    (2 * 12 * lanes * rounds * threads) as f64 / best / 1e9
}

struct Lanes;
const PEAK_LANES: Lanes = Lanes;

impl SimdOp for Lanes {
    type Output = usize;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> usize {
        isa.f32().len()
    }
}

/// Seconds on the clock of the wall, or, with one thread, of the time that the thread ran: others may want the core too.
fn now() -> f64 {
    #[repr(C)]
    struct Time(i64, i64);
    unsafe extern "C" {
        fn clock_gettime(clock: i32, time: *mut Time) -> i32;
    }
    const MONOTONIC: i32 = 1;
    const THREAD: i32 = 3;
    let clock = if threads::threads() == 1 { THREAD } else { MONOTONIC };
    let mut time = Time(0, 0);
    // SAFETY: as Linux defines the call on 64-bit machines.
    unsafe { clock_gettime(clock, &raw mut time) };
    time.0 as f64 + time.1 as f64 / 1e9
}

/// Medians and minima of calls in turn, so that what disturbs the machine disturbs all.
pub fn race(calls: &mut [&mut dyn FnMut()]) -> Vec<(f64, f64)> {
    let once = |call: &mut dyn FnMut(), times: usize| {
        // What the others left in the caches is not to matter.
        call();
        let start = now();
        (0..times).for_each(|_| call());
        (now() - start) / times as f64
    };
    let times: Vec<_> = calls
        .iter_mut()
        .map(|call| {
            call();
            let one = once(call, 1).min(once(call, 1));
            ((5e-4 / one) as usize).clamp(1, 20_000)
        })
        .collect();
    let mut samples = vec![Vec::new(); calls.len()];
    let start = Instant::now();
    while samples[0].len() < 9 || (start.elapsed() < Duration::from_millis(400) && samples[0].len() < 101) {
        for ((call, samples), &times) in calls.iter_mut().zip(&mut samples).zip(&times) {
            samples.push(once(call, times));
        }
    }
    samples
        .into_iter()
        .map(|mut samples| {
            samples.sort_by(f64::total_cmp);
            (samples[samples.len() / 2], samples[0])
        })
        .collect()
}

pub fn numbers(n: usize) -> Vec<f32> {
    (0..n).map(|i| ((i * 7919 + 13) % 1000) as f32 / 500.0 - 1.0).collect()
}

/// The number of threads and the filter; none in the process that starts one for each number.
pub fn start() -> Option<(usize, Option<String>)> {
    let Some(threads) = std::env::var(THREADS).ok().and_then(|n| n.parse::<usize>().ok()) else {
        for threads in ["1", "2"] {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(std::env::args().skip(1));
            child.env(THREADS, threads).env("RAYON_NUM_THREADS", threads).env("RTEN_NUM_THREADS", threads);
            assert!(child.status().unwrap().success());
        }
        return None;
    };
    Some((threads, std::env::args().skip(1).find(|arg| !arg.starts_with('-'))))
}
