//! Fused loops, functions, reductions and copies against plain loops, `rten-vecmath` and copies by the standard library.
//!
//! `cargo bench -p holotype-kernels --bench element [part of a name]`

#![allow(clippy::unwrap_used, clippy::inline_always)]

#[path = "stopwatch.rs"]
mod stopwatch;

use std::mem::MaybeUninit;

use bytemuck::{cast_slice, cast_slice_mut};
use holotype_kernels::copy::{Layout, StridedCopy};
use holotype_kernels::element::{Arithmetic, Kernel};
use holotype_kernels::fused::{Loop, Node, Output, Source};
use holotype_kernels::math;
use holotype_kernels::reduce::{Max, RowReducer, Sum, along};
use holotype_kernels::threads;
use rten_simd::SimdUnaryOp;
use stopwatch::{numbers, race, start};

fn show(name: &str, elements: usize, times: &[(f64, f64)], labels: &[&str]) {
    print!("{name:26}");
    for ((median, _), label) in times.iter().zip(labels) {
        print!(" {label} {:9.1} ns {:6.2}/ns ", median * 1e9, elements as f64 / median / 1e9);
    }
    println!();
}

fn functions() {
    let x: Vec<f32> = numbers(4096).iter().map(|x| 4.0 * x + 4.5).collect();
    let (mut y, mut z) = (vec![0.0_f32; x.len()], vec![MaybeUninit::uninit(); x.len()]);
    macro_rules! against {
        ($($name:literal $kernel:expr, $peer:expr;)*) => {$(
            let kernel = $kernel;
            let times = race(&mut [
                &mut || kernel.run(cast_slice_mut(&mut y), [cast_slice(&x), &[], &[]]),
                &mut || {
                    $peer.map(&x, &mut z);
                },
            ]);
            show($name, x.len(), &times, &["holotype", "rten-vecmath"]);
        )*};
    }
    against! {
        "exp" math::exp(), rten_vecmath::Exp {};
        "erf" math::erf(), rten_vecmath::Erf {};
        "tanh" math::tanh(), rten_vecmath::Tanh {};
        "logistic" math::logistic(), rten_vecmath::Sigmoid {};
        "sin" math::sin(), rten_vecmath::Sin::new();
        "cos" math::cos(), rten_vecmath::Cos::new();
    }
    let others = [
        ("exp_m1", math::exp_m1()),
        ("ln", math::ln()),
        ("ln_1p", math::ln_1p()),
        ("rsqrt", math::rsqrt()),
        ("pow", math::pow()),
    ];
    for (name, kernel) in others {
        let times =
            race(&mut [&mut || kernel.run(cast_slice_mut(&mut y), [cast_slice(&x), cast_slice(&x), &[]])]);
        show(name, x.len(), &times, &["holotype"]);
    }
}

fn apply(kernel: &Kernel, operands: &[usize]) -> Node {
    Node::Apply { kernel: kernel.clone(), operands: operands.to_vec() }
}

/// A step of Adam with one op a node, against one plain loop, and against what only moves the memory.
fn adam(count: usize) {
    let [add, subtract, multiply, divide] =
        [Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply, Arithmetic::Divide]
            .map(Kernel::arithmetic);
    let number = || Node::Input { size: 4, offset: 0, strides: vec![0], column_stride: 0 };
    let full = || Node::contiguous(4, &[count], 1);
    let nodes = [
        [full(), full(), full(), full(), number(), number(), number(), number(), number(), number()].to_vec(),
        vec![
            apply(&multiply, &[1, 4]),
            apply(&multiply, &[3, 5]),
            apply(&add, &[10, 11]),
            apply(&multiply, &[3, 3]),
            apply(&multiply, &[13, 7]),
            apply(&multiply, &[2, 6]),
            apply(&add, &[15, 14]),
            apply(&math::sqrt(), &[16]),
            apply(&add, &[17, 9]),
            apply(&multiply, &[12, 8]),
            apply(&divide, &[19, 18]),
            apply(&subtract, &[0, 20]),
        ],
    ]
    .concat();
    let place = |node, input| Output::InPlace { node, input };
    let update = Loop::new(&[count], 1, &nodes, &[place(21, 0), place(12, 1), place(16, 2)]).unwrap();
    let rates = [0.9_f32, 0.1, 0.999, 0.001, 0.001, 1e-8];
    let gradient = numbers(count);
    let state = || [numbers(count), numbers(count), vec![0.1_f32; count]];
    let ([mut w, mut m, mut v], [mut w2, mut m2, mut v2], [mut w3, mut m3, mut v3]) =
        (state(), state(), state());
    let times = race(&mut [
        &mut || {
            let [a, b, c, d, e, f] = rates.each_ref().map(|rate| Source::Shared(bytemuck::bytes_of(rate)));
            let exclusive = |slice| Source::Exclusive(slice);
            let mut inputs = [
                exclusive(cast_slice_mut(&mut w)),
                exclusive(cast_slice_mut(&mut m)),
                exclusive(cast_slice_mut(&mut v)),
                Source::Shared(cast_slice(&gradient)),
                a,
                b,
                c,
                d,
                e,
                f,
            ];
            update.run(&mut inputs, &mut []).unwrap();
        },
        &mut || {
            for (((w, m), v), g) in w2.iter_mut().zip(&mut m2).zip(&mut v2).zip(&gradient) {
                *m = *m * 0.9 + g * 0.1;
                *v = *v * 0.999 + g * g * 0.001;
                *w -= *m * 0.001 / (v.sqrt() + 1e-8);
            }
        },
        &mut || {
            for (((w, m), v), g) in w3.iter_mut().zip(&mut m3).zip(&mut v3).zip(&gradient) {
                (*w, *m, *v) = (*w + g, *m + g, *v + g);
            }
        },
    ]);
    show(&format!("adam {count}"), count, &times, &["fused", "plain loop", "memory only"]);
}

fn softmax(rows: usize, columns: usize) {
    let subtract = Kernel::map2(|x: f32, y: f32| x - y);
    let divide = Kernel::map2(|x: f32, y: f32| x / y);
    let nodes = [
        Node::contiguous(4, &[rows], columns),
        Node::Reduce { reducer: RowReducer::new::<Max<f32>>(), operand: 0 },
        apply(&subtract, &[0, 1]),
        apply(&math::exp(), &[2]),
        Node::Reduce { reducer: RowReducer::new::<Sum<f32>>(), operand: 3 },
        apply(&divide, &[3, 4]),
    ];
    let softmax = Loop::new(&[rows], columns, &nodes, &[Output::Full(5)]).unwrap();
    let x = numbers(rows * columns);
    let (mut y, mut z) = (vec![0.0_f32; x.len()], vec![MaybeUninit::uninit(); x.len()]);
    let times = race(&mut [
        &mut || softmax.run(&mut [Source::Shared(cast_slice(&x))], &mut [cast_slice_mut(&mut y)]).unwrap(),
        &mut || {
            use rten_simd::SimdOp;
            for (x, z) in x.chunks(columns).zip(z.chunks_mut(columns)) {
                rten_vecmath::Softmax::new(x, z).dispatch();
            }
        },
    ]);
    show(&format!("softmax {rows} x {columns}"), rows * columns, &times, &["fused", "rten-vecmath"]);
}

fn memory(rows: usize, columns: usize) {
    let x = numbers(rows * columns);
    let (mut y, mut z) = (vec![0.0_f32; x.len()], vec![0.0_f32; x.len()]);
    let from = Layout { offset: 0, strides: &[1, columns.cast_signed()] };
    let to = Layout { offset: 0, strides: &[rows.cast_signed(), 1] };
    let transpose = StridedCopy::new(4, &[columns, rows], from, to).unwrap();
    let times =
        race(&mut [&mut || transpose.run(cast_slice(&x), cast_slice_mut(&mut y)).unwrap(), &mut || {
            z.copy_from_slice(&x);
        }]);
    show(&format!("transpose {rows} x {columns}"), x.len(), &times, &["transpose", "copy"]);
    let (mut by_row, mut by_column) = (vec![0.0_f32; rows], vec![0.0_f32; columns]);
    let times = race(&mut [
        &mut || along::<Sum<f32>>(cast_slice(&x), cast_slice_mut(&mut by_row), [rows, columns, 1]).unwrap(),
        &mut || {
            along::<Sum<f32>>(cast_slice(&x), cast_slice_mut(&mut by_column), [1, rows, columns]).unwrap();
        },
    ]);
    show(&format!("sum {rows} x {columns}"), x.len(), &times, &["of rows", "of columns"]);
}

fn main() {
    let Some((threads, filter)) = start() else { return };
    threads::set_threads(threads);
    println!("threads: {threads}");
    let wants = |name: &str| filter.as_ref().is_none_or(|filter| name.contains(filter));
    if wants("functions") && threads == 1 {
        functions();
    }
    for count in [10, 1000, 16_384, 262_144, 4_000_000] {
        if wants("adam") {
            adam(count);
        }
    }
    for (rows, columns) in [(1, 10), (32, 10), (128, 128), (1024, 1000)] {
        if wants("softmax") {
            softmax(rows, columns);
        }
    }
    for (rows, columns) in [(16, 16), (128, 784), (1000, 1000), (1024, 1024), (3000, 3000)] {
        if wants("memory") {
            memory(rows, columns);
        }
    }
}
