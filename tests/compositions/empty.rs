//! Dimensions whose size is known only in a call: of 0, 1 and 3, what comes out eagerly, of a program and of a loaded one is
//! the same, errors included.

use holotype::functional::{Interpolation, Layout, Norm, PadMode, Pool, Resize, Side};
use holotype::graph::Mode;
use holotype::module::{Entry, Object, ObjectKind, Objects, Program};
use holotype::ops::Order;
use holotype::prelude::*;
use holotype::store;
use holotype::tensor::{Symbol, TensorType};
use holotype::trace::{Traced, Tracer};

/// Code for a tensor with sizes, of which -1 stands for one that may be anything.
struct Code {
    name: &'static str,
    sizes: &'static [i64],
    run: fn(&Tensor) -> Tensor,
    /// Which op refuses an empty dimension, and which dimension that is.
    refused: Option<(&'static str, usize)>,
}

fn refused(
    name: &'static str,
    op: &'static str,
    axis: usize,
    sizes: &'static [i64],
    run: fn(&Tensor) -> Tensor,
) -> Code {
    Code { name, sizes, run, refused: Some((op, axis)) }
}

fn taken(name: &'static str, sizes: &'static [i64], run: fn(&Tensor) -> Tensor) -> Code {
    Code { name, sizes, run, refused: None }
}

fn twice(x: &Tensor, axis: isize) -> Tensor {
    Tensor::concatenate(&[x, x], axis)
}

fn image(x: &Tensor, size: impl Into<Dim>, interpolation: Interpolation, align: bool) -> Tensor {
    x.resize(&Resize::new([size.into()]).interpolation(interpolation).align_corners(align))
}

const LAST: Layout = Layout::ChannelsLast;
const LINE: &[i64] = &[2, -1, 3];
const ROWS: &[i64] = &[2, -1];
const COLUMNS: &[i64] = &[-1, 2];

/// What needs an element along the dimension.
fn needing() -> Vec<Code> {
    use Interpolation::{Cubic, Linear, Nearest};
    let (average, greatest) = ("adaptive_avg_pool", "adaptive_max_pool");
    let (nearest, linear, cubic) = ("resize_nearest", "resize_linear", "resize_cubic");
    vec![
        refused("average_uneven", average, 1, LINE, |x| x.adaptive_avg_pool(2, LAST)),
        refused("average_one", average, 1, LINE, |x| x.adaptive_avg_pool(1, LAST)),
        refused("average_even", average, 1, LINE, |x| twice(x, 1).adaptive_avg_pool(2, LAST)),
        refused("average_half", average, 1, LINE, |x| x.cast(DType::F16).adaptive_avg_pool(2, LAST)),
        refused("average_image", average, 2, &[1, 4, -1, 1], |x| x.adaptive_avg_pool([2, 1], LAST)),
        refused("average_nothing", average, 1, &[0, -1, 3], |x| x.adaptive_avg_pool(2, LAST)),
        refused("greatest_uneven", greatest, 1, LINE, |x| x.adaptive_max_pool(2, LAST)),
        refused("greatest_one", greatest, 1, LINE, |x| x.adaptive_max_pool(1, LAST)),
        refused("greatest_even", greatest, 1, LINE, |x| twice(x, 1).adaptive_max_pool(2, LAST)),
        refused("greatest_int", greatest, 1, LINE, |x| x.cast(DType::I32).adaptive_max_pool(2, LAST)),
        refused("nearest", nearest, 1, LINE, |x| image(x, 4, Nearest, false)),
        refused("nearest_twice", nearest, 1, LINE, |x| image(x, x.dim(1) * 2, Nearest, false)),
        refused("nearest_aligned", nearest, 1, LINE, |x| image(x, x.dim(1) * 2, Nearest, true)),
        refused("nearest_same", nearest, 1, LINE, |x| image(x, x.dim(1), Nearest, false)),
        refused("linear", linear, 1, LINE, |x| image(x, 4, Linear, false)),
        refused("linear_aligned", linear, 1, LINE, |x| image(x, 4, Linear, true)),
        refused("linear_twice", linear, 1, LINE, |x| image(x, x.dim(1) * 2, Linear, false)),
        refused("linear_twice_aligned", linear, 1, LINE, |x| image(x, x.dim(1) * 2, Linear, true)),
        refused("linear_same", linear, 1, LINE, |x| image(x, x.dim(1), Linear, false)),
        refused("cubic", cubic, 1, LINE, |x| image(x, 4, Cubic, false)),
        refused("cubic_half", cubic, 1, LINE, |x| image(&x.cast(DType::BF16), 4, Cubic, false)),
        refused("argmax", "argmax", 1, ROWS, |x| x.argmax(-1)),
        refused("argmax_one_hot", "argmax", 1, ROWS, |x| x.argmax(-1).one_hot(4)),
        refused("argmax_rows", "argmax", 0, COLUMNS, |x| x.argmax(0)),
        refused("argmax_int", "argmax", 1, ROWS, |x| x.cast(DType::U8).argmax(1)),
        refused("argmin", "argmin", 1, ROWS, |x| x.argmin(-1)),
        refused("argmin_bool", "argmin", 1, ROWS, |x| x.greater(0).argmin(-1)),
        refused("edge", "pad_mode", 1, ROWS, |x| x.pad_mode(&[(0, 0), (1, 2)], PadMode::Edge)),
        refused("reflect", "pad_mode", 1, ROWS, |x| x.pad_mode(&[(0, 0), (1, 2)], PadMode::Reflect)),
        refused("symmetric", "pad_mode", 1, ROWS, |x| x.pad_mode(&[(0, 0), (1, 2)], PadMode::Symmetric)),
        refused("wrap", "pad_mode", 0, COLUMNS, |x| x.pad_mode(&[(1, 2), (0, 0)], PadMode::Wrap)),
    ]
}

/// What an empty dimension may be given to, and what only says no in its own way.
fn other() -> Vec<Code> {
    vec![
        taken("max_axis", ROWS, |x| x.max_axis(-1)),
        taken("min_axis", ROWS, |x| x.min_axis(-1)),
        taken("max_int", ROWS, |x| x.cast(DType::I16).max()),
        taken("min_bool", ROWS, |x| x.greater(0).min()),
        taken("sum", ROWS, |x| x.sum_axis(1)),
        taken("prod", ROWS, |x| x.prod_axis(1)),
        taken("mean", ROWS, |x| x.mean_axis(1)),
        taken("variance", ROWS, |x| x.variance_axis(1)),
        taken("std", ROWS, Tensor::std),
        taken("any", ROWS, |x| x.greater(0).any_axis(1)),
        taken("count", ROWS, |x| x.count_nonzero_axis(1)),
        taken("softmax", ROWS, |x| x.softmax(1)),
        taken("log_softmax", ROWS, |x| x.log_softmax(1)),
        taken("logsumexp", ROWS, |x| x.logsumexp(1)),
        taken("sparsemax", ROWS, |x| x.sparsemax(1)),
        taken("norm", ROWS, |x| x.norm_axis(Norm::L2, 1)),
        taken("norm_infinity", ROWS, |x| x.norm_axis(Norm::Infinity, 1)),
        taken("normalize", ROWS, |x| x.normalize(Norm::L1, 1, 1e-12)),
        taken("layer_norm", ROWS, |x| x.layer_norm(1, None, None, 1e-5)),
        taken("rms_norm", ROWS, |x| x.rms_norm(1, None, 1e-5)),
        taken("instance_norm", LINE, |x| x.instance_norm(-1, None, None, 1e-5)),
        taken("global_avg_pool", LINE, |x| x.global_avg_pool(LAST)),
        taken("global_max_pool", LINE, |x| x.global_max_pool(LAST)),
        taken("max_pool_one", LINE, |x| x.max_pool(&Pool::new(1))),
        taken("max_pool", LINE, |x| x.max_pool(&Pool::new(2))),
        taken("avg_pool", LINE, |x| x.avg_pool(&Pool::new(2).strides(1))),
        taken("one_hot", ROWS, |x| x.cast(DType::I64).one_hot(2)),
        taken("one_hot_size", ROWS, |x| x.cast(DType::I64).one_hot(x.dim(1))),
        taken("bincount", ROWS, |x| x.cast(DType::I64).bincount(x.dim(1))),
        taken("searchsorted", &[-1], |x| x.searchsorted(Tensor::from([0.5_f32]), Side::Right)),
        taken("linspace", ROWS, |x| Tensor::linspace(DType::F64, 0.0, 1.0, x.dim(1))),
        taken("logspace", ROWS, |x| Tensor::logspace(DType::F32, 0.0, 1.0, x.dim(1), 2.0)),
        taken("arange", ROWS, |x| Tensor::arange(x.dim(1) * 2)),
        taken("eye", ROWS, |x| Tensor::eye(x.dim(1))),
        taken("tril", ROWS, |x| x.tril(0)),
        taken("cumsum", ROWS, |x| x.cumsum(1)),
        taken("cummax", ROWS, |x| x.cummax(1)),
        taken("sort", ROWS, |x| x.sort(1)),
        taken("argsort", ROWS, |x| x.argsort(1)),
        taken("sort_by", ROWS, |x| Tensor::sort_by(&[x], 1, 1, Order::Descending).swap_remove(0)),
        taken("top_none", ROWS, |x| x.top_k(0)[0].clone()),
        taken("top_one", ROWS, |x| x.top_k(1)[1].clone()),
        taken("roll", ROWS, |x| x.roll(1, 1)),
        taken("flip", ROWS, |x| x.flip(1)),
        taken("tile", ROWS, |x| x.tile(&[1, 2])),
        taken("repeat", ROWS, |x| x.repeat(2, 1)),
        taken("flatten", LINE, Tensor::flatten),
        taken("slice", ROWS, |x| x.slice_axis(1, 1..)),
        taken("index", ROWS, |x| x.index_axis(1, 0)),
        taken("last", ROWS, |x| x.index_axis(1, -1)),
        taken("take", ROWS, |x| x.take(Tensor::from([0]), 1)),
        taken("take_third", ROWS, |x| x.take(Tensor::from([2]), 1)),
        taken("take_along", ROWS, |x| x.take_along_axis(Tensor::from([[0], [2]]), 1)),
        taken("lookup", COLUMNS, |x| x.embedding_lookup(Tensor::from([0]))),
        taken("gather_nd", ROWS, |x| x.gather_nd(Tensor::from([[1, 0]]), 0)),
        taken("glu", ROWS, |x| twice(x, 1).glu(1)),
        taken("halves", ROWS, |x| twice(x, 1).split(2, 1).swap_remove(0)),
        taken("pad", ROWS, |x| x.pad(&[(0, 0), (1, -1)], 0.0)),
        taken("einsum", ROWS, |x| Tensor::einsum("ij,kj->ik", &[x, x])),
        taken("outer", ROWS, |x| x.outer(x)),
        taken("matmul", ROWS, |x| x.matmul(x.t())),
        taken("histogram", ROWS, |x| x.histogram(2, 0.0, 1.0)),
    ]
}

/// A program with a function for each code.
fn program(all: &[Code]) -> Program {
    let mut tracer = Tracer::new("empty");
    for code in all {
        let size = |&size| if size < 0 { Dim::symbol(Symbol::named("n")) } else { Dim::from(size) };
        let kind = TensorType::new(DType::F32, code.sizes.iter().map(size).collect());
        let body = |x: &[Tensor]| Ok(vec![(None, (code.run)(&x[0]))]);
        tracer.function(code.name, Mode::Inference, vec![("x".to_owned(), kind)], body).unwrap();
    }
    let (graph, traced) = tracer.finish().unwrap();
    let entry = |Traced { function, signature, mode }| Entry { signature, mode, function };
    let root = Objects(vec![Object { kind: ObjectKind::List, children: Vec::new() }]);
    Program::new(graph, root, traced.into_iter().map(entry).collect(), Vec::new(), Vec::new()).unwrap()
}

fn wrong(eager: &Result<Tensor>, found: &Result<Vec<Tensor>>, empty: bool, code: &Code) -> Option<String> {
    match (eager, found) {
        (Ok(_), _) if empty && code.refused.is_some() => Some("is no error eagerly".to_owned()),
        (Ok(eager), Ok(found)) => {
            let same = found[0].data().unwrap().same_bits(eager.data().unwrap());
            (!same).then(|| format!("gives {} instead of {eager}", found[0]))
        }
        (Ok(eager), Err(error)) => Some(format!("gives {error} instead of {eager}")),
        (Err(error), Ok(found)) => Some(format!("gives {} instead of {error}", found[0])),
        (Err(_), Err(_)) if code.refused.is_some() && !empty => {
            Some("is an error of some elements".to_owned())
        }
        (Err(eager), Err(found)) => {
            let (op, axis) = code.refused?;
            let says = |error: &Error| {
                let text = error.to_string();
                text.starts_with(&format!("{op}("))
                    && text.contains(&format!("dimension {axis} "))
                    && text.contains("size 0")
                    && text.contains("\n  at tests/compositions/empty.rs:")
            };
            (!says(eager) || !says(found)).then(|| format!("says {found}\nwhere it says eagerly {eager}"))
        }
    }
}

#[test]
fn an_empty_dimension_is_the_same_eagerly_traced_and_loaded() {
    let all: Vec<_> = needing().into_iter().chain(other()).collect();
    let traced = program(&all);
    let folder = tempfile::tempdir().unwrap();
    store::save_program(&traced, folder.path().join("empty")).unwrap();
    let loaded = store::load(folder.path().join("empty")).unwrap();
    let mut all_wrong = Vec::new();
    for code in &all {
        for n in [0, 1, 3] {
            let sizes: Vec<_> = code.sizes.iter().map(|&size| usize::try_from(size).unwrap_or(n)).collect();
            let count = sizes.iter().product::<usize>();
            let x = Tensor::from_vec(sizes, (0..count).map(|place| (place * 5 % 7) as f32).collect());
            let eager = (code.run)(&x).ok();
            for (what, program) in [("traced", &traced), ("loaded", &loaded)] {
                let found = program.call_function(code.name, std::slice::from_ref(&x));
                if let Some(message) = wrong(&eager, &found, n == 0, code) {
                    all_wrong.push(format!("{} with n = {n}, {what}: it {message}", code.name));
                }
            }
        }
    }
    assert!(all_wrong.is_empty(), "{} wrong:\n{}", all_wrong.len(), all_wrong.join("\n"));
}

#[test]
fn an_index_that_is_out_of_range_is_an_error_of_the_op_called() {
    let all = [
        taken("take", COLUMNS, |x| x.take(Tensor::from([0, 5]), 0)),
        taken("take_along_axis", COLUMNS, |x| x.take_along_axis(Tensor::from([[5, 0]]), 0)),
        taken("embedding_lookup", COLUMNS, |x| x.embedding_lookup(Tensor::from([[5_u8]]))),
        taken("gather_nd", COLUMNS, |x| x.gather_nd(Tensor::from([[1, 0], [5, 1]]), 0)),
    ];
    let places = ["[1]", "[0, 0]", "[0, 0]", "[1, 0]"];
    let shapes = ["[2; i32]", "[1, 2; i32]", "[1, 1; u8]", "[2, 2; i32]"];
    let program = program(&all);
    for ((code, place), indices) in all.iter().zip(places).zip(shapes) {
        let x = Tensor::zeros([2, 2]);
        let says = |error: Error, size: &str| {
            let start = format!(
                "{}([{size}, 2; f32], {indices}): index 5 at {place} is out of range: expected 0 to 1\n  at \
                 tests/compositions/empty.rs:",
                code.name
            );
            assert!(error.to_string().starts_with(&start), "{error}\ninstead of\n{start}");
        };
        says((code.run)(&x).ok().unwrap_err(), "2");
        says(program.call_function(code.name, &[x]).unwrap_err(), "n");
    }
}
