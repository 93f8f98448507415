//! A run that is killed right after it was saved, and gone on with by a program that has none of its code, ends as the run
//! that was never stopped.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use holotype::layers::{Dense, Dropout};
use holotype::prelude::*;
use holotype::store::save_tensors;

/// Where the process that is killed saves to.
const PLACE: &str = "STRANGER_TEST_PLACE";

#[derive(Module)]
struct Net {
    hidden: Dense,
    dropout: Dropout,
    scale: Variable,
}

#[layer]
impl Net {
    #[signature(x = [None, 4; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.dropout.call(&self.hidden.call(x).tanh()) * &self.scale
    }
}

#[loss]
fn distance(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).square().sum_axis(-1).sqrt().mean()
}

#[metric]
fn largest(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).abs().max()
}

/// `w - rate * m`, where `m` is the mean of all gradients so far.
#[derive(Module)]
struct Averaged {
    #[module(state)]
    steps: Variable,
    rate: f32,
}

#[optimizer]
impl Optimizer for Averaged {
    fn slots(&self, variable: &holotype::tensor::TensorType) -> Vec<(&'static str, Tensor)> {
        vec![("sum", Tensor::zeros(variable.shape.clone()))]
    }

    fn begin_step(&self) {
        self.steps.assign(self.steps.value() + 1.0);
    }

    fn update(&self, value: &Tensor, gradient: &Tensor, slots: &[Variable]) -> Tensor {
        let sum = &slots[0] + gradient;
        slots[0].assign(&sum);
        value - sum / self.steps.value() * self.rate
    }
}

/// A run that starts the same in every process.
fn run() -> Trainer {
    holotype::random::seed(5);
    let model = Net {
        hidden: Dense::new(4, 3),
        dropout: Dropout::new(0.4, 9),
        scale: Variable::new(init::ones([3])),
    };
    let optimizer = Averaged { steps: Variable::state(Tensor::scalar(0.0_f32)), rate: 0.05 };
    Trainer::new(model, optimizer, distance).metric(largest).build().unwrap()
}

/// 70 samples: the last batch of each epoch holds 6.
fn data() -> Dataset {
    let x = (Tensor::arange(280).cast(DType::F32) * 0.37).sin().reshape([70, 4]);
    let y = (Tensor::arange(210).cast(DType::F32) * 0.11).cos().reshape([70, 3]);
    Dataset::new(x, y).unwrap()
}

fn fit(epochs: u64) -> Fit<'static> {
    Fit::epochs(epochs).batch_size(32).quiet()
}

/// The process that is killed: saves, says so, and goes on learning until it is killed.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn maker() {
    let Ok(place) = std::env::var(PLACE) else { return };
    let (mut trainer, data) = (run(), data());
    trainer.fit(&data, fit(2)).unwrap();
    trainer.save(&place).unwrap();
    println!("\nsaved");
    for _ in 0..100_000 {
        trainer.fit(&data, fit(1)).unwrap();
    }
}

fn kill_after_saving(place: &Path) {
    let mut maker = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "maker", "--ignored", "--nocapture"])
        .env(PLACE, place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(maker.stdout.take().unwrap()).lines();
    let saved = lines.map(Result::unwrap).any(|line| line == "saved");
    maker.kill().unwrap();
    let status = maker.wait().unwrap();
    assert!(saved, "the maker ended before it saved: {status}");
    assert!(!status.success());
}

#[test]
fn a_killed_run_is_gone_on_with_by_a_program_without_its_code() {
    let directory = tempfile::tempdir().unwrap();
    let [place, out] = ["run", "out"].map(|name| directory.path().join(name));
    kill_after_saving(&place);
    let data = data();
    save_tensors(
        place.join("assets/train.safetensors"),
        &[("x", &data.inputs()[0]), ("target", &data.targets())],
    )
    .unwrap();

    let stranger = Command::new(env!("CARGO_BIN_EXE_stranger")).args([&place, Path::new("3"), &out]).output();
    let stranger = stranger.unwrap();
    assert!(stranger.status.success(), "{}", String::from_utf8_lossy(&stranger.stderr));

    let mut whole = run();
    whole.fit(&data, fit(5)).unwrap();
    let resumed = holotype::load(&out).unwrap();
    assert_eq!(resumed.variable("position.epoch").unwrap().value().to_scalar::<u64>().unwrap(), 5);
    assert_eq!(resumed.graph().variables, whole.program().graph().variables);
    let pairs = resumed.variables().iter().zip(whole.program().variables());
    for (definition, (a, b)) in resumed.graph().variables.iter().zip(pairs) {
        assert!(a.data().unwrap().same_bits(&b.data().unwrap()), "{}", definition.path);
    }
    assert_eq!(resumed.fingerprint().unwrap(), whole.program().fingerprint().unwrap());
}
