//! What a gradient can compute again from a value that is kept is not kept beside it, and has the same bits.

#![allow(clippy::unwrap_used)]

use holotype::prelude::*;
use holotype::transform::grad;

/// Numbers that are neither whole nor in order.
fn numbers(sizes: &[usize]) -> Tensor {
    let count = sizes.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| ((i * 7919) % 2003) as f32 / 641.0 - 1.55).collect();
    Tensor::from_vec(sizes, values)
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    tensor.to_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
}

type Three = (Tensor, Tensor, Tensor);

/// The gradient of a layer with an activation, and one behind it.
fn gradients((x, w, v): (&Tensor, &Tensor, &Tensor), activation: impl Fn(&Tensor) -> Tensor) -> Three {
    let loss = |(x, w, v): &Three| (activation(&x.matmul(w)).matmul(v) * 0.01).square().sum();
    grad(loss, &(x.clone(), w.clone(), v.clone()))
}

#[derive(Module)]
struct Feed;

#[layer]
impl Feed {
    #[signature(x = [rows, depth; f32], w = [depth, width; f32], v = [width, out; f32])]
    fn call(&self, x: &Tensor, w: &Tensor, v: &Tensor) -> (Tensor, Tensor, Tensor) {
        gradients((x, w, v), |x| (x * 0.1).gelu())
    }

    #[signature(x = [rows, depth; f32], w = [depth, width; f32], v = [width, out; f32])]
    fn silu(&self, x: &Tensor, w: &Tensor, v: &Tensor) -> (Tensor, Tensor, Tensor) {
        gradients((x, w, v), |x| (x * 0.1).silu())
    }

    /// Two activations of one value, and the means of rows.
    #[signature(x = [rows, depth; f32], w = [depth, width; f32], v = [width, out; f32])]
    fn both(&self, x: &Tensor, w: &Tensor, v: &Tensor) -> (Tensor, Tensor, Tensor) {
        gradients((x, w, v), |x| {
            let centred = x * 0.01 - x.mean_axis(1).expand_dims(1);
            centred.tanh() * centred.softplus()
        })
    }

    /// What is computed in between comes out.
    #[signature(x = [rows, depth; f32], w = [depth, width; f32], v = [width, out; f32])]
    fn outside(&self, x: &Tensor, w: &Tensor, v: &Tensor) -> (Tensor, Tensor, Tensor, Tensor) {
        let (of_x, of_w, of_v) = gradients((x, w, v), |x| (x * 0.1).gelu());
        (of_x, of_w, of_v, (x.matmul(w) * 0.1).gelu())
    }
}

/// The steps of a plan in which an op stands, and how many bytes the call takes.
fn steps(plan: &str, op: &str) -> usize {
    plan.lines().filter(|line| line.contains(&format!(" {op}")) && line.contains("loop")).count()
}

fn check(name: &str, rows: usize, op: &str, expected: usize, eager: impl Fn(&[Tensor]) -> Vec<Tensor>) {
    let inputs = [numbers(&[rows, 60]), numbers(&[60, 700]), numbers(&[700, 30])];
    let program = Program::trace(&Feed).unwrap();
    let plan = program.function(name).explain(&inputs).unwrap();
    assert_eq!(steps(&plan, op), expected, "{plan}");
    let eager = eager(&inputs);
    for threads in [1, 2, 4] {
        holotype::threads(threads);
        let outputs = program.call_function(name, &inputs).unwrap();
        assert_eq!(outputs.len(), eager.len());
        for (output, eager) in outputs.iter().zip(&eager) {
            assert!(bits(output) == bits(eager), "{name} of {rows} rows on {threads} threads");
        }
    }
    holotype::threads(0);
}

#[test]
fn activations_are_computed_again_where_keeping_them_takes_more() {
    // Only large values are worth it.
    for (rows, steps) in [(600, 2), (10, 1)] {
        check("call", rows, "erf", steps, |inputs| {
            let (x, w, v) = Feed.call(&inputs[0], &inputs[1], &inputs[2]);
            vec![x, w, v]
        });
        check("silu", rows, "logistic", steps, |inputs| {
            let (x, w, v) = Feed.silu(&inputs[0], &inputs[1], &inputs[2]);
            vec![x, w, v]
        });
        check("both", rows, "tanh", steps, |inputs| {
            let (x, w, v) = Feed.both(&inputs[0], &inputs[1], &inputs[2]);
            vec![x, w, v]
        });
    }
}

#[test]
fn what_comes_out_is_there_anyway() {
    check("outside", 600, "erf", 2, |inputs| {
        let (x, w, v, y) = Feed.outside(&inputs[0], &inputs[1], &inputs[2]);
        vec![x, w, v, y]
    });
}
