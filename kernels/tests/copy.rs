//! Strided copies against one element at a time, on random layouts.

#![allow(clippy::unwrap_used, clippy::panic)]

use holotype_kernels::copy::{Layout, StridedCopy};

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Strides of a permuted layout with gaps and reversed dimensions, its offset, and the elements it reaches over.
fn layout(random: &mut Random, sizes: &[usize], repeats: bool) -> (Vec<isize>, usize, usize) {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    for i in 0..order.len() {
        order.swap(i, random.below(i + 1));
    }
    let (mut strides, mut offset, mut stride) = (vec![0_isize; sizes.len()], 0, 1);
    let odd = random.below(3) == 0;
    for &axis in &order {
        if repeats && random.below(6) == 0 {
            continue;
        }
        if odd {
            stride += random.below(3) as isize;
        }
        strides[axis] = stride;
        stride *= sizes[axis] as isize;
        if odd && random.below(3) == 0 && sizes[axis] > 0 {
            offset += strides[axis] * (sizes[axis] as isize - 1);
            strides[axis] = -strides[axis];
        }
    }
    (strides, offset as usize, stride as usize + 1)
}

#[test]
fn copies_move_each_element_to_its_place() {
    for seed in 0..4000 {
        let random = &mut Random(seed);
        let rank = random.below(5);
        let large = if rank <= 2 { 90 } else { 9 };
        let sizes: Vec<usize> =
            (0..rank).map(|_| random.below(large) + usize::from(random.below(9) > 0)).collect();
        let size = [1, 2, 4, 8][random.below(4)];
        let (from_strides, from_offset, from_length) = layout(random, &sizes, true);
        let (to_strides, to_offset, to_length) = layout(random, &sizes, false);
        let from: Vec<u8> = (0..from_length * size).map(|_| random.below(256) as u8).collect();
        let mut expected = vec![7_u8; to_length * size];
        for number in 0..sizes.iter().product() {
            let (mut rest, mut source, mut target) = (number, from_offset as isize, to_offset as isize);
            for axis in (0..rank).rev() {
                let at = (rest % sizes[axis]) as isize;
                rest /= sizes[axis];
                source += at * from_strides[axis];
                target += at * to_strides[axis];
            }
            let (source, target) = (source as usize * size, target as usize * size);
            expected[target..target + size].copy_from_slice(&from[source..source + size]);
        }
        let mut result = vec![7_u8; to_length * size];
        let source = Layout { offset: from_offset, strides: &from_strides };
        let target = Layout { offset: to_offset, strides: &to_strides };
        let copy = StridedCopy::new(size, &sizes, source, target).unwrap_or_else(|| panic!("seed {seed}"));
        copy.run(&from, &mut result).unwrap();
        assert!(result == expected, "seed {seed}: {sizes:?}, {from_strides:?} to {to_strides:?}");
    }
}

#[test]
fn large_transposes_are_the_same_on_several_threads() {
    let (rows, columns) = (1000, 1037);
    let from: Vec<u32> = (0..rows * columns).map(|i| i as u32).collect();
    let source = Layout { offset: 0, strides: &[1, columns as isize] };
    let target = Layout { offset: 0, strides: &[rows as isize, 1] };
    let copy = StridedCopy::new(4, &[columns, rows], source, target).unwrap();
    let mut to = vec![0_u32; rows * columns];
    copy.run(bytemuck::cast_slice(&from), bytemuck::cast_slice_mut(&mut to)).unwrap();
    assert!((0..rows * columns).all(|i| to[i] as usize == i % rows * columns + i / rows));
}

#[test]
fn layouts_that_do_not_fit_are_refused() {
    let layout = |strides| Layout { offset: 0, strides };
    assert!(
        StridedCopy::new(4, &[2, 2], layout(&[2, 1]), layout(&[1, 1])).is_none(),
        "two elements in one place"
    );
    assert!(StridedCopy::new(4, &[2], layout(&[-1]), layout(&[1])).is_none(), "before the start");
    assert!(StridedCopy::new(3, &[2], layout(&[1]), layout(&[1])).is_none(), "an unknown size");
    let copy = StridedCopy::new(4, &[2], layout(&[3]), layout(&[1])).unwrap();
    assert_eq!(copy.bytes(), (16, 8));
    assert!(copy.run(&[0; 12], &mut [0; 8]).is_err() && copy.run(&[0; 16], &mut [0; 4]).is_err());
}
