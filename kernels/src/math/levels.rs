//! The functions with and without fused multiply-add, on each level of instructions.

use crate::element::Kernel;
use crate::simd::level::{ALL, with};

fn distance(found: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if found.to_bits() == rounded.to_bits() || (found.is_nan() && exact.is_nan()) {
        return 0.0;
    }
    let exponent = (rounded.abs().max(f32::MIN_POSITIVE).to_bits() >> 23) as i32 - 150;
    (f64::from(found) - exact).abs() * 2.0_f64.powi(-exponent)
}

type Case = (&'static str, Kernel, fn(f64) -> f64);

#[test]
fn functions_are_within_2_units_in_the_last_place_on_all_levels() {
    let cases: [Case; 9] = [
        ("exp", super::exp(), libm::exp),
        ("exp_m1", super::exp_m1(), libm::expm1),
        ("logistic", super::logistic(), |x| 1.0 / (1.0 + libm::exp(-x))),
        ("tanh", super::tanh(), libm::tanh),
        ("ln", super::ln(), libm::log),
        ("ln_1p", super::ln_1p(), libm::log1p),
        ("erf", super::erf(), libm::erf),
        ("sin", super::sin(), libm::sin),
        ("cos", super::cos(), libm::cos),
    ];
    // Magnitudes at which no function overflows, and odd lengths.
    let xs: Vec<f32> =
        (0..=u32::MAX).step_by(40_009).map(f32::from_bits).filter(|x| x.is_nan() || x.abs() < 80.0).collect();
    for level in ALL {
        for (name, kernel, exact) in &cases {
            let mut values = vec![0.0_f32; xs.len()];
            with(level, || {
                kernel.run(bytemuck::cast_slice_mut(&mut values), [bytemuck::cast_slice(&xs), &[], &[]]);
            });
            for (&x, &value) in xs.iter().zip(&values) {
                let distance = distance(value, exact(f64::from(x)));
                assert!(
                    distance <= 2.5,
                    "{name} of {x:e} with {level:?}: {distance} units in the last place"
                );
            }
        }
    }
}
