//! The greatest or least element of each window.

use rten_simd::ops::{BitOps, FloatOps, IntOps, NumOps};
use rten_simd::{Isa, Simd, SimdOp};

use super::Pool;
use super::window::{Line, Span};
use crate::gemm::Unfit;

/// Which element of a window is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extreme {
    /// The greatest.
    Greatest,
    /// The least.
    Least,
}

/// So many vectors of channels are worked on at a time.
const VECTORS: usize = 4;

/// Finds the extremes of the windows of a line.
struct Extremes<'a> {
    line: Line<'a>,
    which: Extreme,
    out: &'a mut [f32],
}

impl SimdOp for Extremes<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let lanes = isa.f32().len();
        let Self { line, which, out } = self;
        for (window, out) in out.chunks_exact_mut(line.channels).enumerate() {
            let third = line.window(window);
            let mut channel = 0;
            let (many, rest) = out.split_at_mut(out.len() / (VECTORS * lanes) * (VECTORS * lanes));
            for out in many.chunks_exact_mut(VECTORS * lanes) {
                extremes::<I, VECTORS>(isa, &line, which, third, channel, out);
                channel += VECTORS * lanes;
            }
            for out in rest.chunks_mut(lanes) {
                extremes::<I, 1>(isa, &line, which, third, channel, out);
                channel += lanes;
            }
        }
    }
}

/// Finds the extremes of `V` vectors of channels, of which the last may be cut off, from a channel on.
///
/// Elements are compared as integers in the order of numbers: -0 before 0, and NaN as the greatest. For the least, signs are turned.
#[inline(always)]
fn extremes<I: Isa, const V: usize>(
    isa: I,
    line: &Line<'_>,
    which: Extreme,
    third: Span,
    channel: usize,
    out: &mut [f32],
) {
    let (floats, ints) = (isa.f32(), isa.i32());
    let (lanes, count) = (floats.len(), out.len());
    let greatest = ints.splat(i32::MAX);
    let order = |bits: I::I32| ints.xor(bits, ints.and(ints.shift_right::<31>(bits), greatest));
    let start = order(floats.splat(f32::NEG_INFINITY).reinterpret_cast::<I::I32>());
    let mut best = [start; V];
    line.each(third, |place, _| {
        let elements = &line.input[place + channel..][..count];
        for v in 0..V {
            let x = if V == 1 { floats.load_pad(elements).0 } else { floats.load(&elements[v * lanes..]) };
            let x = if which == Extreme::Least { floats.neg(x) } else { x };
            let rank = order(x.reinterpret_cast::<I::I32>());
            best[v] = ints.max(best[v], ints.select(rank, greatest, floats.eq(x, x)));
        }
    });
    for v in 0..V {
        let nan = ints.eq(best[v], greatest);
        let x = order(best[v]).reinterpret_cast::<I::F32>();
        let x = if which == Extreme::Least { floats.neg(x) } else { x };
        let x = floats.select(floats.splat(f32::NAN), x, nan);
        if V == 1 && count < lanes {
            let mut whole = [0.0; 64];
            floats.store(x, &mut whole);
            out.copy_from_slice(&whole[..count]);
        } else {
            floats.store(x, &mut out[v * lanes..]);
        }
    }
}

impl Pool {
    /// The greatest or least element of each window; infinite for a window of padding only.
    ///
    /// # Errors
    /// If the input or the result have other sizes than the windows.
    pub fn write_extreme(&self, which: Extreme, input: &[f32], out: &mut [f32]) -> Result<(), Unfit> {
        self.check(input.len(), out.len())?;
        self.each_line(out, &|item, spans, out| {
            crate::simd::run(Extremes { line: self.line(input, item, spans), which, out });
        });
        Ok(())
    }
}
