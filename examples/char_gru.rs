//! A recurrent network that learns to spell, written twice: with a Rust `for` over time, and with `scan`.
//!
//! `cargo run --release --example char_gru [DIR]` trains both to predict the next character of a text, saves the runs to
//! DIR/for and DIR/scan (`char_gru_model` if none is given), and with them what they say of the text, so that any program
//! can check that it says the same. (Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014.)

use std::path::Path;

use holotype::control::scan;
use holotype::layers::Dense;
use holotype::losses::sparse_categorical_crossentropy_from_logits;
use holotype::metrics::accuracy;
use holotype::prelude::*;
use holotype::store::save_tensors;

const TEXT: &str = "a model is a tree of layers, a layer is a tree of variables, and a variable is a number of numbers. \
                    what is traced once runs anywhere, what is saved whole is never lost. ";

/// The gated recurrent unit.
#[derive(Module)]
pub struct Gru {
    gates: Dense,
    candidate: Dense,
    units: usize,
}

#[layer]
impl Gru {
    /// A unit from `inputs` to `units` features.
    pub fn new(inputs: usize, units: usize) -> Self {
        Self {
            gates: Dense::new(inputs + units, 2 * units),
            candidate: Dense::new(inputs + units, units),
            units,
        }
    }

    /// The state after one more item.
    #[signature(x = [batch, features; f32], state = [batch, self.units; f32])]
    pub fn call(&self, x: &Tensor, state: &Tensor) -> Tensor {
        let gates = self.gates.call(&Tensor::concatenate(&[x, state], 1)).sigmoid();
        let [reset, update] = [gates.slice_axis(1, ..self.units), gates.slice_axis(1, self.units..)];
        let candidate = self.candidate.call(&Tensor::concatenate(&[x, &(reset * state)], 1)).tanh();
        &update * state + (1.0 - &update) * candidate
    }
}

/// The characters as vectors, the unit that reads them, and what comes out of its last state.
#[derive(Module)]
struct Reader {
    embedding: Variable,
    gru: Gru,
    head: Dense,
}

impl Reader {
    fn new(classes: usize, units: usize) -> Self {
        Self {
            embedding: Variable::new(init::normal([classes, units])),
            gru: Gru::new(units, units),
            head: Dense::new(units, classes),
        }
    }

    /// The vectors of the characters, time first, and the state before the first one.
    fn start(&self, text: &Tensor) -> (Tensor, Tensor) {
        let vectors = self.embedding.value().embedding_lookup(text.t());
        (vectors, Tensor::zeros([text.dim(0), self.gru.units.into()]))
    }
}

/// What comes next, read in a Rust loop.
#[derive(Module)]
pub struct WithFor {
    reader: Reader,
}

#[layer]
impl WithFor {
    /// The scores of each character to come next.
    #[signature(text = [batch, time; i64])]
    #[autograph]
    pub fn call(&self, text: &Tensor) -> Tensor {
        let (vectors, mut state) = self.reader.start(text);
        for vector in vectors {
            state = self.reader.gru.call(&vector, &state);
        }
        self.reader.head.call(&state)
    }
}

/// What comes next, read in a scan.
#[derive(Module)]
pub struct WithScan {
    reader: Reader,
}

#[layer]
impl WithScan {
    /// The scores of each character to come next.
    #[signature(text = [batch, time; i64])]
    pub fn call(&self, text: &Tensor) -> Tensor {
        let (vectors, state) = self.reader.start(text);
        let (state, ()) =
            scan(state, vectors, |state, vector: Tensor| (self.reader.gru.call(&vector, &state), ()));
        self.reader.head.call(&state)
    }
}

/// Windows of the text and the character behind each, as indices into the characters that occur.
fn windows(length: usize) -> (usize, Tensor, Tensor) {
    let mut known: Vec<char> = TEXT.chars().collect();
    known.sort_unstable();
    known.dedup();
    let text: Vec<i64> =
        TEXT.chars().filter_map(|c| known.binary_search(&c).ok()).map(|i| i as i64).collect();
    let count = text.len() - length;
    let inputs: Vec<i64> = (0..count).flat_map(|start| text[start..start + length].to_vec()).collect();
    let next: Vec<i64> = text[length..].to_vec();
    (known.len(), Tensor::from_vec([count, length], inputs), Tensor::from_vec([count], next))
}

fn learn(model: impl Layer, data: &Dataset, path: &Path) -> holotype::Result<()> {
    let mut trainer = Trainer::new(model, Adam::new(0.01), sparse_categorical_crossentropy_from_logits)
        .metric(accuracy)
        .build()?;
    let history = trainer.fit(data, Fit::epochs(12).batch_size(16))?;
    println!("accuracy {:.1} %", 100.0 * history.last("accuracy").unwrap_or(f64::NAN));
    trainer.save(path)?;
    let text = &data.inputs()[0];
    let output = trainer.predict(std::slice::from_ref(text))?.remove(0);
    save_tensors(path.join("assets/test.safetensors"), &[("text", text), ("output", &output)])?;
    save_tensors(path.join("assets/train.safetensors"), &[("text", text), ("target", &data.targets())])?;
    println!("saved {}", path.display());
    Ok(())
}

fn main() -> holotype::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "char_gru_model".to_owned());
    let (classes, text, next) = windows(20);
    let data = Dataset::new(text, next)?;
    holotype::random::seed(5);
    learn(WithFor { reader: Reader::new(classes, 32) }, &data, &Path::new(&path).join("for"))?;
    holotype::random::seed(5);
    learn(WithScan { reader: Reader::new(classes, 32) }, &data, &Path::new(&path).join("scan"))
}
