//! The kernel in the space of products.

#![expect(unsafe_code)]

use super::super::kernel::Kernel;
use super::super::shape::Convolution;
use super::{ELEMENTS, WHOLE};
use crate::buffer::thread_buffer;
use crate::gemm::area::DEPTH;
use crate::gemm::pack::Source;
use crate::gemm::tile::lanes;

thread_buffer!(with_kernel);

type Lane = [f32; WHOLE];

/// `G` times a column of three.
fn spread(a: Lane, b: Lane, c: Lane) -> [Lane; 4] {
    let mut column = [a, [0.0; WHOLE], [0.0; WHOLE], c];
    for at in 0..WHOLE {
        let (outer, inner) = ((a[at] + c[at]) * 0.5, b[at] * 0.5);
        column[1][at] = outer + inner;
        column[2][at] = outer - inner;
    }
    column
}

impl Convolution {
    /// The elements that `U` takes, in panels.
    pub(in crate::convolution) fn transformed_length(&self) -> usize {
        ELEMENTS * self.channels * self.features.next_multiple_of(2 * lanes())
    }

    /// Packs `U = G g Gᵀ`: for each of its 16 elements, the panels of a right operand of `[channels, features]`.
    ///
    /// The kernel holds what the convolution needs.
    pub(in crate::convolution) fn pack_transformed(&self, kernel: Kernel, panels: &mut [f32]) {
        let (channels, features) = (self.channels, self.features);
        let of_element = channels * features;
        with_kernel(|buffer| {
            let transformed = buffer.at_least(ELEMENTS * of_element);
            let index = |axis: usize, tap: usize| if self.axes[axis].reversed { 2 - tap } else { tap };
            for channel in 0..channels {
                for feature in (0..features).step_by(WHOLE) {
                    let element = |i: usize, j: usize| -> Lane {
                        let first = index(1, i) * kernel.spatial[1]
                            + index(2, j) * kernel.spatial[2]
                            + channel * kernel.channel
                            + feature * kernel.feature;
                        if kernel.feature == 1 {
                            let (lane, _) = kernel.data[first..].as_chunks();
                            lane[0]
                        } else {
                            std::array::from_fn(|at| kernel.data[first + at * kernel.feature])
                        }
                    };
                    let columns: [[Lane; 4]; 3] =
                        std::array::from_fn(|j| spread(element(0, j), element(1, j), element(2, j)));
                    for i in 0..4 {
                        let row = spread(columns[0][i], columns[1][i], columns[2][i]);
                        for (j, lane) in row.into_iter().enumerate() {
                            let at = (4 * i + j) * of_element + channel * features + feature;
                            transformed[at..at + WHOLE].copy_from_slice(&lane);
                        }
                    }
                }
            }
            let width = 2 * lanes();
            let padded = features.next_multiple_of(width);
            let elements =
                transformed.chunks_exact(of_element).zip(panels.chunks_exact_mut(channels * padded));
            for (matrix, panels) in elements {
                for (start, panels) in (0..channels).step_by(DEPTH).zip(panels.chunks_mut(DEPTH * padded)) {
                    let depth = DEPTH.min(channels - start);
                    let first = matrix[start * features..].as_ptr();
                    let source =
                        Source { first, row_stride: features, column_stride: 1, depth, columns: features };
                    // SAFETY: the matrix has so many rows and columns from there on.
                    unsafe { source.pack(width, panels) };
                }
            }
        });
    }

    /// An element of the kernel as `U` has it, but for what was rounded; `tap` counts along a window.
    pub(super) fn weight(&self, panels: &[f32], channel: usize, feature: usize, tap: usize) -> f32 {
        let width = 2 * lanes();
        let padded = self.features.next_multiple_of(width);
        let (start, step) = (channel / DEPTH * DEPTH, channel % DEPTH);
        let depth = DEPTH.min(self.channels - start);
        let at = start * padded + feature / width * width * depth + step * width + feature % width;
        let element = |i: usize, j: usize| panels[(4 * i + j) * self.channels * padded + at];
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
