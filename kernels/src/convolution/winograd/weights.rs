//! The kernel in the space of products.

use rten_simd::{Isa, SimdOp};

use super::super::kernel::Kernel;
use super::super::shape::Convolution;
use super::{ELEMENTS, WHOLE};
use crate::gemm::area::block_of;
use crate::gemm::tile::lanes;

type Lane = [f32; WHOLE];
/// A lane of features for each of as many channels.
type Square = [Lane; WHOLE];

/// `G` times a column of three.
#[inline(always)]
fn spread(a: Lane, b: Lane, c: Lane) -> [Lane; 4] {
    let mut column = [a, [0.0; WHOLE], [0.0; WHOLE], c];
    for at in 0..WHOLE {
        let (outer, inner) = ((a[at] + c[at]) * 0.5, b[at] * 0.5);
        column[1][at] = outer + inner;
        column[2][at] = outer - inner;
    }
    column
}

/// Where `U` lies: for each of its 16 elements, the panels of a right operand of `[channels, features]`.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub padded: usize,
    /// From one element to the next: so far that they do not share a place in the first cache.
    pub of_element: usize,
    width: usize,
    channels: usize,
    /// The channels of a block of panels.
    block: usize,
}

impl Layout {
    pub fn new(convolution: &Convolution) -> Self {
        let (channels, width) = (convolution.channels, 2 * lanes());
        let padded = convolution.features.next_multiple_of(width);
        Self { padded, of_element: channels * padded + WHOLE, width, channels, block: block_of(channels) }
    }

    fn index(self, channel: usize, feature: usize) -> usize {
        let (start, step) = (channel / self.block * self.block, channel % self.block);
        let depth = self.block.min(self.channels - start);
        start * self.padded
            + feature / self.width * self.width * depth
            + step * self.width
            + feature % self.width
    }
}

/// `U = G g Gᵀ` of a kernel.
struct Pack<'a> {
    convolution: &'a Convolution,
    kernel: Kernel<'a>,
    layout: Layout,
    panels: &'a mut [f32],
}

impl SimdOp for Pack<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "the channel is an index of several arrays")]
    fn eval<I: Isa>(self, _: I) {
        let Self { convolution, kernel, layout, panels } = self;
        let part = layout.width.min(WHOLE);
        let mut taps = [[[0.0; WHOLE]; WHOLE]; 9];
        for feature in (0..convolution.features).step_by(WHOLE) {
            for first in (0..convolution.channels).step_by(WHOLE) {
                convolution.read(kernel, first, feature, &mut taps);
                for channel in 0..WHOLE {
                    let tap = |i: usize, j: usize| taps[3 * i + j][channel];
                    let columns: [[Lane; 4]; 3] =
                        std::array::from_fn(|j| spread(tap(0, j), tap(1, j), tap(2, j)));
                    for start in (0..WHOLE).step_by(part) {
                        let at = layout.index(first + channel, feature + start);
                        for i in 0..4 {
                            let row = spread(columns[0][i], columns[1][i], columns[2][i]);
                            for (j, lane) in row.iter().enumerate() {
                                let to = &mut panels[(4 * i + j) * layout.of_element + at..][..part];
                                to.copy_from_slice(&lane[start..start + part]);
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Convolution {
    /// The elements that `U` takes, in panels.
    pub(in crate::convolution) fn transformed_length(&self) -> usize {
        ELEMENTS * Layout::new(self).of_element
    }

    /// Packs `U = G g Gᵀ`; the kernel holds what the convolution needs.
    pub(in crate::convolution) fn pack_transformed(&self, kernel: Kernel, panels: &mut [f32]) {
        let layout = Layout::new(self);
        crate::simd::run(Pack { convolution: self, kernel, layout, panels });
    }

    /// Reads each tap of some channels and features.
    #[inline(always)]
    fn read(&self, kernel: Kernel, channel: usize, feature: usize, taps: &mut [Square; 9]) {
        let index = |axis: usize, tap: usize| if self.axes[axis].reversed { 2 - tap } else { tap };
        let first = channel * kernel.channel + feature * kernel.feature;
        for (tap, square) in taps.iter_mut().enumerate() {
            let place = index(1, tap / 3) * kernel.spatial[1] + index(2, tap % 3) * kernel.spatial[2];
            let data = &kernel.data[first + place..];
            if kernel.channel == 1 && kernel.feature != 1 {
                for feature in 0..WHOLE {
                    let channels = &data[feature * kernel.feature..][..WHOLE];
                    for (lane, element) in square.iter_mut().zip(channels) {
                        lane[feature] = *element;
                    }
                }
                continue;
            }
            for (channel, lane) in square.iter_mut().enumerate() {
                let data = &data[channel * kernel.channel..];
                if kernel.feature == 1 {
                    lane.copy_from_slice(&data[..WHOLE]);
                } else {
                    *lane = std::array::from_fn(|feature| data[feature * kernel.feature]);
                }
            }
        }
    }

    /// An element of the kernel as `U` has it, but for what was rounded; `tap` counts along a window.
    pub(super) fn weight(&self, panels: &[f32], channel: usize, feature: usize, tap: usize) -> f32 {
        let layout = Layout::new(self);
        let at = layout.index(channel, feature);
        let element = |i: usize, j: usize| panels[(4 * i + j) * layout.of_element + at];
        // The middle one of three is the difference of the inner two of four.
        let of_row = |i: usize| match tap % 3 {
            0 => element(i, 0),
            1 => element(i, 1) - element(i, 2),
            _ => element(i, 3),
        };
        match tap / 3 {
            0 => of_row(0),
            1 => of_row(1) - of_row(2),
            _ => of_row(3),
        }
    }
}
