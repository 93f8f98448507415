//! Training against independent values: `oracles/losses.py` and `oracles/optimizers.py` compute them and say how.

#![allow(clippy::unwrap_used, clippy::panic, clippy::extra_unused_type_parameters, missing_docs)]

use holotype::layers::{Activation, Dense, Dropout, Sequential};
use holotype::losses::{
    LossFunction, mean_squared_error, sparse_categorical_crossentropy,
    sparse_categorical_crossentropy_from_logits,
};
use holotype::metrics::{accuracy, mean_absolute_error};
use holotype::prelude::*;
use holotype::registry::{Kind, entries};
use holotype::tensor::Element;

/// A built-in loss or metric by the last part of its name.
fn function(name: &str) -> fn(&Tensor, &Tensor) -> Tensor {
    let all = [Kind::Loss, Kind::Metric].into_iter().flat_map(entries);
    let found: Vec<_> = all
        .filter(|entry| {
            entry.name.starts_with("holotype_runtime::") && entry.name.ends_with(&format!("::{name}"))
        })
        .collect();
    let [entry] = found.as_slice() else { panic!("{name}: {found:?}") };
    entry.constructor.downcast_ref::<LossFunction>().unwrap().0
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(',').map(|number| number.parse().unwrap()).collect()
}

#[test]
fn losses_and_metrics_are_what_their_formulas_say() {
    let mut covered = std::collections::BTreeSet::new();
    for line in include_str!("oracles/losses.txt").lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        let [name, dtype, shape, targets, output, expected] = parts[..] else { panic!("{line}") };
        covered.insert(name);
        let (rows, classes) = shape.split_once('x').unwrap();
        let shape: Vec<usize> = vec![rows.parse().unwrap(), classes.parse().unwrap()];
        let dtype: DType = if dtype == "f32" { DType::F32 } else { DType::F64 };
        let y_pred = Tensor::from_vec(shape.clone(), numbers(output)).cast(dtype);
        let targets = numbers(targets);
        let y_true = if targets.len() == shape[0] && shape[1] > 1 {
            Tensor::from_vec([shape[0]], targets).cast(DType::U8)
        } else {
            Tensor::from_vec(shape, targets).cast(dtype)
        };
        let found = function(name)(&y_true, &y_pred);
        let expected: f64 = expected.parse().unwrap();
        // Some roundings of numbers up to the greatest term, which may be greater than their sum.
        let (relative, absolute) = if dtype == DType::F64 { (1e-13, 1e-15) } else { (2e-6, 1e-7) };
        let found = found.cast(DType::F64).to_scalar::<f64>().unwrap();
        let error = (found - expected).abs();
        assert!(error <= relative * expected.abs() + absolute, "{line}\nfound {found:e}, {error:e} away");
    }
    let all = [Kind::Loss, Kind::Metric].into_iter().flat_map(entries);
    // Those of modules, and of the functions that are compared with Keras, are in `tests/rules.rs`.
    covered.extend(include_str!("oracles/rules.txt").lines().filter_map(|line| line.split(' ').nth(1)));
    for entry in all.filter(|entry| entry.name.starts_with("holotype_runtime::")) {
        assert!(
            !entry.constructor.is::<LossFunction>()
                || covered.iter().any(|name| entry.name.ends_with(&format!("::{name}"))),
            "no values for {entry:?}"
        );
    }
}

#[test]
fn losses_of_halves_are_of_use() {
    let (one, zero) = (Tensor::from([[1.0_f32, 0.0]]), Tensor::from([[0.0_f32, 1.0]]));
    for dtype in [DType::F16, DType::BF16] {
        let loss = |t: &Tensor, p: &Tensor| {
            function("binary_crossentropy")(&t.cast(dtype), &p.cast(dtype)).to_scalar::<f32>().unwrap()
        };
        assert!(loss(&one, &one) < 1e-6);
        assert!((15.0..17.0).contains(&loss(&one, &zero)));
    }
}

/// `x w`, where `w` starts as zeros.
#[derive(Module)]
struct Linear {
    w: Variable,
}

#[layer]
impl Linear {
    fn new(dtype: DType) -> Self {
        Self { w: Variable::new(Tensor::zeros([3, 1]).cast(dtype)) }
    }

    #[signature(x = [None, 3; float])]
    fn call(&self, x: &Tensor) -> Tensor {
        x.matmul(&self.w)
    }
}

/// The problem of `oracles/optimizers.py`.
fn least_squares(dtype: DType) -> Dataset {
    let x: Vec<f64> = (0..24).map(|i| f64::from(i * i).sin()).collect();
    let y: Vec<f64> = (0..8).map(|i| f64::from(i).cos()).collect();
    let (x, y) = (Tensor::from_vec([8, 3], x), Tensor::from_vec([8, 1], y));
    Dataset::new(x.cast(dtype), y.cast(dtype)).unwrap()
}

fn trajectory(name: &str, optimizer: impl Optimizer, dtype: DType, tolerance: f64) {
    let data = least_squares(dtype);
    let mut trainer = Trainer::new(Linear::new(dtype), optimizer, mean_squared_error).build().unwrap();
    let mut steps = 0;
    for line in include_str!("oracles/optimizers.txt").lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        if parts[0] != name {
            continue;
        }
        trainer.fit(&data, Fit::epochs(1).batch_size(8).shuffle(false).quiet()).unwrap();
        steps += 1;
        let w = trainer.variable("model.w").unwrap().value().cast(DType::F64).to_vec::<f64>().unwrap();
        for (found, expected) in w.iter().zip(&parts[2..]) {
            let expected: f64 = expected.parse().unwrap();
            assert!((found - expected).abs() <= tolerance, "{line}, found {found}");
        }
    }
    assert_eq!(steps, 50);
}

#[test]
fn optimizers_go_the_way_of_their_papers() {
    for (dtype, tolerance) in [(DType::F64, 1e-12), (DType::F32, 1e-5)] {
        trajectory("sgd", Sgd::new(0.1), dtype, tolerance);
        trajectory("momentum", Sgd::new(0.05).momentum(0.9), dtype, tolerance);
        trajectory("nesterov", Sgd::new(0.05).nesterov(0.9), dtype, tolerance);
        trajectory("adam", Adam::new(0.05), dtype, tolerance);
        trajectory("adam_other", Adam::new(0.01).betas(0.8, 0.95).epsilon(1e-3), dtype, tolerance);
    }
}

#[test]
fn halves_are_trained_too() {
    for dtype in [DType::F16, DType::BF16] {
        let (x, y) = (Tensor::from([[1.0_f32, 0.0, 0.0]]).cast(dtype), Tensor::from([[1.0_f32]]).cast(dtype));
        let data = Dataset::new(x, y).unwrap();
        let mut trainer =
            Trainer::new(Linear::new(dtype), Adam::new(0.05), mean_squared_error).build().unwrap();
        let history = trainer.fit(&data, Fit::epochs(60).batch_size(1).quiet()).unwrap();
        assert!(history.last("loss").unwrap() < 0.01, "{history:?}");
        // Those whose gradients are 0 stay where they are.
        let w = trainer.variable("model.w").unwrap().value().cast(DType::F32).to_vec::<f32>().unwrap();
        assert_eq!(w[1..], [0.0, 0.0]);
    }
}

#[test]
fn a_line_is_found() {
    let x = Tensor::arange(64).cast(DType::F32).expand_dims(-1) / 32.0 - 1.0;
    let y = &x * 3.0 - 0.5;
    let (train, test) = (Dataset::new(&x, &y).unwrap(), Dataset::new(&x * 0.7, &x * 2.1 - 0.5).unwrap());
    let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.2), mean_squared_error)
        .metric(mean_absolute_error)
        .build()
        .unwrap();
    let history = trainer.fit(&train, Fit::epochs(30).batch_size(8).validation(&test).quiet()).unwrap();

    let names: Vec<&str> = history.epochs()[0].metrics.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"]);
    let numbers: Vec<u64> = history.epochs().iter().map(|epoch| epoch.number).collect();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
    let losses = history.values("loss");
    assert_eq!((losses.len(), losses.last().copied()), (30, history.last("loss")));
    assert!(losses[0] > 0.1 && losses[29] < 1e-6, "{losses:?}");
    assert!(history.last("nothing").is_none() && history.values("nothing").is_empty());

    let metrics = trainer.evaluate(&test).unwrap();
    assert_eq!(metrics.get("loss"), history.last("val_loss"));
    let predicted = trainer.predict(&[Tensor::from([[10.0_f32]])]).unwrap()[0].to_vec::<f32>().unwrap();
    assert!((predicted[0] - 29.5).abs() < 0.01, "{predicted:?}");
}

#[test]
fn the_mean_of_an_epoch_counts_samples_and_not_batches() {
    // With a rate of 0 nothing changes, so the epoch's loss is that of all samples.
    let data = least_squares(DType::F64);
    let mut trainer =
        Trainer::new(Linear::new(DType::F64), Sgd::new(0.0), mean_squared_error).build().unwrap();
    let history = trainer.fit(&data, Fit::epochs(1).batch_size(3).quiet()).unwrap();
    let expected = mean_squared_error(&data.targets(), &Tensor::zeros([8, 1]).cast(DType::F64));
    let (found, expected) = (history.last("loss").unwrap(), expected.to_scalar::<f64>().unwrap());
    assert!((found - expected).abs() < 1e-15, "{found} {expected}");
}

#[test]
fn classes_are_learnt_from_labels_of_every_integer_dtype() {
    holotype::random::seed(1);
    // Two interleaved arcs, which no line separates.
    let angle = Tensor::arange(60).cast(DType::F32) * 0.05;
    let arc = Tensor::stack(&[&angle.cos(), &angle.sin()], 1);
    let other = Tensor::stack(&[&(1.0 - angle.cos()), &(0.5 - angle.sin())], 1);
    let x = Tensor::concatenate(&[&arc, &other], 0);
    let labels: Vec<u8> = (0..120).map(|i| u8::from(i >= 60)).collect();
    let labels = Tensor::from_vec([120], labels);
    let logits =
        || Sequential::new().then(Dense::new(2, 16)).then(Activation::tanh()).then(Dense::new(16, 2));
    let mut trainer = Trainer::new(logits(), Adam::new(0.02), sparse_categorical_crossentropy_from_logits)
        .metric(accuracy)
        .build()
        .unwrap();
    let integers =
        [DType::U8, DType::I8, DType::U16, DType::I16, DType::I32, DType::U32, DType::I64, DType::U64];
    for dtype in integers {
        let data = Dataset::new(&x, labels.cast(dtype)).unwrap();
        trainer.fit(&data, Fit::epochs(8).batch_size(20).quiet()).unwrap();
    }
    let data = Dataset::new(&x, &labels).unwrap();
    assert!(trainer.evaluate(&data).unwrap().get("accuracy").unwrap() > 0.98);

    let softmax = logits().then(Activation::softmax());
    let mut trainer = Trainer::new(softmax, Adam::new(0.02), sparse_categorical_crossentropy)
        .metric(accuracy)
        .build()
        .unwrap();
    let history = trainer.fit(&data, Fit::epochs(60).batch_size(20).quiet()).unwrap();
    assert!(history.last("accuracy").unwrap() > 0.98, "{:?}", history.last("accuracy"));
}

/// One variable in two places, one that is frozen, one that is state, and one that nothing uses.
#[derive(Module)]
struct Tied {
    a: Variable,
    b: Variable,
    #[module(frozen)]
    frozen: Variable,
    #[module(state)]
    state: Variable,
    unused: Variable,
}

#[layer]
impl Tied {
    fn new() -> Self {
        let one = |value: f32| Variable::new(Tensor::from([value]));
        let a = one(1.0);
        Self { b: a.clone(), a, frozen: one(2.0), state: one(3.0), unused: one(4.0) }
    }

    #[signature(x = [None, 1; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.a * &self.b * &self.frozen * &self.state
    }
}

#[test]
fn shared_variables_move_once_and_frozen_ones_never() {
    let data = Dataset::new(Tensor::from([[1.0_f32]]), Tensor::from([[5.0_f32]])).unwrap();
    let mut trainer = Trainer::new(Tied::new(), Sgd::new(0.01), mean_squared_error).build().unwrap();
    trainer.fit(&data, Fit::epochs(1).batch_size(1).quiet()).unwrap();
    let value = |path: &str| trainer.variable(path).unwrap().value().to_vec::<f32>().unwrap()[0];
    // y = 6 a^2, so d(y - 5)^2/da = 2 (6 - 5) 12 = 24.
    assert!((value("model.a") - 0.76).abs() < 1e-6, "{}", value("model.a"));
    assert_eq!([value("model.frozen"), value("model.state"), value("model.unused")], [2.0, 3.0, 4.0]);
    let model: &Tied = trainer.model().unwrap();
    assert_eq!(model.a.identity(), model.b.identity());
    assert!(trainer.variable("model.b").is_err(), "saved once");
}

#[test]
fn metrics_have_the_names_of_their_functions() {
    fn of_any<T: Element>(t: &Tensor, p: &Tensor) -> Tensor {
        (t - p).abs().max().cast(T::DTYPE)
    }
    let pointer: fn(&Tensor, &Tensor) -> Tensor = mean_absolute_error;
    let mut trainer = Trainer::new(Linear::new(DType::F64), Sgd::new(0.1), mean_squared_error)
        .metric(of_any::<f64>)
        .metric(of_any::<f32>)
        .metric(|t: &Tensor, p: &Tensor| (t - p).square().max())
        .metric(pointer)
        .metric(mean_squared_error)
        .build()
        .unwrap();
    let metrics = trainer.evaluate(&least_squares(DType::F64)).unwrap();
    let names: Vec<&str> = metrics.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["loss", "of_any", "of_any_2", "function", "function_4", "mean_squared_error"]);
    assert_eq!(metrics.get("loss"), metrics.get("mean_squared_error"));
}

#[test]
fn dropout_drops_while_learning_only() {
    let model = Sequential::new().then(Dense::new(3, 64)).then(Dropout::new(0.5, 2));
    let mut trainer = Trainer::new(model, Sgd::new(0.0), mean_squared_error).build().unwrap();
    let x = least_squares(DType::F32).inputs().swap_remove(0);
    let target = trainer.predict(std::slice::from_ref(&x)).unwrap().swap_remove(0);
    let data = Dataset::new(&x, &target).unwrap();
    let state = |trainer: &Trainer| {
        let is_state = |path: &str| path.starts_with("model.layers.1.generator");
        let definitions = &trainer.program().graph().variables;
        let at = definitions.iter().position(|definition| is_state(&definition.path)).unwrap();
        trainer.program().variables()[at].data().unwrap()
    };
    let first = state(&trainer);
    assert_eq!(trainer.evaluate(&data).unwrap().get("loss"), Some(0.0));
    assert!(state(&trainer).same_bits(&first));
    let history = trainer.fit(&data, Fit::epochs(2).batch_size(8).quiet()).unwrap();
    assert!(!state(&trainer).same_bits(&first));
    // What is dropped is lost, what is kept is doubled: either way the output is off by itself.
    let expected = target.square().mean().to_scalar::<f32>().unwrap();
    for loss in history.values("loss") {
        assert!((loss - f64::from(expected)).abs() < 1e-5, "{loss} {expected}");
    }
}

#[test]
fn evaluation_leaves_the_run_as_it_is() {
    let data = least_squares(DType::F64);
    let mut trainer =
        Trainer::new(Linear::new(DType::F64), Adam::new(0.1), mean_squared_error).build().unwrap();
    trainer.fit(&data, Fit::epochs(2).batch_size(3).quiet()).unwrap();
    let before = trainer.program().fingerprint().unwrap();
    let first = trainer.evaluate(&data).unwrap();
    assert_eq!(trainer.evaluate(&data).unwrap(), first);
    trainer.predict(&data.inputs()).unwrap();
    assert_eq!(trainer.program().fingerprint().unwrap(), before);
}

#[test]
fn the_rate_can_be_changed_while_a_run_goes_on() {
    let data = least_squares(DType::F64);
    let mut trainer =
        Trainer::new(Linear::new(DType::F64), Sgd::new(0.1), mean_squared_error).build().unwrap();
    trainer.set_learning_rate(0.0).unwrap();
    trainer.fit(&data, Fit::epochs(1).batch_size(8).quiet()).unwrap();
    let w = trainer.variable("model.w").unwrap().value().to_vec::<f64>().unwrap();
    assert_eq!(w, [0.0; 3]);
    let error = trainer.set_learning_rate(f64::NAN).unwrap_err().to_string();
    assert!(error.contains("NaN is not a finite number"), "{error}");
}

#[test]
fn each_epoch_has_an_order_of_its_own_and_every_sample_once() {
    /// Writes down what it sees.
    #[derive(Module)]
    struct Seen {
        w: Variable,
        #[module(state)]
        seen: Variable,
    }

    #[layer]
    impl Seen {
        #[signature(x = [None, 1; f32])]
        fn call(&self, x: &Tensor) -> Tensor {
            if holotype::graph::mode() == holotype::graph::Mode::Training {
                self.seen.assign(self.seen.value() * 10.0 + x.stop_gradient().sum());
            }
            x * &self.w
        }
    }
    let order = |shuffle: bool, seed: u64| {
        let model =
            Seen { w: Variable::new(init::zeros([1])), seen: Variable::state(Tensor::scalar(0.0_f32)) };
        let x = Tensor::from([[1.0_f32], [2.0], [3.0], [4.0], [5.0]]);
        let data = Dataset::new(&x, &x).unwrap();
        let mut trainer = Trainer::new(model, Sgd::new(0.0), mean_squared_error).build().unwrap();
        (0..4)
            .map(|_| {
                let fit = Fit::epochs(1).batch_size(1).shuffle(shuffle).seed(seed).quiet();
                trainer.fit(&data, fit).unwrap();
                let seen = trainer.variable("model.seen").unwrap();
                let digits = seen.value().to_scalar::<f32>().unwrap().to_string();
                seen.assign(Tensor::scalar(0.0_f32));
                digits
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(order(false, 0), ["12345"; 4]);
    let (first, again, other) = (order(true, 1), order(true, 1), order(true, 2));
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert!(first.windows(2).any(|pair| pair[0] != pair[1]), "{first:?}");
    for order in first.iter().chain(&other) {
        let mut digits: Vec<char> = order.chars().collect();
        digits.sort_unstable();
        assert_eq!(digits, ['1', '2', '3', '4', '5']);
    }
}
