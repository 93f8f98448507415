//! Several losses and outputs, and samples that have weights, against Keras: `oracles/weights.py` computes the values.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use holotype::layers::Dense;
use holotype::losses::{
    Losses, binary_crossentropy_from_logits, mean_squared_error, mean_squared_logarithmic_error,
    sparse_categorical_crossentropy_from_logits as crossentropy,
};
use holotype::metrics::{mean_absolute_error, sparse_categorical_accuracy};
use holotype::prelude::*;
use holotype::train::{History, TrainerBuilder};

const SAMPLES: usize = 10;

fn numbers(count: usize, number: impl Fn(usize) -> f32) -> Vec<f32> {
    (0..count).map(number).collect()
}

fn x() -> Tensor {
    Tensor::from_vec(
        [SAMPLES, 3],
        numbers(SAMPLES * 3, |at| ((7 * (at / 3) + 3 * (at % 3)) % 11) as f32 / 8.0 - 0.625),
    )
}

fn labels() -> Tensor {
    Tensor::from((0..SAMPLES as i64).map(|sample| sample % 3).collect::<Vec<_>>())
}

fn bits() -> Tensor {
    Tensor::from_vec([SAMPLES, 1], numbers(SAMPLES, |sample| (sample % 2) as f32))
}

fn weights() -> Vec<f32> {
    numbers(SAMPLES, |sample| ((3 * sample) % 7) as f32 / 4.0)
}

fn dense(outputs: usize) -> Dense {
    let layer = Dense::new(3, outputs);
    let kernel = numbers(3 * outputs, |at| ((5 * at) % 9) as f32 / 8.0 - 0.5);
    layer.weights().assign(Tensor::from_vec([3, outputs], kernel));
    layer
}

/// Two layers on one input, with named outputs.
#[derive(Module)]
struct Reader {
    digit: Dense,
    parity: Dense,
}

#[layer]
impl Reader {
    fn new() -> Self {
        Self { digit: dense(3), parity: dense(1) }
    }

    #[signature(x = [batch, 3; f32] -> (digit = [batch, 3; f32], parity = [batch, 1; f32]))]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor) {
        (self.digit.call(x), self.parity.call(x))
    }
}

fn losses() -> Losses {
    Losses::new().on("digit", crossentropy, 1.0).on("parity", binary_crossentropy_from_logits, 0.25)
}

fn several() -> TrainerBuilder {
    Trainer::new(Reader::new(), Sgd::new(0.5), losses())
        .metric_on("digit", sparse_categorical_accuracy)
        .metric_on("parity", mean_absolute_error)
}

fn both_targets() -> Dataset {
    Dataset::with_targets(vec![x()], vec![labels(), bits()]).unwrap()
}

fn fit<'a>(epochs: u64) -> Fit<'a> {
    Fit::epochs(epochs).batch_size(4).shuffle(false).quiet()
}

/// Compares what was reported and learned with the lines of a case.
fn assert_as_keras(case: &str, history: &History, trainer: &Trainer) {
    let lines: Vec<_> = include_str!("oracles/weights.txt")
        .lines()
        .filter_map(|line| line.strip_prefix(case)?.trim().split_once(' '))
        .collect();
    assert!(lines.len() > 2, "{case}");
    for (name, values) in lines {
        let expected: Vec<f64> = values.split(',').map(|value| value.parse().unwrap()).collect();
        let found = match name.split_once('.') {
            None => history.values(name),
            Some((layer, variable)) => {
                let path = if layer == "only" { variable.to_owned() } else { name.to_owned() };
                let variable = trainer.variable(&format!("model.{path}")).unwrap();
                variable.value().cast(DType::F64).to_vec().unwrap()
            }
        };
        assert_eq!(found.len(), expected.len(), "{case} {name}: {found:?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                (found - expected).abs() < 2e-6 * expected.abs().max(0.5),
                "{case} {name}: {found:e}, and Keras says {expected:e}"
            );
        }
    }
}

#[test]
fn several_losses_are_added_up_and_reported_as_keras_does() {
    let mut trainer = several().build().unwrap();
    let history = trainer.fit(&both_targets(), fit(3)).unwrap();
    assert_as_keras("several", &history, &trainer);
    let names: Vec<String> = history.epochs()[0].metrics.iter().map(|(name, _)| name.to_owned()).collect();
    let expected = ["loss", "digit_loss", "parity_loss", "digit_sparse_categorical_accuracy"];
    assert_eq!(names[..4], expected);
    assert_eq!(names[4..], ["parity_mean_absolute_error"]);
    // With names the targets may come in any order.
    let mut trainer = several().build().unwrap();
    let turned = Dataset::with_targets(vec![x()], vec![bits(), labels()]).unwrap();
    let history = trainer.fit(&turned.outputs(["parity", "digit"]).unwrap(), fit(3)).unwrap();
    assert_as_keras("several", &history, &trainer);
}

/// The error of each sample by itself.
#[loss]
fn each(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).square().mean_axis(-1)
}

#[test]
fn weights_of_samples_and_classes_count_as_in_keras() {
    let data = Dataset::new(x(), bits()).unwrap().weights(weights()).unwrap();
    let builder = || {
        Trainer::new(dense(1), Sgd::new(0.5), mean_squared_error)
            .metric(mean_absolute_error)
            .weighted_metric(mean_squared_logarithmic_error)
    };
    let mut trainer = builder().build().unwrap();
    let history = trainer.fit(&data, fit(3)).unwrap();
    assert_as_keras("samples", &history, &trainer);

    // A loss that gives a number for each sample is the same loss.
    let mut trainer = Trainer::new(dense(1), Sgd::new(0.5), each)
        .metric(mean_absolute_error)
        .weighted_metric(mean_squared_logarithmic_error)
        .build()
        .unwrap();
    let history = trainer.fit(&data, fit(3)).unwrap();
    assert_as_keras("samples", &history, &trainer);

    let data = Dataset::new(x(), labels()).unwrap();
    let mut trainer = Trainer::new(dense(3), Sgd::new(0.5), crossentropy).build().unwrap();
    let history = trainer.fit(&data, fit(3).class_weights([0.5, 2.0, 1.25])).unwrap();
    assert_as_keras("classes", &history, &trainer);
}

#[test]
fn weights_of_one_change_nothing_but_the_rounding() {
    let data = Dataset::new(x(), labels()).unwrap();
    let ones = data.clone().weights(vec![1.0_f32; SAMPLES]).unwrap();
    let of = |data: &Dataset| {
        let mut trainer = Trainer::new(dense(3), Sgd::new(0.5), crossentropy).build().unwrap();
        trainer.fit(data, fit(2)).unwrap().values("loss")
    };
    for (plain, weighted) in of(&data).iter().zip(of(&ones)) {
        assert!((plain - weighted).abs() < 1e-6, "{plain} {weighted}");
    }
}

#[test]
fn a_stranger_goes_on_with_several_losses_and_weights_bit_for_bit() {
    let directory = tempfile::tempdir().unwrap();
    let data = both_targets().weights(weights()).unwrap();
    let mut whole = several().weighted().build().unwrap();
    whole.fit(&data, fit(2)).unwrap();
    whole.save(directory.path()).unwrap();
    let expected = whole.fit(&data, fit(2)).unwrap();

    let mut loaded = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
    assert_eq!(loaded.fit(&data, fit(2)).unwrap(), expected);
    assert_eq!(loaded.program().fingerprint().unwrap(), whole.program().fingerprint().unwrap());
    let plain = loaded.evaluate(&both_targets()).unwrap();
    assert_eq!(plain, whole.evaluate(&both_targets()).unwrap());
    let turned = Dataset::with_targets(vec![x()], vec![bits(), labels()]).unwrap();
    assert_eq!(loaded.evaluate(&turned.outputs(["parity", "digit"]).unwrap()).unwrap(), plain);

    // One that was saved without weights says what would have helped.
    let directory = tempfile::tempdir().unwrap();
    several().build().unwrap().save(directory.path()).unwrap();
    let mut loaded = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
    says(loaded.fit(&data, fit(1)), &["the samples have weights", "build the run with `.weighted()`"]);
}

fn says<T>(result: holotype::Result<T>, words: &[&str]) {
    let Err(error) = result else { panic!("it was accepted, without {words:?}") };
    let error = error.to_string();
    for word in words {
        assert!(error.contains(word), "{error}\nlacks {word}");
    }
}

#[test]
fn outputs_and_losses_that_do_not_fit_are_named() {
    let trainer = |losses: Losses| Trainer::new(Reader::new(), Sgd::new(0.5), losses);
    says(
        trainer(Losses::new().on("digits", crossentropy, 1.0)).build(),
        &["the output `digits`", "there are digit, parity"],
    );
    says(
        Trainer::new(Reader::new(), Sgd::new(0.5), crossentropy).build(),
        &["gives 2 outputs", "Losses::new().on(\"digit\", loss, 1.0)"],
    );
    says(trainer(losses()).metric(mean_absolute_error).build(), &["others none", "metric_on(\"digit\", …)"]);
    says(trainer(losses()).metric_on("size", mean_absolute_error).build(), &["`size`", "digit, parity"]);
    says(trainer(Losses::new()).build(), &["there is no loss"]);
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        says(
            trainer(Losses::new().on("digit", crossentropy, weight)).build(),
            &["the weight of `digit_loss` is", "not negative"],
        );
    }
    says(
        Trainer::new(dense(1), Sgd::new(0.1), mean_squared_error).metric(losses()).build(),
        &["give `Losses` to `Trainer::new`"],
    );
}

#[test]
fn targets_and_weights_that_do_not_fit_are_named() {
    let mut trainer = several().build().unwrap();
    let one = Dataset::new(x(), labels()).unwrap();
    says(trainer.fit(&one, fit(1)), &["the data have 1 targets", "2 outputs", "digit, parity"]);
    says(
        trainer.fit(&one.clone().outputs(["digit"]).unwrap(), fit(1)),
        &["no targets for the output `parity`", "some for digit"],
    );
    let three = Dataset::with_targets(vec![x()], vec![labels(), bits(), bits()]).unwrap();
    says(
        trainer.fit(&three.clone().outputs(["digit", "parity", "size"]).unwrap(), fit(1)),
        &["`size`", "no loss or metric looks at it"],
    );
    says(three.clone().outputs(["digit", "parity"]), &["3 targets", "2 (digit, parity)"]);
    says(three.outputs(["digit", "parity", "digit"]), &["`digit` is named twice"]);
    let flat = Dataset::with_targets(vec![x()], vec![labels(), bits().reshape([SAMPLES])]).unwrap();
    says(trainer.fit(&flat, fit(1)), &["the targets of the output `parity`", ".target_on(\"parity\", …)"]);
    says(
        Dataset::with_targets(vec![x()], vec![labels(), Tensor::zeros([3])]),
        &["targets 1 are [3; f32]", "the targets are [10; i64]"],
    );
    says(Dataset::with_targets(Vec::new(), Vec::new()), &["neither inputs nor targets"]);

    says(one.clone().weights(vec![1.0_f32; 3]), &["the weights are [3; f32]", "10 examples"]);
    for weight in [-0.5, f32::NAN, f32::INFINITY] {
        let mut weights = weights();
        weights[7] = weight;
        says(one.clone().weights(weights), &["the weight of example 7 is", "not negative"]);
    }
    let mut plain = Trainer::new(dense(3), Sgd::new(0.5), crossentropy).build().unwrap();
    says(plain.fit(&both_targets(), fit(1)), &["the data have 2 targets", "one output"]);
    says(plain.fit(&one, fit(1).class_weights([1.0, 2.0])), &["example 2", "it has the label 2", "0 to 1"]);
    says(plain.fit(&one, fit(1).class_weights([1.0, -2.0, 1.0])), &["the weight of class 1 is -2"]);
    says(trainer.fit(&both_targets(), fit(1).class_weights([1.0])), &["data with one target", "2"]);
}
