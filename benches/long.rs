//! How long it takes to record, differentiate and run a long function: `cargo bench --bench long`.

use divan::{Bencher, black_box};
use holotype::prelude::*;
use holotype::transform::grad;

fn main() {
    divan::main();
}

/// The gradient of a function of so many nodes; the time for a node is to be the same for all.
#[divan::bench(args = [2_500, 10_000, 40_000], sample_count = 10)]
fn grad_of_nodes(bencher: Bencher<'_, '_>, nodes: usize) {
    let x = Tensor::from(0.5_f32);
    let chain = |x: &Tensor| (0..nodes / 2).fold(x.clone(), |y, _| y.sin() + x);
    bencher.bench_local(|| black_box(grad(chain, &x)));
}
