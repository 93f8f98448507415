//! Batches, in an order.

use super::dataset::Dataset;
use super::examples::Pass;
use super::prefetch::Ahead;
use crate::error::{Error, Result};
use crate::random::permutation;
use crate::tensor::Data;

/// The order in which an epoch goes through examples, from where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub batch_size: usize,
    pub shuffle: bool,
    pub drop_remainder: bool,
    /// How many examples have been gone through.
    pub done: usize,
    pub pass: Pass,
}

impl Order {
    /// That of data that only judge.
    pub fn judging(batch_size: usize) -> Self {
        Self { batch_size, shuffle: false, drop_remainder: false, done: 0, pass: Pass::default() }
    }

    /// How many of the examples are gone through when the epoch is at its end.
    pub fn end(&self, examples: usize) -> usize {
        let left = examples.saturating_sub(self.done);
        let dropped = if self.drop_remainder { left % self.batch_size.max(1) } else { 0 };
        examples - dropped
    }
}

/// The indices of the examples of a batch, and their parts.
pub(crate) type Read = (Vec<usize>, Result<Vec<Data>>);

/// Reads the batches of an epoch, one after the other.
pub(crate) struct Reader {
    data: Dataset,
    /// The order, if it is not that of the indices.
    shuffled: Option<Vec<usize>>,
    at: usize,
    end: usize,
    batch_size: usize,
    pass: Pass,
}

impl Reader {
    pub fn new(data: Dataset, order: Order) -> Self {
        let Order { shuffle, done, pass, .. } = order;
        let shuffled = shuffle.then(|| permutation(data.len(), pass.seed, pass.epoch));
        let (end, batch_size) = (order.end(data.len()), order.batch_size.max(1));
        Self { data, shuffled, at: done, end, batch_size, pass }
    }

    /// The same batches, read by a thread that keeps so many of them ready; 0 reads them when they are asked for.
    pub fn ahead(self, batches: usize) -> Ahead {
        Ahead::new(self, batches)
    }
}

impl Iterator for Reader {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        let end = self.at.saturating_add(self.batch_size).min(self.end);
        let places = self.at..end;
        if places.is_empty() {
            return None;
        }
        let rows = match &self.shuffled {
            Some(order) => order.get(places)?.to_vec(),
            None => places.collect(),
        };
        self.at = end;
        let parts = self.data.parts(&rows, self.pass);
        Some((rows, parts))
    }
}

/// The batches of one pass through data, for loops of one's own; each is a [`Dataset`] in memory.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
///
/// let x = Tensor::arange(10).cast(DType::F32).reshape([10, 1]);
/// let data = Dataset::new(&x, &x * 2.0)?;
/// let mut trainer = Trainer::new(Dense::new(1, 1), Adam::new(0.1), mean_squared_error).build()?;
/// for epoch in 0..3 {
///     for batch in data.batches(4).shuffle(7).epoch(epoch).drop_remainder().prefetch(2) {
///         trainer.train_on_batch(&batch?)?;
///     }
/// }
/// assert_eq!(data.batches(4).skip(8).into_iter().count(), 1);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "iterate over the batches"]
pub struct Batches {
    data: Dataset,
    order: Order,
    prefetch: usize,
}

impl Batches {
    pub(super) fn new(data: Dataset, batch_size: usize) -> Self {
        Self { data, order: Order::judging(batch_size), prefetch: 0 }
    }

    /// Goes through the examples in the order that this seed gives the epoch.
    pub fn shuffle(mut self, seed: u64) -> Self {
        self.order.shuffle = true;
        self.seed(seed)
    }

    /// The seed of random numbers, without shuffling.
    pub fn seed(mut self, seed: u64) -> Self {
        self.order.pass.seed = seed;
        self
    }

    /// The number of the epoch, counted from 0, which is the first unless said.
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.order.pass.epoch = epoch;
        self
    }

    /// Starts after so many examples of the order.
    pub fn skip(mut self, examples: usize) -> Self {
        self.order.done = examples;
        self
    }

    /// Leaves out a last batch that is not full.
    pub fn drop_remainder(mut self) -> Self {
        self.order.drop_remainder = true;
        self
    }

    /// Reads on a thread of its own, which keeps so many batches ready; what is read stays the same.
    pub fn prefetch(mut self, batches: usize) -> Self {
        self.prefetch = batches;
        self
    }
}

impl IntoIterator for Batches {
    type Item = Result<Dataset>;
    type IntoIter = Box<dyn Iterator<Item = Result<Dataset>>>;

    fn into_iter(self) -> Self::IntoIter {
        let Self { data, order, prefetch } = self;
        if order.batch_size == 0 {
            return Box::new(std::iter::once(Err(Error::Data(
                "the batch size is 0: a batch needs at least one example".into(),
            ))));
        }
        if let Err(error) = data.check_order(order.shuffle) {
            return Box::new(std::iter::once(Err(error)));
        }
        let like = data.clone();
        let batches = Reader::new(data, order).ahead(prefetch);
        Box::new(batches.map(move |(rows, parts)| like.of_parts(parts?, rows.len())))
    }
}
