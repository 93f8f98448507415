//! How much examples count.

use std::sync::Arc;

use super::arrays::Arrays;
use super::dataset::Dataset;
use super::example::Layout;
use super::examples::{Examples, Pass, in_example};
use super::zip::Zip;
use crate::error::{Error, Result};
use crate::tensor::{DType, Tensor};

impl Dataset {
    /// The data with a weight for each example, `[samples]`, kept as `f32`: the loss becomes `sum(weight * loss) / samples`, with the
    /// loss of each example by itself, as in Keras. Weights of all 1 change nothing; a weight of 0 leaves an example out, but it
    /// counts in the number. A loss that gives one number for a batch is asked for each example as a batch of one; one that gives
    /// a number for each, `[batch]`, is asked once, which is faster.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let (x, y) = (Tensor::from([[0.0_f32], [0.0]]), Tensor::from([[1.0_f32], [3.0]]));
    /// let data = Dataset::new(&x, &y)?.weights([1.0_f32, 0.5])?;
    /// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
    /// // (1 * 1^2 + 0.5 * 3^2) / 2
    /// assert_eq!(trainer.evaluate(&data)?.get("loss"), Some(2.75));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Data`] if the weights are not floats of sizes `[samples]`, or one is negative or not finite, or the dataset has
    /// weights.
    pub fn weights(&self, weights: impl Into<Tensor>) -> Result<Self> {
        let weights = weights.into().into_data()?;
        if self.layout.weighted {
            return Err(Error::Data("the dataset has weights already: give them once".into()));
        }
        if !weights.dtype().is_float() || weights.sizes() != [self.len()] {
            return Err(Error::Data(format!(
                "the weights are {}, and there are {} examples: give a float for each, as [{}; f32]",
                weights.describe(),
                self.len(),
                self.len()
            )));
        }
        let numbers = Tensor::from_data(weights.clone()).cast(DType::F64).to_vec::<f64>()?;
        let refused = numbers.iter().position(|weight| !weight.is_finite() || *weight < 0.0);
        if let Some(index) = refused {
            return Err(Error::Data(format!(
                "the weight of example {index} is {}: a weight is a finite number that is not negative",
                numbers[index]
            )));
        }
        let weights = Tensor::from_data(weights).cast(DType::F32).into_data()?;
        let weights: Arc<dyn Examples> = Arc::new(Arrays::new(vec![weights], self.len()));
        let source =
            Zip { sources: [self.source.clone(), weights], order: (0..=self.layout.parts()).collect() };
        let layout = Layout { weighted: true, ..self.layout };
        Ok(Self { source: Arc::new(source), layout, ..self.clone() })
    }

    /// How much each example counts: `[samples]`; none if all count the same.
    pub fn sample_weights(&self) -> Option<Tensor> {
        let weights = || {
            let whole = self.whole_example()?;
            whole.weight.ok_or_else(|| Error::Data("the source gives no weights".into()))
        };
        self.layout.weighted.then(|| weights().into())
    }

    /// The data with weights that are also those of the class of each example: the number at the place of its label.
    pub(crate) fn with_class_weights(&self, weights: &[f64]) -> Result<Self> {
        if let Some(class) = weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::Data(format!(
                "the weight of class {class} is {}: a weight is finite and not negative",
                weights[class]
            )));
        }
        if self.layout.targets != 1 {
            return Err(Error::Data(format!(
                "weights of classes are for data with one target, and these have {}: give `Dataset::weights` a weight for each \
                 example",
                self.layout.targets
            )));
        }
        let (source, before) = (self.source.clone(), self.layout);
        let source = OfClasses { source, before, weights: weights.to_vec() };
        let layout = Layout { weighted: true, ..self.layout };
        Ok(Self { source: Arc::new(source), layout, ..self.clone() })
    }
}

/// Examples that count as their classes do.
struct OfClasses {
    source: Arc<dyn Examples>,
    /// What parts the source gives.
    before: Layout,
    weights: Vec<f64>,
}

impl OfClasses {
    fn weighted(&self, mut parts: Vec<Tensor>, row: impl Fn(usize) -> usize) -> Result<Vec<Tensor>> {
        let given = if self.before.weighted { parts.pop() } else { None };
        let Some(targets) = parts.get(self.before.inputs) else {
            return Err(Error::Data("the source gives no targets to look a class up with".into()));
        };
        let mut weights = Vec::new();
        for (at, label) in labels(targets)?.into_iter().enumerate() {
            let class = (label >= 0.0 && label.fract() == 0.0).then_some(label as usize);
            let weight = class.and_then(|class| self.weights.get(class)).ok_or_else(|| {
                let error = Error::Data(format!(
                    "it has the label {label}, and there are weights for the classes 0 to {}: give one for each class",
                    self.weights.len().saturating_sub(1)
                ));
                in_example(row(at), error)
            })?;
            weights.push(*weight as f32);
        }
        let weights = Tensor::from(weights);
        parts.push(match given {
            Some(given) => given * weights,
            None => weights,
        });
        Ok(parts)
    }
}

impl Examples for OfClasses {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        let parts = self.batch(&[index], pass)?;
        parts.into_iter().map(|part| part.into_data()?.item(0).map(Tensor::from_data)).collect()
    }

    fn batch(&self, rows: &[usize], pass: Pass) -> Result<Vec<Tensor>> {
        self.weighted(self.source.batch(rows, pass)?, |at| rows.get(at).copied().unwrap_or(at))
    }

    fn in_order(&self) -> bool {
        self.source.in_order()
    }

    fn whole(&self) -> Option<Vec<Tensor>> {
        // What is wrong with a label is said when a batch is read.
        self.weighted(self.source.whole()?, |at| at).ok()
    }
}

/// The class of each example: labels as they are, `[samples]` or `[samples, 1]`; of `[samples, classes]` the greatest.
fn labels(targets: &Tensor) -> Result<Vec<f64>> {
    match targets.shape().rank() {
        1 => targets.cast(DType::F64).to_vec(),
        2 if targets.dim(1).constant() == Some(1) => targets.cast(DType::F64).to_vec(),
        2 => targets.argmax(-1).cast(DType::F64).to_vec(),
        _ => Err(Error::Data(format!(
            "weights of classes need labels, [samples] or [samples, classes], and the targets are {}: give `Dataset::weights` a \
             weight for each example",
            targets.describe()
        ))),
    }
}
