//! Metrics with state of samples that have weights: `oracles/weighted_metrics.py` computes the values, and what a run does with them.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::metrics::{
    Auc, ConfusionCounts, ConfusionMatrix, F1Score, MeanIou, Perplexity, Precision, R2Score, Recall,
    RootMeanSquaredError, TopKAccuracy,
};
use holotype::prelude::*;

fn metric(name: &str) -> Box<dyn Metric> {
    match name {
        "top_k_accuracy" => Box::new(TopKAccuracy::new(2)),
        "precision" => Box::new(Precision::new()),
        "recall" => Box::new(Recall::new()),
        "f1_score" => Box::new(F1Score::new()),
        "confusion_counts" => Box::new(ConfusionCounts::new()),
        "confusion_matrix" => Box::new(ConfusionMatrix::new(3)),
        "mean_iou" => Box::new(MeanIou::new(3)),
        "auc" => Box::new(Auc::roc()),
        "auc_precision_recall" => Box::new(Auc::precision_recall()),
        "root_mean_squared_error" => Box::new(RootMeanSquaredError::new()),
        "r2_score" => Box::new(R2Score::new(1)),
        "r2_score_2" => Box::new(R2Score::new(2)),
        "perplexity" => Box::new(Perplexity::new()),
        _ => panic!("no metric {name}"),
    }
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(',').map(|number| number.parse().unwrap()).collect()
}

#[test]
fn weights_count_as_in_keras_and_scikit_learn() {
    for (dtype, tolerance) in [(DType::F64, 2e-7), (DType::F32, 1e-6)] {
        for line in include_str!("oracles/weighted_metrics.txt").lines() {
            let [name, shape, targets, output, weights, values] = line.split(' ').collect::<Vec<_>>()[..]
            else {
                panic!("{line}")
            };
            let sizes: Vec<usize> = shape.split('x').map(|size| size.parse().unwrap()).collect();
            let output = Tensor::from_vec(sizes.clone(), numbers(output)).cast(dtype);
            let targets = numbers(targets);
            let targets = if targets.len() == sizes.iter().product::<usize>() {
                Tensor::from_vec(sizes.clone(), targets).cast(dtype)
            } else {
                Tensor::from(targets).cast(DType::I64)
            };
            let weights = Tensor::from(numbers(weights)).cast(DType::F32);
            let (metric, rows) = (metric(name), sizes[0] as i64);
            // In one batch, in two, and after it was set back.
            for first in [rows, 3] {
                for batch in [Tensor::arange(first), Tensor::range(first, rows, 1_i64)] {
                    let part = |x: &Tensor| x.take(&batch, 0);
                    metric.update_weighted(&part(&targets), &part(&output), &part(&weights)).unwrap();
                }
                let found = metric.result().cast(DType::F64).to_vec::<f64>().unwrap();
                let expected = numbers(values);
                assert_eq!(found.len(), expected.len(), "{line}");
                for (found, expected) in found.iter().zip(expected) {
                    let error = (found - expected).abs();
                    assert!(error <= tolerance * expected.abs().max(1e-3), "{line}\nfound {found:e}");
                }
                metric.reset();
            }
        }
    }
}

/// The greatest difference that was ever seen.
#[derive(Module)]
struct Worst {
    #[module(state)]
    worst: Variable,
}

#[metric]
impl Metric for Worst {
    fn update(&self, y_true: &Tensor, y_pred: &Tensor) {
        self.worst.assign(self.worst.value().maximum((y_true - y_pred).abs().max()));
    }

    fn result(&self) -> Tensor {
        self.worst.value()
    }

    fn reset(&self) {
        self.worst.assign(self.worst.value().zeros_like());
    }
}

fn trainer() -> holotype::train::TrainerBuilder {
    let layer = Dense::new(2, 1);
    layer.weights().assign(Tensor::from([[0.5_f32], [-0.25]]));
    Trainer::new(layer, Sgd::new(0.0), mean_squared_error)
}

fn data() -> Dataset {
    let x = Tensor::from([[0.5_f32, 1.0], [2.0, 0.25], [-1.0, 0.5], [3.0, -2.0], [0.125, 1.5]]);
    let target = Tensor::from([[0.0_f32], [1.0], [1.0], [1.0], [0.0]]);
    Dataset::new(x, target).unwrap()
}

#[test]
fn a_run_weighs_what_it_was_asked_to_weigh() {
    let build = || {
        let metrics = trainer().weighted_metric(RootMeanSquaredError::new()).metric(Recall::new());
        metrics.weighted_metric(Recall::new()).weighted().build().unwrap()
    };
    let weights = [0.5_f32, 2.0, 0.0, 1.25, 3.0];
    // Each error by hand: what the layer gives is x0 / 2 - x1 / 4.
    let errors = [0.0_f64 - 0.0, 1.0 - 0.9375, 1.0 + 0.625, 1.0 - 2.0, 0.0 + 0.3125];
    let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
    let squares: f64 =
        weights.iter().zip(errors).map(|(weight, error)| f64::from(*weight) * error * error).sum();
    let weighted = data().weights(weights.to_vec()).unwrap();
    let fit = || Fit::epochs(1).batch_size(2).quiet();

    let mut whole = build();
    let directory = tempfile::tempdir().unwrap();
    whole.save(directory.path()).unwrap();
    let history = whole.fit(&weighted, fit()).unwrap();
    let near = |name: &str, expected: f64| {
        let found = history.last(name).unwrap();
        assert!((found - expected).abs() < 1e-6, "{name}: {found}, and not {expected}");
    };
    near("root_mean_squared_error", (squares / total).sqrt());
    // The second and the fourth are found, and the third is not, whose weight is 0.
    near("recall", 2.0 / 3.0);
    near("recall_3", 1.0);

    // Without the code, and without weights.
    let mut loaded = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
    assert_eq!(loaded.fit(&weighted, fit()).unwrap(), history);
    let plain = loaded.evaluate(&data()).unwrap();
    assert_eq!(plain.get("recall"), plain.get("recall_3"));
    assert_eq!(plain, whole.evaluate(&data()).unwrap());
}

#[test]
fn a_metric_that_does_not_weigh_says_so() {
    let worst = || Worst { worst: Variable::state(Tensor::from(0.0_f32)) };
    let weighted = data().weights(vec![1.0_f32; 5]).unwrap();
    let fit = || Fit::epochs(1).batch_size(2).quiet();
    let mut asked = trainer().weighted_metric(worst()).build().unwrap();
    asked.fit(&data(), fit()).unwrap();
    let error = asked.fit(&weighted, fit()).unwrap_err().to_string();
    assert!(
        error.contains("`worst` does not say how samples") && error.contains("`update_weighted`"),
        "{error}"
    );
    // What is not asked to weigh is as it was.
    let mut plain = trainer().metric(worst()).build().unwrap();
    assert_eq!(
        plain.fit(&weighted, fit()).unwrap().last("worst"),
        plain.fit(&data(), fit()).unwrap().last("worst")
    );
}
