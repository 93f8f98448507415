//! Products whose left operand is what a product and a loop give, attention among them, run as one step and give the same bits.

#![allow(clippy::unwrap_used)]

use std::sync::Mutex;

use holotype::functional::Attention;
use holotype::layers::MultiHeadAttention;
use holotype::prelude::*;
use holotype::transform::grad;

/// Held by tests that say how many threads there are.
static THREADS: Mutex<()> = Mutex::new(());

/// Numbers that are neither whole nor in order.
fn numbers(sizes: &[usize]) -> Tensor {
    let count = sizes.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| ((i * 7919) % 2003) as f32 / 641.0 - 1.55).collect();
    Tensor::from_vec(sizes, values)
}

fn bits(tensor: &Tensor) -> Vec<u64> {
    let wide = tensor.cast(DType::F64).to_vec::<f64>().unwrap();
    wide.into_iter().map(f64::to_bits).collect()
}

/// The steps that hold two products, and what lies between these for good.
fn chains(plan: &str) -> (usize, usize) {
    let chain = |line: &&str| line.matches("product ").count() == 2;
    let chained: Vec<_> = plan.lines().filter(chain).collect();
    (chained.len(), chained.iter().filter(|line| line.contains(", kept, then")).count())
}

/// Checks that a program has so many chains, some of which keep what is between, and gives what its ops give one by one.
fn check(layer: &dyn Layer, name: &str, inputs: &[Tensor], expected: (usize, usize), eager: &[Tensor]) {
    let _alone = THREADS.lock();
    for threads in [1, 2, 4] {
        holotype::threads(threads);
        let program = Program::trace(layer).unwrap();
        let plan = program.function(name).explain(inputs).unwrap();
        assert_eq!(chains(&plan), expected, "{plan}");
        let outputs = program.call_function(name, inputs).unwrap();
        assert_eq!(outputs.len(), eager.len());
        for (output, eager) in outputs.iter().zip(eager) {
            assert_eq!(bits(output), bits(eager), "on {threads} threads");
        }
    }
    holotype::threads(0);
}

#[test]
fn attention_of_a_block_of_rows_is_one_step() {
    for (heads, width, sizes) in
        [(4, 16, [2, 128, 40]), (1, 8, [1, 1, 8]), (3, 5, [1, 19, 20]), (2, 16, [3, 70, 24])]
    {
        let x = numbers(&sizes);
        let layer = MultiHeadAttention::new(sizes[2], heads, width);
        check(&layer, "call", &[x.clone(), x.clone()], (1, 0), &[layer.call(&x, &x)]);
        let layer = MultiHeadAttention::new(sizes[2], heads, width).causal();
        check(&layer, "call", &[x.clone(), x.clone()], (1, 0), &[layer.call(&x, &x)]);
        let other = numbers(&[sizes[0], 33, sizes[2]]);
        check(&layer, "call", &[x.clone(), other.clone()], (1, 0), &[layer.call(&x, &other)]);
        let mask = numbers(&[sizes[0], sizes[1], 33]).less(0.5);
        let inputs = [x.clone(), other.clone(), mask.clone()];
        check(&layer, "call_masked", &inputs, (1, 0), &[layer.call_masked(&x, &other, &mask)]);
    }
}

#[test]
fn grouped_heads_and_nothing_at_all_are_attended_to() {
    let layer = MultiHeadAttention::grouped(24, 4, 2, 6);
    let x = numbers(&[2, 21, 24]);
    check(&layer, "call", &[x.clone(), x.clone()], (1, 0), &[layer.call(&x, &x)]);
    let layer = MultiHeadAttention::new(24, 4, 6);
    let nothing = numbers(&[0, 21, 24]);
    check(&layer, "call", &[nothing.clone(), nothing.clone()], (0, 0), &[layer.call(&nothing, &nothing)]);
}

#[derive(Module)]
struct Attend;

#[layer]
impl Attend {
    #[signature(q = [heads, queries, depth; f64], k = [heads, keys, depth; f64])]
    fn doubles(&self, q: &Tensor, k: &Tensor) -> Tensor {
        Tensor::scaled_dot_product_attention(q, k, k, &Attention::new())
    }

    /// The scores come out as well.
    #[signature(q = [heads, queries, depth; f32], k = [heads, keys, depth; f32])]
    fn call(&self, q: &Tensor, k: &Tensor) -> (Tensor, Tensor) {
        let weights = q.matmul(k.transpose([0, 2, 1])).softmax(-1);
        (weights.matmul(k), weights)
    }

    #[signature(q = [heads, queries, depth; f32], k = [heads, keys, depth; f32], v = [heads, keys, width; f32])]
    fn gradients(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> (Tensor, Tensor, Tensor) {
        let loss = |(q, k, v): &(Tensor, Tensor, Tensor)| {
            let causal = Attention::new().causal();
            Tensor::scaled_dot_product_attention(q, k, v, &causal).square().sum()
        };
        grad(loss, &(q.clone(), k.clone(), v.clone()))
    }
}

#[test]
fn what_else_reads_the_weights_sees_them() {
    for sizes in [[2, 128, 64], [3, 37, 20], [1, 1, 4]] {
        let (q, k) = (numbers(&sizes), numbers(&[sizes[0], 90, sizes[2]]));
        let (y, weights) = Attend.call(&q, &k);
        check(&Attend, "call", &[q, k], (1, 1), &[y, weights]);
    }
}

#[test]
fn other_dtypes_run_in_steps_of_their_own() {
    let (q, k) = (numbers(&[2, 9, 8]).cast(DType::F64), numbers(&[2, 7, 8]).cast(DType::F64));
    check(&Attend, "doubles", &[q.clone(), k.clone()], (0, 0), &[Attend.doubles(&q, &k)]);
}

#[test]
fn gradients_run_through_chains_that_keep_what_is_between() {
    for sizes in [[2, 128, 64], [3, 37, 20]] {
        let (q, k) = (numbers(&sizes), numbers(&[sizes[0], 90, sizes[2]]));
        let v = numbers(&[sizes[0], 90, 33]);
        let (of_q, of_k, of_v) = Attend.gradients(&q, &k, &v);
        check(&Attend, "gradients", &[q, k, v], (1, 1), &[of_q, of_k, of_v]);
    }
}
