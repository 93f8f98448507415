//! Every word of `#[module(...)]`.
use std::collections::BTreeMap;

use holotype::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
enum Activation {
    #[default]
    Relu,
    Gelu,
}

#[derive(Default)]
struct Cache;

fn default_units() -> usize {
    64
}

const RATE: f32 = 0.1;

#[derive(Module)]
#[module(name = "tests::Words", alias = "tests::OldWords")]
#[module(alias = "tests::OlderWords")]
struct Words {
    #[module(rename = "kernel", alias = "w", alias = "weights")]
    weights: Variable,
    #[module(frozen)]
    embedding: Variable,
    #[module(state, alias = "running_mean")]
    mean: Variable,
    #[module(config)]
    activation: Activation,
    #[module(config, default)]
    second: Activation,
    #[module(config, default = Activation::Gelu)]
    third: Activation,
    #[module(default = default_units)]
    units: usize,
    #[module(default = RATE)]
    rate: f32,
    #[module(default = 2 * 2)]
    heads: u32,
    #[module(default = || Some(Variable::new(init::zeros([3]))))]
    #[module(frozen)]
    extra: Option<Variable>,
    #[module(config, default = BTreeMap::<String, u32>::new())]
    table: BTreeMap<String, u32>,
    #[module(skip)]
    cache: Cache,
}

#[derive(Module)]
struct Tuple(Variable, #[module(rename = "second")] usize, #[module(skip)] Cache);

#[derive(Module)]
struct Empty {}

fn main() {
    assert_eq!(<Words as Module>::TYPE.name, "tests::Words");
    assert_eq!(<Words as Module>::TYPE.aliases, ["tests::OldWords", "tests::OlderWords"]);
    let zeros = || Variable::new(init::zeros([3]));
    let words = Words {
        weights: zeros(),
        embedding: zeros(),
        mean: zeros(),
        activation: Activation::Relu,
        second: Activation::Relu,
        third: Activation::Gelu,
        units: 3,
        rate: 0.5,
        heads: 4,
        extra: None,
        table: BTreeMap::new(),
        cache: Cache,
    };
    let _ = (&words.weights, &words.embedding, &words.mean, words.activation, words.second, words.third);
    let _ = (words.units, words.rate, words.heads, words.extra.is_some(), words.table.len(), &words.cache);
    let tuple = Tuple(zeros(), 3, Cache);
    let _ = (&tuple.0, tuple.1, &tuple.2, Empty {});
}
