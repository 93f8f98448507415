//! Rounding `f64` to the halves once, to the nearest, ties to even.

use half::{bf16, f16};

/// The nearest `f16`.
pub(crate) fn f16_from_f64(value: f64) -> f16 {
    f16::from_f64(sticky(value))
}

/// The nearest `bf16`.
pub(crate) fn bf16_from_f64(value: f64) -> bf16 {
    bf16::from_f64(sticky(value))
}

/// `half` drops the low 32 bits of the fraction before it rounds, so what they hold goes into the bit above them.
fn sticky(value: f64) -> f64 {
    let bits = value.to_bits();
    let (high, low) = (bits >> 32, bits & 0xffff_ffff);
    f64::from_bits((high | u64::from(low != 0)) << 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_just_above_the_middle_of_two_halves_rounds_up() {
        let above = f64::from_bits(f64::to_bits(2049.0) + 1);
        assert_eq!(f16_from_f64(above), f16::from_f32(2050.0));
        assert_eq!(f16_from_f64(2049.0), f16::from_f32(2048.0));
        let above = f64::from_bits(f64::to_bits(257.0) + 1);
        assert_eq!(bf16_from_f64(above), bf16::from_f32(258.0));
        assert!(f16_from_f64(f64::from_bits(f64::INFINITY.to_bits() + 1)).is_nan());
        assert_eq!(f16_from_f64(f64::NEG_INFINITY), f16::NEG_INFINITY);
    }
}
