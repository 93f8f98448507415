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

mod codec;
mod container;
mod contents;
mod decode;
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
mod tensors;
mod upgrade;
mod variables;

pub use disk::{Disk, FileKind, FileSystem};
pub use load::{Load, load};
pub use restore::{Restore, restore};
pub use save::{Save, save, save_layer, save_program};
pub use tensors::{load_tensors, save_tensors};

/// The file that says what a model is.
const DEFINITION: &str = "saved_model.bin";
