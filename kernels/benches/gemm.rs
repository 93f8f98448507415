//! Products against `rten-gemm` and against a loop of fused multiply-adds, on 1 and 2 threads.
//!
//! `cargo bench -p holotype-kernels --bench gemm [part of a name]`

#![allow(clippy::unwrap_used, clippy::inline_always)]

#[path = "stopwatch.rs"]
mod stopwatch;

use std::hint::black_box;

use holotype_kernels::gemm::{Matrix, Output, PackedRight, Product, Right, write_f64};
use holotype_kernels::threads;
use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_tensor::NdTensorView;
use stopwatch::{numbers, peak, race};

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
    let theirs_packed = executor.prepack_b(right_view);
    let theirs = |right: GemmInputB<f32>, out: &mut [f32]| {
        executor.gemm(out, GemmInputA::Unpacked(left_view), right, GemmOptions::default()).unwrap();
    };
    let a = Matrix::new(&left, depth);
    let b = Matrix::new(&right, columns);
    let bt = Matrix::new(&turned, depth).transposed();
    let times = race(&mut [
        &mut || ours(a, Right::Plain(b), black_box(out_a)),
        &mut || theirs(GemmInputB::Unpacked(right_view), black_box(out_b)),
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

/// The weights of many layers, one after the other, so that each comes from the third cache or from memory.
fn layers(threads: usize, [rows, depth, columns]: [usize; 3], peak: f64) {
    let count = (16 << 20) / (depth * columns);
    let left = numbers(rows * depth);
    let (mut out, mut out_rten) = (vec![0.0_f32; rows * columns], vec![0.0_f32; rows * columns]);
    let weights: Vec<_> = (0..count).map(|_| numbers(depth * columns)).collect();
    let packed: Vec<_> = weights
        .iter()
        .map(|weights| PackedRight::new(Matrix::new(weights, columns), depth, columns).unwrap())
        .collect();
    let executor = GemmExecutor::<f32>::new();
    let left_view = NdTensorView::from_data([rows, depth], &left[..]);
    let views = weights.iter().map(|weights| NdTensorView::from_data([depth, columns], &weights[..]));
    let theirs: Vec<_> = views.map(|view| executor.prepack_b(view)).collect();
    let times = race(&mut [
        &mut || {
            for packed in &packed {
                let product =
                    Product::new([rows, depth, columns], Matrix::new(&left, depth), Right::Packed(packed));
                product.write(Output::new(black_box(&mut out), rows, columns)).unwrap();
            }
        },
        &mut || {
            for packed in &theirs {
                let (a, b) = (GemmInputA::Unpacked(left_view), GemmInputB::Packed(packed));
                executor.gemm(black_box(&mut out_rten), a, b, GemmOptions::default()).unwrap();
            }
        },
    ]);
    let work = (2 * count * rows * depth * columns) as f64;
    let cell =
        |(median, least): (f64, f64)| format!("{:.1} ({:.1})", work / median / 1e9, work / least / 1e9);
    let cells: Vec<_> = times.iter().map(|&time| cell(time)).collect();
    println!(
        "| {count} of {rows}x{depth}x{columns} | {threads} | {} | {:.2} | {:.0}% |",
        cells.join(" | "),
        times[1].0 / times[0].0,
        100.0 * work / times[0].1 / 1e9 / peak,
    );
}

/// The gradient of weights: the left operand is transposed. Whole, and block by block.
fn gradient(threads: usize, [rows, depth, columns]: [usize; 3], peak: f64) {
    let (left, right) = (numbers(depth * rows), numbers(depth * columns));
    let (mut out, mut out_rten) = (vec![0.0_f32; rows * columns], vec![0.0_f32; rows * columns]);
    let a = Matrix::new(&left, rows).transposed();
    let product = Product::new([rows, depth, columns], a, Right::Plain(Matrix::new(&right, columns)));
    let executor = GemmExecutor::<f32>::new();
    let left_view = NdTensorView::from_data([depth, rows], &left[..]);
    let right_view = NdTensorView::from_data([depth, columns], &right[..]);
    let times = race(&mut [
        &mut || product.write(Output::new(black_box(&mut out), rows, columns)).unwrap(),
        &mut || {
            product.in_blocks(&|part| _ = black_box(part.data.first())).unwrap();
        },
        &mut || {
            let (a, b) = (GemmInputA::Unpacked(left_view.transposed()), GemmInputB::Unpacked(right_view));
            executor.gemm(black_box(&mut out_rten), a, b, GemmOptions::default()).unwrap();
        },
    ]);
    let work = (2 * rows * depth * columns) as f64;
    let cell =
        |(median, least): (f64, f64)| format!("{:.1} ({:.1})", work / median / 1e9, work / least / 1e9);
    let cells: Vec<_> = times.iter().map(|&time| cell(time)).collect();
    println!(
        "| {rows}x{depth}x{columns} | {threads} | {} | {:.2} | {:.0}% |",
        cells.join(" | "),
        times[2].0 / times[1].0,
        100.0 * work / times[1].1 / 1e9 / peak,
    );
}

fn double(threads: usize, size: usize) {
    let left: Vec<_> = numbers(size * size).into_iter().map(f64::from).collect();
    let (right, mut out) = (left.clone(), vec![0.0; size * size]);
    let mut call = || {
        let out = Output::new(black_box(&mut out[..]), size, size);
        write_f64(1, [size; 3], Matrix::new(&left, size), Matrix::new(&right, size), out, false).unwrap();
    };
    let times = race(&mut [&mut call]);
    let work = (2 * size * size * size) as f64;
    println!(
        "| {size}x{size}x{size} | {threads} | {:.1} ({:.1}) |",
        work / times[0].0 / 1e9,
        work / times[0].1 / 1e9
    );
}

fn main() {
    let Some((threads, filter)) = stopwatch::start() else { return };
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
    println!("| gradient | threads | whole | in blocks | rten | in blocks / rten | of peak |");
    println!("|---|---|---|---|---|---|---|");
    let sizes = [
        [784, 32, 128],
        [784, 256, 128],
        [1024, 64, 4096],
        [4096, 256, 4096],
        [256, 4096, 256],
        [256, 4096, 1024],
        [1024, 4096, 256],
        [9216, 64, 128],
    ];
    for sizes in sizes {
        let name = format!("gradient {}", sizes.map(|size| size.to_string()).join("x"));
        if filter.as_ref().is_none_or(|filter| name.contains(filter.as_str())) {
            gradient(threads, sizes, peak(threads));
        }
    }
    println!("| layers in turn | threads | packed | rten packed | packed / rten | of peak |");
    println!("|---|---|---|---|---|---|");
    for sizes in [[1, 1024, 1024], [32, 1024, 1024], [49, 2048, 512], [128, 256, 1024], [128, 1024, 256]] {
        let name = format!("layers {}", sizes.map(|size| size.to_string()).join("x"));
        if filter.as_ref().is_none_or(|filter| name.contains(filter.as_str())) {
            layers(threads, sizes, peak(threads));
        }
    }
    println!("| f64 | threads | GFLOP/s |");
    println!("|---|---|---|");
    for size in [64, 256, 1024] {
        if filter.as_ref().is_none_or(|filter| "f64".contains(filter.as_str())) {
            double(threads, size);
        }
    }
}
