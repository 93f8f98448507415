//! Which convolution it is.

use super::phase::{Phase, phases};
use crate::gemm::Unfit;

/// Sizes and distances are no larger than this, so that places can be computed without overflow.
const MOST: usize = 1 << 31;

/// How windows lie along a spatial dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The elements of the input.
    pub size: usize,
    /// The elements of a window.
    pub kernel: usize,
    /// From one window to the next.
    pub stride: usize,
    /// The elements that count as before the first; negative leaves elements out.
    pub low: isize,
    /// The elements that count as behind the last; negative leaves elements out.
    pub high: isize,
    /// From one element of the input to the next; what is between them counts as nothing.
    pub input_dilation: usize,
    /// From one element of a window to the next.
    pub kernel_dilation: usize,
    /// Whether the kernel lies the other way round.
    pub reversed: bool,
}

impl Axis {
    /// Windows that move by 1, without padding and dilation.
    pub fn new(size: usize, kernel: usize) -> Self {
        Self {
            size,
            kernel,
            stride: 1,
            low: 0,
            high: 0,
            input_dilation: 1,
            kernel_dilation: 1,
            reversed: false,
        }
    }

    /// With another distance between windows.
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// With padding on both sides.
    pub fn padding(self, low: isize, high: isize) -> Self {
        Self { low, high, ..self }
    }

    /// From the first element of a window to the last.
    pub(crate) fn reach(&self) -> isize {
        (self.kernel as isize - 1) * self.kernel_dilation as isize
    }

    /// The number of windows, if they fit.
    pub fn count(&self) -> Option<usize> {
        let sizes = [self.size, self.kernel, self.stride, self.input_dilation, self.kernel_dilation];
        let paddings = [self.low.unsigned_abs(), self.high.unsigned_abs()];
        if sizes.iter().chain(&paddings).any(|&size| size > MOST) || sizes[2..].contains(&0) {
            return None;
        }
        let elements = span(self.size, self.input_dilation).checked_add(self.low)?.checked_add(self.high)?;
        let room = elements.checked_sub(self.reach() + 1)?;
        usize::try_from(room.div_euclid(self.stride as isize) + 1).ok()
    }

    /// The windows over the windows that lead back to the elements.
    fn toward_input(&self, count: usize) -> Self {
        let low = self.reach() - self.low;
        let have = span(count, self.stride) + low;
        Self {
            size: count,
            kernel: self.kernel,
            stride: self.input_dilation,
            low,
            high: span(self.size, self.input_dilation) + self.reach() - have,
            input_dilation: self.stride,
            kernel_dilation: self.kernel_dilation,
            reversed: !self.reversed,
        }
    }
}

/// The elements from the first to the last, with what is between them.
fn span(size: usize, dilation: usize) -> isize {
    (size as isize - 1) * dilation as isize + 1
}

/// A convolution of certain sizes, worked out once and run many times.
#[derive(Clone, Debug)]
pub struct Convolution {
    pub(super) batch: usize,
    /// Three of them; those that the caller does not have come first and have one element.
    pub(super) axes: [Axis; 3],
    pub(super) rank: usize,
    pub(super) channels: usize,
    pub(super) features: usize,
    pub(super) groups: usize,
    pub(super) counts: [usize; 3],
    pub(super) phases: Vec<Phase>,
    /// Along each dimension: the first place that a window touches, and how many there are from that to the last.
    pub(super) region: [(isize, usize); 3],
    /// Whether no window leaves the input.
    pub(super) inside: bool,
}

impl Convolution {
    /// A convolution of `batch` inputs of `channels` with `features` kernels; both fall into `groups`, each convolved by itself.
    ///
    /// # Errors
    /// If windows do not fit, there are more than 3 axes, channels or features do not fall into groups, or a size is too large.
    pub fn new(
        batch: usize,
        axes: &[Axis],
        channels: usize,
        features: usize,
        groups: usize,
    ) -> Result<Self, Unfit> {
        let rank = axes.len();
        if rank > 3 {
            return Err(Unfit("a convolution has at most 3 spatial dimensions"));
        }
        if groups == 0 || !channels.is_multiple_of(groups) || !features.is_multiple_of(groups) {
            return Err(Unfit("channels and features fall into at least 1 group of equal size"));
        }
        let mut all = [Axis::new(1, 1); 3];
        all[3 - rank..].copy_from_slice(axes);
        let mut counts = [0; 3];
        for (count, axis) in counts.iter_mut().zip(&all) {
            *count = axis.count().ok_or(Unfit("windows do not fit into the input and its padding"))?;
        }
        let mut convolution = Self {
            batch,
            axes: all,
            rank,
            channels,
            features,
            groups,
            counts,
            phases: Vec::new(),
            region: [(0, 0); 3],
            inside: true,
        };
        let lengths =
            [convolution.input_len(), convolution.output_len(), convolution.kernel_len(), Some(batch)];
        if lengths.iter().any(|length| length.is_none_or(|length| length > isize::MAX as usize / 16)) {
            return Err(Unfit("a size overflows"));
        }
        if counts.contains(&0) || batch == 0 || features == 0 {
            return Ok(convolution);
        }
        for (index, axis) in all.iter().enumerate() {
            let (first, length) = axis.places(0..counts[index]);
            convolution.region[index] = (first, length);
            convolution.inside &= first >= 0 && first as usize + length <= axis.size;
        }
        if convolution.inside {
            convolution.region = all.map(|axis| (0, axis.size));
        }
        let [(_, rows), (_, columns), (_, last)] = convolution.region;
        let area = rows.checked_mul(columns).and_then(|n| n.checked_mul(last)?.checked_mul(channels.max(1)));
        if area.is_none_or(|area| area > isize::MAX as usize / 16) {
            return Err(Unfit("a size overflows"));
        }
        convolution.phases = phases(&convolution);
        Ok(convolution)
    }

    /// The convolution of the gradient of the result that gives that of the input; its kernel is [`Kernel::swapped`].
    ///
    /// [`Kernel::swapped`]: super::Kernel::swapped
    ///
    /// # Errors
    /// If a size is too large.
    pub fn toward_input(&self) -> Result<Self, Unfit> {
        let mut axes = self.axes;
        for (axis, &count) in axes.iter_mut().zip(&self.counts) {
            *axis = axis.toward_input(count);
        }
        Self::new(self.batch, &axes[3 - self.rank..], self.features, self.channels, self.groups)
    }

    /// The number of windows along each spatial dimension.
    pub fn counts(&self) -> &[usize] {
        &self.counts[3 - self.rank..]
    }

    pub(super) fn positions(&self) -> usize {
        self.counts.iter().product()
    }

    /// The elements of the input.
    pub(super) fn input_len(&self) -> Option<usize> {
        let sizes = self.axes.iter().map(|axis| axis.size);
        sizes.chain([self.channels]).try_fold(self.batch, usize::checked_mul)
    }

    pub(super) fn output_len(&self) -> Option<usize> {
        self.counts.iter().copied().chain([self.features]).try_fold(self.batch, usize::checked_mul)
    }

    /// The inputs, the windows of each and the features of each window.
    pub(crate) fn result_rows(&self) -> [usize; 3] {
        [self.batch, self.positions(), self.features]
    }

    pub(super) fn kernel_len(&self) -> Option<usize> {
        let sizes = self.axes.iter().map(|axis| axis.kernel);
        sizes.chain([self.features]).try_fold(self.channels / self.groups, usize::checked_mul)
    }

    pub(super) fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.groups == self.channels && self.groups == self.features
    }
}

impl Axis {
    /// The first place of the input that some windows touch, and how many there are from that to the last.
    pub(super) fn places(&self, windows: std::ops::Range<usize>) -> (isize, usize) {
        if windows.is_empty() || self.kernel == 0 {
            return (0, 0);
        }
        let dilation = self.input_dilation as isize;
        let first = windows.start as isize * self.stride as isize - self.low;
        let last = (windows.end as isize - 1) * self.stride as isize - self.low + self.reach();
        let (first, last) = ((first + dilation - 1).div_euclid(dilation), last.div_euclid(dilation));
        (first, usize::try_from(last - first + 1).unwrap_or(0))
    }
}
