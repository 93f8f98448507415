//! Tensors that a model carries, and tensors made up for one.

use std::path::Path;

use holotype::prelude::*;
use holotype::store::load_tensors;
use holotype::tensor::{Sizes, TensorType};

/// The tensors of a file by name.
pub struct Named(Vec<(String, Tensor)>);

impl Named {
    /// The tensors of a file, if it is there.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        if path.exists() { Ok(Some(Self(load_tensors(path)?))) } else { Ok(None) }
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Result<Tensor, String> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, tensor)| tensor.clone()).ok_or_else(|| format!("the file holds no tensor `{name}`"))
    }
}

/// A tensor of a type, with `open` for every size that it leaves open.
pub fn example(kind: &TensorType, open: usize) -> Result<Tensor> {
    let symbols = kind.shape.iter().flat_map(Dim::symbols);
    let sizes: Sizes = symbols.map(|symbol| (symbol, open)).collect();
    let shape = Shape::from(kind.shape.evaluate(&sizes).unwrap_or_default());
    let tensor = if kind.dtype.is_float() { Tensor::randn(shape) } else { Tensor::zeros(shape) };
    tensor.cast(kind.dtype).ok()
}
