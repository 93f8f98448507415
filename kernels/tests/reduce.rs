//! Reductions against plain loops in the documented order.

#![allow(clippy::unwrap_used)]

use holotype_kernels::reduce::{Fold, Max, Min, Product, RowReducer, Sum, along};
use holotype_kernels::threads;

/// The order that the documentation states: 32 lanes, merged in halves, parts of 2^16.
fn naive<F: Fold>(elements: &[F::Element]) -> F::Element
where
    F::Element: Copy,
{
    let part = |elements: &[F::Element]| {
        if elements.len() < 32 {
            return elements.iter().fold(F::START, |state, &x| F::step(state, x));
        }
        let mut lanes = vec![F::START; 32];
        for (index, &x) in elements.iter().enumerate() {
            lanes[index % 32] = F::step(lanes[index % 32], x);
        }
        while lanes.len() > 1 {
            let half = lanes.len() / 2;
            lanes = (0..half).map(|lane| F::merge(lanes[lane], lanes[lane + half])).collect();
        }
        lanes[0]
    };
    let states = elements.chunks(1 << 16).map(part);
    F::finish(states.reduce(F::merge).unwrap_or(F::START))
}

fn numbers(count: usize) -> Vec<f32> {
    let mut state = 12_345_u32;
    let number = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        1.0 + ((state >> 8) as f32 / (1 << 24) as f32 - 0.5) * 1e-2
    };
    (0..count).map(number).collect()
}

fn check<F: Fold<Element = f32>>(outer: usize, length: usize, inner: usize) {
    let x = numbers(outer * length * inner);
    let mut result = vec![9.0_f32; outer * inner];
    along::<F>(bytemuck::cast_slice(&x), bytemuck::cast_slice_mut(&mut result), [outer, length, inner])
        .unwrap();
    for o in 0..outer {
        for i in 0..inner {
            let column: Vec<f32> = (0..length).map(|l| x[(o * length + l) * inner + i]).collect();
            let expected = if inner == 1 {
                naive::<F>(&column)
            } else {
                F::finish(column.iter().fold(F::START, |state, &x| F::step(state, x)))
            };
            let found = result[o * inner + i];
            assert_eq!(found.to_bits(), expected.to_bits(), "[{outer}, {length}, {inner}] at {o}, {i}");
        }
    }
}

#[test]
fn reductions_take_elements_in_in_the_documented_order() {
    for threads in [1, 2, 3] {
        threads::set_threads(threads);
        for length in [0, 1, 2, 31, 32, 33, 64, 100, 1000, 70_000] {
            let outers: &[usize] = if length > 1000 { &[1, 3] } else { &[0, 1, 5, 300] };
            for &outer in outers {
                check::<Sum<f32>>(outer, length, 1);
                check::<Max<f32>>(outer, length, 1);
            }
        }
        check::<Sum<f32>>(1, 700_001, 1);
        for (outer, length, inner) in
            [(1, 1000, 128), (1, 3, 2000), (7, 10, 17), (1, 0, 5), (40, 100, 33), (1, 60_000, 3)]
        {
            check::<Sum<f32>>(outer, length, inner);
            check::<Min<f32>>(outer, length, inner);
            check::<Product<f32>>(outer, length, inner);
        }
    }
    threads::set_threads(0);
}

#[test]
fn sums_of_many_elements_are_exact_to_the_last_place() {
    let x = numbers(1_000_003);
    let mut sum = [0.0_f32];
    along::<Sum<f32>>(bytemuck::cast_slice(&x), bytemuck::bytes_of_mut(&mut sum), [1, x.len(), 1]).unwrap();
    let exact: f64 = x.iter().map(|&x| f64::from(x)).sum();
    assert_eq!(sum[0], exact as f32);
}

#[test]
fn nan_wins_and_zeros_have_signs() {
    for length in [3_usize, 40] {
        let row = |values: &[f32]| -> Vec<f32> { (0..length).map(|i| values[i % values.len()]).collect() };
        let reduce = |reducer: &RowReducer, row: &[f32]| {
            let mut result = [1.0_f32];
            reducer.run(bytemuck::bytes_of_mut(&mut result), bytemuck::cast_slice(row), row.len());
            result[0]
        };
        let (max, min) = (RowReducer::new::<Max<f32>>(), RowReducer::new::<Min<f32>>());
        let mut with_nan = row(&[1.0]);
        with_nan[1] = f32::NAN;
        assert!(reduce(&max, &with_nan).is_nan() && reduce(&min, &with_nan).is_nan());
        let zeros = row(&[-0.0, 0.0]);
        assert!(reduce(&max, &zeros).is_sign_positive() && reduce(&min, &zeros).is_sign_negative());
        assert!(reduce(&max, &row(&[-0.0])).is_sign_negative());
    }
    let mut any = [9_u8];
    along::<Max<bool>>(&[0, 1, 0], &mut any, [1, 3, 1]).unwrap();
    assert_eq!(any, [1]);
    let mut wrapped = [0_i8];
    along::<Sum<i8>>(bytemuck::cast_slice(&[100_i8; 3]), bytemuck::cast_slice_mut(&mut wrapped), [1, 3, 1])
        .unwrap();
    assert_eq!(wrapped, [44]);
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    assert!(along::<Sum<f32>>(&[0; 8], &mut [0; 4], [1, 3, 1]).is_err());
    assert!(along::<Sum<f32>>(&[0; 12], &mut [0; 8], [1, 3, 1]).is_err());
    assert!(along::<Sum<f32>>(&[], &mut [], [0, usize::MAX, 1]).is_ok());
}
