//! The innermost loop: a tile of the result that stays in registers.

#![expect(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering};

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};

/// A run of the depth along which elements of a left row are equally far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// From a row's pointer to the first element.
    pub start: isize,
    pub length: usize,
}

/// How the elements of the left operand are found.
#[derive(Clone, Copy)]
pub(crate) enum Left<'a> {
    /// Each row by its own pointer, the depth in runs, the same for all rows, in which elements are `step` apart.
    Rows { rows: &'a [*const f32], runs: &'a [Run], step: isize },
    /// Rows next to each other; the second number is from one step of depth to the next.
    Panel { first: *const f32, stride: usize, depth: usize },
}

/// Rows of a strip of the result, `R` at a time: what the tiles of one strip have in common.
#[derive(Clone, Copy)]
pub(crate) struct Strip<'a> {
    pub left: Left<'a>,
    /// The right operand at the first step of depth and the first column of the strip.
    pub right: *const f32,
    /// From one step of depth to the next in the right operand.
    pub right_stride: usize,
    /// From one pair of vectors to the next in the right operand.
    pub pair_stride: usize,
    /// From an element of right to the one that is fetched into the cache at that time.
    pub ahead: usize,
    /// The same for the last tile: what the next strip reads first.
    pub next: usize,
    /// What the next strip reads, if it is fetched meanwhile from wherever it is into the second cache.
    pub soon: Option<Soon>,
    /// Where each row of the result begins.
    pub out: &'a [*mut f32],
    /// The first column of the strip.
    pub column: usize,
    /// How many columns there are, at most as many as the vectors have lanes.
    pub columns: usize,
    /// Whether sums start from 0, not from what is there.
    pub fresh: bool,
}

/// A panel that is read after this one. From memory, it takes about as long as all tiles of a strip: each fetches its part.
#[derive(Clone, Copy)]
pub(crate) struct Soon {
    /// The first element of the part of the first tile.
    pub first: *const f32,
    /// The elements that each tile fetches.
    pub of_tile: usize,
    /// Lines of the cache that are fetched at every fourth step of depth.
    pub lines: usize,
}

/// The elements of a line of the cache.
pub(crate) const LINE: usize = 16;

/// Computes a strip with tiles of `R` rows and `V` vectors; with `MASKED`, the last vector has fewer columns than lanes.
///
/// # Safety of use
/// The caller of [`SimdOp::eval`] vouches for every pointer: see `Strip::compute`.
struct Tiles<'a, const R: usize, const V: usize, const MASKED: bool>(Strip<'a>);

/// The lanes of a vector on this machine.
pub(crate) fn lanes() -> usize {
    struct Lanes;
    impl SimdOp for Lanes {
        type Output = usize;
        #[inline(always)]
        fn eval<I: Isa>(self, isa: I) -> usize {
            isa.f32().len()
        }
    }
    static KNOWN: AtomicUsize = AtomicUsize::new(0);
    if cfg!(test) {
        return crate::simd::run(Lanes);
    }
    match KNOWN.load(Ordering::Relaxed) {
        0 => {
            let lanes = crate::simd::run(Lanes);
            KNOWN.store(lanes, Ordering::Relaxed);
            lanes
        }
        lanes => lanes,
    }
}

/// The most rows of a tile of two vectors that registers have room for.
pub(crate) const fn most_rows(lanes: usize) -> usize {
    if lanes >= 16 || cfg!(target_arch = "aarch64") { 12 } else { 6 }
}

/// A mask for the first `n` lanes.
#[inline(always)]
pub(crate) fn first_lanes<I: Isa>(isa: I, n: usize) -> I::M32 {
    const COUNT: [i32; 64] = {
        let mut count = [0; 64];
        let mut i = 0;
        while i < 64 {
            count[i] = i as i32;
            i += 1;
        }
        count
    };
    let ops = isa.i32();
    // SAFETY: no vector has more than 64 lanes of 32 bits.
    let index = unsafe { ops.load_ptr(COUNT.as_ptr()) };
    ops.gt(ops.splat(n as i32), index)
}

impl<const R: usize, const V: usize, const MASKED: bool> SimdOp for Tiles<'_, R, V, MASKED> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let strip = self.0;
        let ops = isa.f32();
        let lanes = ops.len();
        // Such tiles would not fit into registers and are not asked for: they need not be compiled.
        if R > most_rows(lanes) || (lanes < 16 && !cfg!(target_arch = "aarch64") && R * V > 12) {
            return;
        }
        let last = first_lanes(isa, strip.columns - (V - 1) * lanes);
        let (tiles, _) = strip.out.as_chunks::<R>();
        match strip.left {
            Left::Rows { rows, runs, step: apart } => {
                let rows = rows.as_chunks::<R>().0;
                for (tile, (out, left)) in tiles.iter().zip(rows).enumerate() {
                    let ahead = if tile + 1 == tiles.len() { strip.next } else { strip.ahead };
                    // Rows that are read for the first time are fetched one tile ahead.
                    let below = rows.get(tile + 1).filter(|_| strip.column == 0 && apart == 1);
                    let soon = strip
                        .soon
                        .map(|soon| Soon { first: soon.first.wrapping_add(tile * soon.of_tile), ..soon });
                    // SAFETY: the caller of `Strip::compute` vouches for the pointers.
                    unsafe {
                        let mut sums = load::<I, R, V, MASKED>(isa, out, &strip, last);
                        if apart == 1 {
                            along_rows(isa, &mut sums, (left, below), runs, &strip, ahead, soon);
                        } else {
                            across_rows(isa, &mut sums, left, (runs, apart), &strip, ahead);
                        }
                        store::<I, R, V, MASKED>(isa, out, &strip, last, &sums);
                    }
                }
            }
            Left::Panel { mut first, stride, depth } => {
                for (tile, out) in tiles.iter().enumerate() {
                    let ahead = if tile + 1 == tiles.len() { strip.next } else { strip.ahead };
                    // SAFETY: as above.
                    unsafe {
                        let mut sums = load::<I, R, V, MASKED>(isa, out, &strip, last);
                        let (mut left, mut right) = (first, strip.right);
                        for _ in 0..depth {
                            step(isa, &mut sums, |row| left.add(row), right, &strip, ahead);
                            left = left.wrapping_add(stride);
                            right = right.wrapping_add(strip.right_stride);
                        }
                        store::<I, R, V, MASKED>(isa, out, &strip, last, &sums);
                    }
                    first = first.wrapping_add(R);
                }
            }
        }
    }
}

/// All steps of depth of a tile in whose rows elements lie next to each other; the rows below it and what is read soon are fetched
/// meanwhile.
///
/// Four steps at a time keep the places of rows in registers.
#[inline(always)]
unsafe fn along_rows<I: Isa, const R: usize, const V: usize>(
    isa: I,
    sums: &mut [[I::F32; V]; R],
    (left, below): (&[*const f32; R], Option<&[*const f32; R]>),
    runs: &[Run],
    strip: &Strip,
    ahead: usize,
    soon: Option<Soon>,
) {
    let mut right = strip.right;
    let mut soon = soon.unwrap_or(Soon { first: right, of_tile: 0, lines: 0 });
    for run in runs {
        let mut at = run.start;
        let end = at + run.length.cast_signed();
        // SAFETY: the caller vouches for the pointers.
        unsafe {
            while at + 4 <= end {
                for _ in 0..soon.lines {
                    prefetch_second(isa, soon.first);
                    soon.first = soon.first.wrapping_add(LINE);
                }
                if let (Some(below), 0) = (below, at % 16) {
                    for row in below {
                        isa.f32().prefetch(row.wrapping_offset(at));
                    }
                }
                for _ in 0..4 {
                    step(isa, sums, |row| left[row].offset(at), right, strip, ahead);
                    at += 1;
                    right = right.wrapping_add(strip.right_stride);
                }
            }
            while at < end {
                step(isa, sums, |row| left[row].offset(at), right, strip, ahead);
                at += 1;
                right = right.wrapping_add(strip.right_stride);
            }
        }
    }
}

/// Fetches a line into the second cache, without a place in the first.
#[inline(always)]
fn prefetch_second<I: Isa>(isa: I, at: *const f32) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        let _ = isa;
        // SAFETY: every x86-64 has the instruction, which reads nothing that a program could see, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(at.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    isa.f32().prefetch(at);
}

/// All steps of depth of a tile in whose rows elements lie apart; mostly, the rows are next to each other.
#[inline(always)]
unsafe fn across_rows<I: Isa, const R: usize, const V: usize>(
    isa: I,
    sums: &mut [[I::F32; V]; R],
    left: &[*const f32; R],
    (runs, apart): (&[Run], isize),
    strip: &Strip,
    ahead: usize,
) {
    let is_panel = left.iter().enumerate().all(|(row, place)| *place == left[0].wrapping_add(row));
    let mut right = strip.right;
    for run in runs {
        let mut at = run.start;
        for _ in 0..run.length {
            // SAFETY: the caller vouches for the pointers.
            unsafe {
                if is_panel {
                    let first = left[0].offset(at);
                    step(isa, sums, |row| first.add(row), right, strip, ahead);
                } else {
                    step(isa, sums, |row| left[row].offset(at), right, strip, ahead);
                }
            }
            at += apart;
            right = right.wrapping_add(strip.right_stride);
        }
    }
}

/// The `V` vectors of each of the `R` rows, as they are to start.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "loops of constant length over arrays that live in registers")]
unsafe fn load<I: Isa, const R: usize, const V: usize, const MASKED: bool>(
    isa: I,
    out: &[*mut f32; R],
    strip: &Strip,
    last: I::M32,
) -> [[I::F32; V]; R] {
    let ops = isa.f32();
    let mut sums = [[ops.zero(); V]; R];
    if !strip.fresh {
        for row in 0..R {
            // SAFETY: the columns of the strip are in the row.
            unsafe {
                let from = out[row].add(strip.column);
                for v in 0..V {
                    let at = from.wrapping_add(v * ops.len());
                    sums[row][v] =
                        if MASKED && v == V - 1 { ops.load_ptr_mask(at, last) } else { ops.load_ptr(at) };
                }
            }
        }
    }
    sums
}

#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "loops of constant length over arrays that live in registers")]
unsafe fn store<I: Isa, const R: usize, const V: usize, const MASKED: bool>(
    isa: I,
    out: &[*mut f32; R],
    strip: &Strip,
    last: I::M32,
    sums: &[[I::F32; V]; R],
) {
    let ops = isa.f32();
    for row in 0..R {
        // SAFETY: the columns of the strip are in the row.
        unsafe {
            let to = out[row].add(strip.column);
            for v in 0..V {
                let at = to.wrapping_add(v * ops.len());
                if MASKED && v == V - 1 {
                    ops.store_ptr_mask(sums[row][v], at, last);
                } else {
                    ops.store_ptr(sums[row][v], at);
                }
            }
        }
    }
}

/// One step of depth for the whole tile.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "loops of constant length over arrays that live in registers")]
unsafe fn step<I: Isa, const R: usize, const V: usize>(
    isa: I,
    sums: &mut [[I::F32; V]; R],
    left: impl Fn(usize) -> *const f32,
    right: *const f32,
    strip: &Strip,
    ahead: usize,
) {
    let ops = isa.f32();
    // SAFETY: the caller vouches for the pointers.
    unsafe {
        let mut vectors = [ops.zero(); V];
        for v in 0..V {
            let at = right.wrapping_add(v / 2 * strip.pair_stride + v % 2 * ops.len());
            ops.prefetch(at.wrapping_add(ahead));
            vectors[v] = ops.load_ptr(at);
        }
        for row in 0..R {
            let factor = ops.splat(*left(row));
            for v in 0..V {
                sums[row][v] = ops.mul_add(factor, vectors[v], sums[row][v]);
            }
        }
    }
}

impl Strip<'_> {
    /// Computes the strip with tiles of `rows` rows and `vectors` vectors: 1 or 2, or 8 for a single row, whose sums would
    /// otherwise wait for each other. The rows of the result are a multiple of `rows`.
    ///
    /// # Safety
    /// For every row: the elements of left that the runs, or the panel, lead to are readable; `right` has whole vectors at every
    /// step of depth; the columns of the strip are writable, by this thread alone.
    pub unsafe fn compute(self, rows: usize, vectors: usize, lanes: usize) {
        let masked = self.columns < vectors * lanes;
        match (vectors, masked) {
            (8, _) => crate::simd::run(Tiles::<1, 8, false>(self)),
            (2, false) => self.of_rows::<2, false>(rows),
            (2, true) => self.of_rows::<2, true>(rows),
            _ => self.of_rows::<1, true>(rows),
        }
    }

    fn of_rows<const V: usize, const MASKED: bool>(self, rows: usize) {
        macro_rules! choose {
            ($($r:literal)*) => { match rows { $($r => crate::simd::run(Tiles::<$r, V, MASKED>(self)),)* _ => {} } };
        }
        choose!(1 2 3 4 5 6 7 8 9 10 11 12);
    }
}
