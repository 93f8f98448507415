//! Datasets.

use std::fmt;
use std::sync::Arc;

use super::arrays::Arrays;
use super::batches::Batches;
use super::example::{Example, Layout};
use super::examples::{Examples, Pass, in_example, stacked};
use super::stream::Stream;
use crate::error::{Error, Result};
use crate::tensor::{DType, Data, Tensor, check_memory};

/// Examples: inputs of a model and what it should give for them, in memory or read when they are asked for.
///
/// Cheap to clone. What is done to a dataset (`map`, `shuffle`, `zip`, …) gives another one, and reads nothing.
///
/// ```
/// use holotype::prelude::*;
///
/// let x = Tensor::from([[1.0_f32], [2.0], [3.0]]);
/// let data = Dataset::new(&x, &x * 2.0)?.weights(Tensor::from([1.0_f32, 0.5, 1.0]))?;
/// assert_eq!((data.len(), data.targets().to_vec::<f32>()?), (3, vec![2.0, 4.0, 6.0]));
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone)]
pub struct Dataset {
    pub(super) source: Arc<dyn Examples>,
    pub(super) layout: Layout,
    /// How many functions that draw random numbers stand in the recipe.
    pub(super) stages: u64,
    /// Whether integer targets become `i64` when they are read.
    pub(super) wide: bool,
    /// The outputs of the model that the targets are for, if that was said.
    pub(super) outputs: Arc<[String]>,
}

impl Dataset {
    /// Rows of one tensor with their targets.
    ///
    /// # Errors
    /// As [`Dataset::with_targets`].
    pub fn new(input: impl Into<Tensor>, targets: impl Into<Tensor>) -> Result<Self> {
        Self::with_inputs(vec![input.into()], targets)
    }

    /// Rows of several inputs, in the order of the model's `call`, with their targets.
    ///
    /// # Errors
    /// As [`Dataset::with_targets`].
    pub fn with_inputs(inputs: Vec<Tensor>, targets: impl Into<Tensor>) -> Result<Self> {
        Self::with_targets(inputs, vec![targets.into()])
    }

    /// Rows of several inputs with those of several targets, or none for a training step of one's own: targets for each output
    /// that a loss or metric looks at, in the order in which these were named, or as [`Dataset::outputs`] says. A tensor that lies
    /// in a mapped file is not read here.
    ///
    /// # Errors
    /// [`Error::Data`] if there is no tensor at all, or one has no dimensions, or not as many rows as the others; what the tensors
    /// carry.
    pub fn with_targets(inputs: Vec<Tensor>, targets: Vec<Tensor>) -> Result<Self> {
        let layout = Layout { inputs: inputs.len(), targets: targets.len(), weighted: false };
        let parts: Vec<Data> =
            inputs.into_iter().chain(targets).map(Tensor::into_data).collect::<Result<_>>()?;
        let Some(first) = parts.get(layout.inputs).or(parts.first()) else {
            return Err(Error::Data("there are neither inputs nor targets: give at least one tensor".into()));
        };
        let of = if layout.targets == 0 { "input 0 is" } else { "the targets are" };
        let Some(&samples) = first.sizes().first() else {
            return Err(Error::Data(format!(
                "{of} {}, and there is no dimension of samples",
                first.describe()
            )));
        };
        for (index, part) in parts.iter().enumerate() {
            if part.sizes().first() != Some(&samples) {
                let what = match index.checked_sub(layout.inputs) {
                    None => format!("input {index} is"),
                    Some(index) => format!("targets {index} are"),
                };
                return Err(Error::Data(format!(
                    "{what} {}, and {of} {}: the first dimension counts samples, and must be the same",
                    part.describe(),
                    first.describe()
                )));
            }
        }
        Ok(Self::of_source(Arc::new(Arrays::new(parts, samples)), layout))
    }

    /// Examples of any source: its first `inputs` parts go into the model, the others are what it should give.
    ///
    /// # Errors
    /// [`Error::Data`] if the first example has fewer parts than `inputs`; what reading it says.
    pub fn from_examples(source: impl Examples + 'static, inputs: usize) -> Result<Self> {
        let parts = if source.is_empty() {
            inputs + 1
        } else {
            let first = source.example(0, Pass::default());
            first.map_err(|error| in_example(0, error))?.len()
        };
        if parts < inputs {
            return Err(Error::Data(format!(
                "an example has {parts} parts, and the first {inputs} are to be inputs: give as many, and the targets behind them"
            )));
        }
        let layout = Layout { inputs, targets: parts - inputs, weighted: false };
        Ok(Self::of_source(Arc::new(source), layout))
    }

    /// Examples of which a function gives the input and the target by their index, each time they are asked for: files that are
    /// read on demand, numbers that are made up.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let squares = Dataset::from_fn(1_000_000, |index| {
    ///     let x = index as f32;
    ///     Ok((Tensor::from([x]), Tensor::from([x * x])))
    /// })?;
    /// assert_eq!(squares.example(3)?.targets[0].to_vec::<f32>()?, [9.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the function says of the first example.
    pub fn from_fn(
        length: usize,
        example: impl Fn(usize) -> Result<(Tensor, Tensor)> + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::from_examples(OfFunction { length, example }, 1)
    }

    /// The inputs and targets that an iterator gives, kept in memory.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let data = Dataset::from_iter((0..5).map(|x| Ok((Tensor::from([x as f32]), Tensor::scalar(x as i64)))))?;
    /// assert_eq!((data.len(), data.targets().to_vec::<i64>()?), (5, vec![0, 1, 2, 3, 4]));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the iterator says; [`Error::Example`] if examples differ in dtype or sizes; [`Error::Data`] if there are none.
    #[expect(clippy::should_implement_trait, reason = "it can fail")]
    pub fn from_iter(examples: impl IntoIterator<Item = Result<(Tensor, Tensor)>>) -> Result<Self> {
        let examples: Vec<_> = examples.into_iter().collect::<Result<_>>()?;
        if examples.is_empty() {
            return Err(Error::Data("the iterator gives no examples: the dataset would be empty".into()));
        }
        let rows: Vec<usize> = (0..examples.len()).collect();
        let parts = stacked(&rows, |index| {
            Ok(examples
                .get(index)
                .map(|(input, target)| vec![input.clone(), target.clone()])
                .unwrap_or_default())
        });
        let parts = parts?.into_iter().map(Tensor::into_data).collect::<Result<Vec<_>>>()?;
        let layout = Layout { inputs: 1, targets: 1, weighted: false };
        Ok(Self::of_source(Arc::new(Arrays::new(parts, rows.len())), layout))
    }

    /// Examples that come one after the other and are not kept: `open` gives an iterator that starts at an index, so that a run
    /// goes on where it stopped; `skip` does where there is no shorter way. `length` is how many an epoch has, and may be less
    /// than there are.
    ///
    /// They can be mapped, zipped, split and repeated like others. `fit` does not shuffle them: going back starts the iterator
    /// again.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let data = Dataset::stream(100, |start, _| {
    ///     let numbers = (0..).skip(start).map(|x| x as f32);
    ///     Ok(numbers.map(|x| Ok((Tensor::from([x]), Tensor::from([-x])))))
    /// })?;
    /// assert_eq!(data.batches(32).into_iter().count(), 4);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// What `open` and the first example say.
    pub fn stream<I>(
        length: usize,
        open: impl Fn(usize, Pass) -> Result<I> + Send + Sync + 'static,
    ) -> Result<Self>
    where
        I: Iterator<Item = Result<(Tensor, Tensor)>> + Send + 'static,
    {
        let parts = move |start: usize, pass: Pass| {
            let examples = open(start, pass)?;
            let examples = examples.map(|example| example.map(|(input, target)| vec![input, target]));
            Ok(Box::new(examples) as super::stream::Parts)
        };
        Self::from_examples(Stream::new(length, Box::new(parts)), 1)
    }

    pub(super) fn of_source(source: Arc<dyn Examples>, layout: Layout) -> Self {
        Self { source, layout, stages: 0, wide: false, outputs: Arc::from([]) }
    }

    /// The number of examples.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// Whether there are no examples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The inputs of all examples, one tensor each. Those that are not in memory are read; what fails is carried by the tensors.
    pub fn inputs(&self) -> Vec<Tensor> {
        match self.whole_example() {
            Ok(whole) => whole.inputs,
            Err(error) => vec![Tensor::from_error(error); self.layout.inputs],
        }
    }

    /// The targets of all examples, as [`Dataset::inputs`]. Of several targets an error, which the tensor carries; see
    /// [`Dataset::all_targets`].
    pub fn targets(&self) -> Tensor {
        if self.layout.targets != 1 {
            return Tensor::from_error(Error::Data(format!(
                "the dataset has {} targets: ask for `all_targets`",
                self.layout.targets
            )));
        }
        self.all_targets().into_iter().next().unwrap_or_else(|| Tensor::scalar(0.0_f32))
    }

    /// The targets of all examples, one tensor each, as [`Dataset::inputs`].
    pub fn all_targets(&self) -> Vec<Tensor> {
        match self.whole_example() {
            Ok(whole) => whole.targets,
            Err(error) => vec![Tensor::from_error(error); self.layout.targets],
        }
    }

    /// One example, as it is outside of training.
    ///
    /// # Errors
    /// [`Error::Example`] if it cannot be read, or there is none of that index.
    pub fn example(&self, index: usize) -> Result<Example> {
        let read = || {
            if index >= self.len() {
                return Err(Error::Data(format!(
                    "there are {} examples: take an index below that",
                    self.len()
                )));
            }
            self.layout.example(self.source.example(index, Pass::default())?)
        };
        read().map_err(|error| in_example(index, error))
    }

    /// The examples in batches, for loops of one's own.
    pub fn batches(&self, batch_size: usize) -> Batches {
        Batches::new(self.clone(), batch_size)
    }

    /// The dataset with all examples read into memory, as they are outside of training.
    ///
    /// # Errors
    /// [`Error::Example`] if one cannot be read, or differs in dtype or sizes.
    pub fn in_memory(&self) -> Result<Self> {
        self.of_parts(self.whole_parts()?, self.len())
    }

    /// All parts of all examples: inputs, targets, and weights if there are.
    pub(crate) fn whole_parts(&self) -> Result<Vec<Data>> {
        if let Some(parts) = self.source.whole() {
            return self.widened(parts);
        }
        if self.is_empty() {
            return Err(Error::Data("the dataset is empty: there is nothing to read".into()));
        }
        self.check_indices()?;
        self.parts(&(0..self.len()).collect::<Vec<_>>(), Pass::default())
    }

    /// The parts of some examples.
    pub(crate) fn parts(&self, rows: &[usize], pass: Pass) -> Result<Vec<Data>> {
        self.widened(self.source.batch(rows, pass)?)
    }

    /// A dataset like this one, with these parts of `length` examples in memory.
    pub(super) fn of_parts(&self, parts: Vec<Data>, length: usize) -> Result<Self> {
        if parts.len() != self.layout.parts() {
            self.layout.example(parts.iter().cloned().map(Tensor::from_data).collect())?;
        }
        let outputs = self.outputs.clone();
        Ok(Self { outputs, ..Self::of_source(Arc::new(Arrays::new(parts, length)), self.layout) })
    }

    /// How many inputs and how many targets an example has, and whether it has a weight.
    pub(crate) fn counts(&self) -> (usize, usize, bool) {
        (self.layout.inputs, self.layout.targets, self.layout.weighted)
    }

    /// The dataset with integer labels as `i64`, whatever integers they come as: what training steps are traced for.
    pub(crate) fn with_wide_labels(&self) -> Self {
        Self { wide: true, ..self.clone() }
    }

    /// Refuses to shuffle what is read in order, or is too much.
    pub(crate) fn check_order(&self, shuffle: bool) -> Result<()> {
        if shuffle && self.source.in_order() {
            return Err(Error::Data(
                "the examples come one after the other and cannot be shuffled: go through them in order with `.shuffle(false)`, or \
                 read them into memory with `.in_memory()`"
                    .into(),
            ));
        }
        if shuffle { self.check_indices() } else { Ok(()) }
    }

    /// Refuses to keep a list of all examples that does not fit in memory.
    fn check_indices(&self) -> Result<()> {
        check_memory(DType::U64, &[self.len()]).map_err(|_| {
            Error::Data(format!(
                "a list of {} examples does not fit in memory: take fewer, or go through them in order with `.shuffle(false)`",
                self.len()
            ))
        })
    }

    pub(super) fn whole_example(&self) -> Result<Example> {
        self.layout.example(self.whole_parts()?.into_iter().map(Tensor::from_data).collect())
    }

    fn widened(&self, parts: Vec<Tensor>) -> Result<Vec<Data>> {
        let labels = self.layout.inputs..self.layout.inputs + self.layout.targets;
        let widened = parts.into_iter().enumerate().map(|(index, part)| {
            let narrow = part.dtype().is_int() && part.dtype() != DType::I64;
            let part =
                if self.wide && narrow && labels.contains(&index) { part.cast(DType::I64) } else { part };
            part.into_data()
        });
        widened.collect()
    }
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (inputs, targets, weighted) = self.counts();
        let weights = if weighted { ", weighted" } else { "" };
        write!(f, "Dataset of {} examples: {inputs} inputs, {targets} targets{weights}", self.len())
    }
}

/// Examples that a function gives.
struct OfFunction<F> {
    length: usize,
    example: F,
}

impl<F: Fn(usize) -> Result<(Tensor, Tensor)> + Send + Sync> Examples for OfFunction<F> {
    fn len(&self) -> usize {
        self.length
    }

    fn example(&self, index: usize, _: Pass) -> Result<Vec<Tensor>> {
        let (input, target) = (self.example)(index)?;
        Ok(vec![input, target])
    }
}
