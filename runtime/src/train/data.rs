//! Training data: tensors whose first dimension counts samples.

use crate::error::{Error, Result};
use crate::random::permutation;
use crate::tensor::{DType, Data, Tensor, for_dtype};

/// Inputs and targets with as many samples, which are their first dimensions.
#[derive(Clone, Debug)]
pub struct Dataset {
    inputs: Vec<Data>,
    targets: Data,
    samples: usize,
}

impl Dataset {
    /// Samples of one input with their targets.
    ///
    /// # Errors
    /// As [`Dataset::with_inputs`].
    pub fn new(input: impl Into<Tensor>, targets: impl Into<Tensor>) -> Result<Self> {
        Self::with_inputs(vec![input.into()], targets)
    }

    /// Samples of several inputs, in the order of the model's `call`, with their targets.
    ///
    /// # Errors
    /// [`Error::Data`] if a tensor has no dimensions, or not as many samples as the others; what the tensors carry.
    pub fn with_inputs(inputs: Vec<Tensor>, targets: impl Into<Tensor>) -> Result<Self> {
        let inputs: Vec<Data> = inputs.into_iter().map(Tensor::into_data).collect::<Result<_>>()?;
        let targets = targets.into().into_data()?;
        let Some(&samples) = targets.sizes().first() else {
            return Err(Error::Data("the targets have no dimension of samples".into()));
        };
        for (index, input) in inputs.iter().enumerate() {
            if input.sizes().first() != Some(&samples) {
                return Err(Error::Data(format!(
                    "input {index} is {}, and the targets are {}: the first dimension counts samples, and must be the same",
                    input.describe(),
                    targets.describe()
                )));
            }
        }
        Ok(Self { inputs, targets, samples })
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.samples
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// The inputs, one tensor each.
    pub fn inputs(&self) -> Vec<Tensor> {
        self.inputs.iter().cloned().map(Tensor::from_data).collect()
    }

    /// The targets.
    pub fn targets(&self) -> Tensor {
        Tensor::from_data(self.targets.clone())
    }

    /// The inputs and then the targets of all samples.
    pub(super) fn whole(&self) -> Vec<Data> {
        self.inputs.iter().chain(std::iter::once(&self.targets)).cloned().collect()
    }

    /// The inputs and then the targets of some samples.
    pub(super) fn batch(&self, rows: &[usize]) -> Result<Vec<Data>> {
        self.inputs.iter().chain(std::iter::once(&self.targets)).map(|data| gather(data, rows)).collect()
    }

    /// The dataset with integer labels as `i64`, whatever integers they came as: what training steps are traced for.
    pub(super) fn with_wide_labels(&self) -> Result<Self> {
        let dtype = self.targets.dtype();
        if !dtype.is_int() || dtype == DType::I64 {
            return Ok(self.clone());
        }
        let targets = self.targets().cast(DType::I64).into_data()?;
        Ok(Self { inputs: self.inputs.clone(), targets, samples: self.samples })
    }
}

/// The order of samples in an epoch.
pub(super) fn order(samples: usize, shuffle: bool, seed: u64, epoch: u64) -> Vec<usize> {
    if shuffle { permutation(samples, seed, epoch) } else { (0..samples).collect() }
}

/// Some rows of a tensor.
pub(super) fn gather(data: &Data, rows: &[usize]) -> Result<Data> {
    let mut sizes = data.sizes().to_vec();
    let width: usize = sizes.iter().skip(1).product();
    if let Some(first) = sizes.first_mut() {
        *first = rows.len();
    }
    for_dtype!(data.dtype(), T => {
        let elements = data.elements::<T>()?;
        let mut gathered = Vec::with_capacity(rows.len() * width);
        for &row in rows {
            gathered.extend_from_slice(elements.get(row * width..(row + 1) * width).unwrap_or_default());
        }
        Data::new::<T>(sizes, gathered)
    })
}
