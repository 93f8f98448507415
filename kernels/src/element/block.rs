//! Loops over the elements of blocks of bytes, which need not be aligned.
#![expect(unsafe_code)]

use std::mem::transmute_copy;

use super::Element;

/// How many elements a block holds.
#[inline(always)]
fn count<T: Element>(block: &[u8]) -> usize {
    block.len() / const { if size_of::<T>() == 0 { 1 } else { size_of::<T>() } }
}

/// How many elements an operand has that stands for a longer one: they are repeated.
pub(crate) const STRIP: usize = 64;

/// How many of `count` elements an operand provides, and by how many to go on behind a strip.
#[inline(always)]
fn strip<T: Element>(operand: &[u8], count: usize) -> (usize, usize) {
    match self::count::<T>(operand) {
        STRIP if count > STRIP => (count, 0),
        own => (count.min(own), STRIP),
    }
}

/// The element at an index.
///
/// # Safety
///
/// `index < count::<T>(block)`, where `start` is the start of the block.
#[inline(always)]
unsafe fn read<T: Element>(start: *const T::Bits, index: usize) -> T {
    // SAFETY: the caller promises that the element lies in the block; `Bits` has the size of `T`, and any bytes are one.
    let bits = unsafe { start.add(index).read_unaligned() };
    if T::is_valid_bit_pattern(&bits) {
        // SAFETY: the bits are those of a valid value, as has just been checked.
        unsafe { transmute_copy(&bits) }
    } else {
        T::default()
    }
}

/// `result[i] = function(a[i])`, as far as the shortest block goes; an operand of [`STRIP`] elements is repeated.
#[inline(always)]
pub(crate) fn map1<A: Element, R: Element>(result: &mut [u8], a: &[u8], function: impl Fn(A) -> R) {
    let count = count::<R>(result);
    let (count, a_step) = strip::<A>(a, count);
    let mut result = result.as_mut_ptr().cast::<R>();
    let mut a = a.as_ptr().cast::<A::Bits>();
    for _ in 0..count / STRIP {
        for index in 0..STRIP {
            // SAFETY: each block has `STRIP` elements from here on.
            unsafe { result.add(index).write_unaligned(function(read(a, index))) };
        }
        result = result.wrapping_add(STRIP);
        a = a.wrapping_add(a_step);
    }
    for index in 0..count % STRIP {
        // SAFETY: these are the last elements of the shortest block; one that is repeated has more.
        unsafe { result.add(index).write_unaligned(function(read(a, index))) };
    }
}

/// The values of a function of the indices `0..N`, of which there are at most 4.
///
/// There is no loop: one over the places of an array would be unrolled only after the pass of the compiler that makes vectors of the
/// loop around it.
#[inline(always)]
pub(crate) fn each<T: Copy + Default, const N: usize>(value: impl Fn(usize) -> T) -> [T; N] {
    const { assert!(N <= 4) };
    let mut values = [T::default(); N];
    if N > 0 {
        values[0] = value(0);
    }
    if N > 1 {
        values[1] = value(1);
    }
    if N > 2 {
        values[2] = value(2);
    }
    if N > 3 {
        values[3] = value(3);
    }
    values
}

/// `result[i] = function(a[i])`, `N` elements of a strip at a time, which are as far apart as can be, so that there are vectors of
/// the first, the second, and so on. The rest is computed by `one`.
#[inline(always)]
pub(crate) fn turns<T: Element, const N: usize>(
    result: &mut [u8],
    a: &[u8],
    function: impl Fn([T; N]) -> [T; N],
    one: impl Fn([T; 1]) -> [T; 1],
) {
    let apart = const {
        assert!(STRIP.is_multiple_of(N));
        STRIP / N
    };
    let count = count::<T>(result);
    let (count, a_step) = strip::<T>(a, count);
    let mut result = result.as_mut_ptr().cast::<T>();
    let mut a = a.as_ptr().cast::<T::Bits>();
    for _ in 0..count / STRIP {
        for index in 0..apart {
            let y = function(each(
                #[inline(always)]
                // SAFETY: the block has `STRIP` elements from here on.
                |turn| unsafe { read(a, index + turn * apart) },
            ));
            let _: [(); N] = each(
                #[inline(always)]
                // SAFETY: as above.
                |turn| unsafe { result.add(index + turn * apart).write_unaligned(y[turn]) },
            );
        }
        result = result.wrapping_add(STRIP);
        a = a.wrapping_add(a_step);
    }
    for index in 0..count % STRIP {
        // SAFETY: these are the last elements of the shortest block; one that is repeated has more.
        unsafe {
            let [y] = one([read(a, index)]);
            result.add(index).write_unaligned(y);
        }
    }
}

/// `result[i] = function(a[i], b[i])`, as far as the shortest block goes; an operand of [`STRIP`] elements is repeated.
#[inline(always)]
pub(crate) fn map2<A: Element, B: Element, R: Element>(
    result: &mut [u8],
    a: &[u8],
    b: &[u8],
    function: impl Fn(A, B) -> R,
) {
    let count = count::<R>(result);
    let (count, a_step) = strip::<A>(a, count);
    let (count, b_step) = strip::<B>(b, count);
    let mut result = result.as_mut_ptr().cast::<R>();
    let mut a = a.as_ptr().cast::<A::Bits>();
    let mut b = b.as_ptr().cast::<B::Bits>();
    for _ in 0..count / STRIP {
        for index in 0..STRIP {
            // SAFETY: each block has `STRIP` elements from here on.
            unsafe { result.add(index).write_unaligned(function(read(a, index), read(b, index))) };
        }
        result = result.wrapping_add(STRIP);
        a = a.wrapping_add(a_step);
        b = b.wrapping_add(b_step);
    }
    for index in 0..count % STRIP {
        // SAFETY: these are the last elements of the shortest block; one that is repeated has more.
        unsafe { result.add(index).write_unaligned(function(read(a, index), read(b, index))) };
    }
}

/// `result[i] = function(a[i], b[i], c[i])`, as far as the shortest block goes; an operand of [`STRIP`] elements is repeated.
#[inline(always)]
pub(crate) fn map3<A: Element, B: Element, C: Element, R: Element>(
    result: &mut [u8],
    a: &[u8],
    b: &[u8],
    c: &[u8],
    function: impl Fn(A, B, C) -> R,
) {
    let count = count::<R>(result);
    let (count, a_step) = strip::<A>(a, count);
    let (count, b_step) = strip::<B>(b, count);
    let (count, c_step) = strip::<C>(c, count);
    let mut result = result.as_mut_ptr().cast::<R>();
    let mut a = a.as_ptr().cast::<A::Bits>();
    let mut b = b.as_ptr().cast::<B::Bits>();
    let mut c = c.as_ptr().cast::<C::Bits>();
    for _ in 0..count / STRIP {
        for index in 0..STRIP {
            // SAFETY: each block has `STRIP` elements from here on.
            unsafe {
                result.add(index).write_unaligned(function(read(a, index), read(b, index), read(c, index)));
            };
        }
        result = result.wrapping_add(STRIP);
        a = a.wrapping_add(a_step);
        b = b.wrapping_add(b_step);
        c = c.wrapping_add(c_step);
    }
    for index in 0..count % STRIP {
        // SAFETY: these are the last elements of the shortest block; one that is repeated has more.
        unsafe {
            result.add(index).write_unaligned(function(read(a, index), read(b, index), read(c, index)));
        };
    }
}

/// The element at an index; the default value beyond the end.
#[inline(always)]
pub(crate) fn element<T: Element>(block: &[u8], index: usize) -> T {
    if index < count::<T>(block) {
        // SAFETY: the index has just been checked.
        unsafe { read(block.as_ptr().cast(), index) }
    } else {
        T::default()
    }
}

/// `N` elements from an index on; default values if they do not all lie in the block.
#[inline(always)]
pub(crate) fn elements<T: Element, const N: usize>(block: &[u8], index: usize) -> [T; N] {
    if index.checked_add(N).is_some_and(|end| end <= count::<T>(block)) {
        // SAFETY: the last of the elements lies in the block.
        std::array::from_fn(
            #[inline(always)]
            |lane| unsafe { read(block.as_ptr().cast(), index + lane) },
        )
    } else {
        [T::default(); N]
    }
}

/// Writes the element at an index; nothing beyond the end.
#[inline(always)]
pub(crate) fn set<T: Element>(block: &mut [u8], index: usize, value: T) {
    if index < count::<T>(block) {
        // SAFETY: the index has just been checked.
        unsafe { block.as_mut_ptr().cast::<T>().add(index).write_unaligned(value) };
    }
}

/// `states[i] = step(states[i], line[i])` for each of some lines, in their order, as far as states and lines go.
#[inline(always)]
pub(crate) fn take_in<T: Element, S: Copy, const N: usize>(
    states: &mut [S],
    lines: [&[u8]; N],
    step: impl Fn(S, T) -> S,
) {
    let count = lines.iter().fold(states.len(), |count, line| count.min(self::count::<T>(line)));
    let states = &mut states[..count];
    let lines = lines.map(|line| line.as_ptr().cast::<T::Bits>());
    for (index, state) in states.iter_mut().enumerate() {
        for line in lines {
            // SAFETY: the index is below the number of elements of each line.
            *state = step(*state, unsafe { read(line, index) });
        }
    }
}
