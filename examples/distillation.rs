//! A small network that learns what a large one says, by a training step of its own
//! ([Hinton et al. 2015](https://arxiv.org/abs/1503.02531)).
//!
//! `cargo run --release --example distillation [DIR] [EPOCHS]` trains a teacher of 784-128-10 on 8,000 real digits, saves it, loads it as
//! any program could, and lets a student of 784-16-10 learn from it and from the labels. The student's run, in which the teacher is
//! kept, is saved to DIR, `distillation_model` if none is given. After 3 epochs each, the teacher is right of 93.7 % of 2,000 other digits
//! and the student of 91.4 %; it says what the teacher says of 96.5 %.

#[path = "digits/idx.rs"]
mod idx;

use std::path::Path;

use holotype::layers::{Activation, Dense, Sequential};
use holotype::losses::sparse_categorical_crossentropy_from_logits as crossentropy;
use holotype::metrics::accuracy;
use holotype::module::Loaded;
use holotype::prelude::*;
use holotype::store::save_tensors;
use holotype::train::Updater;

type Failure = Box<dyn std::error::Error>;

/// How much the distributions are softened.
const TEMPERATURE: f64 = 3.0;

#[derive(Module)]
struct Distillation {
    teacher: Loaded,
    student: Sequential,
    updater: Updater,
}

/// What a step reports.
#[derive(Structure)]
struct Reports {
    loss: Tensor,
    accuracy: Tensor,
    agreement: Tensor,
}

#[layer]
impl Distillation {
    #[signature(image = [batch, 784; f32])]
    fn call(&self, image: &Tensor) -> Tensor {
        self.student.call(image)
    }

    /// What is made small, and what is reported of it.
    fn judge(&self, image: &Tensor, target: &Tensor) -> Reports {
        let (wanted, said) = (self.teacher.call(image), self.student.call(image));
        let soft = (&wanted / TEMPERATURE).softmax(-1);
        let softly = -(soft * (&said / TEMPERATURE).log_softmax(-1)).sum_axis(-1).mean();
        let loss = softly * (0.7 * TEMPERATURE * TEMPERATURE) + crossentropy(target, &said) * 0.3;
        let agreement = wanted.argmax(-1).equal(said.argmax(-1)).cast(DType::F32).mean();
        Reports { loss, accuracy: accuracy(target, &said), agreement }
    }
}

#[train_step]
impl Distillation {
    #[signature(image = [batch, 784; f32], target = [batch; i64])]
    fn train_step(&self, image: &Tensor, target: &Tensor) -> Reports {
        let reports = self.judge(image, target);
        Reports { loss: self.updater.minimize(&reports.loss, &self.student), ..reports }
    }

    #[signature(image = [batch, 784; f32], target = [batch; i64])]
    fn evaluate_step(&self, image: &Tensor, target: &Tensor) -> Reports {
        self.judge(image, target)
    }
}

/// A network of this width.
fn network(width: usize) -> Sequential {
    Sequential::new().then(Dense::new(784, width)).then(Activation::relu()).then(Dense::new(width, 10))
}

/// Images as rows of 784 numbers from 0 to 1, and labels.
fn dataset(name: &str) -> Result<Dataset, Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/mnist-10k");
    let images = idx::read(&folder.join(format!("{name}-images-idx3-ubyte.gz")))?;
    let labels = idx::read(&folder.join(format!("{name}-labels-idx1-ubyte.gz")))?;
    let pixels = images.reshape([-1, 784]).cast(DType::F32) / 255.0;
    Ok(Dataset::new(pixels, labels.cast(DType::I64))?)
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "distillation_model".to_owned());
    let epochs = arguments.next().map_or(Ok(3), |epochs| epochs.parse())?;
    let (train, test) = (dataset("train")?, dataset("t10k")?);
    holotype::random::seed(7);

    let mut teacher = Trainer::new(network(128), Adam::new(1e-3), crossentropy).metric(accuracy).build()?;
    teacher.fit(&train, Fit::epochs(epochs).batch_size(32))?;
    let of_teacher = teacher.evaluate(&test)?.get("accuracy").unwrap_or(f64::NAN);
    let saved = Path::new(&path).join("teacher");
    teacher.save(&saved)?;

    let student = network(16);
    let updater = Updater::new(Adam::new(2e-3), &student);
    let teacher = holotype::load(&saved)?.into_layer()?.frozen();
    let mut trainer = Trainer::with_step(Distillation { teacher, student, updater })?;
    trainer.fit(&train, Fit::epochs(epochs).batch_size(32).validation(&test))?;
    let metrics = trainer.evaluate(&test)?;
    let percent = |name: &str| 100.0 * metrics.get(name).unwrap_or(f64::NAN);
    println!(
        "teacher {:.1} %, student {:.1} %, which says what the teacher says of {:.1} %",
        100.0 * of_teacher,
        percent("accuracy"),
        percent("agreement")
    );

    let saved = Path::new(&path).join("student");
    trainer.save(&saved)?;
    let assets = saved.join("assets");
    let output = trainer.predict(&test.inputs())?.remove(0);
    save_tensors(assets.join("test.safetensors"), &[("image", &test.inputs()[0]), ("output", &output)])?;
    let named = [("image", &train.inputs()[0]), ("target", &train.targets())];
    save_tensors(assets.join("train.safetensors"), &named)?;
    println!("saved {path}");

    // A program without this code that goes on for an epoch gets the same variables.
    trainer.fit(&train, Fit::epochs(1).batch_size(32))?;
    println!("after one more epoch: variables {}", trainer.program().fingerprint()?);
    Ok(())
}
