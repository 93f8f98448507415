//! Models that are loaded without their code as layers of others: cut, frozen, trained anew, saved whole again.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::Path;

use holotype::layers::{Activation, BatchNormalization, Dense, Dropout, Flatten, Sequential};
use holotype::losses::{mean_absolute_error, mean_squared_error};
use holotype::module::Loaded;
use holotype::prelude::*;

fn batch(samples: usize, width: usize) -> Tensor {
    let numbers = (0..samples * width).map(|at| ((at * 7) % 13) as f32 / 6.5 - 1.0);
    Tensor::from_vec([samples, width], numbers.collect())
}

fn says<T>(result: holotype::Result<T>, words: &[&str]) {
    let Err(error) = result else { panic!("it was accepted, without {words:?}") };
    let error = error.to_string();
    for word in words {
        assert!(error.contains(word), "{error}\nlacks {word}");
    }
}

fn fit<'a>(epochs: u64) -> Fit<'a> {
    Fit::epochs(epochs).batch_size(8).quiet()
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.to_vec().unwrap()
}

fn layer(path: &Path) -> Loaded {
    holotype::load(path).unwrap().into_layer().unwrap()
}

/// A network with statistics, random numbers and an inner module.
#[derive(Module)]
struct Network {
    encoder: Sequential,
    head: Dense,
}

#[layer]
impl Network {
    fn new() -> Self {
        let encoder = Sequential::new()
            .then(Dense::new(4, 6))
            .then(BatchNormalization::new(6))
            .then(Activation::relu())
            .then(Dropout::new(0.25, 3));
        Self { encoder, head: Dense::new(6, 3) }
    }

    #[signature(x = [batch, 4; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.head.call(&self.encoder.call(x))
    }

    #[signature(x = [batch, 4; f32])]
    fn features(&self, x: &Tensor) -> Tensor {
        self.encoder.call(x) * 2.0
    }
}

/// A run of the network that has gone on for some epochs, saved in a directory.
fn saved(path: &Path) -> Trainer {
    let mut trainer = Trainer::new(Network::new(), Adam::new(0.01), mean_squared_error).build().unwrap();
    trainer.fit(&Dataset::new(batch(24, 4), batch(24, 3)).unwrap(), fit(2)).unwrap();
    trainer.save(path).unwrap();
    trainer
}

#[test]
fn a_loaded_model_says_as_a_layer_what_it_said() {
    let directory = tempfile::tempdir().unwrap();
    let trainer = saved(directory.path());
    let loaded = layer(directory.path());
    let (x, expected) = (batch(5, 4), trainer.predict(&[batch(5, 4)]).unwrap());
    assert_eq!(numbers(&loaded.call(&x)), numbers(&expected[0]));
    // Traced, alone and with another size of batch within another layer.
    let program = Program::trace(&loaded).unwrap();
    assert_eq!(numbers(&program.call(std::slice::from_ref(&x)).unwrap()[0]), numbers(&expected[0]));
    assert_eq!(program.signature("call").unwrap().to_string(), "call(x: [batch, 4; f32]) -> [batch, 3; f32]");
    let features = program.call_function("features", std::slice::from_ref(&x)).unwrap();
    let (Loaded { .. }, network) = (layer(directory.path()), trainer.model::<Network>().unwrap());
    assert_eq!(numbers(&features[0]), numbers(&network.features(&x)));
    // What training needs of a run is no part of the model.
    let paths: Vec<_> = program.graph().variables.iter().map(|one| one.path.as_str()).collect();
    assert!(paths.contains(&"encoder.layers.0.weights") && paths.contains(&"head.bias"), "{paths:?}");
    assert!(!paths.iter().any(|path| path.contains("slots") || path.contains("optimizer")), "{paths:?}");
}

#[test]
fn training_goes_on_as_if_the_code_were_there() {
    let directory = tempfile::tempdir().unwrap();
    let trainer = saved(directory.path());
    let data = Dataset::new(batch(24, 4), batch(24, 3)).unwrap();
    // Another loss and optimizer, with the code and without it.
    let program = holotype::load(directory.path()).unwrap();
    let mut without =
        program.into_trainer_with(Sgd::new(0.05), mean_absolute_error).unwrap().build().unwrap();
    let network = Network::new();
    let mut with = Trainer::new(network, Sgd::new(0.05), mean_absolute_error).build().unwrap();
    let mut copied = 0;
    for definition in &trainer.program().graph().variables {
        if definition.path.starts_with("model.") {
            let value = trainer.variable(&definition.path).unwrap().data().unwrap();
            with.variable(&definition.path).unwrap().set(value).unwrap();
            copied += 1;
        }
    }
    assert!(copied > 8, "{copied}");
    assert_eq!(without.fit(&data, fit(3)).unwrap(), with.fit(&data, fit(3)).unwrap());
    for definition in &with.program().graph().variables {
        let (one, other) =
            (with.variable(&definition.path).unwrap(), without.variable(&definition.path).unwrap());
        assert!(one.data().unwrap().same_bits(&other.data().unwrap()), "{}", definition.path);
    }
    // A batch size and a rate of another kind.
    without.set_learning_rate(0.01).unwrap();
    without.fit(&data, Fit::epochs(1).batch_size(5).quiet()).unwrap();
}

#[test]
fn a_new_head_on_a_frozen_body_is_saved_whole() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("first"), directory.path().join("second"));
    let trainer = saved(&first);
    let body = layer(&first).up_to("encoder").unwrap().frozen();
    let x = batch(5, 4);
    let network: &Network = trainer.model().unwrap();
    let features = network.encoder.layers().iter().take(3).fold(x.clone(), |x, layer| layer.call(&x));
    assert_eq!(numbers(&body.call(&x)), numbers(&features));

    let model = Sequential::new().then(body).then(Flatten::new()).then(Dense::new(6, 1));
    let mut tuned = Trainer::new(model, Adam::new(0.02), mean_squared_error).build().unwrap();
    let before = tuned.variable("model.layers.0.encoder.layers.0.weights").unwrap().data().unwrap();
    let running = tuned.variable("model.layers.0.encoder.layers.1.moving_mean").unwrap().data().unwrap();
    let data = Dataset::new(batch(24, 4), batch(24, 1)).unwrap();
    tuned.fit(&data, fit(3)).unwrap();
    let now = |path: &str| tuned.variable(path).unwrap().data().unwrap();
    assert!(before.same_bits(&now("model.layers.0.encoder.layers.0.weights")));
    // Its own statistics it keeps up, and its dropout has drawn.
    assert!(!running.same_bits(&now("model.layers.0.encoder.layers.1.moving_mean")));
    assert!(tuned.variable("model.layers.0.head.weights").is_err());
    assert!(tuned.variable("slots.layers.0.encoder.layers.0.weights.m").is_err());
    tuned.save(&second).unwrap();

    // A stranger goes on with it, and takes it apart again.
    let mut stranger = holotype::load(&second).unwrap().into_trainer().unwrap();
    assert_eq!(stranger.fit(&data, fit(2)).unwrap(), tuned.fit(&data, fit(2)).unwrap());
    assert_eq!(stranger.program().fingerprint().unwrap(), tuned.program().fingerprint().unwrap());
    let inner = layer(&second).up_to("layers.0.encoder.layers.1").unwrap();
    assert_eq!(inner.call(&x).shape(), Shape::from([5, 6]));

    // Its type can be rebuilt in part only, and says so.
    says(holotype::restore::<Sequential>(&second), &["loaded"]);
}

#[test]
fn parts_of_a_loaded_model_are_frozen_by_pattern() {
    let directory = tempfile::tempdir().unwrap();
    saved(directory.path());
    let builder = || {
        let program = holotype::load(directory.path()).unwrap();
        program.into_trainer_with(Adam::new(0.01), mean_squared_error).unwrap()
    };
    let mut trainer = builder().freeze("encoder.*").build().unwrap();
    let value = |trainer: &Trainer, path: &str| trainer.variable(path).unwrap().data().unwrap();
    let (body, head) =
        (value(&trainer, "model.encoder.layers.0.weights"), value(&trainer, "model.head.weights"));
    let data = Dataset::new(batch(24, 4), batch(24, 3)).unwrap();
    trainer.fit(&data, fit(1)).unwrap();
    assert!(body.same_bits(&value(&trainer, "model.encoder.layers.0.weights")));
    assert!(!head.same_bits(&value(&trainer, "model.head.weights")));
    trainer.unfreeze("encoder.layers.0.*").unwrap();
    trainer.fit(&data, fit(1)).unwrap();
    assert!(!body.same_bits(&value(&trainer, "model.encoder.layers.0.weights")));
    says(builder().freeze("decoder.*").build(), &["`decoder.*`", "encoder.layers.0.weights"]);
}

/// A layer that is traced for two dtypes.
#[derive(Module)]
struct Scaled {
    scale: Variable,
}

#[layer]
impl Scaled {
    #[signature(x = [batch, 2; float in [f32, f64]])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * self.scale.value().cast(x.dtype())
    }
}

/// What calls a loaded layer with both, several times and with several sizes.
#[derive(Module)]
struct Both {
    inner: Loaded,
}

#[layer]
impl Both {
    #[signature(x = [batch, 2; f64], more = [rows, 2; f32])]
    fn call(&self, x: &Tensor, more: &Tensor) -> Tensor {
        let wide = self.inner.call(x) + self.inner.call(&more.cast(DType::F64)).sum();
        wide + self.inner.call(more).cast(DType::F64).sum() + self.inner.call(&(x + 1.0))
    }
}

#[test]
fn all_traces_of_a_loaded_function_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("first"), directory.path().join("second"));
    holotype::save(&Scaled { scale: Variable::new(Tensor::from([0.5_f32, -2.0])) }, &first).unwrap();
    let (x, more) = (batch(3, 2).cast(DType::F64), batch(5, 2));
    let by_hand = |x: &Tensor| x * Tensor::from([0.5_f64, -2.0]).cast(x.dtype());
    let sums = by_hand(&more.cast(DType::F64)).sum() + by_hand(&more).cast(DType::F64).sum();
    let expected = (by_hand(&x) + sums + by_hand(&(&x + 1.0))).to_vec::<f64>().unwrap();
    // Eager, and in a trace that is saved.
    let both = Both { inner: layer(&first) };
    for (found, expected) in both.call(&x, &more).to_vec::<f64>().unwrap().iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    holotype::save(&both, &second).unwrap();
    let said = holotype::load(&second).unwrap().call(&[x.clone(), more.clone()]).unwrap();
    for (found, expected) in said[0].to_vec::<f64>().unwrap().iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    // By itself it takes what it took.
    let again = Program::trace(&layer(&first)).unwrap();
    for x in [x, more] {
        let found = again.call(std::slice::from_ref(&x)).unwrap();
        assert!(found[0].clone().into_data().unwrap().same_bits(&by_hand(&x).into_data().unwrap()));
    }
    says(layer(&first).call(&Tensor::from([[1_i64, 2]])).to_vec::<i64>(), &["input `x`", "f32 or f64"]);
}

#[test]
fn what_cannot_be_taken_is_named() {
    let directory = tempfile::tempdir().unwrap();
    saved(directory.path());
    says(layer(directory.path()).up_to("decoder"), &["no layer `decoder`", "`encoder.layers.0`", "`head`"]);
    let wide = Sequential::new().then(Dense::new(4, 5)).then(layer(directory.path()));
    says(Trainer::new(wide, Sgd::new(0.1), mean_squared_error).build(), &["input `x`", "5", "4"]);
    says(layer(directory.path()).call(&batch(2, 3)).to_vec::<f32>(), &["input `x`", "[batch, 4; f32]"]);
    let frozen = layer(directory.path()).frozen();
    says(Trainer::new(frozen, Sgd::new(0.1), mean_squared_error).build(), &["no trainable variable"]);
}
