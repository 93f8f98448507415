//! Saved models: a program in a directory, and back.
//!
//! ```text
//! my_model/
//!   saved_model.bin                                                  what the model is
//!   variables/variables-00000-of-00001-<hash>.safetensors            the values of its variables
//!   assets/                                                          kept for files that a model carries
//! ```
//!
//! `FORMAT.md` describes every byte. [`save`] is atomic, [`load`] trusts nothing it reads, and [`restore`] gives the Rust
//! type back and says when its code has changed since.
//!
//! ```
//! use holotype::prelude::*;
//! use holotype::store;
//!
//! #[derive(Module)]
//! struct Scale {
//!     factor: Variable,
//!     limit: f32,
//! }
//!
//! #[layer]
//! impl Scale {
//!     #[signature(input = [None; f32])]
//!     fn call(&self, input: &Tensor) -> Tensor {
//!         input * &self.factor + self.limit
//!     }
//! }
//!
//! # let directory = tempfile::tempdir().unwrap();
//! # let path = directory.path();
//! let model = Scale { factor: Variable::new(Tensor::from([2.0_f32])), limit: 0.5 };
//! store::save(&model, path)?;
//!
//! // Without the code of `Scale`:
//! let loaded = store::load(path)?;
//! let outputs = loaded.call(&[Tensor::from([1.0_f32, 3.0])])?;
//! assert_eq!(outputs[0].to_vec::<f32>()?, [2.5, 6.5]);
//!
//! // As the Rust type, while its code says what was saved:
//! let typed: Scale = store::restore(path)?;
//! assert_eq!(typed.limit, 0.5);
//! # Ok::<(), holotype::Error>(())
//! ```

mod codec;
mod container;
mod contents;
mod control;
mod decode;
mod decode_entries;
mod decode_graph;
mod difference;
mod disk;
mod elements;
mod encode;
mod interner;
mod load;
mod lookup;
mod map;
mod names;
mod records;
mod restore;
mod save;
mod snapshot;
mod tensors;
mod upgrade;
mod variables;

pub use disk::{Disk, FileKind, FileSystem};
pub use load::{Load, load};
pub use restore::{Restore, restore};
pub use save::{Save, save, save_layer, save_program};
pub use snapshot::Snapshot;
pub use tensors::{load_tensors, save_tensors};
pub(crate) use tensors::{tensors_from_bytes, tensors_to_bytes};

/// The file that says what a model is.
const DEFINITION: &str = "saved_model.bin";
