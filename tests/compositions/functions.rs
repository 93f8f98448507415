//! What the names of the cases stand for.

use holotype::functional::{Attention, Indexing, Norm, PadMode, Side};
use holotype::ops::Operand;
use holotype::prelude::*;

use super::case::Case;

/// Runs the composition of a case on operands.
pub fn run(case: &Case, x: &[Tensor]) -> Vec<Tensor> {
    let one = activation(case, x)
        .or_else(|| reduction(case, x))
        .or_else(|| product(case, x))
        .or_else(|| arrangement(case, x))
        .or_else(|| choice(case, x));
    one.map(|result| vec![result])
        .or_else(|| several(case, x))
        .unwrap_or_else(|| panic!("line {}: {} is in the file but not in the test", case.line, case.name))
}

fn activation(case: &Case, x: &[Tensor]) -> Option<Tensor> {
    Some(match case.name {
        "relu" => x[0].relu(),
        "relu6" => x[0].relu6(),
        "selu" => x[0].selu(),
        "silu" => x[0].silu(),
        "mish" => x[0].mish(),
        "softplus" => x[0].softplus(),
        "softsign" => x[0].softsign(),
        "sigmoid" => x[0].sigmoid(),
        "log_sigmoid" => x[0].log_sigmoid(),
        "tanh" => x[0].tanh(),
        "exp" => x[0].exp(),
        "hard_sigmoid" => x[0].hard_sigmoid(),
        "hard_silu" => x[0].hard_silu(),
        "hard_tanh" => x[0].hard_tanh(),
        "tanh_shrink" => x[0].tanh_shrink(),
        "sparse_plus" => x[0].sparse_plus(),
        "sparse_sigmoid" => x[0].sparse_sigmoid(),
        "gelu" => x[0].gelu(),
        "gelu_tanh" => x[0].gelu_tanh(),
        "elu" => x[0].elu(case.number("alpha")),
        "celu" => x[0].celu(case.number("alpha")),
        "leaky_relu" => x[0].leaky_relu(case.number("alpha")),
        "squareplus" => x[0].squareplus(case.number("alpha")),
        "hard_shrink" => x[0].hard_shrink(case.number("alpha")),
        "soft_shrink" => x[0].soft_shrink(case.number("alpha")),
        "threshold" => x[0].threshold(case.number("alpha"), case.number("value")),
        "prelu" => x[0].prelu(&x[1]),
        "glu" => x[0].glu(case.int("axis")),
        "softmax" => x[0].softmax(case.int("axis")),
        "log_softmax" => x[0].log_softmax(case.int("axis")),
        "sparsemax" => x[0].sparsemax(case.int("axis")),
        "logsumexp" => x[0].logsumexp(case.int("axis")),
        _ => return None,
    })
}

fn reduction(case: &Case, x: &[Tensor]) -> Option<Tensor> {
    let axes = || case.list("axes");
    let epsilon = || case.number("epsilon");
    let parameter = |place: usize| x.get(place).map(|x| x as &dyn Operand);
    Some(match case.name {
        "layer_norm" => x[0].layer_norm(axes(), parameter(1), parameter(2), epsilon()),
        "rms_norm" => x[0].rms_norm(axes(), parameter(1), epsilon()),
        "group_norm" => {
            x[0].group_norm(case.count("groups"), case.int("axis"), parameter(1), parameter(2), epsilon())
        }
        "instance_norm" => x[0].instance_norm(case.int("axis"), parameter(1), parameter(2), epsilon()),
        "batch_norm" => {
            x[0].batch_norm(&x[1], &x[2], case.int("axis"), parameter(3), parameter(4), epsilon())
        }
        "norm" => x[0].norm_axis(norm(case), axes()),
        "normalize" => x[0].normalize(norm(case), axes(), 1e-12),
        "any" => x[0].any_axis(axes()),
        "all" => x[0].all_axis(axes()),
        "count_nonzero" => x[0].count_nonzero_axis(axes()),
        "mean" => x[0].mean_axis(axes()),
        "variance" => x[0].variance_axis(axes()),
        "std" => x[0].std_axis(axes()),
        "argmax" => x[0].argmax(case.int("axis")),
        "argmin" => x[0].argmin(case.int("axis")),
        "attention" => {
            let mut options = Attention::new();
            if case.optional("causal").is_some() {
                options = options.causal();
            }
            if let Some(scale) = case.optional("scale") {
                options = options.scale(scale);
            }
            if let Some(mask) = x.get(3) {
                options = options.mask(mask);
            }
            Tensor::scaled_dot_product_attention(&x[0], &x[1], &x[2], &options)
        }
        _ => return None,
    })
}

fn norm(case: &Case) -> Norm {
    match case.text("norm") {
        "l1" => Norm::L1,
        "l2" => Norm::L2,
        "infinity" => Norm::Infinity,
        power => Norm::P(power.parse().unwrap()),
    }
}

fn product(case: &Case, x: &[Tensor]) -> Option<Tensor> {
    let offset = || case.int("offset") as i64;
    Some(match case.name {
        "einsum" => Tensor::einsum(&case.text("equation").replace('_', " "), &x.iter().collect::<Vec<_>>()),
        "tensordot" => x[0].tensordot(&x[1], case.count("count")),
        "tensordot_axes" => x[0].tensordot_axes(&x[1], case.list("left"), case.list("right")),
        "outer" => x[0].outer(&x[1]),
        "inner" => x[0].inner(&x[1]),
        "cross" => x[0].cross(&x[1], case.int("axis")),
        "kron" => x[0].kron(&x[1]),
        "vander" => x[0].vander(case.count("count"), case.int("increasing") == 1),
        "matmul" => x[0].matmul(&x[1]),
        "diag" => x[0].diag(offset()),
        "diagonal" => x[0].diagonal(offset(), case.int("first"), case.int("second")),
        "tril" => x[0].tril(offset()),
        "triu" => x[0].triu(offset()),
        "eye" => Tensor::eye_with(case.count("rows"), case.count("columns"), offset()).cast(DType::F64),
        "trace" => x[0].trace(),
        _ => return None,
    })
}

fn arrangement(case: &Case, x: &[Tensor]) -> Option<Tensor> {
    Some(match case.name {
        "roll" => x[0].roll(case.int("shift") as i64, case.int("axis")),
        "rot90" => x[0].rot90(case.int("turns") as i64, case.list("plane").try_into().unwrap()),
        "swap_axes" => x[0].swap_axes(case.int("first"), case.int("second")),
        "move_axis" => x[0].move_axis(case.list("left"), case.list("right")),
        "flip" => x[0].flip(case.list("axes")),
        "pad_mode" => {
            let widths: Vec<_> = case.counts("low").into_iter().zip(case.counts("high")).collect();
            let mode = match case.text("mode") {
                "edge" => PadMode::Edge,
                "reflect" => PadMode::Reflect,
                "symmetric" => PadMode::Symmetric,
                _ => PadMode::Wrap,
            };
            x[0].pad_mode(&widths, mode)
        }
        "stack" => Tensor::stack(&x.iter().collect::<Vec<_>>(), case.int("axis")),
        "tile" => x[0].tile(&case.counts("times")),
        "repeat" => x[0].repeat(case.count("times"), case.int("axis")),
        "linspace" | "logspace" => {
            let (start, stop, count) = (case.number("start"), case.number("stop"), case.count("count"));
            match case.optional("base") {
                None => Tensor::linspace(DType::F64, start, stop, count),
                Some(base) => Tensor::logspace(DType::F64, start, stop, count, base),
            }
        }
        "range" => Tensor::range(case.int("start") as i64, case.int("stop") as i64, case.int("step") as i64),
        _ => return None,
    })
}

fn choice(case: &Case, x: &[Tensor]) -> Option<Tensor> {
    let side = || if case.text("side") == "left" { Side::Left } else { Side::Right };
    Some(match case.name {
        "clip" => x[0].clip(&x[1], &x[2]),
        "where" => Tensor::where_(&x[0], &x[1], &x[2]),
        "take" => x[0].take(&x[1], case.int("axis")),
        "take_along_axis" => x[0].take_along_axis(&x[1], case.int("axis")),
        "one_hot" => x[0].one_hot(case.count("classes")).cast(DType::F64),
        "gather_nd" => x[0].gather_nd(&x[1], case.count("batch")),
        "searchsorted" => x[0].searchsorted(&x[1], side()),
        "bincount" => x[0].bincount(case.count("length")),
        "bincount_weighted" => x[0].bincount_weighted(&x[1], case.count("length")),
        "histogram" => x[0].histogram(case.count("bins"), case.number("low"), case.number("high")),
        _ => return None,
    })
}

fn several(case: &Case, x: &[Tensor]) -> Option<Vec<Tensor>> {
    Some(match case.name {
        "split" => x[0].split_sizes(&case.list("sizes"), case.int("axis")),
        "unstack" => x[0].unstack(case.int("axis")),
        "meshgrid" => {
            let indexing = if case.text("indexing") == "xy" { Indexing::Xy } else { Indexing::Ij };
            Tensor::meshgrid(&x.iter().collect::<Vec<_>>(), indexing)
        }
        _ => return None,
    })
}
