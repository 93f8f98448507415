//! Models in Rust that are saved whole.
//!
//! Annotate structs; the macros track their variables and trace their methods. [`save`] writes the whole model to one
//! directory: traced graph, weights, structure and configuration; a [`Trainer`](train::Trainer) saves the loss, the optimizer
//! and its state, and the training step with it. Any program can [`load`] it, run it and go on training it bit for bit, with
//! or without the code that made it, and nothing is registered by hand.
//!
//! ```no_run
//! use holotype::prelude::*;
//!
//! /// y = x W + b
//! #[derive(Module)]
//! pub struct CustomDense {
//!     weights: Variable,          // tracked: trainable state
//!     bias: Variable,
//!     units: usize,               // configuration: any serde type; primitives need no mark
//! }
//!
//! #[layer]
//! impl CustomDense {
//!     pub fn new(input_dim: usize, units: usize) -> Self {
//!         Self {
//!             weights: Variable::new(init::normal([input_dim, units])),
//!             bias: Variable::new(init::zeros([units])),
//!             units,
//!         }
//!     }
//!
//!     #[signature(input = [None, None; f32])]
//!     pub fn call(&self, input: &Tensor) -> Tensor {
//!         input.matmul(&self.weights) + &self.bias
//!     }
//! }
//!
//! fn main() -> holotype::Result<()> {
//!     let model = CustomDense::new(5, 3);
//!     holotype::save(&model, "custom_dense_model")?;            // definition + weights, atomically
//!
//!     // In any other program, which has never heard of CustomDense:
//!     let loaded = holotype::load("custom_dense_model")?;
//!     let output = loaded.call(&[Tensor::randn([2, 5])])?;      // Vec<Tensor>
//!     println!("{}", loaded.signature("call")?);               // call(input: [?, 5; f32]) -> [?, 3; f32]
//!
//!     // In this program, as the Rust type again:
//!     let typed: CustomDense = holotype::restore("custom_dense_model")?;
//!     Ok(())
//! }
//! ```
//!
//! A run of training is saved and gone on with in the same way:
//!
//! ```no_run
//! use holotype::layers::Dense;
//! use holotype::metrics::mean_absolute_error;
//! use holotype::prelude::*;
//!
//! #[loss]
//! fn custom_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor { (y_true - y_pred).square().mean() }
//!
//! # fn main() -> holotype::Result<()> {
//! # let (model, x) = (Dense::new(1, 1), Tensor::randn([64, 1]));
//! # let train = Dataset::new(&x, &x * 2.0)?;
//! # let test = train.clone();
//! let mut trainer = Trainer::new(model, Adam::new(1e-3), custom_loss).metric(mean_absolute_error).build()?;
//! let history = trainer.fit(&train, Fit::epochs(2).batch_size(32).validation(&test))?;   // progress bar on a terminal
//! trainer.save("run")?;          // + traced train/eval/predict steps, optimizer slots, RNG, epoch and data position
//!
//! // A program without the model, the loss or the optimizer goes on where the first one stopped, bit for bit:
//! let mut trainer = holotype::load("run")?.into_trainer()?;
//! trainer.fit(&train, Fit::epochs(2).batch_size(32))?;
//! # Ok(())
//! # }
//! ```

pub use holotype_macros::{
    Module, Structure, autograph, gradient, layer, loss, metric, op, optimizer, schedule, signature,
    train_step,
};
pub use holotype_runtime::graph::Variable;
pub use holotype_runtime::module::{Layer, Module, Program};
pub use holotype_runtime::tensor::Structure;
pub use holotype_runtime::*;

/// What most programs use.
pub mod prelude {
    pub use holotype_macros::{
        Module, Structure, autograph, gradient, layer, loss, metric, op, optimizer, schedule, signature,
        train_step,
    };
    pub use holotype_runtime::control;
    pub use holotype_runtime::error::{Error, Result};
    pub use holotype_runtime::graph::Variable;
    pub use holotype_runtime::init;
    pub use holotype_runtime::losses::Loss;
    pub use holotype_runtime::metrics::Metric;
    pub use holotype_runtime::module::{Layer, Module, Program};
    pub use holotype_runtime::random::Generator;
    pub use holotype_runtime::tensor::{DType, Dim, Shape, Structure, Tensor};
    pub use holotype_runtime::train::{Adam, Dataset, Fit, Optimizer, Schedule, Sgd, Trainer};
}

/// The examples of the README, which are run like those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
