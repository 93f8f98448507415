//! What can be done to datasets.

use std::sync::Arc;

use super::dataset::Dataset;
use super::draws::Draws;
use super::example::{Example, Layout};
use super::examples::{Examples, Pass, of_rows};
use super::mapped::{Mapped, MappedBatches};
use super::zip::Zip;
use crate::error::{Error, Result};
use crate::random::permutation;
use crate::tensor::Tensor;

impl Dataset {
    /// Changes each example with a function, when it is read. It may change dtypes and sizes, but not how many tensors there are.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let data = Dataset::new(Tensor::from([[1_u8], [2]]), Tensor::from([1_i64, 2]))?;
    /// let data = data.map(|mut example| {
    ///     example.inputs[0] = example.inputs[0].cast(DType::F32) / 255.0;
    ///     Ok(example)
    /// });
    /// assert_eq!(data.inputs()[0].dtype(), DType::F32);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn map(&self, change: impl Fn(Example) -> Result<Example> + Send + Sync + 'static) -> Self {
        self.mapped(Arc::new(move |example, _: &mut Draws| change(example)), self.stages)
    }

    /// Changes each example with a function that draws random numbers: augmentation. They are given by the seed of the run, the
    /// epoch and the index of the example, so each epoch draws others, and a run that is gone on with draws those it would have
    /// drawn. Outside of training, and where data only judge, they are those of seed 0 and epoch 0.
    pub fn map_random(
        &self,
        change: impl Fn(Example, &mut Draws) -> Result<Example> + Send + Sync + 'static,
    ) -> Self {
        Self { stages: self.stages + 1, ..self.mapped(Arc::new(change), self.stages) }
    }

    /// Changes whole batches with a function, which is faster than example by example. It must keep the first dimension, and
    /// treat each example without regard to the others, since which share a batch depends on the batch size.
    pub fn map_batches(&self, change: impl Fn(Example) -> Result<Example> + Send + Sync + 'static) -> Self {
        let (source, layout) = (self.source.clone(), self.layout);
        self.with_source(MappedBatches { source, layout, change: Arc::new(change) })
    }

    /// The examples of these indices, in this order; an index may stand more than once.
    ///
    /// # Errors
    /// [`Error::Data`] if there is no example of an index.
    pub fn select(&self, indices: impl Into<Vec<usize>>) -> Result<Self> {
        let rows: Vec<usize> = indices.into();
        if let Some(index) = rows.iter().find(|&&index| index >= self.len()) {
            return Err(Error::Data(format!(
                "there is no example {index}: the dataset has {} of them",
                self.len()
            )));
        }
        Ok(self.with_source(Rows { source: self.source.clone(), rows }))
    }

    /// The examples in the one random order that the seed gives; what comes before a [`split`](Dataset::split). It takes 8 bytes
    /// for each example. The order of an epoch is a matter of `Fit::shuffle`.
    pub fn shuffle(&self, seed: u64) -> Self {
        let rows = permutation(self.len(), seed, 0);
        self.with_source(Rows { source: self.source.clone(), rows })
    }

    /// The first examples, all if there are fewer.
    pub fn take(&self, examples: usize) -> Self {
        let length = examples.min(self.len());
        self.with_source(Part { source: self.source.clone(), start: 0, length })
    }

    /// The examples but for the first ones.
    pub fn skip(&self, examples: usize) -> Self {
        let start = examples.min(self.len());
        self.with_source(Part { source: self.source.clone(), start, length: self.len() - start })
    }

    /// The first examples, and the others.
    ///
    /// # Errors
    /// [`Error::Data`] if there are not as many.
    pub fn split(&self, first: usize) -> Result<(Self, Self)> {
        if first > self.len() {
            let length = self.len();
            return Err(Error::Data(format!(
                "{first} examples cannot be split off {length}: take at most {length}"
            )));
        }
        Ok((self.take(first), self.skip(first)))
    }

    /// The examples several times, one time after the other, as one epoch. Each time draws random numbers of its own.
    ///
    /// # Errors
    /// [`Error::Data`] if that is more than can be counted.
    pub fn repeat(&self, times: usize) -> Result<Self> {
        let length = self.len().checked_mul(times).ok_or_else(|| {
            let length = self.len();
            Error::Data(format!("{times} times {length} examples are more than can be counted"))
        })?;
        Ok(self.with_source(Repeated { source: self.source.clone(), times: times as u64, length }))
    }

    /// The examples of this dataset, then those of another with as many inputs and targets.
    ///
    /// # Errors
    /// [`Error::Data`] if the other one has another number of inputs, targets or weights.
    pub fn chain(&self, other: &Self) -> Result<Self> {
        if self.layout != other.layout {
            return Err(Error::Data(format!(
                "{self:?} cannot be followed by {other:?}: both need as many inputs, targets and weights"
            )));
        }
        if self.len().checked_add(other.len()).is_none() {
            return Err(Error::Data("the examples together are more than can be counted".into()));
        }
        let source = Chained { first: self.source.clone(), second: other.source.clone() };
        let stages = self.stages.max(other.stages);
        Ok(Self { stages, ..self.with_source(source) })
    }

    /// Examples side by side: the inputs of both, then the targets of both, for as many examples as both have.
    ///
    /// # Errors
    /// [`Error::Data`] if the lengths differ, or both have weights.
    pub fn zip(&self, other: &Self) -> Result<Self> {
        if self.len() != other.len() {
            return Err(Error::Data(format!(
                "the datasets have {} and {} examples: give as many of both, with `take` if need be",
                self.len(),
                other.len()
            )));
        }
        let (a, b) = (self.layout, other.layout);
        if a.weighted && b.weighted {
            return Err(Error::Data("both datasets have weights: give them to the zipped one".into()));
        }
        let behind = a.parts();
        let inputs = (0..a.inputs).chain(behind..behind + b.inputs);
        let targets =
            (a.inputs..a.inputs + a.targets).chain(behind + b.inputs..behind + b.inputs + b.targets);
        let weight = a.weighted.then_some(behind - 1).or(b.weighted.then(|| behind + b.parts() - 1));
        let order = inputs.chain(targets).chain(weight).collect();
        let sources = [self.source.clone(), other.source.clone()];
        let layout = Layout {
            inputs: a.inputs + b.inputs,
            targets: a.targets + b.targets,
            weighted: a.weighted || b.weighted,
        };
        let stages = self.stages.max(other.stages);
        let named = [self, other].iter().all(|data| data.outputs.len() == data.layout.targets);
        let outputs =
            if named { self.outputs.iter().chain(&*other.outputs).cloned().collect() } else { Arc::from([]) };
        Ok(Self { layout, stages, outputs, ..self.with_source(Zip { sources, order }) })
    }

    fn mapped(&self, change: Arc<super::mapped::OfExample>, stage: u64) -> Self {
        let (source, layout) = (self.source.clone(), self.layout);
        self.with_source(Mapped { source, layout, stage, change })
    }

    fn with_source(&self, source: impl Examples + 'static) -> Self {
        Self { source: Arc::new(source), ..self.clone() }
    }
}

/// Some examples of a source, in an order.
struct Rows {
    source: Arc<dyn Examples>,
    rows: Vec<usize>,
}

impl Examples for Rows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        self.source.example(inner(self.rows.get(index).copied(), index)?, pass)
    }

    fn batch(&self, rows: &[usize], pass: Pass) -> Result<Vec<Tensor>> {
        batch_of(self.source.as_ref(), rows, pass, |row| self.rows.get(row).copied())
    }

    fn in_order(&self) -> bool {
        self.source.in_order()
    }
}

/// Examples of a source that stand beside each other.
struct Part {
    source: Arc<dyn Examples>,
    start: usize,
    length: usize,
}

impl Part {
    fn row(&self, index: usize) -> Option<usize> {
        (index < self.length).then(|| self.start + index)
    }
}

impl Examples for Part {
    fn len(&self) -> usize {
        self.length
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        self.source.example(inner(self.row(index), index)?, pass)
    }

    fn batch(&self, rows: &[usize], pass: Pass) -> Result<Vec<Tensor>> {
        batch_of(self.source.as_ref(), rows, pass, |row| self.row(row))
    }

    fn in_order(&self) -> bool {
        self.source.in_order()
    }
}

/// The examples of a source again and again. Each time is an epoch of its own to what draws random numbers.
struct Repeated {
    source: Arc<dyn Examples>,
    times: u64,
    length: usize,
}

impl Examples for Repeated {
    fn len(&self) -> usize {
        self.length
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        let length = self.source.len();
        let (time, row) = (index.checked_div(length), index.checked_rem(length));
        let epoch = pass.epoch.wrapping_mul(self.times).wrapping_add(time.unwrap_or_default() as u64);
        self.source.example(inner(row.filter(|_| index < self.length), index)?, Pass { epoch, ..pass })
    }

    fn in_order(&self) -> bool {
        self.source.in_order()
    }
}

/// The examples of one source and then those of another.
struct Chained {
    first: Arc<dyn Examples>,
    second: Arc<dyn Examples>,
}

impl Examples for Chained {
    fn len(&self) -> usize {
        self.first.len() + self.second.len()
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        match index.checked_sub(self.first.len()) {
            None => self.first.example(index, pass),
            Some(index) => self.second.example(index, pass),
        }
    }

    fn in_order(&self) -> bool {
        self.first.in_order() || self.second.in_order()
    }
}

fn inner(row: Option<usize>, index: usize) -> Result<usize> {
    row.ok_or_else(|| Error::Data(format!("there is no example {index}: take an index below the length")))
}

fn batch_of(
    source: &dyn Examples,
    rows: &[usize],
    pass: Pass,
    row: impl Fn(usize) -> Option<usize>,
) -> Result<Vec<Tensor>> {
    let asked = rows.iter().map(|&index| inner(row(index), index)).collect::<Result<Vec<_>>>()?;
    source.batch(&asked, pass).map_err(|error| of_rows(error, rows, &asked))
}
