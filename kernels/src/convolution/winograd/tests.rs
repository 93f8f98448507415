use super::super::{Axis, Convolution, Kernel, PackedKernel, Weights};
use crate::numbers::Numbers;
use crate::simd::level;
use crate::threads::set_threads;

struct Case {
    convolution: Convolution,
    input: Vec<f32>,
    kernel: Vec<f32>,
}

impl Case {
    fn new(numbers: &mut Numbers, batch: usize, axes: [Axis; 2], channels: usize, features: usize) -> Self {
        let convolution = Convolution::new(batch, &axes, channels, features, 1).unwrap();
        assert!(convolution.is_winograd());
        let input = numbers.floats(convolution.input_len().unwrap());
        Self { input, kernel: numbers.floats(9 * channels * features), convolution }
    }

    fn found(&self, packed: bool) -> Vec<f32> {
        let kernel = Kernel::new(&self.kernel, &self.convolution);
        let panels = PackedKernel::new(kernel, &self.convolution).unwrap();
        let weights = if packed { Weights::Packed(&panels) } else { Weights::Plain(kernel) };
        let mut out = vec![f32::NAN; self.convolution.output_len().unwrap()];
        self.convolution.write(&self.input, weights, &mut out, None).unwrap();
        out
    }

    /// For each element of the result the exact sum, and that of the sizes of what is added.
    fn expected(&self) -> Vec<[f64; 2]> {
        let Convolution {
            batch, channels, features, counts: [_, high, wide], axes: [_, below, beside], ..
        } = self.convolution;
        let index = |axis: &Axis, tap: usize| if axis.reversed { 2 - tap } else { tap };
        let mut out = vec![[0.0; 2]; batch * high * wide * features];
        for item in 0..batch {
            for (i, j) in (0..high * wide).map(|window| (window / wide, window % wide)) {
                for (a, b) in (0..9).map(|tap| (tap / 3, tap % 3)) {
                    let place = |axis: &Axis, at: usize| {
                        at.checked_add_signed(-axis.low).filter(|&at| at < axis.size)
                    };
                    let place = place(&below, i + a).zip(place(&beside, j + b));
                    for channel in 0..channels {
                        let at = |(i, j)| ((item * below.size + i) * beside.size + j) * channels + channel;
                        let x = place.map_or(0.0, |place| f64::from(self.input[at(place)]));
                        let tap = 3 * index(&below, a) + index(&beside, b);
                        for feature in 0..features {
                            let w = f64::from(self.kernel[(tap * channels + channel) * features + feature]);
                            let [sum, size] = &mut out[((item * high + i) * wide + j) * features + feature];
                            *sum += x * w;
                            *size += (x * w).abs();
                        }
                    }
                }
            }
        }
        out
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn axis(numbers: &mut Numbers) -> Axis {
    let axis = Axis::new(8 + numbers.below(9), 3);
    let axis = axis.padding(numbers.one_of(&[0, 1, 2, 4, -1]), numbers.one_of(&[0, 1, 2, 3, -1]));
    Axis { reversed: numbers.coin(), ..axis }
}

#[test]
fn windows_are_near_the_exact_sums() {
    let mut numbers = Numbers::new();
    let mut worst = 0.0_f64;
    for round in 0..24 {
        let axes = [axis(&mut numbers), axis(&mut numbers)];
        let sizes = [numbers.one_of(&[32, 48, 64, 272]), numbers.one_of(&[32, 48, 96])];
        // The last one has more weights than few windows would be worth.
        let last = round == 23;
        let (axes, sizes) = if last {
            ([7, 8].map(|size| Axis::new(size, 3).padding(1, 1)), [416, 288])
        } else {
            (axes, sizes)
        };
        let case = Case::new(&mut numbers, 1 + round % 3, axes, sizes[0], sizes[1]);
        for level in level::ALL {
            let found = level::with(level, || case.found(round % 2 == 0));
            for (index, (found, [exact, size])) in found.iter().zip(case.expected()).enumerate() {
                let error = (f64::from(*found) - exact).abs() / size.max(f64::MIN_POSITIVE);
                worst = worst.max(error);
                assert!(
                    error < 16.0 * f64::from(f32::EPSILON),
                    "{index}: {found} {exact} {axes:?} {sizes:?}"
                );
            }
        }
    }
    println!("at most {} units of what is added", worst / f64::from(f32::EPSILON));
}

#[test]
fn many_weights_are_worth_it_for_many_windows() {
    let is_winograd = |sizes: [usize; 2], features| {
        let axes = sizes.map(|size| Axis::new(size, 3).padding(1, 1));
        Convolution::new(1, &axes, 320, features, 1).unwrap().is_winograd()
    };
    // 42 windows of 102,400 and of 64,000 weights, 48 windows, and 48 windows in few rows.
    assert_eq!(
        [
            is_winograd([6, 7], 320),
            is_winograd([6, 7], 208),
            is_winograd([6, 8], 320),
            is_winograd([3, 16], 320)
        ],
        [false, true, true, false]
    );
}

#[test]
fn bits_do_not_depend_on_threads_batches_or_packing() {
    let mut numbers = Numbers::new();
    let cases =
        [([14, 13], 64, 80), ([7, 7], 256, 32), ([40, 6], 32, 32), ([7, 7], 352, 288), ([6, 8], 320, 320)];
    for (sizes, channels, features) in cases {
        let axes = sizes.map(|size| Axis::new(size, 3).padding(1, 1));
        let case = Case::new(&mut numbers, 5, axes, channels, features);
        set_threads(1);
        let expected = bits(&case.found(true));
        for threads in [1, 2, 3, 8] {
            set_threads(threads);
            assert_eq!(bits(&case.found(false)), expected, "{threads}");
        }
        let (of_input, of_output) = (case.input.len() / 5, expected.len() / 5);
        for item in 0..5 {
            let convolution = Convolution::new(1, &axes, channels, features, 1).unwrap();
            let input = case.input[item * of_input..][..of_input].to_vec();
            let one = Case { convolution, input, kernel: case.kernel.clone() };
            assert_eq!(bits(&one.found(true)), expected[item * of_output..][..of_output], "input {item}");
        }
        set_threads(0);
    }
}

#[test]
fn what_is_not_finite_stays_where_it_is() {
    let mut numbers = Numbers::new();
    let axes = [Axis::new(12, 3).padding(1, 1), Axis::new(11, 3).padding(1, 1)];
    for wild in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2e38] {
        let mut case = Case::new(&mut numbers, 2, axes, 32, 32);
        case.kernel.iter_mut().for_each(|weight| *weight = weight.abs() / 16.0 + 1e-3);
        let clean = case.found(true);
        let (item, row, column) = (1, 5, 7);
        case.input[((item * 12 + row) * 11 + column) * 32 + 9] = wild;
        for (index, (found, clean)) in case.found(true).into_iter().zip(clean).enumerate() {
            let (window, of_item) = (index / 32 % (12 * 11), index / 32 / (12 * 11));
            let touches =
                of_item == item && (window / 11).abs_diff(row) <= 1 && (window % 11).abs_diff(column) <= 1;
            if !touches {
                assert!((found - clean).abs() < 1e-4, "{wild} reached element {index}: {found} not {clean}");
            } else if wild.is_nan() {
                assert!(found.is_nan());
            } else if wild.is_infinite() {
                assert_eq!(found, wild);
            } else {
                assert!(found.is_finite() && found > 1e34, "{found}");
            }
        }
    }
}
