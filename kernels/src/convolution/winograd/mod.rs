//! Convolutions of 3 x 3 places with 16 multiplications for each 4 windows instead of 36: the minimal filtering F(2 x 2, 3 x 3) of
//! [Lavin and Gray 2015](https://arxiv.org/abs/1509.09308).
//!
//! A tile of 2 x 2 windows reads 4 x 4 places. `U = G g Gᵀ` of the kernel and `V = Bᵀ d B` of the places have 16 elements each; their
//! products, summed over the channels, are 16 matrix products, and `Aᵀ M A` of these are the windows. What is summed is rounded
//! otherwise than by the definition: the error is a few units in the last place of the largest products of a window, whatever of
//! them cancels. A weight that is infinite, or sums near the greatest number, may give NaN instead.
//!
//! Places that are infinite, NaN or so large that sums overflow would spoil the whole tile: such tiles are computed by the definition.

#![expect(unsafe_code)]

mod transform;
mod weights;

#[cfg(test)]
mod tests;

use std::ops::Range;

use self::transform::{Gather, Scatter};
use self::weights::Layout;
use super::forward::{ALONE, Shares, TASK};
use super::shape::{Axis, Convolution};
use crate::buffer::thread_buffer;
use crate::gemm::area::{Area, RightAt};
use crate::gemm::tile::lanes;
use crate::gemm::{Block, Finish};
use crate::threads::threads;

/// Elements of a tile in the space of products.
const ELEMENTS: usize = 16;
/// Channels and features come in whole groups of so many, which fill the vectors of any machine.
const WHOLE: usize = 16;
/// With fewer channels or features, moving elements takes longer than the multiplications that are saved.
const LEAST: usize = 32;
/// With more weights for each window of an input, moving them takes longer, unless there are many windows.
const WEIGHTS: usize = 2048;
/// With so many windows of an input, their multiplications take at least as long as moving the weights, however many those are.
const MANY_WINDOWS: usize = 48;
/// With fewer windows along a dimension, too much of the tiles is wasted.
const LEAST_WINDOWS: usize = 4;
/// The elements of all channels and features of the tiles of a band, so that they stay in the second cache.
const OF_BAND: usize = 10 << 10;
/// The most and the least tiles of a band, if there are so many.
const TILES: [usize; 2] = [48, 256];

thread_buffer!(with_places);
thread_buffer!(with_products);
thread_buffer!(with_zeros);

impl Convolution {
    /// Whether it is computed this way. Sizes alone decide, but for that of the batch.
    pub(super) fn is_winograd(&self) -> bool {
        let plain = |axis: &Axis| {
            let (steps, dilations) = (axis.stride, [axis.kernel_dilation, axis.input_dilation]);
            axis.kernel == 3 && steps == 1 && dilations == [1, 1]
        };
        let suits = |size: usize| size >= LEAST && size.is_multiple_of(WHOLE);
        self.rank == 2
            && self.groups == 1
            && self.axes[1..].iter().all(plain)
            && suits(self.channels)
            && suits(self.features)
            && self.counts[1..].iter().all(|&count| count >= LEAST_WINDOWS)
            && (self.positions() >= MANY_WINDOWS
                || self.channels * self.features <= WEIGHTS * self.positions())
    }
}

/// Some inputs of the batch, and of each some rows of tiles.
#[derive(Clone, Debug)]
pub(super) struct Tiles {
    pub items: Range<usize>,
    pub rows: Range<usize>,
    pub columns: usize,
}

impl Tiles {
    pub fn len(&self) -> usize {
        self.items.len() * self.rows.len() * self.columns
    }

    /// The input, and the row and the column of each tile, in order.
    pub fn each(&self) -> impl Iterator<Item = [usize; 3]> {
        let (rows, columns) = (self.rows.clone(), self.columns);
        let of_item =
            move |item| rows.clone().flat_map(move |row| (0..columns).map(move |at| [item, row, at]));
        self.items.clone().flat_map(of_item)
    }
}

/// How the tiles are cut into bands: so many inputs at once, or each in bands of so many rows.
struct Bands {
    items: usize,
    rows: usize,
    all: Tiles,
}

impl Bands {
    fn new(convolution: &Convolution, threads: usize) -> Self {
        let [_, rows, columns] = convolution.counts.map(|count| count.div_ceil(2));
        let [least, most] = TILES;
        let wanted = (OF_BAND / (convolution.channels + convolution.features)).clamp(least, most);
        let of_item = rows * columns;
        let all = Tiles { items: 0..convolution.batch, rows: 0..rows, columns };
        let mut bands = if of_item < wanted {
            Self { items: (wanted / of_item).min(convolution.batch), rows, all }
        } else {
            Self { items: 1, rows: (wanted / columns).max(1), all }
        };
        while threads > 1 && bands.len() < 2 * threads && bands.items > 1 {
            bands.items = bands.items.div_ceil(2);
        }
        bands
    }

    fn of_item(&self) -> usize {
        self.all.rows.len().div_ceil(self.rows)
    }

    fn len(&self) -> usize {
        self.all.items.len().div_ceil(self.items) * self.of_item()
    }

    fn get(&self, index: usize) -> Tiles {
        let (item, row) = (index / self.of_item() * self.items, index % self.of_item() * self.rows);
        Tiles {
            items: item..(item + self.items).min(self.all.items.end),
            rows: row..(row + self.rows).min(self.all.rows.end),
            columns: self.all.columns,
        }
    }
}

impl Convolution {
    /// Computes the convolution with a kernel that [`Convolution::pack_transformed`] has packed.
    pub(super) fn run_tiles(&self, input: &[f32], panels: &[f32], out: &mut [f32], finish: Option<&Finish>) {
        let work = self.batch * self.positions() * self.features * self.channels * 4;
        let threads = if work < ALONE { 1 } else { threads().min(work / TASK) };
        let bands = Bands::new(self, threads);
        let shares = Shares::new(threads, bands.len(), self.features, 2 * lanes());
        let job = Job { convolution: self, input, panels, out: out.as_mut_ptr(), finish };
        let job = &job;
        shares.run(
            // SAFETY: sizes are checked, and each task has windows or columns of its own.
            &|index, columns, all| unsafe { job.compute(&bands.get(index), columns, all) },
            // SAFETY: all windows are computed, and each task finishes some of its own.
            &|index| unsafe { job.finish(&bands.get(index)) },
        );
    }
}

/// A convolution whose sizes are checked, with the place it goes to.
struct Job<'a> {
    convolution: &'a Convolution,
    input: &'a [f32],
    panels: &'a [f32],
    out: *mut f32,
    finish: Option<&'a Finish<'a>>,
}

// SAFETY: each task works on a part of the result of its own.
unsafe impl Sync for Job<'_> {}

impl Job<'_> {
    /// Computes columns of the windows of some tiles, and finishes them if there are no other columns.
    ///
    /// # Safety
    /// This thread alone works on these windows and columns.
    unsafe fn compute(&self, tiles: &Tiles, columns: Range<usize>, whole: bool) {
        let channels = self.convolution.channels;
        let (count, across) = (tiles.len(), columns.len());
        // Elements of a tile lie so far apart that they do not share a place in the first cache.
        let [of_place, of_product] = [count * channels + WHOLE, count * across + WHOLE];
        with_places(|places| {
            let places = places.at_least(ELEMENTS * of_place);
            let mut wild = Vec::new();
            with_zeros(|zeros| {
                let (convolution, input) = (self.convolution, self.input);
                let zeros = zeros.at_least(channels);
                crate::simd::run(Scatter {
                    convolution,
                    input,
                    tiles,
                    zeros,
                    places,
                    of_place,
                    wild: &mut wild,
                });
            });
            with_products(|products| {
                let products = products.at_least(ELEMENTS * of_product);
                let Layout { padded, of_element, .. } = Layout::new(self.convolution);
                for element in 0..ELEMENTS {
                    let first = self.panels[element * of_element..].as_ptr();
                    let area = Area {
                        left: places[element * of_place..].as_ptr(),
                        left_row: channels,
                        left_column: 1,
                        right: RightAt::Panels { first, padded, column: columns.start },
                        out: products[element * of_product..].as_mut_ptr(),
                        out_row: across,
                        rows: count,
                        depth: channels,
                        columns: across,
                        fresh: true,
                    };
                    // SAFETY: the buffers hold so many rows of channels and of columns.
                    unsafe { area.compute(&mut |_| ()) };
                }
                let (convolution, columns) = (self.convolution, columns.clone());
                let out = self.out;
                crate::simd::run(Gather { convolution, tiles, columns, products, of_product, out });
            });
            for tile in wild {
                // SAFETY: the caller's word.
                unsafe { self.by_definition(tile, &columns) };
            }
        });
        if whole {
            // SAFETY: as above.
            unsafe { self.finish(tiles) };
        }
    }

    /// Computes the windows of a tile one by one.
    unsafe fn by_definition(&self, [item, row, column]: [usize; 3], columns: &Range<usize>) {
        let convolution = self.convolution;
        let [_, high, wide] = convolution.counts;
        let [_, below, beside] = convolution.axes;
        for i in 2 * row..(2 * row + 2).min(high) {
            for j in 2 * column..(2 * column + 2).min(wide) {
                let at = ((item * high + i) * wide + j) * convolution.features + columns.start;
                // SAFETY: the window is one of the result, of which the caller has these columns.
                let sums = unsafe { std::slice::from_raw_parts_mut(self.out.add(at), columns.len()) };
                sums.fill(0.0);
                for tap in 0..9 {
                    let place = |axis: &Axis, window: usize, tap: usize| {
                        let at = (window + tap).checked_add_signed(-axis.low)?;
                        (at < axis.size).then_some(at)
                    };
                    let from = place(&below, i, tap / 3).zip(place(&beside, j, tap % 3));
                    let from =
                        from.map(|(i, j)| ((item * below.size + i) * beside.size + j) * convolution.channels);
                    for channel in 0..convolution.channels {
                        let x = from.map_or(0.0, |from| self.input[from + channel]);
                        for (sum, feature) in sums.iter_mut().zip(columns.clone()) {
                            *sum += x * convolution.weight(self.panels, channel, feature, tap);
                        }
                    }
                }
            }
        }
    }

    unsafe fn finish(&self, tiles: &Tiles) {
        let Some(finish) = self.finish else { return };
        let convolution = self.convolution;
        let [_, high, wide] = convolution.counts;
        let columns = convolution.features;
        let rows = 2 * tiles.rows.start * wide..(2 * tiles.rows.end).min(high) * wide;
        for item in tiles.items.clone() {
            let first = (item * convolution.positions() + rows.start) * columns;
            // SAFETY: the windows are within the result, and this thread alone works on them.
            let data = unsafe { std::slice::from_raw_parts_mut(self.out.add(first), rows.len() * columns) };
            finish(Block { batch: item, rows: rows.clone(), columns, row_stride: columns, data });
        }
    }
}
