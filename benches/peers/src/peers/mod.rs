//! The frameworks: each gives a call to time, for a model and a batch size.

mod burn;
mod candle;
mod holotype;
mod ort;
mod rten;
mod tract;

use std::path::{Path, PathBuf};

use crate::Result;
use crate::models::Model;

/// What is timed: one inference, or one step of training. The number it gives depends on the result, so that nothing is left
/// out.
pub type Call = Box<dyn FnMut() -> Result<f32>>;

/// Where files of weights and graphs are, and how many threads a peer may use.
pub struct Setting {
    pub cache: PathBuf,
    pub threads: usize,
}

impl Setting {
    /// The file or folder in which a peer keeps a model.
    pub fn file(&self, model: Model, ending: &str) -> PathBuf {
        self.cache.join(format!("{}.{ending}", model.name()))
    }

    pub fn onnx(&self, model: Model) -> Result<PathBuf> {
        let path = self.file(model, "onnx");
        if path.exists() { Ok(path) } else { Err(missing(&path)) }
    }
}

fn missing(path: &Path) -> crate::Error {
    format!("{} is missing: run `peers prepare`, then `python/onnx_models.py`", path.display()).into()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    Holotype,
    Candle,
    Burn,
    Tract,
    Rten,
    Ort,
}

impl Peer {
    pub const ALL: [Self; 6] = [Self::Holotype, Self::Ort, Self::Tract, Self::Rten, Self::Burn, Self::Candle];

    pub fn name(self) -> &'static str {
        match self {
            Self::Holotype => "holotype",
            Self::Candle => "candle",
            Self::Burn => "burn",
            Self::Tract => "tract",
            Self::Rten => "rten",
            Self::Ort => "ort",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|peer| peer.name() == name)
    }

    /// Whether the peer can train at all.
    pub fn trains(self) -> bool {
        matches!(self, Self::Holotype | Self::Candle | Self::Burn)
    }

    /// One inference by a call that was prepared; only Holotype tells it from others.
    pub fn prepared(model: Model, batch: usize, setting: &Setting) -> Result<Call> {
        holotype::prepared(model, batch, setting)
    }

    /// The microseconds that Holotype takes to make a plan, in ascending order.
    pub fn plan(model: Model, batch: usize) -> Result<Vec<f64>> {
        let mut times = holotype::plan(model, batch, 9)?;
        times.sort_by(f64::total_cmp);
        Ok(times)
    }

    /// One inference.
    pub fn infer(self, model: Model, batch: usize, setting: &Setting) -> Result<Call> {
        match self {
            Self::Holotype => holotype::infer(model, batch, setting),
            Self::Candle => candle::infer(model, batch),
            Self::Burn => burn::infer(model, batch),
            Self::Tract => tract::infer(model, batch, setting),
            Self::Rten => rten::infer(model, batch, setting),
            Self::Ort => ort::infer(model, batch, setting),
        }
    }

    /// One step of training: forward, backward, Adam.
    pub fn train(self, model: Model, batch: usize, setting: &Setting) -> Result<Call> {
        match self {
            Self::Holotype => holotype::train(model, batch, setting),
            Self::Candle => candle::train(model, batch),
            Self::Burn => burn::train(model, batch),
            other => Err(format!("{} does not train", other.name()).into()),
        }
    }

    /// A call of a model that has been saved, for a cold start: `infer`, but from the peer's own file.
    pub fn load(self, model: Model, batch: usize, setting: &Setting) -> Result<Call> {
        match self {
            Self::Holotype => holotype::load(model, batch, setting),
            Self::Candle => candle::load(model, batch, setting),
            Self::Burn => burn::load(model, batch, setting),
            other => other.infer(model, batch, setting),
        }
    }

    /// Writes the file that `load` reads.
    pub fn save(self, model: Model, setting: &Setting) -> Result<()> {
        match self {
            Self::Holotype => holotype::save(model, setting),
            Self::Candle => candle::save(model, setting),
            Self::Burn => burn::save(model, setting),
            _ => Ok(()),
        }
    }
}

/// The outputs of ONNX Runtime for an input with channels first.
pub fn run_onnx(model: Model, shape: &[usize], input: Vec<f32>, setting: &Setting) -> Result<Vec<f32>> {
    ort::outputs(model, shape, input, setting)
}
