//! Functions of mathematics against `libm` in `f64`.

#![allow(clippy::unwrap_used, clippy::panic)]

use holotype_kernels::element::Kernel;
use holotype_kernels::math;

/// How far a value is from the exact one, in units of the last place of the exact one.
fn distance(found: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if exact.is_nan() || found.is_nan() || rounded.is_infinite() || found.is_infinite() {
        let same = found.is_nan() == exact.is_nan() && (exact.is_nan() || found == rounded);
        // Just beyond the largest number, rounding to it is as good as to infinity.
        let close = found.is_infinite() != rounded.is_infinite()
            && exact.abs() > 3.402_823_3e38
            && exact.abs() < 3.402_823_8e38;
        return if same || close { 0.0 } else { f64::INFINITY };
    }
    let exponent = (rounded.abs().max(f32::MIN_POSITIVE).to_bits() >> 23) as i32 - 150;
    (f64::from(found) - exact).abs() * 2.0_f64.powi(-exponent)
}

struct Case {
    name: &'static str,
    kernel: Kernel,
    exact: fn(f64) -> f64,
    limit: f64,
}

fn cases() -> Vec<Case> {
    let case = |name, kernel, exact, limit| Case { name, kernel, exact, limit };
    vec![
        case("exp", math::exp(), libm::exp, 1.2),
        case("exp_m1", math::exp_m1(), libm::expm1, 2.0),
        case("logistic", math::logistic(), |x| 1.0 / (1.0 + libm::exp(-x)), 2.0),
        case("tanh", math::tanh(), libm::tanh, 2.0),
        case("ln", math::ln(), libm::log, 1.5),
        case("ln_1p", math::ln_1p(), libm::log1p, 2.0),
        case("erf", math::erf(), libm::erf, 2.0),
        case("sin", math::sin(), libm::sin, 2.0),
        case("cos", math::cos(), libm::cos, 2.0),
        case("sqrt", math::sqrt(), libm::sqrt, 0.5),
        case("rsqrt", math::rsqrt(), |x| 1.0 / libm::sqrt(x), 1.5),
        case("cbrt", math::cbrt(), libm::cbrt, 0.51),
    ]
}

/// Checks every `step`-th `f32`, a block of them at a time.
fn check(case: &Case, step: u32) {
    let (mut worst, mut at) = (0.0, 0.0);
    let mut bits = 0_u32;
    let mut done = false;
    while !done {
        let mut xs = Vec::with_capacity(1000);
        while xs.len() < 1000 && !done {
            xs.push(f32::from_bits(bits));
            let (next, over) = bits.overflowing_add(step);
            (bits, done) = (next, over);
        }
        let mut values = vec![0.0_f32; xs.len()];
        case.kernel.run(bytemuck::cast_slice_mut(&mut values), [bytemuck::cast_slice(&xs), &[], &[]]);
        for (&x, &value) in xs.iter().zip(&values) {
            let exact = (case.exact)(f64::from(x));
            let distance = distance(value, exact);
            if distance > worst {
                (worst, at) = (distance, x);
            }
            let zero = exact == 0.0 && value == 0.0;
            assert!(
                !zero || exact.is_sign_negative() == value.is_sign_negative(),
                "{} of {x:e} is {value:e}",
                case.name
            );
        }
    }
    eprintln!("{}: {worst:.3} units in the last place, at {at:e}", case.name);
    assert!(worst <= case.limit, "{} of {at:e}: {worst} units in the last place", case.name);
}

#[test]
fn functions_are_within_2_units_in_the_last_place() {
    for case in cases() {
        check(&case, 1009);
    }
}

/// Takes minutes a function; `FUNCTION` picks one.
#[test]
#[ignore = "visits every f32"]
fn functions_are_within_2_units_in_the_last_place_everywhere() {
    let name = std::env::var("FUNCTION").ok();
    for case in cases().into_iter().filter(|case| name.as_ref().is_none_or(|name| name == case.name)) {
        check(&case, 1);
    }
}

/// Numbers at which functions take different ways.
const SPECIAL: [f32; 16] = [
    0.0,
    -0.0,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    1.0,
    -1.0,
    1e-45,
    -1e-45,
    f32::MAX,
    f32::MIN,
    1e7,
    -1e7,
    3e20,
    1e-38,
    2.0,
];

#[test]
fn values_at_special_places_are_exact() {
    for case in cases() {
        let mut values = [0.0_f32; SPECIAL.len()];
        case.kernel.run(bytemuck::cast_slice_mut(&mut values), [bytemuck::cast_slice(&SPECIAL), &[], &[]]);
        for (&x, &value) in SPECIAL.iter().zip(&values) {
            let exact = (case.exact)(f64::from(x));
            assert!(
                distance(value, exact) <= case.limit,
                "{} of {x:e} is {value:e}, not {exact:e}",
                case.name
            );
            if exact == 0.0 || exact as f32 == 0.0 && value == 0.0 {
                assert_eq!(
                    exact.is_sign_negative(),
                    value.is_sign_negative(),
                    "{} of {x:e} is {value:e}",
                    case.name
                );
            }
        }
    }
}

#[test]
fn the_value_of_an_element_does_not_depend_on_its_place() {
    // Special numbers in each quarter of a strip of 64, and behind it.
    let xs: Vec<f32> = (0..101)
        .map(|i| if i % 5 == 0 { SPECIAL[i / 5 % 16] } else { (i as f32 - 50.0) * 0.37 })
        .chain(SPECIAL.into_iter().cycle().skip(9).take(64))
        .collect();
    for case in cases() {
        let mut together = vec![0.0_f32; xs.len()];
        case.kernel.run(bytemuck::cast_slice_mut(&mut together), [bytemuck::cast_slice(&xs), &[], &[]]);
        for (x, together) in xs.iter().zip(together) {
            let mut alone = [0.0_f32];
            case.kernel.run(bytemuck::cast_slice_mut(&mut alone), [bytemuck::bytes_of(x), &[], &[]]);
            let same = alone[0].to_bits() == together.to_bits() || (alone[0].is_nan() && together.is_nan());
            assert!(same, "{} of {x:e}", case.name);
        }
    }
}

#[test]
fn an_operand_of_64_elements_is_repeated() {
    let strip: Vec<f32> =
        (0..64).map(|i| if i % 9 == 4 { SPECIAL[i / 9] } else { (i as f32 - 31.0) * 0.11 }).collect();
    for case in cases() {
        for count in [64, 65, 96, 100, 128, 200] {
            let written_out: Vec<f32> = strip.iter().copied().cycle().take(count).collect();
            let run = |operand: &[f32]| {
                let mut values = vec![9.0_f32; count];
                let operands = [bytemuck::cast_slice(operand), &[][..], &[][..]];
                case.kernel.run(bytemuck::cast_slice_mut(&mut values), operands);
                values.into_iter().map(f32::to_bits).collect::<Vec<_>>()
            };
            assert_eq!(run(&strip), run(&written_out), "{} of {count}", case.name);
        }
    }
}

#[test]
fn powers_are_those_of_libm() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let mut numbers = vec![
        0.0,
        -0.0,
        1.0,
        -1.0,
        inf,
        -inf,
        nan,
        2.0,
        -2.0,
        3.0,
        -3.0,
        0.5,
        -0.5,
        1e-45,
        -1e-45,
        f32::MAX,
        1.5,
        -1.5,
        1e-3,
        33_554_432.0,
        -33_554_431.0,
        16_777_217.0,
    ];
    let mut state = 1_u32;
    for _ in 0..600 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let unit = (state >> 8) as f32 / (1 << 24) as f32;
        numbers.push(f32::from_bits(state));
        numbers.push(unit * 40.0 - 20.0);
    }
    let pairs: Vec<(f32, f32)> = numbers.iter().flat_map(|&x| numbers.iter().map(move |&y| (x, y))).collect();
    let xs: Vec<f32> = pairs.iter().map(|pair| pair.0).collect();
    let ys: Vec<f32> = pairs.iter().map(|pair| pair.1).collect();
    let mut values = vec![0.0_f32; xs.len()];
    math::pow().run(
        bytemuck::cast_slice_mut(&mut values),
        [bytemuck::cast_slice(&xs), bytemuck::cast_slice(&ys), &[]],
    );
    let mut worst: f64 = 0.0;
    for ((x, y), value) in pairs.into_iter().zip(values) {
        let exact = libm::pow(f64::from(x), f64::from(y));
        let distance = distance(value, exact);
        assert!(distance <= 0.51, "{x:e} to the power of {y:e} is {value:e}, not {exact:e}");
        assert!(
            value != 0.0 || value.is_sign_negative() == exact.is_sign_negative(),
            "{x:e} to the power of {y:e} is {value:e}"
        );
        worst = worst.max(distance);
    }
    eprintln!("pow: {worst:.3} units in the last place");
}
