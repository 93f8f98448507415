//! Normalisation: elements with mean 0 and variance 1.
//!
//! Halves are computed with in `f32` and rounded once. `gamma` and `beta` may have another float dtype than the tensor.

use super::composition::{named, not_float, wide};
use crate::error::Location;
use crate::graph::{constrain, type_of};
use crate::ops::{Axes, Operand, axes, axis};
use crate::tensor::{Dim, Shape, Tensor, TensorType};

impl Tensor {
    /// `(x - mean) / √(variance + epsilon) * gamma + beta`, with mean and variance along dimensions; negative ones count
    /// from the last. Float dtypes.
    ///
    /// `gamma` and `beta`, where given, have the sizes of these dimensions, in order.
    ///
    /// Ba, Kiros and Hinton, "Layer normalization", 2016.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 3.0], [5.0, 5.0]]);
    /// let (gamma, beta) = (Tensor::from([2.0_f32, 2.0]), Tensor::from([0.0_f32, 1.0]));
    /// assert_eq!(x.layer_norm(-1, Some(&gamma), Some(&beta), 0.0).slice_axis(0, ..1).to_vec::<f32>()?, [-2.0, 3.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn layer_norm(
        &self,
        along: impl Axes,
        gamma: Option<&dyn Operand>,
        beta: Option<&dyn Operand>,
        epsilon: f64,
    ) -> Self {
        let numbers = along.numbers();
        let plan = |own: &TensorType| {
            let axes = axes(&numbers, own.rank())?;
            Ok(Plan { parameters: axes.clone(), axes, inner: own.shape.clone() })
        };
        normalized("layer_norm", self, plan, [gamma, beta], |x, axes| standardized(x, axes, epsilon))
    }

    /// `x / √(mean of x² + epsilon) * gamma`, with the mean along dimensions; negative ones count from the last. Float
    /// dtypes.
    ///
    /// `gamma`, where given, has the sizes of these dimensions, in order.
    ///
    /// Zhang and Sennrich, "Root mean square layer normalization", 2019.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// assert_eq!(Tensor::from([1.0_f32, 7.0]).rms_norm(-1, None, 0.0).to_vec::<f32>()?, [0.2, 1.4]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn rms_norm(&self, along: impl Axes, gamma: Option<&dyn Operand>, epsilon: f64) -> Self {
        let numbers = along.numbers();
        let plan = |own: &TensorType| {
            let axes = axes(&numbers, own.rank())?;
            Ok(Plan { parameters: axes.clone(), axes, inner: own.shape.clone() })
        };
        normalized("rms_norm", self, plan, [gamma, None], |x, axes| {
            x * (x.square().mean_axis_keepdims(axes.to_vec()) + epsilon).rsqrt()
        })
    }

    /// [`Tensor::layer_norm`] of each of so many groups of neighbouring channels, for each sample: along all dimensions but
    /// the first, and within the group. Float dtypes; rank 2 or more.
    ///
    /// `channels` is the dimension of the channels, not the first; its size is divisible by the number of groups. `gamma`
    /// and `beta`, where given, have one number for each channel.
    ///
    /// Wu and He, "Group normalization", ECCV 2018.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1.0_f32, 3.0, 10.0, 20.0]]);
    /// assert_eq!(x.group_norm(2, -1, None, None, 0.0).to_vec::<f32>()?, [-1.0, 1.0, -1.0, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn group_norm(
        &self,
        groups: usize,
        channels: isize,
        gamma: Option<&dyn Operand>,
        beta: Option<&dyn Operand>,
        epsilon: f64,
    ) -> Self {
        // The parameters say how many channels there are.
        for parameter in [gamma, beta].into_iter().flatten() {
            if let (Some(own), [size]) = (type_of(self), &parameter.to_tensor(self).shape()[..])
                && let Ok(channel) = axis(channels, own.rank())
            {
                // Where they do not fit, that is an error below.
                let _ = constrain(|constraints| constraints.equal(&own.shape[channel], size));
            }
        }
        let plan = |own: &TensorType| {
            let channel = channel(channels, own.rank(), 2)?;
            let size = &own.shape[channel];
            let each = size.exact_div(&Dim::from(groups)).ok_or_else(|| {
                let known =
                    if size.constant().is_some() { "" } else { ": write their number in the signature" };
                format!("{size} channels, dimension {channel}, cannot be split into {groups} groups{known}")
            })?;
            let mut inner = own.shape.to_vec();
            inner.splice(channel..=channel, [Dim::from(groups), each]);
            let axes = (1..inner.len()).filter(|&axis| axis != channel).collect();
            Ok(Plan { parameters: vec![channel], axes, inner: inner.into() })
        };
        normalized("group_norm", self, plan, [gamma, beta], |x, axes| standardized(x, axes, epsilon))
    }

    /// [`Tensor::layer_norm`] of each channel of each sample: along all dimensions but the first and that of the channels.
    /// Float dtypes; rank 3 or more.
    ///
    /// `gamma` and `beta`, where given, have one number for each channel.
    ///
    /// Ulyanov, Vedaldi and Lempitsky, "Instance normalization: the missing ingredient for fast stylization", 2016.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[[1.0_f32, 0.0], [3.0, 8.0]]]);
    /// assert_eq!(x.instance_norm(-1, None, None, 0.0).to_vec::<f32>()?, [-1.0, -1.0, 1.0, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn instance_norm(
        &self,
        channels: isize,
        gamma: Option<&dyn Operand>,
        beta: Option<&dyn Operand>,
        epsilon: f64,
    ) -> Self {
        let plan = |own: &TensorType| {
            let channel = channel(channels, own.rank(), 3)?;
            let axes = (1..own.rank()).filter(|&axis| axis != channel).collect();
            Ok(Plan { parameters: vec![channel], axes, inner: own.shape.clone() })
        };
        normalized("instance_norm", self, plan, [gamma, beta], |x, axes| standardized(x, axes, epsilon))
    }

    /// `(x - mean) / √(variance + epsilon) * gamma + beta`, with a given mean and variance for each channel. Float dtypes.
    ///
    /// `channels` is the dimension of the channels, whose size `mean`, `variance` and, where given, `gamma` and `beta` have.
    /// While training, mean and variance are those of the batch: see
    /// [`BatchNormalization`](crate::layers::BatchNormalization).
    ///
    /// Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate shift",
    /// ICML 2015.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let (mean, variance) = (Tensor::from([1.0_f32, 2.0]), Tensor::from([4.0_f32, 1.0]));
    /// let x = Tensor::from([[3.0_f32, 3.0]]);
    /// assert_eq!(x.batch_norm(&mean, &variance, -1, None, None, 0.0).to_vec::<f32>()?, [1.0, 1.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn batch_norm(
        &self,
        mean: impl Operand,
        variance: impl Operand,
        channels: isize,
        gamma: Option<&dyn Operand>,
        beta: Option<&dyn Operand>,
        epsilon: f64,
    ) -> Self {
        let name = "batch_norm";
        let location = Location::caller();
        let Some(own) = type_of(self) else { return self.clone() };
        if !own.dtype.is_float() {
            return not_float(name, self, location);
        }
        let given = [("mean", Some(mean.to_tensor(self))), ("variance", Some(variance.to_tensor(self)))];
        let given = given.into_iter().chain(parameters(self, [gamma, beta]));
        let (names, given): (Vec<_>, Vec<_>) = given.filter_map(|(name, x)| Some((name, x?))).unzip();
        let aligned = axis(channels, own.rank()).and_then(|channel| {
            let shapes = names.iter().zip(&given).map(|(name, x)| aligned(name, x, &own.shape, &[channel]));
            shapes.collect::<Result<Vec<_>, _>>()
        });
        let operands: Vec<_> = std::iter::once(self).chain(&given).collect();
        let shapes = match aligned {
            Ok(shapes) => shapes,
            Err(message) => return Self::failed(name, &operands, message, location),
        };
        let dtype = wide(own.dtype);
        named(name, &operands, |operands| {
            let mut rest = operands[1..].iter().zip(&shapes).map(|(x, shape)| x.cast(dtype).reshape(shape));
            let mut next = || rest.next().unwrap_or_else(|| Self::scalar(0.0_f32));
            let (mean, variance) = (next(), next());
            let mut result = (operands[0].cast(dtype) - mean) * (variance + epsilon).rsqrt();
            if gamma.is_some() {
                result *= next();
            }
            if beta.is_some() {
                result += next();
            }
            result.cast(own.dtype)
        })
    }
}

/// What is normalised along which dimensions.
struct Plan {
    /// The shape in which it is done.
    inner: Shape,
    /// The dimensions of that shape whose elements are put together.
    axes: Vec<usize>,
    /// The dimensions of the tensor that the parameters have.
    parameters: Vec<usize>,
}

/// The dimension of the channels, behind the first one, of a tensor whose rank must be at least `least`.
fn channel(number: isize, rank: usize, least: usize) -> Result<usize, String> {
    if rank < least {
        return Err(format!(
            "it takes tensors of rank {least} or more: samples first, and channels; this has rank {rank}"
        ));
    }
    match axis(number, rank)? {
        0 => Err("the first dimension is that of the samples, and so not that of the channels".into()),
        channel => Ok(channel),
    }
}

fn parameters(x: &Tensor, given: [Option<&dyn Operand>; 2]) -> [(&'static str, Option<Tensor>); 2] {
    let [gamma, beta] = given.map(|parameter| parameter.map(|parameter| parameter.to_tensor(x)));
    [("gamma", gamma), ("beta", beta)]
}

/// The shape in which a parameter for some dimensions broadcasts to a tensor.
fn aligned(name: &str, parameter: &Tensor, shape: &Shape, axes: &[usize]) -> Result<Shape, String> {
    let kind = type_of(parameter).unwrap_or_else(|| TensorType::new(parameter.dtype(), Shape::default()));
    let expected: Shape = axes.iter().map(|&axis| shape[axis].clone()).collect();
    let wrong =
        |_: String| format!("{name} is {kind}, and the dimensions {axes:?} have the sizes {expected}");
    if !kind.dtype.is_float() {
        return Err(format!("{name} is {kind}, which holds no floats"));
    }
    if kind.rank() != expected.rank() {
        return Err(wrong(String::new()));
    }
    constrain(|constraints| {
        kind.shape.iter().zip(expected.iter()).try_for_each(|(a, b)| constraints.equal(a, b).map(drop))
    })
    .map_err(wrong)?;
    let size =
        |(axis, size): (usize, &Dim)| if axes.contains(&axis) { size.clone() } else { Dim::from(1_i64) };
    Ok(shape.iter().enumerate().map(size).collect())
}

/// A normalisation kept as a function with this name, and what follows it.
#[track_caller]
fn normalized(
    name: &str,
    x: &Tensor,
    plan: impl FnOnce(&TensorType) -> Result<Plan, String>,
    given: [Option<&dyn Operand>; 2],
    body: impl FnOnce(&Tensor, &[isize]) -> Tensor,
) -> Tensor {
    let location = Location::caller();
    let Some(own) = type_of(x) else { return x.clone() };
    if !own.dtype.is_float() {
        return not_float(name, x, location);
    }
    let plan = match plan(&own) {
        Ok(plan) => plan,
        Err(message) => return Tensor::failed(name, &[x], message, location),
    };
    let [gamma, beta] = parameters(x, given);
    let mut operands = vec![x];
    let mut shapes = Vec::new();
    for (what, parameter) in [&gamma, &beta] {
        let Some(parameter) = parameter else { continue };
        operands.push(parameter);
        match aligned(what, parameter, &own.shape, &plan.parameters) {
            Ok(shape) => shapes.push(shape),
            Err(message) => return Tensor::failed(name, &operands, message, location),
        }
    }
    let dtype = wide(own.dtype);
    let axes: Vec<_> = plan.axes.iter().map(|&axis| axis.cast_signed()).collect();
    let scales = gamma.1.is_some();
    named(name, &operands, |operands| {
        let x = operands[0].cast(dtype);
        let mut result = body(&x.reshape(&plan.inner), &axes).reshape(x.shape());
        for (index, (parameter, shape)) in operands[1..].iter().zip(&shapes).enumerate() {
            let parameter = parameter.cast(dtype).reshape(shape);
            result = if index == 0 && scales { result * parameter } else { result + parameter };
        }
        result.cast(own.dtype)
    })
}

fn standardized(x: &Tensor, axes: &[isize], epsilon: f64) -> Tensor {
    let centred = x - x.mean_axis_keepdims(axes.to_vec());
    let variance = centred.square().mean_axis_keepdims(axes.to_vec());
    centred * (variance + epsilon).rsqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;

    #[test]
    fn halves_and_empty_tensors_are_fine() {
        let x = Tensor::from([[300.0_f32, 500.0]]).cast(DType::F16);
        let gamma = Tensor::from([0.5_f32, 0.5]);
        let y = x.layer_norm(1, Some(&gamma), None, 0.0);
        assert_eq!((y.dtype(), y.cast(DType::F32).to_vec::<f32>().unwrap()), (DType::F16, vec![-0.5, 0.5]));
        for shape in [[0, 2, 4], [2, 0, 4]] {
            let x = Tensor::zeros(shape);
            for y in [
                x.layer_norm([1, 2], None, None, 1e-5),
                x.rms_norm(1, None, 1e-5),
                x.group_norm(2, -1, None, None, 1e-5),
                x.instance_norm(-1, None, None, 1e-5),
                x.batch_norm(Tensor::zeros([4]), Tensor::ones([4]), 2, None, None, 1e-5),
            ] {
                assert_eq!(y.ok().unwrap().shape().concrete().unwrap(), shape);
            }
        }
    }

    #[test]
    fn parameters_that_do_not_fit_are_refused_at_the_users_place() {
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        let x = Tensor::zeros([2, 3, 4]);
        let three = Tensor::zeros([3]);
        let message = error(x.layer_norm(-1, Some(&three), None, 1e-5));
        assert!(message.contains("layer_norm([2, 3, 4; f32], [3; f32])"), "{message}");
        assert!(message.contains("gamma is [3; f32]") && message.contains("sizes [4]"), "{message}");
        assert!(message.contains("normalization.rs"), "{message}");
        assert!(error(x.layer_norm(-1, None, Some(&1.0), 1e-5)).contains("beta is [; f32]"));
        assert!(error(x.group_norm(3, -1, None, None, 1e-5)).contains("4 channels, dimension 2"));
        assert!(error(x.group_norm(2, 0, None, None, 1e-5)).contains("that of the samples"));
        assert!(error(three.group_norm(1, 0, None, None, 1e-5)).contains("rank 2 or more"));
        assert!(error(x.batch_norm(&three, &three, -1, None, None, 1e-5)).contains("mean is [3; f32]"));
        assert!(error(x.cast(DType::I32).rms_norm(-1, None, 1e-5)).contains("float tensors, not i32"));
        assert!(error(x.rms_norm(3, None, 1e-5)).contains("no dimension 3"));
    }
}
