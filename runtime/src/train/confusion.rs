//! Which classes a model takes for which.

use super::evaluate::BATCH;
use super::fit::check_sizes;
use super::trainer::Trainer;
use crate::data::{Dataset, Order, Reader};
use crate::error::{Error, Result};
use crate::tensor::{DType, Data, Tensor};

/// How many samples of each class a model takes for each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    /// For each true class, how many of its samples were taken for each class.
    counts: Vec<Vec<u64>>,
}

impl ConfusionMatrix {
    /// For each true class, how many of its samples were taken for each class.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// The share of samples that were taken for what they are; NaN if there are none.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = self.counts.iter().enumerate().filter_map(|(class, row)| row.get(class)).sum();
        right as f64 / self.counts.iter().flatten().sum::<u64>() as f64
    }
}

impl Trainer {
    /// Which classes the model takes for which: what it gives has a number for each class in its last dimension, and the largest one
    /// wins. The targets are the numbers of the classes, or have a number for each class themselves.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let x = Tensor::from([[1.0_f32, 0.0], [0.0, 1.0], [0.0, 2.0]]);
    /// let labels = Tensor::from([[1.0_f32, 0.0], [0.0, 1.0], [1.0, 0.0]]);
    /// let trainer = Trainer::new(Dense::new(2, 2), Sgd::new(0.1), mean_squared_error).build()?;
    /// trainer.variable("model.weights")?.assign(Tensor::from([[1.0_f32, 0.0], [0.0, 1.0]]));
    /// let matrix = trainer.confusion_matrix(&Dataset::new(&x, &labels)?)?;
    /// assert_eq!(matrix.counts(), [[1, 1], [0, 1]]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Trainer::predict`]; [`Error::Data`] if the targets are no classes of the output.
    pub fn confusion_matrix(&self, data: &Dataset) -> Result<ConfusionMatrix> {
        check_sizes(data, 1)?;
        let mut counts: Vec<Vec<u64>> = Vec::new();
        let (inputs, ..) = data.counts();
        for (_, batch) in Reader::new(data.clone(), Order::judging(BATCH)) {
            let mut batch = batch?;
            batch.truncate(inputs + 1);
            let targets = batch.pop().map_or_else(|| Tensor::scalar(0_i64), Tensor::from_data);
            let inputs: Vec<Tensor> = batch.into_iter().map(Tensor::from_data).collect();
            let output = self.predict(&inputs)?.into_iter().next();
            let output = output.ok_or_else(|| Error::Data("the model gives nothing".into()))?;
            let (found, classes) = largest(&output)?;
            counts.resize_with(classes.max(counts.len()), || vec![0; classes]);
            let expected = if targets.dtype().is_int() {
                targets.cast(DType::I64).to_vec::<i64>()?
            } else {
                largest(&targets)?.0
            };
            if expected.len() != found.len() {
                return Err(Error::Data(format!(
                    "the model gives {}, and the targets are {}: a class for each row of the output is needed",
                    output.describe(),
                    targets.describe()
                )));
            }
            for (expected, found) in expected.into_iter().zip(found) {
                let row = usize::try_from(expected).ok().and_then(|class| counts.get_mut(class));
                let count = row.and_then(|row| row.get_mut(usize::try_from(found).ok()?));
                *count.ok_or_else(|| {
                    Error::Data(format!(
                        "the target {expected} is no class: the model gives {classes} of them"
                    ))
                })? += 1;
            }
        }
        Ok(ConfusionMatrix { counts })
    }
}

/// The index of the largest number of each row, the first of equal ones, and how many numbers a row has.
fn largest(tensor: &Tensor) -> Result<(Vec<i64>, usize)> {
    let data: Data = tensor.cast(DType::F64).into_data()?;
    let classes = data.sizes().last().copied().filter(|&classes| classes > 0);
    let classes =
        classes.ok_or_else(|| Error::Data(format!("{} has no dimension of classes", tensor.describe())))?;
    let index = |row: &[f64]| {
        let mut best = 0;
        for (index, value) in row.iter().enumerate() {
            if *value > row[best] {
                best = index;
            }
        }
        best as i64
    };
    Ok((data.elements::<f64>()?.chunks(classes).map(index).collect(), classes))
}
