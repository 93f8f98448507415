//! Loops behind products and convolutions against the same loops run afterwards.

#![allow(clippy::unwrap_used)]

use holotype_kernels::convolution::{Axis, Convolution, Kernel as ConvolutionKernel, Weights};
use holotype_kernels::element::Kernel;
use holotype_kernels::fused::{Loop, Mismatch, Node, Output, Source};
use holotype_kernels::gemm::{Matrix, Output as To, PackedRight, Product, Right, Unfit};
use holotype_kernels::reduce::{Max, RowReducer, Sum};
use holotype_kernels::threads;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.below(4001) as f32 / 512.0 - 3.9).collect()
    }
}

/// A loop over the elements of a product's result, input `at`.
struct Program {
    outer: Vec<usize>,
    columns: usize,
    nodes: Vec<Node>,
    at: usize,
    last: usize,
    others: Vec<Vec<f32>>,
}

impl Program {
    /// Sums with a value for each column, for each row, for each element and for all, and a maximum with 0.
    fn new(random: &mut Random, outer: &[usize], columns: usize, reduces: bool) -> Self {
        Self::of_inputs(4, random, outer, columns, reduces)
    }

    /// The same with so many inputs.
    fn of_inputs(inputs: usize, random: &mut Random, outer: &[usize], columns: usize, reduces: bool) -> Self {
        let rows: usize = outer.iter().product();
        let at = random.below(inputs - 1);
        let (mut nodes, mut others) = (Vec::new(), Vec::new());
        let contiguous = Node::contiguous(4, outer, columns);
        let Node::Input { strides, .. } = contiguous.clone() else { unreachable!() };
        for index in 0..inputs {
            if index == at {
                nodes.push(contiguous.clone());
                continue;
            }
            let (strides, column_stride, count) = match random.below(5) {
                0 => (vec![0; outer.len()], 1, columns),
                1 => (strides.iter().map(|own| own / columns as isize).collect(), 0, rows),
                2 => (strides.clone(), 1, rows * columns),
                // Column by column.
                3 => (
                    strides.iter().map(|own| own / columns as isize).collect(),
                    rows as isize,
                    rows * columns,
                ),
                _ => (vec![0; outer.len()], 0, 1),
            };
            nodes.push(Node::Input { size: 4, offset: 0, strides, column_stride });
            others.push(random.floats(count));
        }
        let mut sum = at;
        for index in (0..inputs).filter(|&index| index != at) {
            let kernel = if random.below(2) == 0 {
                Kernel::map2(|x: f32, y: f32| x + y)
            } else {
                Kernel::map2(|x: f32, y: f32| x * y)
            };
            nodes.push(Node::Apply { kernel, operands: vec![sum, index] });
            sum = nodes.len() - 1;
        }
        if reduces {
            for reducer in [RowReducer::new::<Max<f32>>(), RowReducer::new::<Sum<f32>>()] {
                nodes.push(Node::Reduce { reducer, operand: sum });
                let kernel = Kernel::map2(|x: f32, y: f32| x - y);
                nodes.push(Node::Apply { kernel, operands: vec![sum, nodes.len() - 1] });
                sum = nodes.len() - 1;
            }
        }
        nodes.push(Node::Apply { kernel: Kernel::map1(|x: f32| x.max(0.25)), operands: vec![sum] });
        nodes.push(Node::Apply { kernel: Kernel::map2(|x: f32, y: f32| x < y), operands: vec![at, sum] });
        let last = nodes.len() - 2;
        Self { outer: outer.to_vec(), columns, nodes, at, last, others }
    }

    fn others(&self) -> Vec<Source<'_>> {
        self.others.iter().map(|other| Source::Shared(bytemuck::cast_slice(other))).collect()
    }

    /// What the loop and its comparison give for a product.
    fn expected(&self, product: &[f32]) -> (Vec<f32>, Vec<u8>) {
        let outputs = [Output::Full(self.last), Output::Full(self.last + 1)];
        let whole = Loop::new(&self.outer, self.columns, &self.nodes, &outputs).unwrap();
        let mut sources = self.others();
        sources.insert(self.at, Source::Shared(bytemuck::cast_slice(product)));
        let (mut values, mut signs) = (vec![0.0_f32; product.len()], vec![9; product.len()]);
        whole.run(&mut sources, &mut [bytemuck::cast_slice_mut(&mut values), &mut signs]).unwrap();
        (values, signs)
    }

    /// Compares the loop behind `compute` with the loop run afterwards, in place and beside what is computed.
    fn check(&self, product: &[f32], compute: impl Fn(&mut holotype_kernels::fused::Behind<'_>, &mut [f32])) {
        let (values, signs) = self.expected(product);
        let in_place = [Output::Full(self.last + 1), Output::InPlace { node: self.last, input: self.at }];
        let beside = [Output::Full(self.last), Output::Full(self.last + 1)];
        for threads in 1..=3 {
            threads::set_threads(threads);
            let fused = Loop::new(&self.outer, self.columns, &self.nodes, &in_place).unwrap();
            let (mut out, mut found) = (vec![f32::NAN; product.len()], vec![7_u8; product.len()]);
            fused
                .behind(self.at, &mut self.others(), &mut [&mut found], |behind| compute(behind, &mut out))
                .unwrap();
            assert_eq!((&out, &found), (&values, &signs), "{:?} x {}", self.outer, self.columns);
            let fused = Loop::new(&self.outer, self.columns, &self.nodes, &beside).unwrap();
            let (mut out, mut other) = (vec![f32::NAN; product.len()], vec![f32::NAN; product.len()]);
            let mut outputs = [bytemuck::cast_slice_mut(&mut other), &mut found[..]];
            fused
                .behind(self.at, &mut self.others(), &mut outputs, |behind| compute(behind, &mut out))
                .unwrap();
            assert_eq!((&out[..], &other, &found), (product, &values, &signs));
        }
    }
}

/// Sizes of products and of loops over the same elements.
fn cases() -> Vec<([usize; 4], Vec<usize>, usize, bool)> {
    vec![
        ([1, 7, 5, 3], vec![7], 3, true),
        ([1, 1, 300, 4000], vec![1], 4000, true),
        ([1, 32, 784, 128], vec![32], 128, false),
        ([1, 300, 64, 256], vec![300], 256, true),
        ([1, 300, 64, 256], vec![10, 30], 256, false),
        // Rows of the loop are parts of those of the product, and the other way round.
        ([1, 300, 64, 256], vec![1200], 64, true),
        ([1, 300, 64, 256], vec![30], 2560, false),
        ([1, 150, 40, 70], vec![3], 3500, false),
        ([1, 200, 30, 33], vec![4], 1650, false),
        ([1, 200, 30, 33], vec![], 6600, false),
        ([6, 40, 32, 50], vec![6, 40], 50, true),
        ([6, 40, 32, 50], vec![5], 2400, false),
        ([1, 5000, 9, 1], vec![5000], 1, false),
        // So many short rows are finished part by part.
        ([1, 3000, 5, 3], vec![3000], 3, true),
        ([1, 1000, 30, 10], vec![1000], 10, true),
        ([1, 1000, 400, 7], vec![], 7000, false),
        ([2, 700, 20, 16], vec![2, 700], 16, true),
        ([1, 17, 90, 2050], vec![17], 2050, false),
        ([1, 1, 1, 1], vec![], 1, false),
        ([1, 40, 0, 20], vec![40], 20, true),
    ]
}

#[test]
fn loops_behind_products_give_the_bits_of_loops_after_them() {
    let random = &mut Random(11);
    for ([batch, rows, depth, columns], outer, width, reduces) in cases() {
        for _ in 0..4 {
            let program = Program::new(random, &outer, width, reduces);
            let left = random.floats(batch * rows * depth);
            let right = random.floats(batch * depth * columns);
            let sizes = [rows, depth, columns];
            let a = Matrix::new(&left, depth).batched(rows * depth);
            let b = Matrix::new(&right, columns).batched(depth * columns);
            let product = Product::new(sizes, a, Right::Plain(b)).batch(batch);
            let mut expected = vec![0.0; batch * rows * columns];
            product.write(To::new(&mut expected, rows, columns)).unwrap();
            program.check(&expected, |behind, out| behind.product(product, 0, out).unwrap());
            // One after the other.
            program.check(&expected, |behind, out| {
                for (index, out) in out.chunks_exact_mut(rows * columns).enumerate() {
                    let a = Matrix::new(&left[index * rows * depth..], depth);
                    let b = Matrix::new(&right[index * depth * columns..], columns);
                    let product = Product::new(sizes, a, Right::Plain(b));
                    behind.product(product, index * rows * columns, out).unwrap();
                }
            });
            if batch == 1 {
                let packed = PackedRight::new(b, depth, columns).unwrap();
                let product = Product::new(sizes, a, Right::Packed(&packed));
                program.check(&expected, |behind, out| behind.product(product, 0, out).unwrap());
            }
        }
    }
}

/// With 14 inputs and 2 outputs, all places are on the stack.
#[test]
fn loops_of_many_inputs_run_behind_products_too() {
    let random = &mut Random(17);
    for inputs in [14, 15, 20] {
        for ([_, rows, depth, columns], outer, width, reduces) in
            cases().into_iter().filter(|(sizes, ..)| sizes[0] == 1)
        {
            let program = Program::of_inputs(inputs, random, &outer, width, reduces);
            let (left, right) = (random.floats(rows * depth), random.floats(depth * columns));
            let b = Right::Plain(Matrix::new(&right, columns));
            let product = Product::new([rows, depth, columns], Matrix::new(&left, depth), b);
            let mut expected = vec![0.0; rows * columns];
            product.write(To::new(&mut expected, rows, columns)).unwrap();
            program.check(&expected, |behind, out| behind.product(product, 0, out).unwrap());
        }
    }
}

/// An update of a variable by a product, a column and a row, with a second result.
fn update(outer: &[usize], columns: usize) -> Vec<Node> {
    let rows_first = Node::contiguous(4, outer, columns);
    let Node::Input { strides, .. } = rows_first.clone() else { unreachable!() };
    let of_rows = strides.iter().map(|own| own / columns as isize).collect();
    let minus = || Kernel::map2(|x: f32, y: f32| x - y);
    let times = || Kernel::map2(|x: f32, y: f32| x * y);
    vec![
        Node::Input { size: 4, offset: 0, strides: vec![0; outer.len()], column_stride: 0 },
        rows_first.clone(),
        Node::Input { size: 4, offset: 0, strides: vec![0; outer.len()], column_stride: 1 },
        rows_first.clone(),
        Node::Input { size: 4, offset: 0, strides: of_rows, column_stride: 0 },
        Node::Apply { kernel: times(), operands: vec![0, 3] },
        Node::Apply { kernel: times(), operands: vec![5, 2] },
        Node::Apply { kernel: minus(), operands: vec![1, 6] },
        Node::Apply { kernel: minus(), operands: vec![7, 4] },
    ]
}

#[test]
fn variables_are_changed_behind_products_that_are_never_whole() {
    let random = &mut Random(23);
    for ([batch, rows, depth, columns], outer, width, _) in cases() {
        let (count, many) = (batch * rows * columns, outer.iter().product::<usize>());
        let left = random.floats(batch * rows * depth);
        let right = random.floats(batch * depth * columns);
        let a = Matrix::new(&left, rows).transposed().batched(rows * depth);
        let b = Matrix::new(&right, columns).batched(depth * columns);
        let product = Product::new([rows, depth, columns], a, Right::Plain(b)).batch(batch);
        let mut gradient = vec![0.0; count];
        product.write(To::new(&mut gradient, rows, columns)).unwrap();
        let (rate, scale, shift) = (random.floats(1), random.floats(width), random.floats(many));
        let nodes = update(&outer, width);
        let outputs = [Output::InPlace { node: 8, input: 1 }, Output::Full(7)];
        let program = Loop::new(&outer, width, &nodes, &outputs).unwrap();
        let value = random.floats(count);
        let (mut expected, mut before) = (value.clone(), vec![0.0_f32; count]);
        let mut sources = [
            Source::Shared(bytemuck::cast_slice(&rate)),
            Source::Exclusive(bytemuck::cast_slice_mut(&mut expected)),
            Source::Shared(bytemuck::cast_slice(&scale)),
            Source::Shared(bytemuck::cast_slice(&gradient)),
            Source::Shared(bytemuck::cast_slice(&shift)),
        ];
        program.run(&mut sources, &mut [bytemuck::cast_slice_mut(&mut before)]).unwrap();
        for threads in 1..=3 {
            holotype_kernels::threads::set_threads(threads);
            let (mut found, mut other) = (value.clone(), vec![f32::NAN; count]);
            let mut sources = [
                Source::Shared(bytemuck::cast_slice(&rate)),
                Source::Exclusive(bytemuck::cast_slice_mut(&mut found)),
                Source::Shared(bytemuck::cast_slice(&scale)),
                Source::Shared(bytemuck::cast_slice(&shift)),
            ];
            let mut outputs = [bytemuck::cast_slice_mut(&mut other)];
            program
                .behind(3, &mut sources, &mut outputs, |behind| behind.product_in_blocks(product, 0))
                .unwrap()
                .unwrap();
            assert_eq!((&found, &other), (&expected, &before), "{outer:?} x {width}");
        }
        let mut shared = [&rate, &value, &scale, &shift].map(|own| Source::Shared(bytemuck::cast_slice(own)));
        let refused = program.behind(3, &mut shared, &mut [bytemuck::cast_slice_mut(&mut before)], |_| ());
        assert_eq!(refused.unwrap_err(), Mismatch::Shared { index: 1 });
    }
}

#[test]
fn loops_behind_convolutions_give_the_bits_of_loops_after_them() {
    let random = &mut Random(5);
    let axis = |size, kernel, stride, low| Axis {
        size,
        kernel,
        stride,
        low,
        high: low,
        input_dilation: 1,
        kernel_dilation: 1,
        reversed: false,
    };
    for (batch, size, kernel, stride, channels, features) in [
        (3, 12, 3, 1, 4, 20),
        (1, 28, 3, 1, 32, 64),
        (2, 15, 5, 2, 3, 7),
        (1, 7, 3, 1, 64, 256),
        (1, 4, 4, 1, 8, 5),
    ] {
        let axes = [axis(size, kernel, stride, 1), axis(size, kernel, stride, 1)];
        let convolution = Convolution::new(batch, &axes, channels, features, 1).unwrap();
        let count = (size + 2 - kernel) / stride + 1;
        let data = random.floats(batch * size * size * channels);
        let weights = random.floats(kernel * kernel * channels * features);
        let kernel = ConvolutionKernel {
            data: &weights,
            spatial: [0, kernel * channels * features, channels * features],
            channel: features,
            group: 0,
            feature: 1,
        };
        let mut expected = vec![0.0; batch * count * count * features];
        convolution.write(&data, Weights::Plain(kernel), &mut expected, None).unwrap();
        let shapes = [
            (vec![batch, count, count], features, true),
            (vec![batch * count * count], features, false),
            (vec![batch], count * count * features, false),
        ];
        for (outer, columns, reduces) in shapes {
            for _ in 0..3 {
                let program = Program::new(random, &outer, columns, reduces);
                program.check(&expected, |behind, out| {
                    behind.convolution(&convolution, &data, Weights::Plain(kernel), out).unwrap();
                });
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let sum = |operand| Node::Reduce { reducer: RowReducer::new::<Sum<f32>>(), operand };
    let nodes = |first: Node| {
        vec![
            first,
            sum(0),
            Node::Apply { kernel: Kernel::map2(|x: f32, y: f32| x - y), operands: vec![0, 1] },
        ]
    };
    let output = [Output::InPlace { node: 2, input: 0 }];
    let fused = Loop::new(&[2], 6, &nodes(Node::contiguous(4, &[2], 6)), &output).unwrap();
    assert!(fused.fits_behind(0, 6) && fused.fits_behind(0, 12));
    assert!(!fused.fits_behind(0, 3) && !fused.fits_behind(0, 4) && !fused.fits_behind(1, 6));
    let (x, mut out) = ([1.0; 12], [0.0; 12]);
    let product = |rows, columns| {
        Product::new([rows, 1, columns], Matrix::new(&x, 1), Right::Plain(Matrix::new(&x, columns)))
    };
    let mut run = |rows: usize, columns: usize, first: usize| {
        let out = &mut out[..(rows * columns).min(12)];
        fused
            .behind(0, &mut [], &mut [], |behind| behind.product(product(rows, columns), first, out))
            .unwrap()
    };
    assert_eq!(run(2, 6, 0), Ok(()));
    assert_eq!(run(1, 6, 6), Ok(()));
    let cut = Unfit("rows that a loop reduces are not in one row of the product before it");
    assert_eq!(run(4, 3, 0), Err(cut));
    assert_eq!(run(1, 6, 3), Err(cut));
    let more = Unfit("the result of a product has more elements than the loop behind it");
    assert_eq!(run(1, 6, 12), Err(more));
    assert_eq!(run(1, 6, usize::MAX), Err(more));
    let other = Unfit("the result has another size than the product that a loop follows");
    assert_eq!(run(3, 6, 0), Err(other));
    let nothing = fused.behind(0, &mut [Source::Shared(&[])], &mut [], |_| ()).unwrap_err();
    assert_eq!(nothing, Mismatch::Inputs { expected: 1, found: 2 });
    let repeated = Node::Input { size: 4, offset: 0, strides: vec![0], column_stride: 1 };
    let repeated = Loop::new(&[2], 6, &nodes(repeated), &[Output::Full(2)]).unwrap();
    let refused = repeated.behind(0, &mut [], &mut [&mut [0; 48]], |_| ()).unwrap_err();
    assert_eq!(refused, Mismatch::Behind { input: 0 });
}
