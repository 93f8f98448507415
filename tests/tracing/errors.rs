//! What is said of code that cannot be traced: the op, the place, and the entry of the signature to change.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use holotype::graph::Mode;
use holotype::prelude::*;
use holotype::tensor::TensorType;
use holotype::trace::Tracer;

use crate::{Affine, counted, line, refused};

const SOURCE: &str = include_str!("errors.rs");

#[derive(Module)]
struct Promise {
    inner: Affine,
}

#[layer]
impl Promise {
    #[signature(x = [batch, wide; f32])] // promise of a width
    fn call(&self, x: &Tensor) -> Tensor {
        self.inner.call(x)
    }
}

#[derive(Module)]
struct Equal {
    times: i32,
}

#[layer]
impl Equal {
    #[signature(x = [a, 2; f32], y = [b, 2; f32])] // promise of two sizes
    fn call(&self, x: &Tensor, y: &Tensor) -> Tensor {
        x * self.times + y // the forced sum
    }
}

#[test]
fn a_named_size_that_is_forced_names_the_op_the_line_and_the_entry() {
    let forced = line(include_str!("main.rs"), "x * &self.scale");
    let promised = line(SOURCE, "// promise of a width");
    let called = line(SOURCE, "self.inner.call(x)");
    assert_eq!(
        refused(&Promise { inner: Affine::new(1.0) }),
        format!(
            "multiply([batch, wide; f32], [3; f32]): the shapes [batch, wide] and [3] cannot be broadcast: the sizes \
             wide and 3 are not equal; `wide` in input `x` of `call` (tests/tracing/errors.rs:{promised}:0) promises \
             that `wide` may be any size: write the size it needs to be, one name for both, or `None`\n  at \
             tests/tracing/main.rs:{forced}:9\n  in inner\n  in call of Affine at \
             tests/tracing/errors.rs:{called}:20"
        )
    );
    let (forced, promised) = (line(SOURCE, "// the forced sum"), line(SOURCE, "// promise of two sizes"));
    let error = refused(&Equal { times: 2 });
    assert!(error.starts_with("add([a, 2; f32], [b, 2; f32]): "), "{error}");
    for input in ["`a` in input `x`", "`b` in input `y`"] {
        assert!(
            error.contains(&format!("{input} of `call` (tests/tracing/errors.rs:{promised}:0)")),
            "{error}"
        );
    }
    assert!(error.contains(&format!("\n  at tests/tracing/errors.rs:{forced}:")), "{error}");
}

#[derive(Module)]
struct Broken;

#[layer]
impl Broken {
    #[signature(x = [None, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let sum = x + Tensor::from([1.0_f32, 2.0]); // the mistake
        (sum * 2.0).exp().sum_axis(0)
    }
}

#[test]
fn the_first_mistake_comes_out_of_tracing_and_out_of_the_eager_call() {
    let at = line(SOURCE, "// the mistake");
    let error = refused(&Broken);
    assert!(
        error.starts_with("add([?, 3; f32], [2; f32]): the shapes [?, 3] and [2] cannot be broadcast"),
        "{error}"
    );
    assert!(error.contains(&format!("\n  at tests/tracing/errors.rs:{at}:19")), "{error}");
    let eager = Broken.call(&counted(4, 3)).to_vec::<f32>().unwrap_err().to_string();
    assert!(
        eager.starts_with("add([4, 3; f32], [2; f32])") && eager.contains(&format!("errors.rs:{at}:19")),
        "{eager}"
    );
}

/// A shape rule that fails behind its method: the op itself says so, and nothing panics.
#[derive(Module)]
struct Rule;

#[layer]
impl Rule {
    #[signature(x = [n, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x.reshape([7]).logical_not()
    }
}

#[test]
fn a_shape_rule_that_fails_in_a_trace_is_an_error() {
    let error = refused(&Rule);
    assert!(
        error.starts_with("reshape([n, 3; f32]): a tensor [n, 3] has 3*n elements, and [7] has 7"),
        "{error}"
    );
}

#[derive(Module)]
struct Foreign {
    own: Variable,
    #[module(skip)]
    foreign: Option<Variable>,
}

#[layer]
impl Foreign {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.foreign.iter().fold(x * &self.own, |x, foreign| x + foreign) // the use
    }

    #[signature(x = [None; f32])]
    fn set(&self, x: &Tensor) -> Tensor {
        self.foreign.iter().for_each(|foreign| foreign.assign(x.sum()));
        x.clone()
    }
}

#[test]
fn a_variable_that_no_field_holds_is_refused() {
    let one = || Variable::new(Tensor::scalar(1.0_f32)); // the making
    let model = Foreign { own: one(), foreign: Some(one()) };
    let (made, used) = (line(SOURCE, "// the making"), line(SOURCE, "// the use"));
    assert_eq!(
        refused(&model),
        format!(
            "a variable [; f32] made at tests/tracing/errors.rs:{made}:18 is used at \
             tests/tracing/errors.rs:{used}:62, but no field of `tracing::errors::Foreign` holds it: keep it in a field \
             of the module, so that it is saved under a name"
        )
    );
    assert!(Program::trace(&Foreign { own: one(), foreign: None }).is_ok());
}

thread_local! {
    static KEPT: RefCell<Option<Tensor>> = const { RefCell::new(None) };
}

#[derive(Module)]
struct Keeps {
    leak: bool,
}

#[layer]
impl Keeps {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        if self.leak {
            KEPT.set(Some(x.exp()));
        }
        KEPT.with_borrow(|kept| kept.as_ref().map_or_else(|| x.clone(), |kept| x + kept))
    }
}

#[test]
fn a_tensor_that_outlives_its_trace_is_an_error_wherever_it_is_used() {
    let program = Program::trace(&Keeps { leak: true }).unwrap();
    assert_eq!(program.call(&[Tensor::from([0.0_f32])]).unwrap()[0].to_vec::<f32>().unwrap(), [1.0]);
    let error = refused(&Keeps { leak: false });
    assert!(
        error.starts_with("add([?; f32], [?; f32]): an operand belongs to a trace that has ended"),
        "{error}"
    );
    let kept = KEPT.take().unwrap();
    let error = (&kept + 1.0).to_vec::<f32>().unwrap_err().to_string();
    assert!(error.contains("belongs to a trace that has ended or to another thread"), "{error}");
    let error = kept.to_vec::<f32>().unwrap_err().to_string();
    assert!(error.starts_with("the tensor [?; f32] is being traced and has no value yet"), "{error}");
    let elsewhere = std::thread::spawn(move || (kept * 2.0).ok().unwrap_err().to_string()).join().unwrap();
    assert!(elsewhere.contains("another thread"), "{elsewhere}");
}

#[derive(Module)]
struct Reads;

#[layer]
impl Reads {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x.to_vec::<f32>().map_or_else(Tensor::from_error, Tensor::from) // the reading
    }
}

#[test]
fn reading_a_traced_tensor_says_where_and_what_to_do() {
    let at = line(SOURCE, "// the reading");
    assert_eq!(
        refused(&Reads),
        format!(
            "the tensor [?; f32] is being traced and has no value yet\n  at tests/tracing/errors.rs:{at}:11\n  \
             a traced function computes with tensors only; return the tensor and read it outside"
        )
    );
}

#[derive(Module)]
struct Panics;

#[layer]
impl Panics {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        assert!(!x.is_symbolic(), "user code panics while it is traced");
        x.clone()
    }
}

#[test]
fn a_panic_of_user_code_leaves_no_trace_active() {
    let panic = catch_unwind(AssertUnwindSafe(|| Program::trace(&Panics)));
    assert!(panic.is_err());
    let sum = Tensor::from([1.0_f32]) + Tensor::from([2.0_f32]);
    assert_eq!(sum.to_vec::<f32>().unwrap(), [3.0]);
    assert_eq!(Panics.call(&Tensor::from([1.0_f32])).to_vec::<f32>().unwrap(), [1.0]);
    assert!(Program::trace(&Affine::new(1.0)).is_ok());
    // A panic within a trace within a trace takes only the inner one away.
    let nested = traced(|x| {
        let inner = catch_unwind(AssertUnwindSafe(|| Program::trace(&Panics)));
        assert!(inner.is_err() && (x * 2.0).is_symbolic());
        Ok(x * 2.0)
    });
    assert!(nested.is_ok(), "{nested:?}");
}

/// Traces a function of one tensor `[3; f32]`.
fn traced(body: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<()> {
    let mut tracer = Tracer::new("test");
    let kind = TensorType::new(DType::F32, Shape::from([3]));
    tracer.function("f", Mode::Inference, vec![("x".into(), kind)], |x| Ok(vec![(None, body(&x[0])?)]))?;
    tracer.finish().map(drop)
}

#[test]
fn a_tracer_that_lost_its_trace_to_a_panic_says_so() {
    let mut tracer = Tracer::new("test");
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _ = tracer.function("f", Mode::Inference, Vec::new(), |_| panic!("user code"));
    }));
    assert!(panic.is_err());
    let error = tracer.finish().err().unwrap().to_string();
    assert_eq!(error, "tracing `test`: a panic of user code has ended the trace");
}

#[test]
fn a_trace_that_failed_leaves_nothing_behind() {
    let mut tracer = Tracer::new("test");
    let broken = tracer.function("broken", Mode::Inference, Vec::new(), |_| {
        Ok(vec![(None, Tensor::from([1_i32]) + Tensor::from([1.0_f32]))])
    });
    assert!(
        broken.unwrap_err().to_string().starts_with("add([1; i32], [1; f32]): the dtypes i32 and f32 differ")
    );
    let kind = TensorType::new(DType::F32, Shape::from([3]));
    tracer
        .function("good", Mode::Inference, vec![("x".into(), kind)], |x| Ok(vec![(None, x[0].exp())]))
        .unwrap();
    let (graph, traced) = tracer.finish().unwrap();
    assert_eq!((graph.functions.len(), traced.len()), (1, 1));
}

macro_rules! stated {
    ($name:ident, $($signature:tt)*) => {
        mod $name {
            use holotype::prelude::*;

            #[derive(Module)]
            pub struct Stated;

            #[layer]
            impl Stated {
                #[signature($($signature)*)]
                fn call(&self, x: &Tensor) -> Tensor {
                    x.sum_axis(1)
                }
            }
        }
    };
}

stated!(rank, x = [n, m; f32] -> [n, m; f32]);
stated!(size, x = [n, m; f32] -> [m; f32]);
stated!(number, x = [n, m; f32] -> [4; f32]);
stated!(dtype, x = [n, m; f32] -> [n; i32]);

#[test]
fn outputs_that_are_stated_wrong_are_refused() {
    let of = |error: String, words: &str| {
        assert!(error.contains(words) && error.contains("signature: call(x: [n, m; f32]) -> "), "{error}");
    };
    of(
        refused(&rank::Stated),
        "output 0 is stated as [n, m; f32], and the method returns [n; f32]: the rank is 1",
    );
    of(
        refused(&size::Stated),
        "and the method returns [n; f32]: `m` is m elsewhere in the call: the sizes m and n are not equal",
    );
    of(refused(&number::Stated), "the sizes 4 and n are not equal; `n` in input `x` of `call`");
    of(
        refused(&dtype::Stated),
        "output 0 is stated as [n; i32], and the method returns [n; f32]: the dtype is f32",
    );
}

#[derive(Module)]
struct Many;

#[layer]
impl Many {
    #[signature(x = [None; f32] -> (a = [None; f32], b = [None; f32]))]
    fn call(&self, x: &Tensor) -> Vec<Tensor> {
        vec![x.clone()]
    }
}

#[test]
fn another_number_of_outputs_is_refused() {
    let error = refused(&Many);
    assert!(error.contains("it states 2 outputs, and the method returns 1"), "{error}");
}

#[test]
fn an_eager_call_is_checked_against_the_signature_at_the_callers_line() {
    let layer = Affine::new(1.0);
    let error = layer.call(&Tensor::from([1_i32])).ok().unwrap_err().to_string(); // the call
    let at = line(SOURCE, "// the call");
    assert_eq!(
        error,
        format!(
            "input `x`: expected [None, None; f32], found [1; i32]: the dtype is i32\n  signature: call(x: [None, None; \
             f32])\n  at tests/tracing/errors.rs:{at}:23"
        )
    );
    let boxed: Box<dyn Layer> = Affine::new(1.0).into();
    let error = boxed.call(&Tensor::from([1.0_f32])).ok().unwrap_err().to_string(); // the boxed call
    let at = line(SOURCE, "// the boxed call");
    assert!(
        error.contains("the rank is 1") && error.ends_with(&format!("at tests/tracing/errors.rs:{at}:23")),
        "{error}"
    );
    let error = layer.invoke("cal", &[]).unwrap_err().to_string();
    assert_eq!(error, "tracing `cal`: `tracing::Affine` has no such traced method; it has `call`");
    let error = layer.invoke("call", &[]).unwrap_err().to_string();
    assert_eq!(error, "tracing `call`: it takes 1 inputs, not 0");
}
