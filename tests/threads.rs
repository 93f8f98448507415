//! One seed gives one result, whatever the number of threads.

#![allow(clippy::unwrap_used, missing_docs)]

use holotype::layers::{BatchNormalization, Conv2d, Dense, Dropout, Flatten, Input, Sequential};
use holotype::losses::sparse_categorical_crossentropy_from_logits;
use holotype::prelude::*;
use holotype::train::History;

/// A run large enough that its products, convolutions and sums are split among threads.
fn learned(threads: usize) -> (History, String) {
    holotype::threads(threads);
    holotype::random::seed(11);
    let images = Tensor::randn([96, 16, 16, 3]);
    let labels = (Tensor::arange(96) % 10).cast(DType::I64);
    let model = Sequential::new()
        .then(Input::new([16, 16, 3]))
        .then(Conv2d::new(3, 24, 3))
        .then(BatchNormalization::new(24))
        .then(Flatten::new())
        .then(Dropout::new(0.3, 5))
        .then(Dense::new(14 * 14 * 24, 64))
        .then(Dense::new(64, 10));
    let data = Dataset::new(images, labels).unwrap();
    let mut trainer =
        Trainer::new(model, Adam::new(1e-3), sparse_categorical_crossentropy_from_logits).build().unwrap();
    let fit = Fit::epochs(2).batch_size(32).seed(4).validation(&data).quiet();
    let history = trainer.fit(&data, fit).unwrap();
    (history, trainer.program().fingerprint().unwrap())
}

/// A batch so long that gradients of weights are summed in several blocks, and what the model then says to a single row, alone and
/// among others.
fn long(threads: usize) -> (String, Vec<f32>) {
    holotype::threads(threads);
    holotype::random::seed(12);
    let (rows, labels) = (Tensor::randn([900, 2304]), (Tensor::arange(900) % 10).cast(DType::I64));
    let model = Sequential::new()
        .then(Input::new([2304]))
        .then(Dense::new(2304, 128))
        .then(Dense::new(128, 200))
        .then(Dense::new(200, 10));
    let data = Dataset::new(rows.clone(), labels).unwrap();
    let mut trainer =
        Trainer::new(model, Adam::new(1e-3), sparse_categorical_crossentropy_from_logits).build().unwrap();
    trainer.fit(&data, Fit::epochs(1).batch_size(900).seed(4).quiet()).unwrap();
    let said = |count: i64| {
        let first = rows.take(Tensor::arange(count).cast(DType::I64), 0);
        trainer.predict(&[first]).unwrap()[0].to_vec::<f32>().unwrap()
    };
    let alone = said(1);
    assert_eq!(alone, said(7)[..10], "{threads} threads");
    (trainer.program().fingerprint().unwrap(), alone)
}

#[test]
fn one_seed_gives_one_result_whatever_the_number_of_threads() {
    let (expected, expected_long) = (learned(1), long(1));
    for threads in [2, 3, 8, 1] {
        let found = learned(threads);
        assert_eq!(found.0, expected.0, "{threads} threads");
        assert_eq!(found.1, expected.1, "{threads} threads");
        assert_eq!(long(threads), expected_long, "{threads} threads");
    }
    holotype::threads(0);
}
