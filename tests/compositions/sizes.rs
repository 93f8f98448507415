//! Named sizes stay exact, and halves stay halves.

use holotype::functional::{Attention, Norm, PadMode, Side};
use holotype::graph::Mode;
use holotype::prelude::*;
use holotype::tensor::{Symbol, TensorType};
use holotype::trace::Tracer;

use super::{Case, functions};

/// What comes out of code for a tensor whose sizes are numbers and names.
fn traced(sizes: &str, body: impl FnOnce(&Tensor) -> Tensor) -> Result<String> {
    let size = |text: &str| match text.parse::<i64>() {
        Ok(size) => Dim::from(size),
        Err(_) => Dim::symbol(Symbol::named(text)),
    };
    let shape = sizes.split(' ').map(size).collect();
    let mut tracer = Tracer::new("sizes");
    let inputs = vec![("x".to_owned(), TensorType::new(DType::F32, shape))];
    tracer.function("f", Mode::Inference, inputs, |x| Ok(vec![(None, body(&x[0]))]))?;
    let (graph, functions) = tracer.finish()?;
    let function = graph.function(functions[0].function).unwrap();
    Ok(function.output_types().next().unwrap().to_string())
}

#[test]
fn named_sizes_stay_exact() {
    let shape = |sizes: &str, body: fn(&Tensor) -> Tensor| traced(sizes, body).unwrap();
    assert_eq!(shape("n 3", |x| Tensor::einsum("ij,kj->ik", &[x, x])), "[n, n; f32]");
    assert_eq!(shape("n m n", |x| Tensor::einsum("iji->j", &[x])), "[m; f32]");
    assert_eq!(
        shape("b n", |x| Tensor::einsum("...i,j->...ij", &[x, &Tensor::zeros([2])])),
        "[b, n, 2; f32]"
    );
    assert_eq!(shape("n 3", |x| x.roll(1, 0)), "[n, 3; f32]");
    assert_eq!(shape("n 3", |x| x.pad_mode(&[(1, 2), (0, 0)], PadMode::Reflect)), "[n + 3, 3; f32]");
    assert_eq!(shape("n n", |x| x.diagonal(-1, 0, 1)), "[n - 1; f32]");
    assert_eq!(shape("n", |x| x.diag(2)), "[n + 2, n + 2; f32]");
    assert_eq!(shape("n m", |x| x.tril(0)), "[n, m; f32]");
    assert_eq!(shape("n m", |x| x.outer(x)), "[m*n, m*n; f32]");
    assert_eq!(shape("n m", |x| x.kron(Tensor::zeros([2]))), "[n, 2*m; f32]");
    assert_eq!(shape("n 6", |x| x.split_sizes(&[2, -1], 1).swap_remove(1)), "[n, 4; f32]");
    assert_eq!(
        shape("n 6", |x| x.split_sizes(&[x.dim(0) - 1, Dim::from(1)], 0).swap_remove(0)),
        "[n - 1, 6; f32]"
    );
    assert_eq!(shape("n m", |x| x.norm_axis(Norm::L2, -1)), "[n; f32]");
    assert_eq!(shape("n m", |x| x.sparsemax(0)), "[n, m; f32]");
    assert_eq!(shape("n 2 c", |x| x.layer_norm([1, 2], None, None, 1e-5)), "[n, 2, c; f32]");
    assert_eq!(shape("n 2 8", |x| x.group_norm(2, -1, None, None, 1e-5)), "[n, 2, 8; f32]");
    assert_eq!(shape("n", |x| Tensor::zeros([4]).searchsorted(x, Side::Left)), "[n; i64]");
    assert_eq!(shape("n", |x| Tensor::linspace(DType::F32, 0.0, 1.0, x.dim(0))), "[n; f32]");
    assert_eq!(shape("n 2", |x| Tensor::eye(x.dim(0) * 2)), "[2*n, 2*n; f32]");
    let attend = |x: &Tensor| Tensor::scaled_dot_product_attention(x, x, x, &Attention::new().causal());
    assert_eq!(traced("b 2 t 4", attend).unwrap(), "[b, 2, t, 4; f32]");
}

#[test]
fn what_a_named_size_does_not_promise_is_an_error_here() {
    let error = |sizes: &str, body: fn(&Tensor) -> Tensor| traced(sizes, body).unwrap_err().to_string();
    let einsum = error("n m", |x| Tensor::einsum("ij,ji", &[x, x]));
    assert!(
        einsum.contains("\"ij,ji\": index `j` has size m in operand 0 and size n in operand 1"),
        "{einsum}"
    );
    let trace = error("n m", |x| x.trace() + 1.0);
    assert!(trace.contains("cannot be told while tracing"), "{trace}");
    let groups = error("n c", |x| x.group_norm(2, 1, None, None, 1e-5));
    assert!(groups.contains("write their number in the signature"), "{groups}");
    let glu = error("n c", |x| x.glu(1));
    assert!(glu.contains("write an even size in the signature"), "{glu}");
    let unstack = error("n", |x| x.unstack(0).swap_remove(0));
    assert!(unstack.contains("cannot be told while tracing"), "{unstack}");
    let attention = error("h 2 4", |x| {
        let (key, options) = (Tensor::zeros([3, 2, 4]), Attention::new());
        Tensor::scaled_dot_product_attention(x, &key, &key, &options)
    });
    assert!(attention.contains("heads of queries and keys have sizes h and 3"), "{attention}");
    for message in [einsum, trace, groups, glu, unstack, attention] {
        assert!(message.contains("compositions/sizes.rs"), "{message}");
    }
}

#[test]
fn halves_stay_halves_and_near() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for case in Case::all(include_str!("../oracles/compositions.txt")) {
        let (x, expected) = (case.tensors("x"), case.tensors("y"));
        if case.cotangent().is_none() {
            continue;
        }
        for dtype in [DType::F16, DType::BF16] {
            let half = |x: &Tensor| if x.dtype().is_float() { x.cast(dtype) } else { x.clone() };
            let found = functions::run(&case, &x.iter().map(half).collect::<Vec<_>>());
            // Some make numbers in f64 of integers.
            if expected[0].dtype() != DType::F64 || x.iter().all(|x| !x.dtype().is_float()) {
                continue;
            }
            checked += 1;
            let apart = (found[0].cast(DType::F64) - &expected[0]).norm(Norm::Infinity).to_scalar::<f64>();
            let bound = 0.05 * (1.0 + expected[0].norm(Norm::Infinity).to_scalar::<f64>().unwrap());
            let near = apart.as_ref().is_ok_and(|apart| *apart <= bound);
            if !near || found[0].dtype() != dtype {
                wrong.push(format!("line {}: {} in {dtype}: {apart:?}", case.line, case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 300, "{checked}");
}
