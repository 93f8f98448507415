//! How much samples count, and which outputs their targets are for.

use super::build::Note;
use super::data::Dataset;
use crate::error::{Error, Result};
use crate::tensor::{DType, Data, Tensor};

impl Dataset {
    /// The data with a weight for each sample, `[samples]`: the loss becomes `sum(weight * loss) / samples`, with the loss of each
    /// sample by itself, as in Keras. Weights of all 1 change nothing; a weight of 0 leaves a sample out, but it counts in the
    /// number. A loss that gives one number for a batch is asked for each sample as a batch of one; one that gives a number for
    /// each, `[batch]`, is asked once, which is faster.
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
    /// [`Error::Data`] if there is not one number for each sample, or if one is negative or not finite.
    pub fn weights(self, weights: impl Into<Tensor>) -> Result<Self> {
        let weights = weights.into();
        let samples = self.len();
        if weights.dtype() == DType::Bool || weights.clone().ok()?.shape().concrete() != Some(vec![samples]) {
            return Err(Error::Data(format!(
                "the weights are {}, and the data have {samples} samples: give one number for each, [{samples}; f32]",
                weights.describe()
            )));
        }
        let weights = weights.cast(DType::F32).into_data()?;
        let refused = |weight: &f32| !weight.is_finite() || *weight < 0.0;
        if let Some(sample) = weights.elements::<f32>()?.iter().position(refused) {
            return Err(Error::Data(format!(
                "the weight of sample {sample} is {}: a weight is finite and not negative, and 0 leaves the sample out",
                weights.elements::<f32>()?[sample]
            )));
        }
        Ok(Self { weights: Some(weights), ..self })
    }

    /// Says which outputs of the model the targets are for, in the order of the targets.
    ///
    /// # Errors
    /// [`Error::Data`] if there is not one name for each of the targets, or one comes twice.
    pub fn outputs<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Result<Self> {
        let outputs: Vec<String> = names.into_iter().map(str::to_owned).collect();
        if outputs.len() != self.targets.len() {
            return Err(Error::Data(format!(
                "the data have {} targets, and the outputs named are {} ({}): name one for each",
                self.targets.len(),
                outputs.len(),
                outputs.join(", ")
            )));
        }
        let twice = outputs.iter().enumerate().find(|(at, name)| outputs[..*at].contains(name));
        if let Some((_, name)) = twice {
            return Err(Error::Data(format!(
                "the output `{name}` is named twice: it has one tensor of targets"
            )));
        }
        Ok(Self { outputs, ..self })
    }

    /// The data with the targets of these outputs, in this order; those of a model with one output as they are.
    pub(super) fn in_order(&self, Note { outputs, step, .. }: &Note) -> Result<Self> {
        if step.is_some() {
            return Ok(self.clone());
        }
        if outputs.is_empty() {
            return match self.targets.as_slice() {
                [_] => Ok(self.clone()),
                targets => Err(Error::Data(format!(
                    "the data have {} targets, and the loss of this run compares one output with one",
                    targets.len()
                ))),
            };
        }
        if self.outputs.is_empty() {
            return match self.targets.len() {
                count if count == outputs.len() => Ok(self.clone()),
                count => Err(Error::Data(format!(
                    "the data have {count} targets, and this run compares {} outputs with some: {}. Give them in this order, \
                     `Dataset::with_targets(inputs, targets)`",
                    outputs.len(),
                    outputs.join(", ")
                ))),
            };
        }
        let of = |output: &String| {
            let place = self.outputs.iter().position(|known| known == output);
            place.and_then(|place| self.targets.get(place)).cloned().ok_or_else(|| {
                Error::Data(format!(
                    "the data have no targets for the output `{output}`; they have some for {}",
                    self.outputs.join(", ")
                ))
            })
        };
        let targets = outputs.iter().map(of).collect::<Result<_>>()?;
        if let Some(unknown) = self.outputs.iter().find(|output| !outputs.contains(output)) {
            return Err(Error::Data(format!(
                "the data have targets for the output `{unknown}`, and no loss or metric looks at it; they look at {}",
                outputs.join(", ")
            )));
        }
        Ok(Self { targets, outputs: outputs.clone(), ..self.clone() })
    }

    /// The data with weights that are also those of the class of each sample: the number at the place of its label.
    pub(super) fn with_class_weights(&self, weights: &[f64]) -> Result<Self> {
        if let Some(class) = weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::Data(format!(
                "the weight of class {class} is {}: a weight is finite and not negative",
                weights[class]
            )));
        }
        let [targets] = self.targets.as_slice() else {
            return Err(Error::Data(format!(
                "weights of classes are for data with one target, and these have {}: give `Dataset::weights` a weight for each sample",
                self.targets.len()
            )));
        };
        let given: Vec<f32> = match &self.weights {
            Some(given) => given.elements::<f32>()?.to_vec(),
            None => vec![1.0; self.len()],
        };
        let mut combined = Vec::with_capacity(given.len());
        for (sample, (given, label)) in given.into_iter().zip(labels(targets)?).enumerate() {
            let place = (label >= 0.0 && label.fract() == 0.0).then_some(label as usize);
            let weight = place.and_then(|place| weights.get(place)).ok_or_else(|| {
                Error::Data(format!(
                    "sample {sample} has the label {label}, and there are weights for the classes 0 to {}: give one for each class",
                    weights.len().saturating_sub(1)
                ))
            })?;
            combined.push(given * *weight as f32);
        }
        self.clone().weights(combined)
    }
}

/// The class of each sample: labels as they are, `[samples]` or `[samples, 1]`; of `[samples, classes]` the greatest.
fn labels(targets: &Data) -> Result<Vec<f64>> {
    let numbers = Tensor::from_data(targets.clone());
    match targets.sizes() {
        [_] | [_, 1] => numbers.cast(DType::F64).to_vec(),
        [_, _] => numbers.argmax(-1).cast(DType::F64).to_vec(),
        _ => Err(Error::Data(format!(
            "weights of classes need labels, [samples] or [samples, classes], and the targets are {}: give `Dataset::weights` a \
             weight for each sample",
            targets.describe()
        ))),
    }
}
