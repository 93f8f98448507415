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

#[test]
fn one_seed_gives_one_result_whatever_the_number_of_threads() {
    let expected = learned(1);
    for threads in [2, 3, 8, 1] {
        let found = learned(threads);
        assert_eq!(found.0, expected.0, "{threads} threads");
        assert_eq!(found.1, expected.1, "{threads} threads");
    }
    holotype::threads(0);
}
