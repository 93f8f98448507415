use super::*;
use crate::numbers::Numbers;
use crate::simd::level;
use crate::threads::set_threads;

/// Every window, with its index and the elements it has: index in the window and place.
fn windows(axes: &[Axis]) -> Vec<Vec<(usize, usize)>> {
    let mut all = vec![vec![(0, 0)]];
    for axis in axes {
        let mut next = Vec::new();
        for outer in &all {
            for window in 0..axis.count().unwrap() {
                let mut elements = Vec::new();
                for &(tap, place) in outer {
                    for t in 0..axis.kernel {
                        let at = (window * axis.stride + t * axis.kernel_dilation) as isize - axis.low;
                        let (index, between) = (
                            at.div_euclid(axis.input_dilation as isize),
                            at.rem_euclid(axis.input_dilation as isize),
                        );
                        if between == 0 && (0..axis.size as isize).contains(&index) {
                            elements.push((tap * axis.kernel + t, place * axis.size + index as usize));
                        }
                    }
                }
                next.push(elements);
            }
        }
        all = next;
    }
    all
}

/// Takes the index of a result, the elements of its window, and where they are in the input.
type OnWindow<'a> = dyn FnMut(usize, &[(usize, usize)], &dyn Fn(usize) -> usize) + 'a;

fn check(numbers: &mut Numbers, axes: &[Axis], batch: usize, channels: usize) {
    let what = format!("{axes:?} {batch} {channels}");
    let pool = Pool::new(batch, axes, channels).unwrap();
    let windows = windows(axes);
    let area: usize = axes.iter().map(|axis| axis.size).product();
    // Few values, so that there are equal ones; zeros of both signs, and NaN.
    let values = [-1.5, -0.0, 0.0, 1.0, 2.0, f32::NAN, f32::NEG_INFINITY];
    let kinds = if numbers.coin() { 7 } else { 5 };
    let input: Vec<f32> = (0..batch * area * channels).map(|_| values[numbers.below(kinds)]).collect();
    let plain = numbers.floats(input.len());
    let gradient = numbers.floats(batch * windows.len() * channels);
    assert_eq!(pool.counts().product::<usize>(), windows.len(), "{what}");
    let each = |run: &mut OnWindow| {
        for item in 0..batch {
            for (index, elements) in windows.iter().enumerate() {
                for channel in 0..channels {
                    let at = |place: usize| (item * area + place) * channels + channel;
                    run((item * windows.len() + index) * channels + channel, elements, &at);
                }
            }
        }
    };
    let bits = |xs: &[f32]| xs.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    for which in [Extreme::Greatest, Extreme::Least] {
        let better = |x: f32, y: f32| if which == Extreme::Greatest { x > y } else { x < y };
        let lowest = if which == Extreme::Greatest { f32::NEG_INFINITY } else { f32::INFINITY };
        let mut best = vec![lowest; gradient.len()];
        let mut positions = vec![u32::MAX; gradient.len()];
        let mut sums = vec![0.0_f64; input.len()];
        each(&mut |window, elements, at| {
            let found: Vec<f32> = elements.iter().map(|&(_, place)| input[at(place)]).collect();
            if found.iter().any(|x| x.is_nan()) {
                best[window] = f32::NAN;
            } else {
                let sign = if which == Extreme::Greatest { 1.0 } else { -1.0 };
                let greatest = found.iter().map(|x| x * sign).max_by(f32::total_cmp);
                best[window] = greatest.map_or(lowest, |x| x * sign);
            }
            let mut chosen: Option<usize> = None;
            for (index, &x) in found.iter().enumerate() {
                if chosen.is_none_or(|old| better(x, found[old]) || (x.is_nan() && !found[old].is_nan())) {
                    chosen = Some(index);
                }
            }
            if let Some(chosen) = chosen {
                positions[window] = elements[chosen].0 as u32;
                sums[at(elements[chosen].1)] += f64::from(gradient[window]);
            }
        });
        let mut out = vec![7.0; gradient.len()];
        pool.write_extreme(which, &input, &mut out).unwrap();
        assert_eq!(bits(&out), bits(&best), "{which:?} {what}");
        let mut places = vec![7; gradient.len()];
        pool.write_position(which, &input, &mut places).unwrap();
        assert_eq!(places, positions, "{which:?} {what}");
        let mut back = vec![7.0; input.len()];
        pool.write_extreme_gradient(which, &input, &gradient, &mut back).unwrap();
        let expected: Vec<f32> = sums.iter().map(|&sum| sum as f32).collect();
        assert_eq!(bits(&back), bits(&expected), "{which:?} {what}");
    }
    for mean in [None, Some(Mean::Size), Some(Mean::Elements)] {
        let size: usize = axes.iter().map(|axis| axis.kernel).product();
        let mut expected = vec![0.0_f32; gradient.len()];
        let mut sums = vec![0.0_f64; input.len()];
        each(&mut |window, elements, at| {
            let by = match mean {
                None => 1.0,
                Some(Mean::Size) => size as f32,
                Some(Mean::Elements) => elements.len() as f32,
            };
            let sum: f64 = elements.iter().fold(0.0, |sum, &(_, place)| sum + f64::from(plain[at(place)]));
            expected[window] = sum as f32 / by;
            for &(_, place) in elements {
                sums[at(place)] += f64::from(gradient[window] / by);
            }
        });
        let (mut out, mut back) = (vec![7.0; gradient.len()], vec![7.0; input.len()]);
        match mean {
            None => {
                pool.write_sum(&plain, &mut out).unwrap();
                pool.write_sum_gradient(&gradient, &mut back).unwrap();
            }
            Some(mean) => {
                pool.write_mean(mean, &plain, &mut out).unwrap();
                pool.write_mean_gradient(mean, &gradient, &mut back).unwrap();
            }
        }
        let same = |a: &[f32], b: &[f32]| {
            a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
        };
        assert!(same(&out, &expected), "{mean:?} {what}: {out:?} {expected:?}");
        let expected: Vec<f32> = sums.iter().map(|&sum| sum as f32).collect();
        assert!(same(&back, &expected), "{mean:?} {what}: {back:?} {expected:?}");
    }
}

#[test]
fn pooling_of_all_kinds_is_as_defined() {
    let mut numbers = Numbers::new();
    for _ in 0..400 {
        let rank = numbers.below(4);
        let mut axes = Vec::new();
        while axes.len() < rank {
            let axis = Axis {
                size: numbers.one_of(&[0, 1, 2, 5, 7, 10]),
                kernel: numbers.one_of(&[1, 2, 3]),
                stride: numbers.one_of(&[1, 2, 3]),
                low: numbers.one_of(&[0, 0, 1, -1, 4]),
                high: numbers.one_of(&[0, 0, 1, -1, 4]),
                input_dilation: numbers.one_of(&[1, 1, 1, 2, 3]),
                kernel_dilation: numbers.one_of(&[1, 1, 2]),
                reversed: false,
            };
            if axis.count().is_some() {
                axes.push(axis);
            }
        }
        let (batch, channels) =
            (numbers.one_of(&[0, 1, 1, 2]), numbers.one_of(&[0, 1, 3, 16, 19, 33, 64, 83]));
        let level = numbers.one_of(&level::ALL);
        level::with(level, || check(&mut numbers, &axes, batch, channels));
    }
}

#[test]
fn large_pooling_is_the_same_on_any_number_of_threads() {
    let mut numbers = Numbers::new();
    for threads in [1, 3, 0] {
        set_threads(threads);
        check(&mut numbers, &[Axis::new(31, 3).stride(2).padding(1, 1), Axis::new(30, 2).stride(2)], 3, 40);
    }
    set_threads(0);
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    assert!(Pool::new(1, &[Axis::new(2, 5)], 1).is_err());
    assert!(Pool::new(usize::MAX, &[Axis::new(5, 2)], 3).is_err());
    let pool = Pool::new(1, &[Axis::new(4, 2)], 1).unwrap();
    assert!(pool.write_sum(&[0.0; 4], &mut [0.0; 3]).is_ok());
    assert!(pool.write_sum(&[0.0; 5], &mut [0.0; 3]).is_err());
    assert!(pool.write_sum(&[0.0; 4], &mut [0.0; 4]).is_err());
    assert!(pool.write_position_gradient(&[0; 2], &[0.0; 3], &mut [0.0; 4]).is_err());
}
