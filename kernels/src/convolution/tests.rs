use super::*;
use crate::gemm::tile::lanes;
use crate::numbers::Numbers;
use crate::simd::level::{self, Level};
use crate::threads::set_threads;

fn link(a: f32, b: f32, sum: f32) -> f32 {
    let fused = cfg!(target_arch = "aarch64") || lanes() > 4;
    if fused { a.mul_add(b, sum) } else { a * b + sum }
}

/// Every place of every window with every element of the kernel that it meets: the index of the result without features, of the
/// element of the kernel (or none, if it is padding), and of the place in the input without channels.
fn each_meeting(axes: &[Axis], mut meet: impl FnMut(usize, usize, Option<usize>)) {
    let count: Vec<_> = axes.iter().map(|axis| axis.count().unwrap()).collect();
    let windows: usize = count.iter().product();
    let taps: usize = axes.iter().map(|axis| axis.kernel).product();
    for window in 0..windows {
        for tap in 0..taps {
            let (mut rest_window, mut rest_tap) = (window, tap);
            let (mut element, mut element_scale) = (0, 1);
            let (mut place, mut place_scale) = (Some(0), 1);
            let mut between = false;
            for (axis, count) in axes.iter().zip(&count).rev() {
                let (o, t) = ((rest_window % count) as isize, rest_tap % axis.kernel);
                (rest_window, rest_tap) = (rest_window / count, rest_tap / axis.kernel);
                let at = o * axis.stride as isize - axis.low + (t * axis.kernel_dilation) as isize;
                between |= at.rem_euclid(axis.input_dilation as isize) != 0;
                let at = at.div_euclid(axis.input_dilation as isize);
                let inside = (0..axis.size as isize).contains(&at);
                place = place.filter(|_| inside).map(|place| place + at as usize * place_scale);
                place_scale *= axis.size;
                element += if axis.reversed { axis.kernel - 1 - t } else { t } * element_scale;
                element_scale *= axis.kernel;
            }
            if !between {
                meet(window, element, place);
            }
        }
    }
}

struct Case {
    axes: Vec<Axis>,
    convolution: Convolution,
    input: Vec<f32>,
    kernel: Vec<f32>,
    gradient: Vec<f32>,
}

impl Case {
    fn new(numbers: &mut Numbers, axes: &[Axis], [batch, channels, features, groups]: [usize; 4]) -> Self {
        let convolution = Convolution::new(batch, axes, channels, features, groups).unwrap();
        Self {
            axes: axes.to_vec(),
            input: numbers.floats(convolution.input_len().unwrap()),
            kernel: numbers.floats(convolution.kernel_len().unwrap()),
            gradient: numbers.floats(convolution.output_len().unwrap()),
            convolution,
        }
    }

    fn sizes(&self) -> [usize; 6] {
        let Convolution { batch, channels, features, groups, .. } = self.convolution;
        [
            batch,
            channels,
            features,
            channels / groups,
            features / groups,
            self.axes.iter().map(|a| a.size).product(),
        ]
    }

    fn forward(&self) -> Vec<f32> {
        let [batch, channels, features, in_group, of_group, area] = self.sizes();
        let positions = self.convolution.positions();
        let mut out = vec![0.0; self.gradient.len()];
        for item in 0..batch {
            each_meeting(&self.axes, |window, element, place| {
                for channel in 0..in_group {
                    for feature in 0..features {
                        let from = feature / of_group * in_group + channel;
                        let x =
                            place.map_or(0.0, |place| self.input[(item * area + place) * channels + from]);
                        let w = self.kernel[(element * in_group + channel) * features + feature];
                        let sum = &mut out[(item * positions + window) * features + feature];
                        *sum = link(x, w, *sum);
                    }
                }
            });
        }
        out
    }

    fn kernel_gradient(&self, before: &[f32]) -> Vec<f32> {
        let [batch, channels, features, in_group, of_group, area] = self.sizes();
        let positions = self.convolution.positions();
        let mut out = before.to_vec();
        for item in 0..batch {
            each_meeting(&self.axes, |window, element, place| {
                for channel in 0..in_group {
                    for feature in 0..features {
                        let from = feature / of_group * in_group + channel;
                        let x =
                            place.map_or(0.0, |place| self.input[(item * area + place) * channels + from]);
                        let g = self.gradient[(item * positions + window) * features + feature];
                        let sum = &mut out[(element * in_group + channel) * features + feature];
                        *sum = link(x, g, *sum);
                    }
                }
            });
        }
        out
    }

    /// In `f64`, without any claim to the order.
    fn input_gradient(&self) -> Vec<f64> {
        let [batch, channels, features, in_group, of_group, area] = self.sizes();
        let positions = self.convolution.positions();
        let mut out = vec![0.0; self.input.len()];
        for item in 0..batch {
            each_meeting(&self.axes, |window, element, place| {
                let Some(place) = place else { return };
                for channel in 0..in_group {
                    for feature in 0..features {
                        let from = feature / of_group * in_group + channel;
                        let w = self.kernel[(element * in_group + channel) * features + feature];
                        let g = self.gradient[(item * positions + window) * features + feature];
                        out[(item * area + place) * channels + from] += f64::from(w) * f64::from(g);
                    }
                }
            });
        }
        out
    }

    fn check(&self) {
        let what = format!("{:?} {:?}", self.sizes(), self.axes);
        let expected = self.forward();
        let kernel = Kernel::new(&self.kernel, &self.convolution);
        let packed = PackedKernel::new(kernel, &self.convolution).unwrap();
        let same = if self.convolution.is_winograd() { near } else { same };
        for weights in [Weights::Plain(kernel), Weights::Packed(&packed)] {
            let mut out = vec![f32::NAN; expected.len()];
            self.convolution.write(&self.input, weights, &mut out, None).unwrap();
            same(&out, &expected, &what);
            let negate = |mut block: crate::gemm::Block| {
                block.each_row().for_each(|row| row.iter_mut().for_each(|x| *x = -*x));
            };
            self.convolution.write(&self.input, weights, &mut out, Some(&negate)).unwrap();
            same(&out, &expected.iter().map(|x| -x).collect::<Vec<_>>(), &what);
        }
        for accumulate in [false, true] {
            let mut out = if accumulate { self.kernel.clone() } else { vec![0.0; self.kernel.len()] };
            let expected = self.kernel_gradient(&out);
            if !accumulate {
                out.fill(f32::NAN);
            }
            self.convolution
                .write_kernel_gradient(&self.input, &self.gradient, &mut out, accumulate)
                .unwrap();
            self::same(&out, &expected, &format!("gradient of the kernel, {what}"));
        }
        let back = self.convolution.toward_input().unwrap();
        let mut out = vec![f32::NAN; self.input.len()];
        back.write(&self.gradient, Weights::Plain(kernel.swapped()), &mut out, None).unwrap();
        for (found, expected) in out.iter().zip(self.input_gradient()) {
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected} {what}");
        }
    }
}

fn same(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let bad = found.iter().zip(expected).position(|(a, b)| a.to_bits() != b.to_bits());
    assert!(
        bad.is_none(),
        "{what}: element {bad:?} is {} not {}",
        found[bad.unwrap()],
        expected[bad.unwrap()]
    );
}

/// Within the rounding of sums of numbers below 1 in another order.
fn near(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() < 2e-4, "{what}: element {index} is {a} not {b}");
    }
}

fn random_axis(numbers: &mut Numbers) -> Axis {
    loop {
        let axis = Axis {
            size: numbers.one_of(&[0, 1, 2, 5, 7, 12]),
            kernel: numbers.one_of(&[1, 2, 3, 3, 4]),
            stride: numbers.one_of(&[1, 1, 2, 3]),
            low: numbers.one_of(&[0, 1, 2, -1, 4]),
            high: numbers.one_of(&[0, 1, 2, -1, 4]),
            input_dilation: numbers.one_of(&[1, 1, 1, 2, 3, 4]),
            kernel_dilation: numbers.one_of(&[1, 1, 2, 3]),
            reversed: numbers.coin(),
        };
        if axis.count().is_some() {
            return axis;
        }
    }
}

#[test]
fn convolutions_of_all_kinds_have_the_bits_of_the_definition() {
    let mut numbers = Numbers::new();
    for level in level::ALL {
        let rounds = if level == Level::Best { 500 } else { 120 };
        level::with(level, || {
            for _ in 0..rounds {
                let axes: Vec<_> = (0..numbers.below(4)).map(|_| random_axis(&mut numbers)).collect();
                let groups = numbers.one_of(&[1, 1, 2, 3, 5]);
                let of_group = [numbers.one_of(&[1, 1, 2, 3, 9]), numbers.one_of(&[1, 1, 2, 5, 18])];
                let batch = numbers.one_of(&[0, 1, 1, 2, 3]);
                Case::new(&mut numbers, &axes, [batch, groups * of_group[0], groups * of_group[1], groups])
                    .check();
            }
        });
    }
}

#[test]
fn large_convolutions_have_the_bits_of_the_definition_on_any_number_of_threads() {
    let mut numbers = Numbers::new();
    for threads in [1, 3, 0] {
        set_threads(threads);
        let same = |size| Axis::new(size, 3).padding(1, 1);
        for (axes, sizes) in [
            (vec![same(14), same(14)], [3, 40, 70, 1]),
            (vec![same(33).stride(2), same(30).stride(2)], [1, 33, 40, 1]),
            (vec![same(9), same(9)], [9, 24, 24, 24]),
            (
                vec![Axis::new(40, 7).stride(2).padding(3, 3), Axis::new(41, 7).stride(2).padding(3, 3)],
                [1, 3, 64, 1],
            ),
            (vec![same(7), same(6)], [1, 64, 96, 1]),
            (vec![same(5), same(6), same(7)], [2, 8, 40, 2]),
            (vec![Axis::new(500, 5)], [2, 8, 16, 1]),
        ] {
            Case::new(&mut numbers, &axes, sizes).check();
        }
    }
    for level in level::ALL {
        level::with(level, || {
            Case::new(&mut numbers, &[Axis::new(20, 3), Axis::new(21, 3)], [3, 40, 33, 1]).check();
        });
    }
    set_threads(0);
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    assert!(Convolution::new(1, &[Axis::new(2, 5)], 1, 1, 1).is_err());
    assert!(Convolution::new(1, &[Axis::new(5, 2).stride(0)], 1, 1, 1).is_err());
    assert!(Convolution::new(1, &[Axis::new(5, 2)], 3, 2, 2).is_err());
    assert!(Convolution::new(1, &[Axis::new(5, 2)], 3, 2, 0).is_err());
    assert!(Convolution::new(usize::MAX, &[Axis::new(5, 2)], 3, 2, 1).is_err());
    let convolution = Convolution::new(1, &[Axis::new(5, 2)], 1, 1, 1).unwrap();
    let (input, kernel) = ([1.0; 5], [1.0; 2]);
    let weights = Weights::Plain(Kernel::new(&kernel, &convolution));
    assert!(convolution.write(&input, weights, &mut [0.0; 4], None).is_ok());
    assert!(convolution.write(&input[1..], weights, &mut [0.0; 4], None).is_err());
    assert!(convolution.write(&input, weights, &mut [0.0; 5], None).is_err());
    let few = Weights::Plain(Kernel::new(&kernel[1..], &convolution));
    assert!(convolution.write(&input, few, &mut [0.0; 4], None).is_err());
    assert!(convolution.write_kernel_gradient(&input, &[0.0; 3], &mut [0.0; 2], false).is_err());
}
