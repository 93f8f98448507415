//! Every built-in layer, loss, metric and optimizer: saved, loaded without code, restored, gone on with,
//! with the same bits each time. An object that has no case here fails the test.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;

use holotype::functional::Padding;
use holotype::layers::{
    Activation, AvgPool, BatchNormalization, Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d,
    ConvTranspose3d, Dense, DepthwiseConv2d, Dropout, Embedding, Flatten, Function, GlobalAvgPool,
    GlobalMaxPool, GroupNormalization, Input, InstanceNormalization, LayerNormalization, MaxPool,
    MultiHeadAttention, Prelu, RmsNormalization, SeparableConv2d, Sequential,
};
use holotype::losses::{LossFunction, mean_squared_error};
use holotype::module::Source;
use holotype::prelude::*;
use holotype::registry::{Entry, Kind, entries};
use holotype::store::Load;
use holotype::train::optimizers::{Adadelta, Adafactor, Adagrad, AdamW, Lamb, Lion, Muon, Nadam, RmsProp};

/// What the library itself registers.
fn built_in(kind: Kind) -> Vec<&'static Entry> {
    let own: Vec<_> =
        entries(kind).into_iter().filter(|entry| entry.name.starts_with("holotype_runtime::")).collect();
    assert!(!own.is_empty(), "no {} is built in", kind.name());
    own
}

fn last_part(name: &str) -> &str {
    name.rsplit("::").next().unwrap()
}

fn assert_all_covered(kind: Kind, covered: &BTreeSet<&str>) {
    for entry in built_in(kind) {
        assert!(covered.contains(entry.name), "{entry:?} has no case in this test");
    }
}

fn numbers(sizes: &[usize]) -> Tensor {
    let count: usize = sizes.iter().product();
    let values = (0..count).map(|i| ((i * 7 % 11) as f32 - 5.0) / 4.0).collect();
    Tensor::from_vec(sizes, values)
}

fn assert_same(left: &Tensor, right: &Tensor, what: &str) {
    let (left, right) = (left.data().unwrap(), right.data().unwrap());
    assert!(left.same_bits(right), "{what}: {left:?} and {right:?}");
}

fn assert_same_variables(left: &Program, right: &Program, what: &str) {
    assert_eq!(left.graph().variables, right.graph().variables);
    let pairs = left.variables().iter().zip(right.variables());
    for (definition, (left, right)) in left.graph().variables.iter().zip(pairs) {
        let (left, right) = (left.data().unwrap(), right.data().unwrap());
        assert!(left.same_bits(&right), "{what}: {}: {left:?} and {right:?}", definition.path);
    }
}

fn saved_and_loaded(trainer: &Trainer) -> Trainer {
    let directory = tempfile::tempdir().unwrap();
    trainer.save(directory.path()).unwrap();
    Load::new().copied().load(directory.path()).unwrap().into_trainer().unwrap()
}

/// Two steps in one go, and with a stop between.
fn assert_resumes(start: &Trainer, data: &Dataset, what: &str) {
    let fit = |epochs| Fit::epochs(epochs).batch_size(data.len()).quiet();
    let (mut whole, mut first) = (saved_and_loaded(start), saved_and_loaded(start));
    whole.fit(data, fit(2)).unwrap();
    first.fit(data, fit(1)).unwrap();
    let mut second = saved_and_loaded(&first);
    second.fit(data, fit(1)).unwrap();
    assert_same_variables(whole.program(), second.program(), what);
    let (whole, second) = (whole.evaluate(data).unwrap(), second.evaluate(data).unwrap());
    assert_eq!(whole, second, "{what}");
}

/// Everything that a layer goes through; it is trained behind a layer that can be, since not every layer can.
fn check_layer<L: Layer + Module>(make: impl Fn() -> L, input: &Tensor) -> &'static str {
    let width = usize::try_from(input.dim(-1).constant().unwrap()).unwrap();
    check_layer_in(|| Sequential::new().then(Dense::new(width, width)).then(make()), &make, input)
}

/// Everything that a layer goes through, trained as part of a model.
fn check_layer_in<L: Layer + Module>(
    model: impl Fn() -> Sequential,
    make: impl Fn() -> L,
    input: &Tensor,
) -> &'static str {
    let name = L::TYPE.name;
    let directory = tempfile::tempdir().unwrap();
    let (alone, inside) = (directory.path().join("alone"), directory.path().join("inside"));

    let layer = make();
    let eager = (&layer as &dyn Layer).call(input);
    holotype::save(&layer, &alone).unwrap();
    let loaded = holotype::load(&alone).unwrap();
    assert_same(&eager, &loaded.call(std::slice::from_ref(input)).unwrap()[0], name);
    let restored: L = holotype::restore(&alone).unwrap();
    assert_same(&eager, &(&restored as &dyn Layer).call(input), name);
    assert_same_variables(&loaded, &Program::trace(&restored).unwrap(), name);

    let outer = Sequential::new().then(layer);
    holotype::save(&outer, &inside).unwrap();
    let outer: Sequential = holotype::restore(&inside).unwrap();
    let [boxed] = outer.layers() else { panic!("{name}: one layer was saved") };
    assert!(boxed.as_any().is::<L>(), "{name}");
    assert_eq!(boxed.module_type(), L::TYPE);
    assert_same(&eager, &boxed.call(input), name);

    let model = model();
    let data = Dataset::new(input, model.call(input) * 0.5 + 0.1).unwrap();
    let mut trainer = Trainer::new(model, Adam::new(0.1), mean_squared_error).build().unwrap();
    // The steps are traced for data of this type, if they are not yet.
    assert!(trainer.evaluate(&data).unwrap().get("loss").unwrap().is_finite());
    assert_resumes(&trainer, &data, name);
    name
}

fn layers_of_images() -> Vec<&'static str> {
    let (line, image, volume) = (numbers(&[2, 7, 4]), numbers(&[2, 5, 4, 4]), numbers(&[1, 3, 4, 3, 2]));
    let same = || Conv2d::new(4, 6, [3, 2]).strides(2).padding(Padding::Same).activation(Function::Relu);
    let larger = || ConvTranspose2d::new(4, 2, 3).strides([2, 1]).padding(Padding::Same);
    vec![
        check_layer(|| Conv1d::new(4, 3, 3).dilation(2).activation(Function::Tanh), &line),
        check_layer(|| Conv1d::new(4, 4, 2).padding([(1, 0)]).groups(2), &line),
        check_layer(same, &image),
        check_layer(|| Conv2d::new(4, 4, 1).groups(4).without_bias(), &image),
        check_layer(|| Conv3d::new(2, 3, [2, 3, 1]).strides([1, 2, 1]), &volume),
        check_layer(|| ConvTranspose1d::new(4, 3, 2).strides(3), &line),
        check_layer(larger, &image),
        check_layer(|| ConvTranspose3d::new(2, 1, 2).dilation(2).padding(1).without_bias(), &volume),
        check_layer(|| DepthwiseConv2d::new(4, 3).depth_multiplier(2), &image),
        check_layer(|| DepthwiseConv2d::new(4, [1, 2]).padding(Padding::Same).without_bias(), &image),
        check_layer(|| SeparableConv2d::new(4, 3, 2).depth_multiplier(2).activation(Function::Gelu), &image),
        check_layer(|| MaxPool::new(2), &line),
        check_layer(|| MaxPool::new([3, 2]).strides(1).padding(Padding::Same), &image),
        check_layer(|| AvgPool::new(3).strides(2).padding(Padding::Same), &image),
        check_layer(|| AvgPool::new([2, 2, 1]), &volume),
        check_layer(GlobalAvgPool::new, &image),
        check_layer(GlobalMaxPool::new, &volume),
    ]
}

#[test]
fn every_layer() {
    let functions = [
        Function::Linear,
        Function::Relu,
        Function::Sigmoid,
        Function::Tanh,
        Function::Gelu,
        Function::Silu,
        Function::Softplus,
        Function::Softmax,
        Function::LogSoftmax,
        Function::Sparsemax,
        Function::Relu6,
        Function::LeakyRelu(0.2),
        Function::Elu(1.0),
        Function::Celu(0.5),
        Function::Selu,
        Function::GeluTanh,
        Function::Mish,
        Function::Softsign,
        Function::Exponential,
        Function::HardSigmoid,
        Function::HardSilu,
        Function::HardTanh,
        Function::HardShrink(0.5),
        Function::SoftShrink(0.5),
        Function::TanhShrink,
        Function::Threshold { threshold: 0.1, value: -1.0 },
        Function::LogSigmoid,
        Function::Squareplus(4.0),
        Function::SparsePlus,
        Function::SparseSigmoid,
    ];
    let mut covered = BTreeSet::new();
    for function in functions {
        covered.insert(check_layer(|| Activation::new(function), &numbers(&[5, 4])));
    }
    for function in
        [Function::Tanh, Function::LeakyRelu(0.1), Function::Threshold { threshold: 0.1, value: -1.0 }]
    {
        covered.insert(check_layer(|| Dense::new(4, 3).activation(function), &numbers(&[5, 4])));
    }
    covered.insert(check_layer(|| Dense::new(4, 6).activation(Function::Glu), &numbers(&[5, 4])));
    covered.insert(check_layer(|| Dense::new(4, 3).without_bias(), &numbers(&[2, 3, 4])));
    covered.insert(check_layer(|| Dropout::new(0.4, 3), &numbers(&[6, 5])));
    covered.insert(check_layer(Flatten::new, &numbers(&[3, 2, 2])));
    covered.insert(check_layer(|| Input::new([2, 2]), &numbers(&[3, 2, 2])));
    covered.extend(normalisations());
    covered.insert(check_layer(|| Prelu::new([4]), &numbers(&[3, 4])));
    let embedding = || Embedding::new(6, 3);
    let words = Tensor::from([[3_i32, 5], [0, 3]]);
    covered.insert(check_layer_in(|| Sequential::new().then(embedding()), embedding, &words));
    covered
        .insert(check_layer(|| SelfAttention::new(MultiHeadAttention::new(4, 2, 3)), &numbers(&[2, 3, 4])));
    let grouped = || MultiHeadAttention::grouped(4, 4, 2, 2).causal().dropout(0.2, 9).without_bias();
    covered.insert(check_layer(|| SelfAttention::new(grouped()), &numbers(&[2, 3, 4])));
    covered.insert(MultiHeadAttention::TYPE.name);
    let stack = || Sequential::new().then(Dense::new(4, 2)).then(Sequential::new().then(Activation::tanh()));
    covered.insert(check_layer(stack, &numbers(&[3, 4])));
    covered.extend(layers_of_images());
    assert_all_covered(Kind::Layer, &covered);
}

fn normalisations() -> [&'static str; 5] {
    let x = numbers(&[3, 2, 4]);
    check_layer(|| LayerNormalization::new([2, 4]).without_center(), &x);
    check_layer(|| GroupNormalization::new(2, 4).without_scale().without_center(), &x);
    check_layer(|| BatchNormalization::new(2).axis(1).without_scale().without_center(), &x);
    check_layer(|| InstanceNormalization::new(4).without_parameters(), &x);
    [
        check_layer(|| LayerNormalization::new([4]), &x),
        check_layer(|| RmsNormalization::new(4), &x),
        check_layer(|| GroupNormalization::new(2, 4), &x),
        check_layer(|| InstanceNormalization::new(4).epsilon(0.1), &x),
        check_layer(|| BatchNormalization::new(4).momentum(0.5), &x),
    ]
}

/// Attention with one input.
#[derive(Module)]
struct SelfAttention {
    attention: MultiHeadAttention,
}

#[layer]
impl SelfAttention {
    fn new(attention: MultiHeadAttention) -> Self {
        Self { attention }
    }

    #[signature(input = [None, None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        self.attention.call(input, input)
    }
}

#[test]
fn batch_normalisation_moves_its_statistics_while_training() {
    let layer = BatchNormalization::new(2).momentum(0.5);
    let data = Dataset::new(Tensor::from([[1.0_f32, 0.0], [3.0, 0.0]]), Tensor::zeros([2, 2])).unwrap();
    let mut trainer = Trainer::new(layer, Sgd::new(0.0), mean_squared_error).build().unwrap();
    trainer.fit(&data, Fit::epochs(2).batch_size(2).quiet()).unwrap();
    let variable = |name| trainer.variable(name).unwrap().value().to_vec::<f32>().unwrap();
    assert_eq!(variable("model.moving_mean"), [1.5, 0.0]);
    assert_eq!(variable("model.moving_variance"), [1.0, 0.25]);
}

#[test]
fn every_layer_of_floats_takes_every_float_dtype() {
    let directory = tempfile::tempdir().unwrap();
    for dtype in DType::ALL.into_iter().filter(|dtype| dtype.is_float()) {
        let input = numbers(&[3, 4]).cast(dtype);
        let layers: [Box<dyn Layer>; 8] = [
            Activation::gelu().into(),
            Activation::softmax().into(),
            Dropout::new(0.1, 0).into(),
            LayerNormalization::new([4]).into(),
            RmsNormalization::new(4).into(),
            GroupNormalization::new(2, 4).into(),
            BatchNormalization::new(4).into(),
            Prelu::new([4]).into(),
        ];
        for layer in layers {
            let eager = layer.call(&input);
            assert_eq!(eager.dtype(), dtype);
            holotype::store::save_program(&Program::trace(&*layer).unwrap(), directory.path()).unwrap();
            let loaded =
                holotype::load(directory.path()).unwrap().call(std::slice::from_ref(&input)).unwrap();
            assert_same(&eager, &loaded[0], layer.module_type().name);
        }
    }
}

/// Those that are functions.
fn functions(kind: Kind) -> impl Iterator<Item = (&'static Entry, fn(&Tensor, &Tensor) -> Tensor)> {
    built_in(kind)
        .into_iter()
        .filter_map(|entry| Some((entry, entry.constructor.downcast_ref::<LossFunction>()?.0)))
}

/// A model and targets that a built-in loss or metric is made for.
fn case(entry: &Entry) -> (Sequential, Tensor) {
    let model = || Sequential::new().then(Dense::new(4, 3));
    let one_hot = || Tensor::from([[0.0_f32, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    match last_part(entry.name) {
        "mean_squared_error" | "mean_absolute_error" | "log_cosh" | "cosine_similarity" => {
            (model(), numbers(&[2, 3]))
        }
        "mean_absolute_percentage_error" => (model(), numbers(&[2, 3]) + 50.0),
        "mean_squared_logarithmic_error" | "poisson" => {
            (model().then(Activation::softplus()), numbers(&[2, 3]).abs())
        }
        "hinge"
        | "squared_hinge"
        | "categorical_hinge"
        | "categorical_accuracy"
        | "binary_crossentropy_from_logits"
        | "categorical_crossentropy_from_logits" => (model(), one_hot()),
        "dice" | "binary_accuracy" | "binary_crossentropy" => {
            (model().then(Activation::sigmoid()), one_hot())
        }
        "kl_divergence" | "categorical_crossentropy" => (model().then(Activation::softmax()), one_hot()),
        "sparse_categorical_crossentropy" => (model().then(Activation::softmax()), Tensor::from([2_i64, 0])),
        "sparse_categorical_crossentropy_from_logits" | "accuracy" | "sparse_categorical_accuracy" => {
            (model(), Tensor::from([2_i64, 0]))
        }
        _ => panic!("{entry:?} has no case in this test"),
    }
}

#[test]
fn every_loss() {
    for (entry, loss) in functions(Kind::Loss) {
        let (model, target) = case(entry);
        let data = Dataset::new(numbers(&[2, 4]), &target).unwrap();
        let eager =
            loss(&target, &model.call(&numbers(&[2, 4]))).cast(DType::F64).to_scalar::<f64>().unwrap();
        let mut trainer = Trainer::new(model, Sgd::new(0.1), loss).build().unwrap();
        assert_eq!(trainer.evaluate(&data).unwrap().get("loss"), Some(eager), "{entry:?}");
        let mut loaded = saved_and_loaded(&trainer);
        assert_eq!(loaded.evaluate(&data).unwrap().get("loss"), Some(eager), "{entry:?}");
        assert_resumes(&trainer, &data, entry.name);
        let history = trainer.fit(&data, Fit::epochs(20).batch_size(2).quiet()).unwrap();
        assert!(history.last("loss").unwrap() < eager, "{entry:?} {eager} {history:?}");
    }
}

#[test]
fn every_metric() {
    for (entry, metric) in functions(Kind::Metric) {
        let (model, target) = case(entry);
        let data = Dataset::new(numbers(&[2, 4]), &target).unwrap();
        let eager =
            metric(&target, &model.call(&numbers(&[2, 4]))).cast(DType::F64).to_scalar::<f64>().unwrap();
        let loss = |_: &Tensor, p: &Tensor| p.mean();
        let mut trainer = Trainer::new(model, Sgd::new(0.1), loss).metric(metric).build().unwrap();
        // Behind a pointer a function has no name.
        assert_eq!(trainer.evaluate(&data).unwrap().get("function"), Some(eager), "{entry:?}");
        let mut loaded = saved_and_loaded(&trainer);
        assert_eq!(loaded.evaluate(&data).unwrap().get("function"), Some(eager), "{entry:?}");
        assert_resumes(&trainer, &data, entry.name);
    }
}

/// Everything that an optimizer goes through.
fn check_optimizer<O: Optimizer + Module>(optimizer: O, slots: &[&str]) -> &'static str {
    let name = O::TYPE.name;
    let data = Dataset::new(numbers(&[4, 3]), numbers(&[4, 2])).unwrap();
    let mut trainer = Trainer::new(Dense::new(3, 2), optimizer, mean_squared_error).build().unwrap();
    for variable in ["weights", "bias"] {
        for slot in slots {
            assert!(trainer.variable(&format!("slots.{variable}.{slot}")).is_ok(), "{name}");
        }
    }
    assert_resumes(&trainer, &data, name);
    let history = trainer.fit(&data, Fit::epochs(10).batch_size(4).quiet()).unwrap();
    let losses = history.values("loss");
    assert!(losses[9] < losses[0], "{name}: {losses:?}");

    // As its type again, with the state that it had.
    let trainer = saved_and_loaded(&trainer);
    let objects = trainer.program().objects();
    let id = objects.child(objects.root().unwrap().0, "optimizer").unwrap();
    let restored: O = Source::build(objects, trainer.program().variables(), id).unwrap();
    let mut again = Trainer::new(Dense::new(3, 2), restored, mean_squared_error).build().unwrap();
    let rate = |trainer: &Trainer| trainer.variable("optimizer.learning_rate").unwrap().data().unwrap();
    assert!(rate(&trainer).same_bits(&rate(&again)), "{name}");
    again.fit(&data, Fit::epochs(1).batch_size(4).quiet()).unwrap();
    name
}

#[test]
fn every_optimizer() {
    let covered = BTreeSet::from([
        check_optimizer(Sgd::new(0.1), &[]),
        check_optimizer(Sgd::new(0.1).momentum(0.5), &["velocity"]),
        check_optimizer(Sgd::new(0.1).nesterov(0.5), &["velocity"]),
        check_optimizer(Sgd::new(0.1).decoupled_weight_decay(0.01), &[]),
        check_optimizer(Adam::new(0.1), &["m", "v"]),
        check_optimizer(Adam::new(0.1).amsgrad().weight_decay(0.01), &["m", "v", "greatest"]),
        check_optimizer(AdamW::new(0.1), &["m", "v"]),
        check_optimizer(Nadam::new(0.1), &["m", "v"]),
        check_optimizer(Adagrad::new(0.1), &["sum"]),
        check_optimizer(Adadelta::new(10.0), &["squares", "steps"]),
        check_optimizer(Adafactor::new(0.1), &[]),
        check_optimizer(RmsProp::new(0.01).centered().momentum(0.5), &["squares", "mean", "velocity"]),
        check_optimizer(Lion::new(0.05), &["m"]),
        check_optimizer(Lamb::new(0.05), &["m", "v"]),
        check_optimizer(Muon::new(0.05).others(0.1), &[]),
    ]);
    assert_all_covered(Kind::Optimizer, &covered);
}
