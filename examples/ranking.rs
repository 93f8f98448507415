//! A model that takes a structure of named tensors and gives another one: who is asked, about what, with which features.
//!
//! `cargo run --release --example ranking [DIR]` saves the model to DIR (`ranking_model` if none is given), and with it what it
//! says of some requests, so that any program can check that it says the same.

use std::collections::BTreeMap;
use std::path::Path;

use holotype::layers::{Dense, Embedding};
use holotype::prelude::*;
use holotype::store::save_tensors;
use holotype::tensor::Leaves;

/// Pairs of a user and an item, with numbers that are known of each pair.
#[derive(Structure)]
pub struct Request {
    user: Tensor,
    item: Tensor,
    features: BTreeMap<String, Tensor>,
}

/// What is expected of each pair.
#[derive(Structure)]
pub struct Scores {
    rating: Tensor,
    click: Tensor,
}

/// Two embeddings and the features, mixed by one layer, read by two.
#[derive(Module)]
pub struct Ranking {
    users: Embedding,
    items: Embedding,
    mixed: Dense,
    rating: Dense,
    click: Dense,
}

#[layer]
impl Ranking {
    /// A model for so many users and items.
    pub fn new(users: usize, items: usize) -> Self {
        Self {
            users: Embedding::new(users, 6),
            items: Embedding::new(items, 6),
            mixed: Dense::new(14, 16),
            rating: Dense::new(16, 1),
            click: Dense::new(16, 1),
        }
    }

    /// The rating, and how probable a click is.
    #[signature(
        request = {
            user: [batch; i64],
            item: [batch; i64],
            features: { age: [batch; f32], price: [batch; f32] },
        }
        -> { rating: [batch; f32], click: [batch; f32] }
    )]
    pub fn call(&self, request: &Request) -> Scores {
        let [age, price] = ["age", "price"].map(|name| request.features[name].expand_dims(1));
        let [user, item] = [self.users.call(&request.user), self.items.call(&request.item)];
        let mixed = self.mixed.call(&Tensor::concatenate(&[&user, &item, &age, &price], 1)).tanh();
        Scores {
            rating: self.rating.call(&mixed).squeeze(1),
            click: self.click.call(&mixed).squeeze(1).sigmoid(),
        }
    }
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "ranking_model".to_owned());
    holotype::random::seed(4);
    let model = Ranking::new(50, 20);
    let request = Request {
        user: Tensor::from([3_i64, 3, 17, 49]),
        item: Tensor::from([0_i64, 19, 7, 7]),
        features: BTreeMap::from([
            ("age".to_owned(), Tensor::from([0.3_f32, 0.3, 0.7, 0.1])),
            ("price".to_owned(), Tensor::from([1.5_f32, 0.2, 0.9, 0.9])),
        ]),
    };
    let scores = model.call(&request);
    println!("rating {:.4}\nclick {:.4}", scores.rating, scores.click);
    holotype::save(&model, &path)?;

    // A loaded model takes the structure as it is, or its tensors by name.
    let loaded = holotype::load(&path)?;
    println!("{}", loaded.signature("call")?);
    let again: Scores = loaded.call_structure("call", &request)?;
    println!("loaded: rating {:.4}", again.rating);

    let (inputs, outputs) = (Leaves::under(&request, "request"), Leaves::of(&scores));
    let tensors: Vec<(&str, &Tensor)> =
        inputs.paths().zip(inputs.tensors()).chain(outputs.paths().zip(outputs.tensors())).collect();
    save_tensors(Path::new(&path).join("assets/test.safetensors"), &tensors)?;
    println!("saved {path}");
    Ok(())
}
