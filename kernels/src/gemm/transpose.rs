//! Transposition of square blocks, as many elements on a side as a vector has lanes.

#![expect(unsafe_code)]

use rten_simd::Isa;
use rten_simd::ops::BitOps;

/// Writes the transposed block: row `i` of the target is column `i` of the source.
///
/// # Safety
/// The block of lanes x lanes elements is readable at `from` with its stride, and writable at `to` with its own.
#[inline(always)]
pub(crate) unsafe fn transpose<I: Isa>(
    isa: I,
    from: *const f32,
    stride: usize,
    to: *mut f32,
    to_stride: usize,
) {
    let lanes = isa.f32().len();
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: vectors of 16 or 8 lanes mean AVX-512 or AVX2 here; the caller vouches for the pointers.
        unsafe {
            match lanes {
                16 => return x86::transpose_16(from, stride, to, to_stride),
                8 => return x86::transpose_8(from, stride, to, to_stride),
                _ => {}
            }
        }
    }
    for row in 0..lanes {
        for column in 0..lanes {
            // SAFETY: the caller vouches for the pointers.
            unsafe { *to.add(row * to_stride + column) = *from.add(column * stride + row) };
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256, __m512, _mm256_loadu_ps, _mm256_permute2f128_ps, _mm256_setzero_ps, _mm256_shuffle_ps,
        _mm256_storeu_ps, _mm256_unpackhi_ps, _mm256_unpacklo_ps, _mm512_loadu_ps, _mm512_setzero_ps,
        _mm512_shuffle_f32x4, _mm512_shuffle_ps, _mm512_storeu_ps, _mm512_unpackhi_ps, _mm512_unpacklo_ps,
    };

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub unsafe fn transpose_16(from: *const f32, stride: usize, to: *mut f32, to_stride: usize) {
        let mut a: [__m512; 16] = [_mm512_setzero_ps(); 16];
        for (row, a) in a.iter_mut().enumerate() {
            // SAFETY: the caller vouches for the block.
            *a = unsafe { _mm512_loadu_ps(from.add(row * stride)) };
        }
        let mut b = a;
        // Pairs of rows, then fours: within each quarter of a vector, columns 0 to 3 of four rows.
        for i in 0..8 {
            b[2 * i] = _mm512_unpacklo_ps(a[2 * i], a[2 * i + 1]);
            b[2 * i + 1] = _mm512_unpackhi_ps(a[2 * i], a[2 * i + 1]);
        }
        for i in 0..4 {
            let b = [b[4 * i], b[4 * i + 1], b[4 * i + 2], b[4 * i + 3]];
            a[4 * i] = _mm512_shuffle_ps::<0x44>(b[0], b[2]);
            a[4 * i + 1] = _mm512_shuffle_ps::<0xee>(b[0], b[2]);
            a[4 * i + 2] = _mm512_shuffle_ps::<0x44>(b[1], b[3]);
            a[4 * i + 3] = _mm512_shuffle_ps::<0xee>(b[1], b[3]);
        }
        // Quarters of vectors: those of four groups of rows next to each other.
        for i in 0..4 {
            b[i] = _mm512_shuffle_f32x4::<0x88>(a[i], a[i + 4]);
            b[i + 4] = _mm512_shuffle_f32x4::<0xdd>(a[i], a[i + 4]);
            b[i + 8] = _mm512_shuffle_f32x4::<0x88>(a[i + 8], a[i + 12]);
            b[i + 12] = _mm512_shuffle_f32x4::<0xdd>(a[i + 8], a[i + 12]);
        }
        for i in 0..4 {
            a[i] = _mm512_shuffle_f32x4::<0x88>(b[i], b[i + 8]);
            a[i + 8] = _mm512_shuffle_f32x4::<0xdd>(b[i], b[i + 8]);
            a[i + 4] = _mm512_shuffle_f32x4::<0x88>(b[i + 4], b[i + 12]);
            a[i + 12] = _mm512_shuffle_f32x4::<0xdd>(b[i + 4], b[i + 12]);
        }
        for (row, &a) in a.iter().enumerate() {
            // SAFETY: the caller vouches for the block.
            unsafe { _mm512_storeu_ps(to.add(row * to_stride), a) };
        }
    }

    #[inline]
    #[target_feature(enable = "avx")]
    pub unsafe fn transpose_8(from: *const f32, stride: usize, to: *mut f32, to_stride: usize) {
        let mut a: [__m256; 8] = [_mm256_setzero_ps(); 8];
        for (row, a) in a.iter_mut().enumerate() {
            // SAFETY: the caller vouches for the block.
            *a = unsafe { _mm256_loadu_ps(from.add(row * stride)) };
        }
        let mut b = a;
        for i in 0..4 {
            b[2 * i] = _mm256_unpacklo_ps(a[2 * i], a[2 * i + 1]);
            b[2 * i + 1] = _mm256_unpackhi_ps(a[2 * i], a[2 * i + 1]);
        }
        for i in 0..2 {
            let b = [b[4 * i], b[4 * i + 1], b[4 * i + 2], b[4 * i + 3]];
            a[4 * i] = _mm256_shuffle_ps::<0x44>(b[0], b[2]);
            a[4 * i + 1] = _mm256_shuffle_ps::<0xee>(b[0], b[2]);
            a[4 * i + 2] = _mm256_shuffle_ps::<0x44>(b[1], b[3]);
            a[4 * i + 3] = _mm256_shuffle_ps::<0xee>(b[1], b[3]);
        }
        for i in 0..4 {
            // SAFETY: the caller vouches for the block.
            unsafe {
                _mm256_storeu_ps(to.add(i * to_stride), _mm256_permute2f128_ps::<0x20>(a[i], a[i + 4]));
                _mm256_storeu_ps(to.add((i + 4) * to_stride), _mm256_permute2f128_ps::<0x31>(a[i], a[i + 4]));
            }
        }
    }
}
