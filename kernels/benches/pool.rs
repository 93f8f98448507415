//! Pooling of images, on 1 and 2 threads.
//!
//! `cargo bench -p holotype-kernels --bench pool`

#![allow(clippy::unwrap_used, clippy::inline_always)]

#[path = "stopwatch.rs"]
mod stopwatch;

use std::hint::black_box;

use holotype_kernels::convolution::Axis;
use holotype_kernels::pool::{Extreme, Mean, Pool};
use holotype_kernels::threads;
use stopwatch::{numbers, race};

fn row(name: &str, threads: usize, batch: usize, axis: Axis, channels: usize) {
    let pool = Pool::new(batch, &[axis, axis], channels).unwrap();
    let input = numbers(batch * axis.size * axis.size * channels);
    let outputs = batch * pool.counts().product::<usize>() * channels;
    let gradient = numbers(outputs);
    let (mut out_a, mut out_b, mut back_a, mut back_b) =
        (gradient.clone(), gradient.clone(), input.clone(), input.clone());
    let mut greatest = || pool.write_extreme(Extreme::Greatest, &input, black_box(&mut out_a)).unwrap();
    let mut mean = || pool.write_mean(Mean::Elements, &input, black_box(&mut out_b)).unwrap();
    let mut of_greatest = || {
        pool.write_extreme_gradient(Extreme::Greatest, &input, &gradient, black_box(&mut back_a)).unwrap();
    };
    let mut of_mean = || pool.write_mean_gradient(Mean::Elements, &gradient, black_box(&mut back_b)).unwrap();
    let times = race(&mut [&mut greatest, &mut mean, &mut of_greatest, &mut of_mean]);
    let cells: Vec<_> = times
        .iter()
        .map(|(median, least)| {
            format!(
                "{:.1} us ({:.1}, {:.1} GB/s)",
                median * 1e6,
                least * 1e6,
                (4 * (input.len() + outputs)) as f64 / least / 1e9
            )
        })
        .collect();
    println!("| {name} | {batch} | {threads} | {} |", cells.join(" | "));
}

fn main() {
    let Some((threads, _)) = stopwatch::start() else { return };
    threads::set_threads(threads);
    println!("median (best, elements of input and result)");
    println!("| pooling | batch | threads | greatest | mean | gradient of greatest | gradient of mean |");
    println!("|---|---|---|---|---|---|---|");
    row("2x2 by 2 on 24x64", threads, 32, Axis::new(24, 2).stride(2), 64);
    row("3x3 by 2 on 112x64", threads, 1, Axis::new(112, 3).stride(2).padding(1, 1), 64);
    row("7x7 on 7x512", threads, 8, Axis::new(7, 7), 512);
}
