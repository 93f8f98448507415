//! Training data: tensors whose first dimension counts samples.

use crate::error::{Error, Result};
use crate::random::permutation;
use crate::tensor::{DType, Data, Tensor, for_dtype};

/// Inputs and targets with as many samples, which are their first dimensions.
#[derive(Clone, Debug)]
pub struct Dataset {
    pub(super) inputs: Vec<Data>,
    pub(super) targets: Vec<Data>,
    /// The outputs that the targets are for, if that was said.
    pub(super) outputs: Vec<String>,
    /// How much each sample counts.
    pub(super) weights: Option<Data>,
    pub(super) samples: usize,
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
        Ok(Self { inputs, targets: vec![targets], outputs: Vec::new(), weights: None, samples })
    }

    /// Samples of several inputs, in the order of the model's `call`, with several targets or none: targets for each output that
    /// a loss or metric looks at, in the order in which these were named, or as [`Self::outputs`] says.
    ///
    /// # Errors
    /// As [`Dataset::with_inputs`].
    pub fn with_targets(inputs: Vec<Tensor>, targets: Vec<Tensor>) -> Result<Self> {
        let mut named = Vec::new();
        for (what, tensors) in [("input", inputs), ("the targets", targets)] {
            for (index, tensor) in tensors.into_iter().enumerate() {
                named.push((format!("{what} {index}"), what == "input", tensor.into_data()?));
            }
        }
        let Some((first, _, data)) = named.first() else {
            return Err(Error::Data("there are neither inputs nor targets: give at least one tensor".into()));
        };
        let Some(&samples) = data.sizes().first() else {
            return Err(Error::Data(format!(
                "{first} is {}, and has no dimension of samples",
                data.describe()
            )));
        };
        for (name, _, other) in &named {
            if other.sizes().first() != Some(&samples) {
                return Err(Error::Data(format!(
                    "{name} is {}, and {first} is {}: the first dimension counts samples, and must be the same",
                    other.describe(),
                    data.describe()
                )));
            }
        }
        let (inputs, targets): (Vec<_>, Vec<_>) = named.into_iter().partition(|(_, input, _)| *input);
        let data = |named: Vec<(String, bool, Data)>| named.into_iter().map(|(_, _, data)| data).collect();
        Ok(Self { inputs: data(inputs), targets: data(targets), outputs: Vec::new(), weights: None, samples })
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

    /// The targets; of several those given first, of none a tensor without samples.
    pub fn targets(&self) -> Tensor {
        let first = self.targets.first().cloned().map(Tensor::from_data);
        first.unwrap_or_else(|| Tensor::zeros([0]))
    }

    /// All targets, one tensor each.
    pub fn all_targets(&self) -> Vec<Tensor> {
        self.targets.iter().cloned().map(Tensor::from_data).collect()
    }

    /// All that a step takes, in its order: inputs, targets, weights.
    fn parts(&self) -> impl Iterator<Item = &Data> {
        self.inputs.iter().chain(&self.targets).chain(&self.weights)
    }

    /// The inputs, targets and weights of all samples.
    pub(super) fn whole(&self) -> Vec<Data> {
        self.parts().cloned().collect()
    }

    /// The inputs, targets and weights of some samples.
    pub(super) fn batch(&self, rows: &[usize]) -> Result<Vec<Data>> {
        self.parts().map(|data| gather(data, rows)).collect()
    }

    /// The dataset with integer labels as `i64`, whatever integers they came as: what training steps are traced for.
    pub(super) fn with_wide_labels(&self) -> Result<Self> {
        let wide = |targets: &Data| match targets.dtype() {
            dtype if dtype.is_int() && dtype != DType::I64 => {
                Tensor::from_data(targets.clone()).cast(DType::I64).into_data()
            }
            _ => Ok(targets.clone()),
        };
        let targets = self.targets.iter().map(wide).collect::<Result<_>>()?;
        Ok(Self { targets, ..self.clone() })
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
