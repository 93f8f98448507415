//! Losses, metrics, regularizers and constraints against Keras and scikit-learn: `oracles/rules.py` computes the values.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;

use holotype::layers::{Activation, Dense, Sequential};
use holotype::losses::{
    self, BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy, CategoricalFocalCrossentropy,
    Circle, CosineSimilarity, Ctc, GeneralizedCrossentropy, Huber, SparseCategoricalCrossentropy, Tversky,
};
use holotype::metrics::{
    self, Auc, ConfusionCounts, ConfusionMatrix, F1Score, MeanIou, Perplexity, Precision, R2Score, Recall,
    RootMeanSquaredError, TopKAccuracy,
};
use holotype::prelude::*;
use holotype::registry::{Kind, entries};
use holotype::tensor::TensorType;
use holotype::train::{constraints, regularizers};

/// A line of the oracle.
struct Case {
    line: &'static str,
    name: &'static str,
    targets: Tensor,
    output: Tensor,
    values: Vec<f64>,
}

fn cases(kind: &str, dtype: DType) -> Vec<Case> {
    let numbers = |text: &str| text.split(',').map(|x| x.parse().unwrap()).collect::<Vec<f64>>();
    let lines = include_str!("oracles/rules.txt").lines().filter(|line| line.starts_with(kind));
    lines
        .map(|line| {
            let [_, name, shape, targets, output, values] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let sizes: Vec<usize> = shape.split('x').map(|size| size.parse().unwrap()).collect();
            let output = Tensor::from_vec(sizes.clone(), numbers(output)).cast(dtype);
            let targets = if targets == "-" { Vec::new() } else { numbers(targets) };
            let targets = if targets.len() == sizes.iter().product::<usize>() {
                Tensor::from_vec(sizes, targets).cast(dtype)
            } else {
                Tensor::from(targets).cast(DType::I64)
            };
            Case { line, name, targets, output, values: numbers(values) }
        })
        .collect()
}

fn assert_near(found: &Tensor, case: &Case, tolerance: f64) {
    let found = found.cast(DType::F64).to_vec::<f64>().unwrap();
    assert_eq!(found.len(), case.values.len(), "{}", case.line);
    for (found, expected) in found.iter().zip(&case.values) {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance * expected.abs().max(1e-3),
            "{}\nfound {found:e}, {error:e} away",
            case.line
        );
    }
}

fn loss(name: &str) -> Box<dyn Loss> {
    let binary = BinaryCrossentropy::new;
    let categorical = CategoricalCrossentropy::new;
    match name {
        "mean_absolute_percentage_error" => Box::new(losses::mean_absolute_percentage_error),
        "mean_squared_logarithmic_error" => Box::new(losses::mean_squared_logarithmic_error),
        "poisson" => Box::new(losses::poisson),
        "kl_divergence" => Box::new(losses::kl_divergence),
        "log_cosh" => Box::new(losses::log_cosh),
        "hinge" => Box::new(losses::hinge),
        "squared_hinge" => Box::new(losses::squared_hinge),
        "categorical_hinge" => Box::new(losses::categorical_hinge),
        "dice" => Box::new(losses::dice),
        "huber" => Box::new(Huber::new(1.0)),
        "huber_3" => Box::new(Huber::new(3.0)),
        "cosine_similarity" => Box::new(CosineSimilarity::new()),
        "cosine_similarity_0" => Box::new(CosineSimilarity::new().axis(0)),
        // Keras swaps the two, see the oracle.
        "tversky" => Box::new(Tversky::new(0.25, 0.75)),
        "ctc" => Box::new(|t: &Tensor, p: &Tensor| Ctc::new().compute(&t.reshape([2, 3]), p)),
        "circle" => Box::new(Circle::new()),
        "circle_other" => Box::new(Circle::new().gamma(8.0).margin(0.25)),
        "binary_crossentropy" => Box::new(binary()),
        "binary_crossentropy_smooth" => Box::new(binary().label_smoothing(0.25)),
        "binary_crossentropy_logits" => Box::new(binary().from_logits().label_smoothing(0.25)),
        "categorical_crossentropy" => Box::new(categorical()),
        "categorical_crossentropy_smooth" => Box::new(categorical().label_smoothing(0.25)),
        "categorical_crossentropy_logits" => Box::new(categorical().from_logits().label_smoothing(0.25)),
        "categorical_crossentropy_0" => Box::new(categorical().from_logits().axis(0)),
        "sparse_categorical_crossentropy" => Box::new(SparseCategoricalCrossentropy::new()),
        "sparse_categorical_crossentropy_logits" => {
            Box::new(SparseCategoricalCrossentropy::new().from_logits())
        }
        "binary_focal_crossentropy" => Box::new(BinaryFocalCrossentropy::new()),
        "binary_focal_crossentropy_other" => Box::new(
            BinaryFocalCrossentropy::new().alpha(0.25).gamma(1.5).from_logits().label_smoothing(0.25),
        ),
        "categorical_focal_crossentropy" => Box::new(CategoricalFocalCrossentropy::new()),
        "categorical_focal_crossentropy_other" => Box::new(
            CategoricalFocalCrossentropy::new().alpha(0.5).gamma(1.5).from_logits().label_smoothing(0.25),
        ),
        "generalized_crossentropy" => Box::new(GeneralizedCrossentropy::new(0.75)),
        _ => panic!("no loss {name}"),
    }
}

#[test]
fn losses_have_the_values_of_keras() {
    // Keras on JAX takes means by a reciprocal of the count that is rounded to `f32`.
    for (dtype, tolerance) in [(DType::F64, 3e-7), (DType::F32, 4e-6)] {
        for case in cases("loss", dtype) {
            // In `f32`, 1 - 1e-7 is 1 - 2^-23: a probability of 1 that should be 0 counts as ln 2^23, not as ln 1e7.
            let of_certain = dtype == DType::F32
                && case.name.starts_with("binary_")
                && case.output.max().to_scalar::<f32>().unwrap() == 1.0;
            let tolerance = if of_certain { 6e-3 } else { tolerance };
            assert_near(&loss(case.name).compute(&case.targets, &case.output), &case, tolerance);
        }
    }
}

enum Measured {
    Function(fn(&Tensor, &Tensor) -> Tensor),
    State(Box<dyn Metric>),
}

fn metric(name: &str) -> Measured {
    let module: Box<dyn Metric> = match name {
        "binary_accuracy" => return Measured::Function(metrics::binary_accuracy),
        "sparse_categorical_accuracy" => return Measured::Function(metrics::sparse_categorical_accuracy),
        "categorical_accuracy" => return Measured::Function(metrics::categorical_accuracy),
        "mean_squared_error" => return Measured::Function(metrics::mean_squared_error),
        "mean_absolute_error" => return Measured::Function(metrics::mean_absolute_error),
        "cosine_similarity" => return Measured::Function(metrics::cosine_similarity),
        "top_k_accuracy" => Box::new(TopKAccuracy::new(2)),
        "precision" => Box::new(Precision::new()),
        "precision_0.3" => Box::new(Precision::new().threshold(0.3)),
        "recall" => Box::new(Recall::new()),
        "f1_score" => Box::new(F1Score::new()),
        "confusion_counts" => Box::new(ConfusionCounts::new()),
        "confusion_matrix" => Box::new(ConfusionMatrix::new(3)),
        "mean_iou" => Box::new(MeanIou::new(3)),
        "auc" => Box::new(Auc::roc()),
        "auc_precision_recall" => Box::new(Auc::precision_recall()),
        "auc_20" => Box::new(Auc::roc().thresholds(20)),
        "root_mean_squared_error" => Box::new(RootMeanSquaredError::new()),
        "r2_score" => Box::new(R2Score::new(1)),
        "r2_score_2" => Box::new(R2Score::new(2)),
        "perplexity" => Box::new(Perplexity::new()),
        "perplexity_logits" => Box::new(Perplexity::new().from_logits()),
        _ => panic!("no metric {name}"),
    };
    Measured::State(module)
}

#[test]
fn metrics_have_the_values_of_keras_and_scikit_learn() {
    for (dtype, tolerance) in [(DType::F64, 2e-7), (DType::F32, 1e-6)] {
        for case in cases("metric", dtype) {
            let Case { targets, output, .. } = &case;
            let module = match metric(case.name) {
                Measured::Function(function) => {
                    assert_near(&function(targets, output), &case, tolerance);
                    continue;
                }
                Measured::State(module) => module,
            };
            let rows = case.output.shape().concrete().unwrap()[0] as i64;
            // In one batch, in two, and after it was set back.
            for first in [rows, 3] {
                for batch in [Tensor::arange(first), Tensor::range(first, rows, 1_i64)] {
                    module.update(&targets.take(&batch, 0), &output.take(&batch, 0));
                }
                assert_near(&module.result(), &case, tolerance);
                module.reset();
            }
        }
    }
}

#[test]
fn regularizers_and_constraints_have_the_values_of_keras() {
    for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 2e-6)] {
        for case in cases("weights", dtype) {
            let w = &case.output;
            let found = match case.name {
                "l1" => regularizers::l1(0.25)(w),
                "l2" => regularizers::l2(0.25)(w),
                "l1_l2" => regularizers::l1_l2(0.25, 0.5)(w),
                "orthogonal" => regularizers::orthogonal(0.25)(w),
                "max_norm" => constraints::max_norm(2.0, 0)(w),
                "max_norm_1" => constraints::max_norm(2.0, 1)(w),
                "unit_norm" => constraints::unit_norm(0)(w),
                "non_negative" => constraints::non_negative()(w),
                name => panic!("no rule {name}"),
            };
            assert_near(&found, &case, tolerance);
        }
    }
}

fn stopped(trainer: &Trainer) -> Trainer {
    let directory = tempfile::tempdir().unwrap();
    trainer.save(directory.path()).unwrap();
    holotype::Load::new().copied().load(directory.path()).unwrap().into_trainer().unwrap()
}

fn fingerprint(trainer: &Trainer) -> String {
    trainer.program().fingerprint().unwrap()
}

/// Trains with a loss module or a metric with state, with a stop between and without.
fn goes_on<K>(
    name: &str,
    loss: impl Loss,
    metric: impl holotype::train::IntoMeasure<K>,
    outputs: usize,
    target: &Tensor,
) {
    let x = Tensor::from_vec([4, 3], (0..12_i8).map(|i| f32::from(i * 5 % 7) / 4.0 - 0.5).collect());
    let data = Dataset::new(x, target).unwrap();
    let model = Sequential::new().then(Dense::new(3, outputs)).then(Activation::sigmoid());
    let start = Trainer::new(model, Sgd::new(0.1), loss).metric(metric).build().unwrap();
    let fit = |epochs| Fit::epochs(epochs).batch_size(3).quiet();
    let (mut whole, mut first) = (stopped(&start), stopped(&start));
    let all = whole.fit(&data, fit(3)).unwrap();
    first.fit(&data, fit(1)).unwrap();
    let mut second = stopped(&first);
    let rest = second.fit(&data, fit(2)).unwrap();
    assert_eq!(fingerprint(&whole), fingerprint(&second), "{name}");
    assert_eq!(all.epochs()[1..], *rest.epochs(), "{name}");
    assert_eq!(whole.evaluate(&data).unwrap(), second.evaluate(&data).unwrap(), "{name}");
}

#[test]
fn every_module_goes_on_where_it_stopped() {
    let real = Tensor::from([[0.0_f32], [1.0], [1.0], [0.0]]);
    let labels = Tensor::from([2_i64, 0, 1, 1]);
    let one_hot = labels.one_hot(3).cast(DType::F32);
    let mut covered = BTreeSet::new();
    let nothing = |_: &Tensor, p: &Tensor| p.mean();
    let of_labels = || SparseCategoricalCrossentropy::new().ignore_class(1);
    for name in ["Huber", "CosineSimilarity", "Tversky", "BinaryCrossentropy", "BinaryFocalCrossentropy"] {
        covered.insert(name.to_owned());
    }
    goes_on("Huber", Huber::new(0.5), nothing, 1, &real);
    goes_on("CosineSimilarity", CosineSimilarity::new(), nothing, 3, &one_hot);
    goes_on("Tversky", Tversky::new(0.3, 0.7), nothing, 1, &real);
    goes_on("BinaryCrossentropy", BinaryCrossentropy::new().label_smoothing(0.1), nothing, 1, &real);
    goes_on("BinaryFocalCrossentropy", BinaryFocalCrossentropy::new().alpha(0.25), nothing, 1, &real);
    let categorical = CategoricalCrossentropy::new().label_smoothing(0.1);
    goes_on("CategoricalCrossentropy", categorical, nothing, 3, &one_hot);
    goes_on("CategoricalFocalCrossentropy", CategoricalFocalCrossentropy::new(), nothing, 3, &one_hot);
    goes_on("SparseCategoricalCrossentropy", of_labels(), nothing, 3, &labels);
    goes_on("GeneralizedCrossentropy", GeneralizedCrossentropy::new(0.5), nothing, 3, &labels);
    goes_on("Circle", Circle::new(), nothing, 3, &labels);
    goes_on("TopKAccuracy", of_labels(), TopKAccuracy::new(2), 3, &labels);
    goes_on("ConfusionMatrix", of_labels(), ConfusionMatrix::new(3), 3, &labels);
    goes_on("MeanIou", of_labels(), MeanIou::new(3), 3, &labels);
    goes_on("Perplexity", of_labels(), Perplexity::new(), 3, &labels);
    let huber = || Huber::new(1.0);
    goes_on("Precision", huber(), Precision::new(), 1, &real);
    goes_on("Recall", huber(), Recall::new(), 1, &real);
    goes_on("F1Score", huber(), F1Score::new(), 1, &real);
    goes_on("ConfusionCounts", huber(), ConfusionCounts::new(), 1, &real);
    goes_on("Auc", huber(), Auc::roc(), 1, &real);
    goes_on("Auc", huber(), Auc::precision_recall(), 1, &real);
    goes_on("RootMeanSquaredError", huber(), RootMeanSquaredError::new(), 1, &real);
    goes_on("R2Score", huber(), R2Score::new(1), 1, &real);
    for name in [
        "CategoricalCrossentropy",
        "CategoricalFocalCrossentropy",
        "SparseCategoricalCrossentropy",
        "GeneralizedCrossentropy",
        "Circle",
        "TopKAccuracy",
        "ConfusionMatrix",
        "MeanIou",
        "Perplexity",
        "Precision",
        "Recall",
        "F1Score",
        "ConfusionCounts",
        "Auc",
        "RootMeanSquaredError",
        "R2Score",
    ] {
        covered.insert(name.to_owned());
    }
    for entry in [Kind::Loss, Kind::Metric].into_iter().flat_map(entries) {
        let is_module = entry.type_id.is_some() && entry.name.starts_with("holotype_runtime::");
        let name = entry.name.rsplit("::").next().unwrap();
        assert!(!is_module || name == "Ctc" || covered.contains(name), "{entry:?} has no case in this test");
    }
}

#[test]
fn a_metric_of_several_numbers_is_reported_one_by_one() {
    let x = Tensor::from([[1.0_f32, 0.0], [0.0, 1.0], [1.0, 0.0]]);
    let data = Dataset::new(&x, Tensor::from([0_i64, 1, 1])).unwrap();
    let model = Dense::new(2, 2).without_bias();
    let mut trainer = Trainer::new(model, Sgd::new(0.0), SparseCategoricalCrossentropy::new().from_logits())
        .metric(ConfusionMatrix::new(2))
        .metric(metrics::accuracy)
        .build()
        .unwrap();
    let identity = Tensor::eye(2).cast(DType::F32);
    trainer.variable("model.weights").unwrap().set(identity.into_data().unwrap()).unwrap();
    let found = trainer.evaluate(&data).unwrap();
    let names: Vec<&str> = found.iter().map(|(name, _)| name).collect();
    let cell = |row: usize, column: usize| format!("confusion_matrix.{row}.{column}");
    assert_eq!(names, ["loss", &cell(0, 0), &cell(0, 1), &cell(1, 0), &cell(1, 1), "accuracy"]);
    let values: Vec<f64> = found.iter().map(|(_, value)| value).skip(1).take(4).collect();
    assert_eq!(values, [1.0, 0.0, 1.0, 1.0]);
    // Per epoch, and not over all of them.
    let history = trainer.fit(&data, Fit::epochs(2).batch_size(2).quiet()).unwrap();
    assert_eq!(history.values(&cell(1, 1)), [1.0, 1.0]);
}

/// Classes of each step of sequences.
#[derive(Module)]
struct OfSteps {
    dense: Dense,
}

#[layer]
impl OfSteps {
    #[signature(x = [None, None, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.dense.call(x)
    }
}

#[test]
fn sequences_are_learnt_without_places() {
    let x = Tensor::from_vec([4, 5, 3], (0..60_i16).map(|i| f32::from(i * 7 % 11) / 4.0 - 1.0).collect());
    let data = Dataset::new(x, Tensor::from([[1_i64, 2], [2, 1], [1, 0], [2, 2]])).unwrap();
    let start = Trainer::new(OfSteps { dense: Dense::new(3, 3) }, Adam::new(0.1), Ctc::new())
        .target(TensorType::new(DType::I64, Shape::from([4, 2])))
        .build()
        .unwrap();
    let fit = |epochs| Fit::epochs(epochs).batch_size(3).quiet();
    let (mut whole, mut first) = (stopped(&start), stopped(&start));
    let losses = whole.fit(&data, fit(30)).unwrap().values("loss");
    first.fit(&data, fit(10)).unwrap();
    let mut second = stopped(&first);
    second.fit(&data, fit(20)).unwrap();
    assert_eq!(fingerprint(&whole), fingerprint(&second));
    assert!(losses[29] < losses[0] && losses.iter().all(|loss| loss.is_finite()), "{losses:?}");
}
