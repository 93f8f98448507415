//! What data are made of.

use crate::error::{Error, Result};
use crate::tensor::{Data, Stack, Tensor};

/// What random numbers of examples are drawn from, beside the index: the pass through the data that asks.
///
/// `fit` gives the seed of the run and the epoch; whoever only looks at data or judges gives zeros, so that these stay the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// The seed of the order.
    pub seed: u64,
    /// The number of the epoch, counted from 0.
    pub epoch: u64,
}

/// Examples that can be read in any order: what a [`Dataset`](super::Dataset) is made of.
///
/// An example is a list of tensors, its parts: inputs, then targets. Part by part, examples have the same dtype and sizes. The
/// same index and pass must give the same example, or a run that is gone on with differs from one that was never stopped.
///
/// ```
/// use holotype::data::{Examples, Pass};
/// use holotype::prelude::*;
///
/// /// Angles and their sines, more than fit in memory.
/// struct Sines;
///
/// impl Examples for Sines {
///     fn len(&self) -> usize {
///         1 << 40
///     }
///
///     fn example(&self, index: usize, _: Pass) -> Result<Vec<Tensor>> {
///         let x = index as f32 * 1e-3;
///         Ok(vec![Tensor::from([x]), Tensor::from([x.sin()])])
///     }
/// }
///
/// let data = Dataset::from_examples(Sines, 1)?;
/// assert_eq!(data.example(1 << 30)?.targets[0].shape().concrete(), Some(vec![1]));
/// # Ok::<(), holotype::Error>(())
/// ```
pub trait Examples: Send + Sync {
    /// How many examples there are; always the same number.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The parts of one example. Sources that draw random numbers draw them from the pass and the index; others leave the pass
    /// alone.
    ///
    /// # Errors
    /// What keeps it from being read; say the file and the place in it. The index is said by whoever asks.
    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>>;

    /// The parts of some examples, each with a new first dimension that counts them. Without a faster way, the examples one by
    /// one.
    ///
    /// # Errors
    /// [`Error::Example`] with the index of what cannot be read, or differs in type from the first.
    fn batch(&self, rows: &[usize], pass: Pass) -> Result<Vec<Tensor>> {
        stacked(rows, |index| self.example(index, pass))
    }

    /// Whether examples are to be read from the first to the last, since going back is slow or starts again; `fit` then refuses
    /// to shuffle them.
    fn in_order(&self) -> bool {
        false
    }

    /// All parts of all examples, if they are in memory or mapped.
    fn whole(&self) -> Option<Vec<Tensor>> {
        None
    }
}

/// Examples that are read one by one, as a batch.
pub(super) fn stacked(
    rows: &[usize],
    mut read: impl FnMut(usize) -> Result<Vec<Tensor>>,
) -> Result<Vec<Tensor>> {
    let mut stacks: Vec<(Data, Stack)> = Vec::new();
    for (at, &index) in rows.iter().enumerate() {
        let mut put = || {
            let parts = read(index)?;
            if at == 0 {
                stacks = parts.into_iter().map(|part| started(part, rows.len())).collect::<Result<_>>()?;
                return Ok(());
            }
            if parts.len() != stacks.len() {
                let (found, expected) = (parts.len(), stacks.len());
                return Err(Error::Data(format!(
                    "it has {found} parts, and example {} has {expected}: give each example the same",
                    rows[0]
                )));
            }
            for (number, (part, (first, stack))) in parts.into_iter().zip(&mut stacks).enumerate() {
                let part = part.into_data()?;
                if part.dtype() != first.dtype() || part.sizes() != first.sizes() {
                    return Err(Error::Data(format!(
                        "part {number} is {}, and that of example {} is {}: a batch needs parts of the same dtype and sizes; \
                         pad or resize them first",
                        part.describe(),
                        rows[0],
                        first.describe()
                    )));
                }
                stack.put(at, &part)?;
            }
            Ok(())
        };
        put().map_err(|error| in_example(index, error))?;
    }
    stacks.into_iter().map(|(_, stack)| stack.finish().map(Tensor::from_data)).collect()
}

/// A stack that begins with this part.
fn started(part: Tensor, rows: usize) -> Result<(Data, Stack)> {
    let part = part.into_data()?;
    let sizes = std::iter::once(rows).chain(part.sizes().iter().copied()).collect();
    let mut stack = Stack::new(part.dtype(), sizes).map_err(Error::Data)?;
    stack.put(0, &part)?;
    Ok((part, stack))
}

/// The error, said of an example.
pub(super) fn in_example(index: usize, error: Error) -> Error {
    let source = match error {
        Error::Example { source, .. } => source,
        other => Box::new(other),
    };
    Error::Example { index, source }
}

/// The error of a batch of `asked` examples of a source, said of the examples that were asked for as `rows`.
pub(super) fn of_rows(error: Error, rows: &[usize], asked: &[usize]) -> Error {
    match error {
        Error::Example { index, source } => {
            let row = asked.iter().position(|&asked| asked == index).and_then(|at| rows.get(at));
            Error::Example { index: row.copied().unwrap_or(index), source }
        }
        other => other,
    }
}
