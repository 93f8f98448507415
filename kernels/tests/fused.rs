//! Fused loops against one element at a time, on random shapes, strides and programs.

#![allow(clippy::unwrap_used, clippy::panic)]

use holotype_kernels::element::{Arithmetic, Kernel};
use holotype_kernels::fused::{Loop, Node, Output, Source};
use holotype_kernels::reduce::{Max, Min, Product, RowReducer, Sum, along};
use holotype_kernels::threads;

/// A generator of random numbers, `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// The elements are `f32` (4 bytes), `bool` (1) and `f64` (8).
fn kernels() -> Vec<Kernel> {
    vec![
        Kernel::arithmetic(Arithmetic::Add),
        Kernel::arithmetic(Arithmetic::Subtract),
        Kernel::arithmetic(Arithmetic::Multiply),
        Kernel::arithmetic(Arithmetic::Divide),
        Kernel::arithmetic(Arithmetic::Add),
        Kernel::arithmetic(Arithmetic::Subtract),
        Kernel::map2(|x: f32, y: f32| x + y),
        Kernel::map1(|x: f32| -x),
        Kernel::map2(|x: f32, y: f32| x < y),
        Kernel::map3(|c: bool, x: f32, y: f32| if c { x } else { y }),
        Kernel::map1(|x: f32| f64::from(x)),
        Kernel::map1(|x: f64| x as f32),
        Kernel::map2(|x: f64, y: f64| x - y),
        Kernel::map2(|x: bool, y: bool| x ^ y),
        Kernel::map3(|x: f32, y: f32, z: f32| x * y - z),
    ]
}

struct Program {
    outer: Vec<usize>,
    columns: usize,
    nodes: Vec<Node>,
    outputs: Vec<Output>,
    inputs: Vec<Vec<u8>>,
}

fn size(node: &Node) -> usize {
    match node {
        Node::Input { size, .. } => *size,
        Node::Apply { kernel, .. } => kernel.result(),
        Node::Reduce { reducer, .. } => reducer.size(),
    }
}

fn bytes(random: &mut Random, size: usize, count: usize) -> Vec<u8> {
    let small = |random: &mut Random| random.below(2000) as f64 / 64.0 - 15.0;
    (0..count)
        .flat_map(|_| match size {
            1 => vec![random.below(2) as u8],
            4 => (small(random) as f32).to_ne_bytes().to_vec(),
            _ => small(random).to_ne_bytes().to_vec(),
        })
        .collect()
}

fn program(random: &mut Random) -> Program {
    let large = random.below(4) == 0;
    let limit = if large { 40 } else { 6 };
    let outer: Vec<usize> =
        (0..random.below(4)).map(|_| random.below(limit) + usize::from(random.below(20) > 0)).collect();
    let columns = random.pick(&[0, 1, 2, 3, 17, 64, 70, 100, 1000, 1024, 1025, 3000]);
    let mut outer = outer;
    while outer.iter().product::<usize>() * columns > 20_000 {
        outer.pop();
    }
    let mut nodes = Vec::new();
    let mut inputs = Vec::new();
    for _ in 0..=random.below(4) {
        let size = random.pick(&[4, 4, 4, 1, 8]);
        // A view of a buffer: a permutation of dimensions, some repeated, some reversed, some with gaps.
        let mut dims: Vec<usize> = outer.iter().copied().chain([columns]).collect();
        let mut order: Vec<usize> = (0..dims.len()).collect();
        let style = random.below(4);
        if style == 0 {
            (0..order.len()).for_each(|i| order.swap(i, random.below(i + 1)));
        }
        let mut strides = vec![0_isize; dims.len()];
        let mut stride = 1_isize;
        let mut offset = 0_isize;
        for &axis in order.iter().rev() {
            if style != 3 && random.below(3) == 0 {
                dims[axis] = 1;
                continue;
            }
            let gap = if style == 1 && random.below(3) == 0 { random.below(3) + 1 } else { 1 };
            strides[axis] = stride * gap as isize;
            stride *= (dims[axis] * gap) as isize;
            if style == 1 && random.below(4) == 0 && dims[axis] > 0 {
                offset += strides[axis] * (dims[axis] as isize - 1);
                strides[axis] = -strides[axis];
            }
        }
        inputs.push(bytes(random, size, stride.max(1) as usize + 3));
        let column_stride = strides.pop().unwrap();
        nodes.push(Node::Input { size, offset: offset as usize, strides, column_stride });
    }
    let kernels = kernels();
    for _ in 0..random.below(9) {
        if random.below(5) == 0 {
            let operand = random.below(nodes.len());
            let reducers = [
                RowReducer::new::<Sum<f32>>(),
                RowReducer::new::<Max<f32>>(),
                RowReducer::new::<Min<f32>>(),
                RowReducer::new::<Product<f32>>(),
            ];
            let reducer = match size(&nodes[operand]) {
                4 => random.pick(&reducers),
                1 => RowReducer::new::<Max<bool>>(),
                _ => RowReducer::new::<Sum<f64>>(),
            };
            nodes.push(Node::Reduce { reducer, operand });
            continue;
        }
        let kernel = random.pick(&kernels);
        let of_size =
            |wanted: usize| (0..nodes.len()).filter(|&node| size(&nodes[node]) == wanted).collect::<Vec<_>>();
        let choices: Vec<_> = kernel.operands().iter().map(|&wanted| of_size(wanted)).collect();
        if choices.iter().all(|choice| !choice.is_empty()) {
            let operands = choices.iter().map(|choice| random.pick(choice)).collect();
            nodes.push(Node::Apply { kernel, operands });
        }
    }
    let outputs = (0..=random.below(3)).map(|_| {
        let node = random.below(nodes.len());
        let node = if random.below(2) == 0 { nodes.len() - 1 } else { node };
        let same =
            (0..inputs.len()).filter(|&input| size(&nodes[input]) == size(&nodes[node])).collect::<Vec<_>>();
        match random.below(4) {
            0 => Output::Rows(node),
            1 if !same.is_empty() => Output::InPlace { node, input: random.pick(&same) },
            _ => Output::Full(node),
        }
    });
    let outputs = outputs.collect();
    Program { outer, columns, nodes, outputs, inputs }
}

/// The value of each node for each row and column, as bytes, row by row.
fn naive(program: &Program) -> Vec<Vec<u8>> {
    let rows: usize = program.outer.iter().product();
    let mut values: Vec<Vec<u8>> = Vec::new();
    let mut inputs = program.inputs.iter();
    for node in &program.nodes {
        let mut value = Vec::new();
        let mut input = Vec::new();
        if let Node::Input { .. } = node {
            input.clone_from(inputs.next().unwrap());
        }
        for row in 0..rows {
            for column in 0..program.columns {
                let at = row * program.columns + column;
                match node {
                    Node::Input { size, offset, strides, column_stride } => {
                        let mut index = *offset as isize + column_stride * column as isize;
                        let mut rest = row;
                        for (&size, &stride) in program.outer.iter().zip(strides).rev() {
                            index += stride * (rest % size) as isize;
                            rest /= size;
                        }
                        let index = index as usize * size;
                        value.extend_from_slice(&input[index..index + size]);
                    }
                    Node::Apply { kernel, operands } => {
                        let mut slices: [&[u8]; 3] = [&[]; 3];
                        for ((slice, &operand), size) in
                            slices.iter_mut().zip(operands).zip(kernel.operands())
                        {
                            *slice = &values[operand][at * size..(at + 1) * size];
                        }
                        let mut result = vec![0; kernel.result()];
                        kernel.run(&mut result, slices);
                        value.extend_from_slice(&result);
                    }
                    Node::Reduce { reducer, operand } => {
                        let line = program.columns * reducer.size();
                        let mut result = vec![0; reducer.size()];
                        reducer.run(
                            &mut result,
                            &values[*operand][row * line..(row + 1) * line],
                            program.columns,
                        );
                        value.extend_from_slice(&result);
                    }
                }
            }
        }
        values.push(value);
    }
    values
}

fn check(seed: u64) -> bool {
    let random = &mut Random(seed);
    let program = program(random);
    let Program { outer, columns, nodes, outputs, .. } = &program;
    let Some(fused) = Loop::new(outer, *columns, nodes, outputs) else { return false };
    let rows: usize = outer.iter().product();
    let values = naive(&program);
    threads::set_threads(1 + seed as usize % 3);
    for round in 0..2 {
        let mut results: Vec<Vec<u8>> = fused.output_bytes().map(|bytes| vec![0xa5; bytes]).collect();
        let mut inputs = program.inputs.clone();
        let mut sources: Vec<Source<'_>> = inputs.iter_mut().map(|input| Source::Exclusive(input)).collect();
        let mut slices: Vec<&mut [u8]> = results.iter_mut().map(|result| &mut result[..]).collect();
        fused.run(&mut sources, &mut slices).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let mut results = results.into_iter();
        for (index, output) in outputs.iter().enumerate() {
            let (node, found) = match *output {
                Output::Full(node) => (node, results.next().unwrap()),
                Output::InPlace { node, input } => {
                    let Node::Input { size, offset, .. } = nodes[input] else { unreachable!() };
                    let length = rows * columns * size;
                    (node, inputs[input][offset * size..offset * size + length].to_vec())
                }
                Output::Rows(node) => {
                    let size = size(&nodes[node]);
                    let found = results.next().unwrap();
                    assert_eq!(found.len(), rows * size);
                    if *columns > 0 {
                        let each = values[node].chunks_exact(columns * size).flat_map(|row| &row[..size]);
                        assert!(each.eq(&found), "seed {seed}, round {round}: rows of output {index}");
                    }
                    continue;
                }
            };
            assert!(
                values[node] == found,
                "seed {seed}, round {round}: output {index} of {outer:?} x {columns}, {nodes:#?}"
            );
        }
    }
    true
}

#[test]
fn random_programs_compute_what_one_element_at_a_time_does() {
    let start = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = start.map_or(0..1500, |seed| seed..seed + 1);
    let run = seeds.clone().filter(|&seed| check(seed)).count();
    assert!(start.is_some() || run > 750, "only {run} programs could be built");
}

/// A loop with many blocks: the sum of a row, and an update over an input, on 1 to 3 threads.
#[test]
fn long_loops_give_the_same_bits_on_any_number_of_threads() {
    let (rows, columns) = (3000, 100);
    let nodes = [
        Node::contiguous(4, &[rows], columns),
        Node::Reduce { reducer: RowReducer::new::<Sum<f32>>(), operand: 0 },
        Node::Apply { kernel: Kernel::map2(|x: f32, y: f32| x / y), operands: vec![0, 1] },
    ];
    let outputs = [Output::Rows(1), Output::InPlace { node: 2, input: 0 }];
    let normalise = Loop::new(&[rows], columns, &nodes, &outputs).unwrap();
    let x: Vec<f32> = (0..rows * columns).map(|i| (i % 1013) as f32 + 0.1).collect();
    let run = |count: usize| {
        threads::set_threads(count);
        let (mut y, mut sums) = (x.clone(), vec![0.0_f32; rows]);
        let mut inputs = [Source::Exclusive(bytemuck::cast_slice_mut(&mut y))];
        normalise.run(&mut inputs, &mut [bytemuck::cast_slice_mut(&mut sums)]).unwrap();
        (y, sums)
    };
    let (y, sums) = run(1);
    let mut expected = vec![0.0_f32; rows];
    let sizes = [rows, columns, 1];
    along::<Sum<f32>>(bytemuck::cast_slice(&x), bytemuck::cast_slice_mut(&mut expected), sizes).unwrap();
    assert_eq!(sums, expected);
    assert!(y.iter().zip(&x).enumerate().all(|(i, (y, x))| *y == x / sums[i / columns]));
    assert_eq!(run(2), (y.clone(), sums.clone()));
    assert_eq!(run(3), (y, sums));
}

#[test]
fn nodes_that_do_not_fit_are_refused() {
    let full = || Node::contiguous(4, &[2], 3);
    let sum = |operand| Node::Reduce { reducer: RowReducer::new::<Sum<f32>>(), operand };
    let negate = |operand| Node::Apply { kernel: Kernel::map1(|x: f64| -x), operands: vec![operand] };
    let built = |nodes: &[Node], outputs: &[Output]| Loop::new(&[2], 3, nodes, outputs).is_some();
    assert!(built(&[full(), sum(0)], &[Output::Rows(1)]));
    assert!(!built(&[full()], &[Output::Rows(0)]), "differs between columns");
    assert!(!built(&[sum(1), full()], &[Output::Rows(0)]), "reads a later node");
    assert!(!built(&[full(), negate(0)], &[Output::Full(1)]), "an operand of another size");
    assert!(!built(&[full()], &[Output::Full(1)]), "no such node");
    let in_place = Output::InPlace { node: 0, input: 0 };
    assert!(!built(&[full()], &[in_place, in_place]), "written twice");
    let repeated = Node::Input { size: 4, offset: 0, strides: vec![0], column_stride: 1 };
    assert!(!built(&[repeated], &[in_place]), "not contiguous");
    let before = Node::Input { size: 4, offset: 0, strides: vec![-3], column_stride: 1 };
    assert!(!built(&[before], &[Output::Full(0)]), "before the start");
    let long = [Node::contiguous(4, &[], 1 << 17), sum(0)];
    assert!(Loop::new(&[], 1 << 17, &long, &[Output::Rows(1)]).is_none(), "too many columns to reduce");

    let copy = Loop::new(&[2], 3, &[full()], &[in_place]).unwrap();
    let shared = copy.run(&mut [Source::Shared(&[0; 24])], &mut []);
    assert_eq!(
        shared.unwrap_err().to_string(),
        "the loop writes over input 0: give it as `Source::Exclusive`"
    );
    let short = copy.run(&mut [Source::Exclusive(&mut [0; 20])], &mut []);
    assert_eq!(short.unwrap_err().to_string(), "input 0 has 20 bytes, but the loop reads 24");
}
