//! Products of `f64`, by loops that compilers turn into vector instructions.

use std::cell::Cell;

use rten_simd::ops::BitOps;
use rten_simd::{Isa, SimdOp};

use super::operands::{Matrix, Output, Unfit};
use super::split::Split;
use crate::threads::{parallel_chunks, threads};

/// Columns of a panel and rows of a tile, which fit into registers together.
const WIDTH: usize = 16;
const ROWS: usize = 4;
/// Steps of depth whose part of a panel stays in the first cache.
const DEPTH: usize = 128;

/// A row of a panel.
type Lane = [f64; WIDTH];

thread_local! {
    static PANEL: Cell<Vec<Lane>> = const { Cell::new(Vec::new()) };
}

/// Computes `batch` products of `[rows, depth, columns]` in `f64`, as [`Product`](super::Product) does in `f32`; with `accumulate`, adds
/// to what is there.
///
/// # Errors
/// If operands or the result have fewer elements than the sizes and strides say, or rows of the result overlap.
pub fn write_f64(
    batch: usize,
    [rows, depth, columns]: [usize; 3],
    left: Matrix<f64>,
    right: Matrix<f64>,
    out: Output<f64>,
    accumulate: bool,
) -> Result<(), Unfit> {
    if !left.holds(batch, rows, depth) {
        return Err(Unfit("the left operand has fewer elements than its sizes and strides say"));
    }
    if !right.holds(batch, depth, columns) {
        return Err(Unfit("the right operand has fewer elements than its sizes and strides say"));
    }
    out.check(batch, rows, columns)?;
    if rows == 0 || columns == 0 {
        return Ok(());
    }
    let row_stride = if rows == 1 { columns } else { out.row_stride };
    let split = Split::new(1, rows, depth, columns, [ROWS, usize::MAX]);
    let of_task = rows.div_ceil(split.rows.min(threads())).next_multiple_of(ROWS);
    for index in 0..batch {
        let first = index * out.batch_stride;
        let item = &mut out.data[first..][..(rows - 1) * row_stride + columns];
        parallel_chunks(item, of_task * row_stride, &|task, out| {
            PANEL.with(|kept| {
                let mut panel = kept.take();
                crate::simd::run(Part {
                    left: left
                        .data
                        .get(index * left.batch_stride + task * of_task * left.row_stride..)
                        .unwrap_or_default(),
                    left_strides: [left.row_stride, left.column_stride],
                    right: right.data.get(index * right.batch_stride..).unwrap_or_default(),
                    right_strides: [right.row_stride, right.column_stride],
                    sizes: [depth, columns],
                    out,
                    row_stride,
                    fresh: !accumulate,
                    panel: &mut panel,
                });
                kept.set(panel);
            });
        });
    }
    Ok(())
}

/// Some rows of a product.
struct Part<'a> {
    left: &'a [f64],
    left_strides: [usize; 2],
    right: &'a [f64],
    right_strides: [usize; 2],
    sizes: [usize; 2],
    out: &'a mut [f64],
    row_stride: usize,
    fresh: bool,
    panel: &'a mut Vec<Lane>,
}

impl SimdOp for Part<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let fused = cfg!(target_arch = "aarch64") || isa.f32().len() > 4;
        let Self {
            left,
            left_strides,
            right,
            right_strides,
            sizes: [depth, columns],
            out,
            row_stride,
            fresh,
            panel,
        } = self;
        if fresh {
            out.chunks_mut(row_stride).for_each(|row| row[..columns].fill(0.0));
        }
        for at in (0..depth).step_by(DEPTH) {
            let depth = DEPTH.min(depth - at);
            for column in (0..columns).step_by(WIDTH) {
                let columns = WIDTH.min(columns - column);
                panel.clear();
                panel.extend((at..at + depth).map(|step| {
                    let mut lane = [0.0; WIDTH];
                    for (index, to) in lane[..columns].iter_mut().enumerate() {
                        *to = right[step * right_strides[0] + (column + index) * right_strides[1]];
                    }
                    lane
                }));
                for (block, out) in out.chunks_mut(ROWS * row_stride).enumerate() {
                    let rows = out.len().div_ceil(row_stride);
                    let left = &left[block * ROWS * left_strides[0] + at * left_strides[1]..];
                    let to = [row_stride, column, columns];
                    if rows == ROWS {
                        tile::<ROWS>(left, left_strides, panel, out, to, fused);
                    } else {
                        for row in 0..rows {
                            let (left, out) = (&left[row * left_strides[0]..], &mut out[row * row_stride..]);
                            tile::<1>(left, left_strides, panel, out, to, fused);
                        }
                    }
                }
            }
        }
    }
}

/// Adds the products of `R` rows with a panel to some columns of the result.
#[inline(always)]
fn tile<const R: usize>(
    left: &[f64],
    strides: [usize; 2],
    panel: &[Lane],
    out: &mut [f64],
    [row_stride, column, columns]: [usize; 3],
    fused: bool,
) {
    let mut tile = [[0.0; WIDTH]; R];
    for (row, to) in tile.iter_mut().enumerate() {
        to[..columns].copy_from_slice(&out[row * row_stride + column..][..columns]);
    }
    // What has no length that is only known now can stay in registers.
    let mut sums = tile;
    for (step, lane) in panel.iter().enumerate() {
        for row in 0..R {
            let factor = left[row * strides[0] + step * strides[1]];
            for index in 0..WIDTH {
                let sum = sums[row][index];
                sums[row][index] =
                    if fused { factor.mul_add(lane[index], sum) } else { factor * lane[index] + sum };
            }
        }
    }
    tile = sums;
    for (row, from) in tile.iter().enumerate() {
        out[row * row_stride + column..][..columns].copy_from_slice(&from[..columns]);
    }
}
