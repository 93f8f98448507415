//! The macros of Holotype: `#[derive(Module)]`, `#[derive(Structure)]`, `#[layer]`, `#[signature]`, `#[autograph]`, `#[loss]`,
//! `#[metric]`, `#[optimizer]`, `#[schedule]`, `#[train_step]`, `#[op]`, `#[gradient]`.
//!
//! Use them through the `holotype` crate, which re-exports them. They are thin: they read the item, check it, and emit one
//! visitor, one rebuild function and one entry of the registry; everything else is ordinary code in the runtime. With
//! `HOLOTYPE_EXPAND=Name` in the environment the compiler prints what was emitted for `Name`.

mod ast;
mod attr;
mod autograph;
mod check;
mod debug;
mod dtype;
mod errors;
mod expand;
mod fallback;
mod layout;
mod near;
mod pieces;
mod private;
mod rule;
mod signature;
mod spec;
mod structure;

use proc_macro::TokenStream;

/// Makes a struct, or an enum with data, a tree of variables, modules and configuration.
///
/// ```
/// use holotype::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// enum Activation {
///     Relu,
///     Tanh,
/// }
///
/// #[derive(Module)]
/// struct Dense {
///     weights: Variable,                 // tracked: trainable state
///     units: usize,                      // a plain value: configuration
///     #[module(config)]
///     activation: Activation,            // any serde type: configuration
///     #[module(skip)]
///     calls: Vec<String>,                // not saved; comes back as `Vec::default()`
/// }
///
/// assert!(Dense::TYPE.name.ends_with("::Dense"));
/// ```
///
/// On a field, `#[module(...)]` takes
///
/// | word | meaning |
/// |---|---|
/// | `config` | configuration, saved through serde |
/// | `skip` | not saved; the type needs `Default` |
/// | `frozen` | the variables in it are not trained |
/// | `state` | the variables in it are kept by the layer itself, and are not trained |
/// | `rename = "w"` | its name in a saved model |
/// | `alias = "old"` | an older name that still loads; may be repeated |
/// | `default` | `Default::default()` where an older file lacks the field |
/// | `default = path` | what the function `path` returns instead; any other expression is the value itself |
///
/// on a variant `rename` and `alias`, and on the type `name = "crate::Type"`, the name it is registered under instead of
/// its path, and `alias` for names it had before. A type parameter of a tracked field has to be a field itself.
#[proc_macro_derive(Module, attributes(module))]
pub fn module(input: TokenStream) -> TokenStream {
    expand::module::derive(input.into()).into()
}

/// Makes a struct of tensors a structure, which traced methods, loops and branches take and give as one value.
///
/// ```
/// use holotype::prelude::*;
///
/// #[derive(Structure)]
/// struct Inputs {
///     image: Tensor,
///     mask: Option<Tensor>,
///     states: Vec<Tensor>,
/// }
///
/// #[derive(Structure)]
/// struct Predictions {
///     #[structure(rename = "logits")]
///     scores: Tensor,
/// }
///
/// #[derive(Module)]
/// struct Model;
///
/// #[layer]
/// impl Model {
///     #[signature(input = { image: [batch, 4; f32], mask: ?[batch, 4; bool], states: [[batch, 4; f32]; 2] })]
///     fn call(&self, input: &Inputs) -> Predictions {
///         let sum = input.states.iter().fold(input.image.clone(), |sum, state| sum + state);
///         Predictions { scores: input.mask.as_ref().map_or(sum.clone(), |mask| mask.select(&sum, 0.0)) }
///     }
/// }
///
/// let program = Program::trace(&Model)?;
/// let x = Tensor::ones([2, 4]);
/// let input = Inputs { image: x.clone(), mask: None, states: vec![x.clone(), x] };
/// let Predictions { scores } = program.call_structure("call", &input)?;
/// assert_eq!(scores.to_vec::<f32>()?, [3.0; 8]);
/// assert_eq!(program.signatures().nth(1).map(ToString::to_string).as_deref(), Some(
///     "call(input: {image: [batch, 4; f32], states: ([batch, 4; f32], [batch, 4; f32])}) -> {logits: [batch, 4; f32]}",
/// ));
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// A field is a tensor or a structure: a tuple, an array, a `Vec`, an `Option`, a map from `String`, another struct.
/// `#[structure(rename = "name")]` gives it another name in graphs. `#[structure(skip)]` leaves it out: it comes back as
/// `Default::default()` wherever the structure is rebuilt from its tensors, which every call of a traced method does.
#[proc_macro_derive(Structure, attributes(structure))]
pub fn structure(input: TokenStream) -> TokenStream {
    expand::structure::derive(input.into()).into()
}

/// Makes a module a layer: its methods with a `#[signature]` become functions of the saved model.
///
/// ```
/// use holotype::prelude::*;
///
/// #[derive(Module)]
/// struct Projection {
///     weights: Variable,
/// }
///
/// #[layer]
/// impl Projection {
///     #[signature(input = [None, None; f32])]
///     fn call(&self, input: &Tensor) -> Tensor {
///         input.matmul(&self.weights)
///     }
/// }
///
/// let program = Program::trace(&Projection { weights: Variable::new(init::normal([5, 3])) })?;
/// assert_eq!(program.signature("call")?.to_string(), "call(input: [?, 5; f32]) -> [?, 3; f32]");
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// It stands on the inherent impl block of a type with `#[derive(Module)]`. There has to be a method `call`. A generic type
/// names the instances that are registered, so that they can be loaded behind `Box<dyn Layer>`:
/// `#[layer(instances(Residual<Dense>, Residual<Conv>))]`, or `#[layer(instances())]` for none.
#[proc_macro_attribute]
pub fn layer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::layer::attribute(arguments.into(), item.into()).into()
}

/// Names the sizes and the dtype of each tensor that a method of a `#[layer]` takes, and perhaps of what it returns.
///
/// ```
/// use holotype::prelude::*;
///
/// #[derive(Module)]
/// struct Statistics {
///     units: usize,
/// }
///
/// #[layer]
/// impl Statistics {
///     #[signature(input = [batch, self.units; f32], mask = [batch, None; bool] -> [batch, self.units; f32])]
///     fn call(&self, input: &Tensor, mask: &Tensor) -> Tensor {
///         mask.select(input, 0.0)
///     }
///
///     #[signature(input = [.., None; float] -> (mean = [; float], largest = [; float]))]
///     fn describe(&self, input: &Tensor) -> (Tensor, Tensor) {
///         (input.mean(), input.max())
///     }
/// }
///
/// let (mean, largest) = Statistics { units: 2 }.describe(&Tensor::from([[1.0_f32, 2.0], [3.0, 6.0]]));
/// assert_eq!((mean.to_vec::<f32>()?, largest.to_vec::<f32>()?), (vec![3.0], vec![6.0]));
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// A size is a number; `None`, whatever is needed; a name, the same size wherever it occurs; or `self.field`, taken from
/// the configuration. A leading `..` is any number of dimensions (0 to 4 of them in a saved model). The dtype is one of `f32 f64
/// f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64 bool`, or one of the classes `float`, `int`, `any`, of which `float in [f32, bf16]` are
/// some: a saved model has a trace for each.
///
/// # Structures
///
/// A parameter, or what is returned, may be anything that is made of tensors, see [`Structure`](macro@Structure). Its layout is
///
/// | layout | of |
/// |---|---|
/// | `{ image: [None, 28; f32], "no-name": [; f32] }` | a struct, by the names of its fields; a map, by its keys |
/// | `([None; f32], [; i64])` | a tuple, or a list of different tensors |
/// | `[[None, 8; f32]; 3]` | a list of so many of the same |
/// | `?[None; bool]` | an `Option`, traced with and without it |
///
/// nested as needed. Behind `->` the same layouts stand for what is returned; `-> (a = […], b = { … })` gives the parts of a tuple
/// names. In a saved model a tensor is called by its path: `input.image`, `states.0`.
///
/// # Static arguments and rules of sizes
///
/// `causal in [true, false]` lists the values that the method is traced for, of a parameter that is no tensor: any type that serde
/// writes. The first is the default of a loaded program. `batch in 1..=64` and `seq % 8 == 0` are promises of named sizes, which
/// every call keeps, eager, traced or loaded; `x.dim(1) / 8` is then a size like any other.
///
/// ```
/// use holotype::prelude::*;
///
/// #[derive(Module)]
/// struct Windows;
///
/// #[layer]
/// impl Windows {
///     #[signature(x = [batch, seq; f32], causal in [true, false], batch in 1..=64, seq % 8 == 0)]
///     fn call(&self, x: &Tensor, causal: bool) -> Tensor {
///         let windows = x.reshape(Shape::new(vec![x.dim(0), x.dim(1) / 8, Dim::from(8)]));
///         if causal { windows.tanh() } else { windows }
///     }
/// }
///
/// let program = Program::trace(&Windows)?;
/// assert_eq!(
///     program.signature("call")?.to_string(),
///     "call(x: [batch, seq; f32], causal = true) -> [batch, seq/8, 8; f32] where batch in 1..=64, seq % 8 == 0",
/// );
/// let found = program.function("call").with("causal", false)?.call(&[Tensor::ones([2, 24])])?;
/// assert_eq!(found[0].shape(), Shape::from([2, 3, 8]));
/// let error = program.call(&[Tensor::ones([2, 20])]).unwrap_err().to_string();
/// assert!(error.contains("`seq` must be a multiple of 8, and is 20"));
/// # Ok::<(), holotype::Error>(())
/// ```
#[proc_macro_attribute]
pub fn signature(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::signature::misplaced(&arguments.into(), item.into()).into()
}

/// Makes a function a loss that a saved model carries.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::prelude::*;
///
/// #[loss]
/// fn custom_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
///     (y_true - y_pred).square().mean()
/// }
///
/// assert_eq!(custom_loss(&Tensor::from([1.0_f32, 2.0]), &Tensor::from([1.0_f32, 4.0])).to_vec::<f32>()?, [2.0]);
/// let trainer = Trainer::new(Dense::new(5, 1), Adam::new(1e-3), custom_loss).build()?;
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// It is registered under its path; `#[loss(name = "…", alias = "…")]` says another name, and older ones.
///
/// A loss with parameters is a module, and the attribute stands on its `impl Loss`, as the documentation of that trait shows.
#[proc_macro_attribute]
pub fn loss(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::loss::attribute("loss", arguments.into(), item.into()).into()
}

/// Makes a function a metric that a saved model carries. It has the form and the words of [`macro@loss`]; what is reported is its
/// mean over all samples.
///
/// ```
/// use holotype::prelude::*;
///
/// #[metric(name = "my_crate::largest", alias = "my_crate::maximum")]
/// fn largest(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
///     (y_true - y_pred).abs().max()
/// }
/// ```
///
/// A metric that is no mean over samples keeps state: it is a module, and the attribute stands on its `impl Metric`, as the
/// documentation of that trait shows.
#[proc_macro_attribute]
pub fn metric(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::loss::attribute("metric", arguments.into(), item.into()).into()
}

/// Registers an optimizer, so that a saved trainer finds it again. It stands on `impl Optimizer for MyOptimizer`, as the
/// documentation of that trait shows; the type has `#[derive(Module)]`, and its variables are saved with the run.
#[proc_macro_attribute]
pub fn optimizer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::rule::attribute(expand::rule::OPTIMIZER, arguments.into(), item.into()).into()
}

/// Gives a model a training step of its own, which is traced and saved with the run as the built-in one is.
///
/// It stands on an impl block of a `#[layer]`, with a method `train_step` that has a [`signature`](macro@signature), and perhaps a
/// method `evaluate_step`. The documentation of the trait `TrainStep`, which it implements, shows one; `Trainer::with_step` takes
/// the model.
#[proc_macro_attribute]
pub fn train_step(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::train_step::attribute(arguments.into(), item.into()).into()
}

/// Registers a learning-rate schedule, so that a saved trainer finds it again. It stands on `impl Schedule for MySchedule`, as the
/// documentation of that trait shows; the type has `#[derive(Module)]`.
#[proc_macro_attribute]
pub fn schedule(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::rule::attribute(expand::rule::SCHEDULE, arguments.into(), item.into()).into()
}

/// Lets tensors decide: `if`, `while` and `for` become parts of the graph where a tensor stands in their condition.
///
/// ```
/// use holotype::prelude::*;
///
/// /// The square root, by Newton's method.
/// #[autograph]
/// fn root(x: &Tensor) -> Tensor {
///     let mut y = Tensor::ones_like(x);
///     while (&y * &y - x).abs() > 1e-6 {
///         y = (&y + x / &y) / 2.0;
///     }
///     y
/// }
///
/// assert!((root(&Tensor::from(2.0_f64)).to_scalar::<f64>()? - 2.0_f64.sqrt()).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// It stands on a function; on a method of a `#[layer]`, or as a word of its signature,
/// `#[signature(input = [None; f32], autograph)]`; or on all methods of a layer, `#[layer(autograph)]`.
///
/// | written | where a tensor decides |
/// |---|---|
/// | `if c { … } else { … }` | both branches are recorded, and one runs; they give tensors or structures of tensors |
/// | `while c { … }` | a loop; the variables that its body assigns keep their dtypes and shapes |
/// | `for i in a..b { … }` | a loop over the numbers between two tensors or sizes; `i` is a tensor of `i64` |
/// | `for row in x { … }` | a loop over the parts of a tensor along dimension 0 |
/// | `a && b`, <code>a &#124;&#124; b</code>, `!a` | both sides are computed; with a `bool` on the left, the right one only if needed |
/// | `a < b`, `a == b`, … | a tensor of `bool`, element by element |
///
/// A condition that is a `bool` is what it was: the branch that it chooses runs, at once. A branch or a loop that is left
/// by `break`, `continue`, `return` or `?` stays Rust, and so does one with a `let` in its condition; a tensor there is
/// an error of the compiler. Variables that change in a branch or a loop that a tensor decides are tensors or structures
/// of tensors; a structure, other than a tensor, that a branch moves is written `.clone()` there, as the other branch is
/// recorded too. What stands in `unsafe` blocks and in macros other than `vec!` is left as it is.
#[proc_macro_attribute]
pub fn autograph(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::autograph::attribute(arguments.into(), item.into()).into()
}

/// Registers an op of one's own, so that a model that uses it is saved and loaded.
///
/// ```
/// use holotype::op::{Constraints, Data, Op, Result, Sizes, TensorType, apply};
/// use holotype::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// /// `x` with everything above a limit cut off. The struct holds the attributes.
/// #[derive(Clone, Debug, Serialize, Deserialize)]
/// struct CutOff {
///     limit: f32,
/// }
///
/// #[op]
/// impl Op for CutOff {
///     fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
///         match operands {
///             [x] if x.dtype == DType::F32 => Ok(vec![x.clone()]),
///             _ => Err("it takes one tensor of f32".into()),
///         }
///     }
///
///     fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
///         let cut = operands[0].elements::<f32>()?.iter().map(|x| x.min(self.limit)).collect();
///         Ok(vec![Data::new::<f32>(operands[0].sizes(), cut)?])
///     }
///
///     fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
///         vec![Some(operands[0].less(self.limit).select(&gradients[0], 0.0))]
///     }
/// }
///
/// #[derive(Module)]
/// struct Cut {}
///
/// #[layer]
/// impl Cut {
///     #[signature(x = [None; f32])]
///     fn call(&self, x: &Tensor) -> Tensor {
///         apply(CutOff { limit: 1.0 }, &[x])
///     }
/// }
///
/// let path = tempfile::tempdir()?.path().join("cut");
/// holotype::save(&Cut {}, &path)?;
/// let y = holotype::load(&path)?.call(&[Tensor::from([0.5_f32, 2.0])])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [0.5, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It stands on `impl Op for …`, whose three functions are the shape rule, the reference kernel and the gradient. The op is
/// saved under its path and its version; `#[op(name = "…", alias = "…", version = 2)]` says another name, older ones, and
/// that the meaning of saved attributes has changed. What is not written of `onnx` and `samples` says that ONNX does not
/// have it, and that there are no samples. A program that loads the model has to link the crate of the op, and to mention it
/// once: `use its_name as _;`.
#[proc_macro_attribute]
pub fn op(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::op::attribute(arguments.into(), item.into()).into()
}

/// Gives a function a gradient of its own.
///
/// ```
/// use holotype::prelude::*;
/// use holotype::transform::grad;
///
/// /// Rounds; its gradient is that of a straight line.
/// #[gradient(straight_through)]
/// fn rounded(x: &Tensor) -> Tensor {
///     x.round()
/// }
///
/// fn straight_through(_x: &Tensor, _y: &Tensor, gradient: &Tensor) -> Tensor {
///     gradient.clone()
/// }
///
/// let slope = grad(|x: &Tensor| rounded(x).sum(), &Tensor::from([0.2_f32, 1.7]));
/// assert_eq!(slope.to_vec::<f32>()?, [1.0, 1.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
///
/// It stands on a free function of tensors, or structures of tensors, and names the function that computes the gradient. That
/// one takes the same inputs, then what the function gave for them and the gradient of that, each by reference. It returns the
/// gradient of the input; of several inputs, a tuple. Both functions are traced, and saved as a pair, so that a model that was
/// loaded without their code can still be trained.
#[proc_macro_attribute]
pub fn gradient(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::gradient::attribute(arguments.into(), item.into()).into()
}
