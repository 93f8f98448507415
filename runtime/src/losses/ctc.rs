//! Sequences of labels without places.

use holotype_macros::{Module, loss};

use super::Loss;
use crate::control::scan;
use crate::tensor::{DType, Shape, Tensor};

/// Connectionist temporal classification ([Graves et al. 2006](https://doi.org/10.1145/1143844.1143891), section 4): the mean over all
/// samples of the negative logarithm of the probability that the labels come out in their order, each at one or more steps, with blanks
/// (class 0) between them at will, and at least one between two of the same. Labels (integers `[batch, labels]`, from 1 on, shorter
/// sequences filled up with 0 at the end) and logits (`[batch, steps, classes]`, float).
///
/// A sequence that does not fit in the steps has a loss of about 1e30.
///
/// ```
/// use holotype::losses::Ctc;
/// use holotype::prelude::*;
/// // Two steps, two classes: `1`, `1 blank` and `blank 1` of four ways.
/// let loss = Ctc::new().compute(&Tensor::from([[1_i64]]), &Tensor::zeros([1, 2, 2]));
/// assert!((loss.to_scalar::<f32>()? + 0.75_f32.ln()).abs() < 1e-6);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Module, Default)]
pub struct Ctc;

/// The logarithm of no probability: finite, so that gradients are.
const NEVER: f64 = -1e30;

impl Ctc {
    /// With class 0 for blanks.
    pub fn new() -> Self {
        Self
    }
}

#[loss]
impl Loss for Ctc {
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let x = if y_pred.dtype() == DType::F64 { y_pred.clone() } else { y_pred.cast(DType::F32) };
        let labels = y_true.check_range(0, x.dim(-1), "label").cast(DType::I64);
        let log = x.log_softmax(-1).move_axis(1, 0);

        // The states: a blank, and behind each label another one.
        let blank = labels.slice_axis(1, ..1).zeros_like();
        let pairs = Tensor::stack(&[&labels.zeros_like(), &labels], 2);
        let pairs = pairs.reshape(Shape::new(vec![labels.dim(0), labels.dim(1) * 2]));
        let states = Tensor::concatenate(&[&pairs, &blank], 1);

        // A state is reached from itself, from the one before, and, if it is a label other than the last, from that.
        let before = |x: &Tensor, fill: &Tensor| Tensor::concatenate(&[fill, &x.slice_axis(1, ..-1)], 1);
        let two_before = before(&before(&states, &blank), &blank);
        let jumps = states.not_equal(0).logical_and(states.not_equal(&two_before));
        let of = |step: &Tensor| step.take_along_axis(&states, 1);
        let first = of(&log.slice_axis(0, ..1).squeeze(0));
        let never = first.slice_axis(1, ..1).zeros_like() + NEVER;
        let number = states.ones_like().cumsum(1) - 1;
        let start = number.less(2).select(&first, NEVER);
        let (last, ()) = scan(start, log.slice_axis(0, 1..), |alpha: Tensor, step: Tensor| {
            let one = before(&alpha, &never);
            let two = jumps.select(before(&one, &never), NEVER);
            (Tensor::stack(&[&alpha, &one, &two], 2).logsumexp(2) + of(&step), ())
        });

        // It ends behind the last label, or at it.
        let end = labels.not_equal(0).cast(DType::I64).sum_axis(1).expand_dims(1) * 2;
        let at_blank = last.take_along_axis(&end, 1);
        let at_label = end.greater(0).select(last.take_along_axis((&end - 1).maximum(0), 1), NEVER);
        -Tensor::concatenate(&[&at_blank, &at_label], 1).logsumexp(1).mean()
    }
}
