//! Convolutions and their gradients against a loop of fused multiply-adds, on 1 and 2 threads.
//!
//! `cargo bench -p holotype-kernels --bench convolution [part of a name]`

#![allow(clippy::unwrap_used, clippy::inline_always)]

#[path = "stopwatch.rs"]
mod stopwatch;

use std::hint::black_box;

use holotype_kernels::convolution::{Axis, Convolution, Kernel, PackedKernel, Weights};
use holotype_kernels::threads;
use stopwatch::{numbers, peak, race};

fn row(name: &str, threads: usize, batch: usize, axis: Axis, [channels, features, groups]: [usize; 3]) {
    let convolution = Convolution::new(batch, &[axis, axis], channels, features, groups).unwrap();
    let back = convolution.toward_input().unwrap();
    let outputs = batch * convolution.counts().iter().product::<usize>();
    let in_group = channels / groups;
    let input = numbers(batch * axis.size * axis.size * channels);
    let weights = numbers(axis.kernel * axis.kernel * in_group * features);
    let gradient = numbers(outputs * features);
    let (mut out_a, mut out_b) = (gradient.clone(), gradient.clone());
    let (mut of_input, mut of_kernel) = (input.clone(), weights.clone());
    let kernel = Kernel::new(&weights, &convolution);
    let packed = PackedKernel::new(kernel, &convolution).unwrap();
    let mut plain =
        || convolution.write(&input, Weights::Plain(kernel), black_box(&mut out_a), None).unwrap();
    let mut prepacked =
        || convolution.write(&input, Weights::Packed(&packed), black_box(&mut out_b), None).unwrap();
    let swapped = Weights::Plain(kernel.swapped());
    let mut to_input = || back.write(&gradient, swapped, black_box(&mut of_input), None).unwrap();
    let mut to_kernel = || {
        let of_kernel = black_box(&mut of_kernel);
        convolution.write_kernel_gradient(&input, &gradient, of_kernel, false).unwrap();
    };
    let times = race(&mut [&mut plain, &mut prepacked, &mut to_input, &mut to_kernel]);
    let work = (2 * outputs * axis.kernel * axis.kernel * in_group * features) as f64;
    let peak = peak(threads);
    let cells: Vec<_> = times
        .iter()
        .map(|(median, least)| {
            format!(
                "{:.1} ({:.1}, {:.0}%)",
                work / median / 1e9,
                work / least / 1e9,
                100.0 * work / least / 1e9 / peak
            )
        })
        .collect();
    println!("| {name} | {batch} | {threads} | {} | {:.1} us |", cells.join(" | "), times[1].0 * 1e6);
}

fn main() {
    let Some((threads, filter)) = stopwatch::start() else { return };
    threads::set_threads(threads);
    println!("GFLOP/s: median (best, of peak). Peak of {threads}: {:.0}", peak(threads));
    println!(
        "| convolution | batch | threads | forward | forward, packed | to input | to kernel | time, packed |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let same = |size| Axis::new(size, 3).padding(1, 1);
    let cases = [
        ("3x3x32-64 on 28", 32, same(28), [32, 64, 1]),
        ("3x3x1-32 on 28", 32, Axis::new(28, 3), [1, 32, 1]),
        ("3x3x32-64 on 26", 1, Axis::new(26, 3), [32, 64, 1]),
        ("7x7x3-64 on 224 by 2", 1, Axis::new(224, 7).stride(2).padding(3, 3), [3, 64, 1]),
        ("3x3x64-64 on 56", 1, same(56), [64, 64, 1]),
        ("3x3x64-128 on 56 by 2", 1, same(56).stride(2), [64, 128, 1]),
        ("1x1x64-128 on 56 by 2", 1, Axis::new(56, 1).stride(2), [64, 128, 1]),
        ("3x3x128-128 on 28", 1, same(28), [128, 128, 1]),
        ("3x3x256-256 on 14", 1, same(14), [256, 256, 1]),
        ("3x3x512-512 on 7", 1, same(7), [512, 512, 1]),
        ("3x3x512-512 on 7", 32, same(7), [512, 512, 1]),
        ("7x7x3-64 on 224 by 2", 32, Axis::new(224, 7).stride(2).padding(3, 3), [3, 64, 1]),
        ("3x3x64 on 56, each channel", 1, same(56), [64, 64, 64]),
        ("3x3x64-64 on 56, 4 groups", 1, same(56), [64, 64, 4]),
    ];
    for (name, batch, axis, sizes) in cases {
        if filter.as_ref().is_none_or(|filter| name.contains(filter.as_str())) {
            row(name, threads, batch, axis, sizes);
        }
    }
}
