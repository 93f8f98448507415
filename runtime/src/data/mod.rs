//! Data to learn from: examples that are read in any order, and what is done to them before a step gets them.
//!
//! A [`Dataset`] is made of [`Examples`]: arrays, a function of the index, an iterator, files, or a source of your own. It is a
//! recipe: [`map`](Dataset::map), [`zip`](Dataset::zip), [`split`](Dataset::split), [`repeat`](Dataset::repeat) and the like read
//! nothing, and examples are read when a batch asks for them. Which examples a batch holds, and every random number drawn for
//! them, are given by the seed, the epoch and the index alone. A run saves seed, epoch and place, so one that is stopped
//! within an epoch goes on with the examples it would have had, however many threads there are and however far a thread reads
//! ahead.
//!
//! ```
//! use holotype::prelude::*;
//!
//! let x = Tensor::arange(100).cast(DType::F32).reshape([100, 1]);
//! let data = Dataset::new(&x, &x * 2.0)?.shuffle(7);
//! let (test, train) = data.split(20)?;
//! let noisy = train.map_random(|mut example, draws| {
//!     example.inputs[0] = &example.inputs[0] + 0.1 * draws.normal();
//!     Ok(example)
//! });
//! assert_eq!((noisy.len(), test.len()), (80, 20));
//! for batch in noisy.batches(32).shuffle(3).prefetch(2) {
//!     assert_eq!(batch?.inputs()[0].shape().rank(), 2);
//! }
//! # Ok::<(), holotype::Error>(())
//! ```

mod arrange;
mod arrays;
mod batches;
mod dataset;
mod draws;
mod example;
mod examples;
mod file;
mod idx;
mod mapped;
mod outputs;
mod prefetch;
mod stream;
mod weights;
mod zip;

#[cfg(any(feature = "data-csv", feature = "data-parquet"))]
mod columns;
#[cfg(feature = "data-csv")]
mod csv;
#[cfg(feature = "data-images")]
mod images;
#[cfg(feature = "data-npy")]
mod npy;
#[cfg(feature = "data-parquet")]
mod parquet;

pub use batches::Batches;
#[cfg(feature = "data-csv")]
pub use csv::{Csv, CsvFormat};
pub use dataset::Dataset;
pub use draws::Draws;
pub use example::Example;
pub use examples::{Examples, Pass};
pub use idx::{read_idx, read_idx_from};
#[cfg(feature = "data-images")]
pub use images::Images;
#[cfg(feature = "data-npy")]
pub use npy::{read_npy, read_npz};
#[cfg(feature = "data-parquet")]
pub use parquet::Parquet;

pub(crate) use batches::{Order, Reader};
