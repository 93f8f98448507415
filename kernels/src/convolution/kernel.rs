//! The kernel of a convolution, as it lies and packed.

#![expect(unsafe_code)]

use super::phase::Phase;
use super::shape::Convolution;
use crate::buffer::Buffer;
use crate::gemm::Unfit;
use crate::gemm::operands::holds;
use crate::gemm::pack::Source;
use crate::gemm::tile::lanes;

/// The elements of a kernel: that of a place, a channel of a group, a group, and a feature of the group.
#[derive(Clone, Copy, Debug)]
pub struct Kernel<'a> {
    /// The elements.
    pub data: &'a [f32],
    /// From one place to the next along each spatial dimension; those that there are not have 0 in front.
    pub spatial: [usize; 3],
    /// From one channel to the next.
    pub channel: usize,
    /// From one group to the next.
    pub group: usize,
    /// From one feature of a group to the next.
    pub feature: usize,
}

impl<'a> Kernel<'a> {
    /// `[spatial.., channels / groups, features]` without gaps, for this convolution.
    pub fn new(data: &'a [f32], convolution: &Convolution) -> Self {
        let Convolution { channels, features, groups, axes, .. } = convolution;
        let last = channels / groups * features;
        let spatial = [axes[1].kernel * axes[2].kernel * last, axes[2].kernel * last, last];
        Self { data, spatial, channel: *features, group: features / groups, feature: 1 }
    }

    /// The same with channels and features exchanged, for [`Convolution::toward_input`]; no element moves.
    pub fn swapped(self) -> Self {
        Self { channel: self.feature, feature: self.channel, ..self }
    }

    fn holds(&self, convolution: &Convolution) -> bool {
        let Convolution { channels, features, groups, axes, .. } = convolution;
        let spatial = [0, 1, 2].map(|axis| (axes[axis].kernel, self.spatial[axis]));
        let [a, b, c] = spatial;
        let (channel, feature) = ((channels / groups, self.channel), (features / groups, self.feature));
        holds(self.data.len(), [a, b, c, channel, (*groups, self.group), feature])
    }
}

/// A kernel in the order in which a convolution reads it: weights are packed once, when they are loaded.
///
/// It holds for the machine it was made on, and is not to be stored.
#[derive(Clone)]
pub struct PackedKernel {
    pub(super) panels: Buffer,
    length: usize,
}

impl PackedKernel {
    /// Packs the kernel for a convolution, or any of the same axes, channels, features and groups.
    ///
    /// # Errors
    /// If the kernel has fewer elements than its strides say.
    pub fn new(kernel: Kernel, convolution: &Convolution) -> Result<Self, Unfit> {
        let length = convolution.packed_length();
        let mut panels = Buffer::zeros(length);
        convolution.pack(kernel, panels.elements_mut())?;
        Ok(Self { panels, length })
    }

    pub(super) fn check(&self, convolution: &Convolution) -> Result<(), Unfit> {
        if self.length == convolution.packed_length() {
            Ok(())
        } else {
            Err(Unfit("the packed kernel has other sizes than the convolution"))
        }
    }
}

impl std::fmt::Debug for PackedKernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackedKernel({} elements)", self.length)
    }
}

impl Convolution {
    /// The elements that the panels of one phase and one group take.
    pub(super) fn panels_of(&self, phase: &Phase) -> usize {
        let width = if self.is_depthwise() { 1 } else { 2 * lanes() };
        (self.features / self.groups).next_multiple_of(width) * phase.depth
    }

    pub(super) fn packed_length(&self) -> usize {
        if self.is_winograd() {
            return self.transformed_length();
        }
        self.phases.iter().map(|phase| self.panels_of(phase) * self.groups).sum()
    }

    /// Packs: for each phase and group, blocks of the depth, in them panels; for a depthwise convolution, for each phase and tap
    /// the channels.
    pub(super) fn pack(&self, kernel: Kernel, mut to: &mut [f32]) -> Result<(), Unfit> {
        if !kernel.holds(self) {
            return Err(Unfit("the kernel has fewer elements than its sizes and strides say"));
        }
        if self.is_winograd() {
            self.pack_transformed(kernel, to);
            return Ok(());
        }
        let place = |tap: [usize; 3]| -> usize { (0..3).map(|axis| tap[axis] * kernel.spatial[axis]).sum() };
        for phase in &self.phases {
            if self.is_depthwise() {
                for tap in phase.taps(&self.axes) {
                    let (row, rest) = to.split_at_mut(self.channels);
                    let elements = kernel.data.iter().skip(place(tap)).step_by(kernel.group.max(1));
                    row.iter_mut().zip(elements).for_each(|(to, from)| *to = *from);
                    to = rest;
                }
                continue;
            }
            for group in 0..self.groups {
                let (panels, rest) = to.split_at_mut(self.panels_of(phase));
                let taps = phase.taps(&self.axes).map(|tap| place(tap) + group * kernel.group);
                self.pack_phase(kernel, phase, taps, panels);
                to = rest;
            }
        }
        Ok(())
    }

    fn pack_phase(
        &self,
        kernel: Kernel,
        phase: &Phase,
        taps: impl Iterator<Item = usize>,
        panels: &mut [f32],
    ) {
        let (channels, features) = (self.channels / self.groups, self.features / self.groups);
        let width = 2 * lanes();
        let padded = features.next_multiple_of(width);
        let mut step = 0;
        for first in taps {
            let mut channel = 0;
            while channel < channels {
                let (block, at) = (step / phase.block, step % phase.block);
                let of_block = phase.block.min(phase.depth - block * phase.block);
                let depth = (channels - channel).min(of_block - at);
                let source = Source {
                    first: kernel.data.as_ptr().wrapping_add(first + channel * kernel.channel),
                    row_stride: kernel.channel,
                    column_stride: kernel.feature,
                    depth,
                    columns: features,
                };
                let panels = panels.get_mut(block * phase.block * padded..).unwrap_or_default();
                // SAFETY: the kernel holds what the convolution needs.
                unsafe { source.pack_part(width, panels, of_block, at) };
                (channel, step) = (channel + depth, step + depth);
            }
        }
    }
}
