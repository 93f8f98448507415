//! Conversions of floating-point numbers to integers that vectorise.
#![expect(unsafe_code)]

/// `x as i32`: toward zero, beyond the range the nearest bound, NaN 0.
///
/// What `as` compiles to is one conversion after the other; this is a vector of them.
#[inline(always)]
pub fn f32_to_i32(x: f32) -> i32 {
    const END: f32 = 2_147_483_648.0;
    let inside = (-END..END).contains(&x);
    // SAFETY: the number is in the range of the result.
    let value = unsafe { (if inside { x } else { 0.0 }).to_int_unchecked::<i32>() };
    let value = if x >= END { i32::MAX } else { value };
    if x < -END { i32::MIN } else { value }
}

/// `x as i32 as u8` within a range of smaller integers: toward zero, beyond the range the nearest bound, NaN 0.
///
/// The bounds are those of `i8`, `u8`, `i16` or `u16`, which the result then fits.
#[inline(always)]
pub fn f32_to_small(x: f32, low: f32, high: f32) -> i32 {
    let x = if x > low {
        x
    } else if x.is_nan() {
        0.0
    } else {
        low
    };
    f32_to_i32(if x < high { x } else { high })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_those_of_as() {
        let places =
            [0.0, -0.0, 0.9, -0.9, 1.5, 127.5, 128.0, 255.9, 256.0, 2_147_483_520.0, 2_147_483_648.0, 1e20];
        let specials = [f32::NAN, -f32::NAN, f32::INFINITY, f32::MIN_POSITIVE];
        let strided = (0..=u32::MAX).step_by(99_991).map(f32::from_bits);
        for x in places.into_iter().chain(specials).flat_map(|x| [x, -x]).chain(strided) {
            assert_eq!(f32_to_i32(x), x as i32, "{x:e}");
            assert_eq!(f32_to_small(x, 0.0, 255.0), i32::from(x as u8), "{x:e}");
            assert_eq!(f32_to_small(x, -128.0, 127.0), i32::from(x as i8), "{x:e}");
            assert_eq!(f32_to_small(x, -32768.0, 32767.0), i32::from(x as i16), "{x:e}");
        }
    }
}
