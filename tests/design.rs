//! The two programs that the design promises, as it writes them.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::sync::LazyLock;

use holotype::prelude::*;
use tempfile::TempDir;

/// The programs save under relative paths, so this process works in a directory that goes away.
static DIRECTORY: LazyLock<TempDir> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    std::env::set_current_dir(&directory).unwrap();
    directory
});

#[rustfmt::skip]
#[allow(unused_variables, missing_docs)]
pub mod layer {
use holotype::prelude::*;

/// y = x W + b
#[derive(Module)]
pub struct CustomDense {
    weights: Variable,          // tracked: trainable state
    bias: Variable,
    units: usize,               // configuration: any serde type; primitives need no mark
}

#[layer]
impl CustomDense {
    pub fn new(input_dim: usize, units: usize) -> Self {
        Self {
            weights: Variable::new(init::normal([input_dim, units])),
            bias: Variable::new(init::zeros([units])),
            units,
        }
    }

    #[signature(input = [None, None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        input.matmul(&self.weights) + &self.bias
    }
}

pub fn main() -> holotype::Result<()> {
    let model = CustomDense::new(5, 3);
    holotype::save(&model, "custom_dense_model")?;            // definition + weights, atomically

    // In any other program, which has never heard of CustomDense:
    let loaded = holotype::load("custom_dense_model")?;
    let output = loaded.call(&[Tensor::randn([2, 5])])?;      // Vec<Tensor>
    println!("{}", loaded.signature("call")?);               // call(input: [?, 5; f32]) -> [?, 3; f32]

    // In this program, as the Rust type again:
    let typed: CustomDense = holotype::restore("custom_dense_model")?;
    Ok(())
}
}

#[rustfmt::skip]
mod training {
use holotype::metrics::mean_absolute_error;
use holotype::prelude::*;
use holotype::train::History;

#[loss]
fn custom_loss(y_true: &Tensor, y_pred: &Tensor) -> Tensor { (y_true - y_pred).square().mean() }

pub(super) fn main(model: impl Layer, train: Dataset, test: Dataset) -> holotype::Result<(History, Trainer)> {
let mut trainer = Trainer::new(model, Adam::new(1e-3), custom_loss).metric(mean_absolute_error).build()?;
let history = trainer.fit(&train, Fit::epochs(2).batch_size(32).validation(&test))?;   // progress bar on a terminal
trainer.save("run")?;          // + traced train/eval/predict steps, optimizer slots, RNG, epoch and data position

// A program without the model, the loss or the optimizer goes on where the first one stopped, bit for bit:
let mut trainer = holotype::load("run")?.into_trainer()?;
trainer.fit(&train, Fit::epochs(2).batch_size(32))?;
Ok((history, trainer))
}
}

#[test]
fn a_layer_is_saved_loaded_and_restored() {
    let directory = DIRECTORY.path();
    layer::main().unwrap();
    let loaded = holotype::load(directory.join("custom_dense_model")).unwrap();
    assert_eq!(loaded.signature("call").unwrap().to_string(), "call(input: [?, 5; f32]) -> [?, 3; f32]");
    let output = loaded.call(&[Tensor::randn([2, 5])]).unwrap();
    assert_eq!(output.len(), 1);
    assert_eq!(output[0].shape().to_string(), "[2, 3]");
    let restored: layer::CustomDense = holotype::restore(directory.join("custom_dense_model")).unwrap();
    let input = Tensor::randn([7, 5]);
    assert_eq!(
        restored.call(&input).to_vec::<f32>().unwrap(),
        loaded.call(&[input]).unwrap()[0].to_vec::<f32>().unwrap()
    );
}

#[test]
fn a_run_is_saved_and_goes_on_bit_for_bit() {
    let directory = DIRECTORY.path();
    let input = Tensor::randn([128, 5]);
    let data = Dataset::new(&input, input.matmul(Tensor::ones([5, 3]))).unwrap();
    let (history, resumed) =
        training::main(layer::CustomDense::new(5, 3), data.clone(), data.clone()).unwrap();
    assert_eq!(history.epochs().len(), 2);
    let losses = history.values("loss");
    assert!(losses[1] < losses[0], "{losses:?}");
    for metric in ["mean_absolute_error", "val_loss", "val_mean_absolute_error"] {
        assert!(history.last(metric).is_some_and(f64::is_finite), "{metric}");
    }
    assert_eq!(resumed.epochs().unwrap(), 4);

    let mut again = holotype::load(directory.join("run")).unwrap().into_trainer().unwrap();
    again.fit(&data, Fit::epochs(2).batch_size(32).quiet()).unwrap();
    for (path, variable) in resumed.program().graph().variables.iter().zip(resumed.program().variables()) {
        let same = again.variable(&path.path).unwrap().data().unwrap();
        assert!(same.same_bits(&variable.data().unwrap()), "{}", path.path);
    }
}
