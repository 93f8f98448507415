use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::numbers::Numbers;
use crate::simd::level::{self, Level};
use crate::threads::set_threads;

/// One link of the chain, with the instructions that the level has.
fn link(a: f32, b: f32, sum: f32) -> f32 {
    let fused = cfg!(target_arch = "aarch64") || tile::lanes() > 4;
    if fused { a.mul_add(b, sum) } else { a * b + sum }
}

/// The definition, element by element.
fn oracle(sizes: [usize; 4], left: &Matrix, right: &Matrix, before: &[f32], out: [usize; 2]) -> Vec<f32> {
    let [batch, rows, depth, columns] = sizes;
    let at = |m: &Matrix, i: usize, row: usize, column: usize| {
        m.data[i * m.batch_stride + row * m.row_stride + column * m.column_stride]
    };
    let mut result = before.to_vec();
    for i in 0..batch {
        for row in 0..rows {
            for column in 0..columns {
                let sum = &mut result[i * out[0] + row * out[1] + column];
                for k in 0..depth {
                    *sum = link(at(left, i, row, k), at(right, i, k, column), *sum);
                }
            }
        }
    }
    result
}

fn same_bits(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len());
    let bad = found.iter().zip(expected).position(|(a, b)| a.to_bits() != b.to_bits());
    assert!(
        bad.is_none(),
        "{what}: element {bad:?} is {} not {}",
        found[bad.unwrap()],
        expected[bad.unwrap()]
    );
}

/// The strides of a matrix, row by row, column by column, or with gaps, and the elements it needs.
fn strides(numbers: &mut Numbers, rows: usize, columns: usize) -> (usize, usize, usize) {
    let gap = numbers.one_of(&[0, 0, 0, 1, 7]);
    let (row, column) = match numbers.below(6) {
        0..3 => (columns + gap, 1),
        3..5 => (1, rows + gap),
        _ => (2 * columns + gap, 2),
    };
    let length = if rows == 0 || columns == 0 { 0 } else { (rows - 1) * row + (columns - 1) * column + 1 };
    (row, column, length)
}

fn random_product(numbers: &mut Numbers, sizes: [usize; 4]) {
    let [batch, rows, depth, columns] = sizes;
    let mut operand = |rows: usize, columns: usize| {
        let (row_stride, column_stride, length) = strides(numbers, rows, columns);
        let batch_stride = if numbers.below(4) == 0 { 0 } else { length };
        (numbers.floats(batch.max(1) * length), row_stride, column_stride, batch_stride)
    };
    let (left, right) = (operand(rows, depth), operand(depth, columns));
    let matrix = |(data, row_stride, column_stride, batch_stride): &(Vec<f32>, usize, usize, usize)| Matrix {
        data: data.clone().leak(),
        row_stride: *row_stride,
        column_stride: *column_stride,
        batch_stride: *batch_stride,
    };
    let (left, right) = (matrix(&left), matrix(&right));
    let row_stride = columns + numbers.one_of(&[0, 0, 3]);
    let batch_stride = rows * row_stride + numbers.one_of(&[0, 5]);
    let before = numbers.floats(batch * batch_stride);
    let accumulate = numbers.coin();
    let mut start = before.clone();
    if !accumulate {
        for i in 0..batch {
            for row in 0..rows {
                start[i * batch_stride + row * row_stride..][..columns].fill(0.0);
            }
        }
    }
    let expected = oracle(sizes, &left, &right, &start, [batch_stride, row_stride]);
    let packed = PackedRight::of_batch(right, batch, depth, columns).unwrap();
    for right in [Right::Plain(right), Right::Packed(&packed)] {
        let mut product = Product::new([rows, depth, columns], left, right).batch(batch);
        if accumulate {
            product = product.accumulate();
        }
        let mut out = before.clone();
        product.write(Output { data: &mut out, row_stride, batch_stride }).unwrap();
        same_bits(
            &out,
            &expected,
            &format!("{sizes:?} {left:?} {right:?}").chars().take(300).collect::<String>(),
        );
        // Negating every element of every row, once.
        let count = AtomicUsize::new(0);
        let negate = |mut block: Block| {
            count.fetch_add(block.rows.len(), Ordering::Relaxed);
            assert_eq!(block.each_row().count(), block.rows.len());
            block.each_row().for_each(|row| row.iter_mut().for_each(|x| *x = -*x));
        };
        let mut out = before.clone();
        product.finish(&negate).write(Output { data: &mut out, row_stride, batch_stride }).unwrap();
        let mut negated = expected.clone();
        if rows > 0 && columns > 0 {
            assert_eq!(count.into_inner(), batch * rows);
            for i in 0..batch {
                for row in 0..rows {
                    negated[i * batch_stride + row * row_stride..][..columns]
                        .iter_mut()
                        .for_each(|x| *x = -*x);
                }
            }
        }
        same_bits(&out, &negated, "finished");
    }
}

#[test]
fn products_of_all_kinds_have_the_bits_of_the_definition() {
    let mut numbers = Numbers::new();
    for level in level::ALL {
        let rounds = if level == Level::Best { 600 } else { 150 };
        level::with(level, || {
            for _ in 0..rounds {
                let few =
                    |numbers: &mut Numbers| numbers.one_of(&[0, 1, 1, 2, 3, 4, 5, 8, 11, 16, 17, 33, 70]);
                let (batch, rows) = (numbers.one_of(&[1, 1, 1, 2, 3, 0]), few(&mut numbers));
                let (depth, columns) = (few(&mut numbers), few(&mut numbers));
                random_product(&mut numbers, [batch, rows, depth, columns]);
            }
        });
    }
}

#[test]
fn blocks_of_large_products_have_the_bits_of_the_definition() {
    let mut numbers = Numbers::new();
    let sizes = [
        [1, 150, 300, 70],
        [1, 13, 530, 1100],
        [1, 300, 40, 40],
        [1, 5, 300, 1030],
        [1, 1, 700, 900],
        [1, 600, 5, 3],
        [1, 3000, 5, 3],
        [1, 1000, 320, 16],
        [1, 1000, 321, 10],
        [1, 600, 270, 70],
        [1, 290, 515, 33],
        [9, 20, 64, 40],
        [2, 150, 100, 150],
    ];
    for threads in [1, 3, 0] {
        set_threads(threads);
        for sizes in sizes {
            random_product(&mut numbers, sizes);
        }
    }
    set_threads(0);
}

#[test]
fn special_values_go_through_the_chain() {
    let left = [f32::NAN, f32::INFINITY, 0.0, -1.0];
    let right = [0.0, f32::INFINITY, 1.0, -0.0];
    for rows in [1, 2, 6] {
        let (left, mut out) = (left.repeat(rows), vec![9.0; rows]);
        let product =
            Product::new([rows, 1, 1], Matrix::new(&left[1..], 4), Right::Plain(Matrix::new(&right, 1)));
        product.write(Output::new(&mut out, rows, 1)).unwrap();
        assert!(out.iter().all(|x| x.is_nan()), "{out:?}");
        let product =
            Product::new([rows, 1, 1], Matrix::new(&left[3..], 4), Right::Plain(Matrix::new(&right, 1)));
        product.write(Output::new(&mut out, rows, 1)).unwrap();
        // -1 * 0 + 0 is 0, not -0: the chain starts from 0.
        assert!(out.iter().all(|x| x.to_bits() == 0), "{out:?}");
    }
}

#[test]
fn operands_that_do_not_fit_are_refused() {
    let (few, many) = ([1.0; 5], [1.0; 6]);
    let mut out = [0.0; 4];
    let write = |left: &[f32], right: &[f32], out: Output| {
        Product::new([2, 3, 2], Matrix::new(left, 3), Right::Plain(Matrix::new(right, 2))).write(out)
    };
    assert!(write(&many, &many, Output::new(&mut out, 2, 2)).is_ok());
    assert!(write(&few, &many, Output::new(&mut out, 2, 2)).unwrap_err().0.contains("left"));
    assert!(write(&many, &few, Output::new(&mut out, 2, 2)).unwrap_err().0.contains("right"));
    assert!(write(&many, &many, Output::new(&mut out[1..], 2, 2)).unwrap_err().0.contains("fewer"));
    let overlapping = Output { data: &mut out, row_stride: 1, batch_stride: 0 };
    assert!(write(&many, &many, overlapping).unwrap_err().0.contains("overlap"));
    let huge = Matrix { data: &many, row_stride: usize::MAX / 2, column_stride: usize::MAX, batch_stride: 0 };
    let product = Product::new([2, 3, 2], huge, Right::Plain(Matrix::new(&many, 2)));
    assert!(product.write(Output::new(&mut out, 2, 2)).is_err());
    assert!(PackedRight::new(Matrix::new(&few, 2), 3, 2).is_err());
    let packed = PackedRight::new(Matrix::new(&many, 2), 3, 2).unwrap();
    let product = Product::new([2, 2, 3], Matrix::new(&many, 2), Right::Packed(&packed));
    assert!(product.write(Output::new(&mut [0.0; 6], 2, 3)).unwrap_err().0.contains("packed"));
}

#[test]
fn products_of_f64_have_the_bits_of_the_definition() {
    let mut numbers = Numbers::new();
    for threads in [1, 3, 0] {
        set_threads(threads);
        for round in 0..60 {
            let few = |numbers: &mut Numbers| numbers.one_of(&[0, 1, 2, 3, 5, 8, 17, 33]);
            let mut sizes = [few(&mut numbers), few(&mut numbers), few(&mut numbers)];
            if round < 2 {
                sizes = [70, 300, 100];
            }
            let (batch, [rows, depth, columns]) = (numbers.below(3), sizes);
            let mut operand = |rows: usize, columns: usize| {
                let (row_stride, column_stride, length) = strides(&mut numbers, rows, columns);
                let data: Vec<_> =
                    numbers.floats(batch * length).into_iter().map(|x| f64::from(x) / 3.0).collect();
                (data, row_stride, column_stride, length)
            };
            let (a, b) = (operand(rows, depth), operand(depth, columns));
            let matrix = |m: &(Vec<f64>, usize, usize, usize)| Matrix {
                data: m.0.clone().leak(),
                row_stride: m.1,
                column_stride: m.2,
                batch_stride: m.3,
            };
            let (left, right) = (matrix(&a), matrix(&b));
            let row_stride = columns + numbers.below(2);
            let mut out = vec![0.25; batch * rows * row_stride];
            let mut expected = out.clone();
            let accumulate = numbers.coin();
            for i in 0..batch {
                for row in 0..rows {
                    for column in 0..columns {
                        let sum = &mut expected[(i * rows + row) * row_stride + column];
                        if !accumulate {
                            *sum = 0.0;
                        }
                        for k in 0..depth {
                            let x = left.data[i * a.3 + row * a.1 + k * a.2];
                            let y = right.data[i * b.3 + k * b.1 + column * b.2];
                            let fused = cfg!(target_arch = "aarch64") || tile::lanes() > 4;
                            *sum = if fused { x.mul_add(y, *sum) } else { x * y + *sum };
                        }
                    }
                }
            }
            let target = Output { data: &mut out, row_stride, batch_stride: rows * row_stride };
            write_f64(batch, sizes, left, right, target, accumulate).unwrap();
            assert!(out.iter().zip(&expected).all(|(a, b)| a.to_bits() == b.to_bits()), "{batch} {sizes:?}");
        }
    }
    set_threads(0);
}
