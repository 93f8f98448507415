//! Products against `rten-gemm` and against a loop of fused multiply-adds, on 1 and 2 threads.
//!
//! `cargo bench -p holotype-kernels --bench gemm [part of a name]`

#![expect(unsafe_code, reason = "the clock of a thread")]

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use holotype_kernels::gemm::{Matrix, Output, PackedRight, Product, Right};
use holotype_kernels::threads;
use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp};
use rten_tensor::NdTensorView;

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
fn peak(threads: usize) -> f64 {
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
fn race(calls: &mut [&mut dyn FnMut()]) -> Vec<(f64, f64)> {
    let once = |call: &mut dyn FnMut(), times: usize| {
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

fn numbers(n: usize) -> Vec<f32> {
    (0..n).map(|i| ((i * 7919 + 13) % 1000) as f32 / 500.0 - 1.0).collect()
}

fn row(threads: usize, [rows, depth, columns]: [usize; 3], peak: f64) {
    let (left, right) = (numbers(rows * depth), numbers(depth * columns));
    let turned: Vec<_> = (0..depth * columns).map(|i| right[i % depth * columns + i / depth]).collect();
    let new_out = || vec![0.0_f32; rows * columns];
    let mut outs = [new_out(), new_out(), new_out(), new_out(), new_out(), new_out()];
    let [out_a, out_b, out_c, out_d, out_e, out_f] = &mut outs;
    let sizes = [rows, depth, columns];
    let packed = PackedRight::new(Matrix::new(&right, columns), depth, columns).unwrap();
    let ours = |left: Matrix, right: Right, out: &mut [f32]| {
        Product::new(sizes, left, right).write(Output::new(out, rows, columns)).unwrap();
    };
    let executor = GemmExecutor::<f32>::new();
    let left_view = NdTensorView::from_data([rows, depth], &left[..]);
    let right_view = NdTensorView::from_data([depth, columns], &right[..]);
    let turned_view = NdTensorView::from_data([columns, depth], &turned[..]);
    let theirs_packed = executor.prepack_b(right_view.clone());
    let theirs = |right: GemmInputB<f32>, out: &mut [f32]| {
        executor.gemm(out, GemmInputA::Unpacked(left_view.clone()), right, GemmOptions::default()).unwrap();
    };
    let a = Matrix::new(&left, depth);
    let b = Matrix::new(&right, columns);
    let bt = Matrix::new(&turned, depth).transposed();
    let times = race(&mut [
        &mut || ours(a, Right::Plain(b), black_box(out_a)),
        &mut || theirs(GemmInputB::Unpacked(right_view.clone()), black_box(out_b)),
        &mut || ours(a, Right::Packed(&packed), black_box(out_c)),
        &mut || theirs(GemmInputB::Packed(&theirs_packed), black_box(out_d)),
        &mut || ours(a, Right::Plain(bt), black_box(out_e)),
        &mut || theirs(GemmInputB::Unpacked(turned_view.transposed()), black_box(out_f)),
    ]);
    for (a, b) in out_a.iter().zip(out_b.iter()) {
        assert!((a - b).abs() <= 1e-3 * depth as f32, "{a} {b}");
    }
    let work = (2 * rows * depth * columns) as f64;
    let cell =
        |(median, least): (f64, f64)| format!("{:.1} ({:.1})", work / median / 1e9, work / least / 1e9);
    let cells: Vec<_> = times.iter().map(|&time| cell(time)).collect();
    println!(
        "| {rows}x{depth}x{columns} | {threads} | {} | {:.2} | {:.0}% | {:.0}% | {:.2} us |",
        cells.join(" | "),
        times[1].0 / times[0].0,
        100.0 * work / times[0].1 / 1e9 / peak,
        100.0 * work / times[2].1 / 1e9 / peak,
        times[0].0 * 1e6,
    );
}

fn main() {
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let Some(threads) = std::env::var(THREADS).ok().and_then(|n| n.parse::<usize>().ok()) else {
        for threads in ["1", "2"] {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(std::env::args().skip(1));
            child.env(THREADS, threads).env("RAYON_NUM_THREADS", threads).env("RTEN_NUM_THREADS", threads);
            assert!(child.status().unwrap().success());
        }
        return;
    };
    threads::set_threads(threads);
    println!("GFLOP/s: median (best). Peak of {threads}: {:.0}", peak(threads));
    println!(
        "| rows x depth x columns | threads | plain | rten | packed | rten packed | transposed | rten transposed | plain / rten | plain of peak | packed of peak | time |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let sizes = [
        [1, 5, 3],
        [32, 5, 3],
        [1024, 5, 3],
        [64, 64, 64],
        [256, 256, 256],
        [1024, 1024, 1024],
        [2048, 2048, 2048],
        [1, 784, 128],
        [1, 128, 10],
        [2, 784, 128],
        [4, 784, 128],
        [8, 784, 128],
        [16, 784, 128],
        [32, 784, 128],
        [32, 128, 10],
        [256, 784, 128],
        [1024, 784, 128],
        [784, 1024, 128],
        [1, 1024, 1024],
        [1, 4096, 4096],
        [2, 1024, 4096],
        [4, 1024, 4096],
        [8, 1024, 4096],
        [16, 1024, 4096],
        [32, 1024, 4096],
        [64, 4096, 1024],
        [256, 1024, 4096],
        [1024, 1024, 1],
        [128, 32, 128],
        [128, 256, 256],
        [128, 256, 1024],
    ];
    for sizes in sizes {
        let name = sizes.map(|size| size.to_string()).join("x");
        if filter.as_ref().is_none_or(|filter| name.contains(filter.as_str())) {
            row(threads, sizes, peak(threads));
        }
    }
}
