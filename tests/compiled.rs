//! The compiled executor: the same bits on any number of threads, nothing allocated in a warm call, calls in the caller's memory.

#![allow(clippy::unwrap_used, unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Mutex;

use holotype::exec::{Compiled, Reference};
use holotype::functional::Padding;
use holotype::layers::{
    BatchNormalization, Conv2d, Dense, Flatten, Function, LayerNormalization, MaxPool, MultiHeadAttention,
};
use holotype::losses::sparse_categorical_crossentropy_from_logits;
use holotype::prelude::*;
use holotype::transform::grad;

/// Counts what this thread allocates.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the allocator of the system as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Held by tests that say how many threads there are.
static THREADS: Mutex<()> = Mutex::new(());

#[derive(Module)]
struct Network {
    first: Dense,
    second: Dense,
}

#[layer]
impl Network {
    fn new() -> Self {
        Self { first: Dense::new(784, 128), second: Dense::new(128, 10) }
    }

    #[signature(x = [None, 784; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.second.call(&self.first.call(x).relu()).softmax(-1)
    }
}

#[derive(Module)]
struct Images {
    convolution: Conv2d,
    normalization: BatchNormalization,
    pool: MaxPool,
    flatten: Flatten,
    dense: Dense,
}

#[layer]
impl Images {
    fn new() -> Self {
        Self {
            convolution: Conv2d::new(3, 8, 3).padding(Padding::Same),
            normalization: BatchNormalization::new(8),
            pool: MaxPool::new([2, 2]),
            flatten: Flatten::new(),
            dense: Dense::new(8 * 8 * 8, 10),
        }
    }

    #[signature(x = [None, 16, 16, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let x = self.pool.call(&self.normalization.call(&self.convolution.call(x)).relu());
        self.dense.call(&self.flatten.call(&x))
    }
}

#[derive(Module)]
struct Encoder {
    norm: LayerNormalization,
    attention: MultiHeadAttention,
    dense: Dense,
}

#[layer]
impl Encoder {
    fn new() -> Self {
        Self {
            norm: LayerNormalization::new([32]),
            attention: MultiHeadAttention::new(32, 4, 8),
            dense: Dense::new(32, 32),
        }
    }

    #[signature(x = [None, None, 32; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let y = self.norm.call(x);
        let y = x + self.attention.call(&y, &y);
        &y + self.dense.call(&y).gelu()
    }
}

/// So many channels that windows of 3 x 3 places take fewer multiplications.
#[derive(Module)]
struct Wide {
    first: Conv2d,
    second: Conv2d,
}

#[layer]
impl Wide {
    fn new() -> Self {
        Self {
            first: Conv2d::new(48, 32, 3).padding(Padding::Same).activation(Function::Relu),
            second: Conv2d::new(32, 64, 3),
        }
    }

    /// The gradient of what comes out.
    #[signature(x = [None, None, None, 48; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        grad(|x: &Tensor| self.second.call(&self.first.call(x)).square().mean(), x)
    }
}

/// A product and a loop behind it that reads many values.
#[derive(Module)]
struct Many {
    dense: Dense,
    shifts: Vec<Variable>,
}

#[layer]
impl Many {
    fn new() -> Self {
        let shifts = (0..24).map(|index| Variable::new(numbers(&[40]) * (index as f32))).collect();
        Self { dense: Dense::new(30, 40), shifts }
    }

    #[signature(x = [None, 30; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        self.shifts.iter().fold(self.dense.call(x), |y, shift| y * 0.5 + shift)
    }
}

fn numbers(sizes: &[usize]) -> Tensor {
    let count = sizes.iter().product::<usize>();
    Tensor::from_vec(
        sizes,
        (0..count).map(|i| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0).collect::<Vec<_>>(),
    )
}

fn programs() -> Vec<(Program, Tensor)> {
    let trace = |layer: &dyn Layer| Program::trace(layer).unwrap();
    vec![
        (trace(&Network::new()), numbers(&[300, 784])),
        (trace(&Images::new()), numbers(&[40, 16, 16, 3])),
        (trace(&Encoder::new()), numbers(&[6, 50, 32])),
        (trace(&Wide::new()), numbers(&[5, 15, 18, 48])),
        (trace(&Many::new()), numbers(&[200, 30])),
    ]
}

#[test]
fn results_are_the_same_bits_on_any_number_of_threads() {
    let _alone = THREADS.lock();
    let programs = programs();
    let run = |threads| {
        holotype::threads(threads);
        let outputs =
            programs.iter().map(|(program, x)| program.call(std::slice::from_ref(x)).unwrap().remove(0));
        outputs.map(|output| output.to_vec::<f32>().unwrap()).collect::<Vec<_>>()
    };
    let expected = run(1);
    for threads in [2, 4, 0] {
        assert!(run(threads) == expected, "{threads} threads");
    }
    let labels = Tensor::from((0..300).map(|i| i % 10).collect::<Vec<i64>>());
    let data = Dataset::new(numbers(&[300, 784]), labels).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let loss = sparse_categorical_crossentropy_from_logits;
    Trainer::new(Network::new(), Adam::new(1e-3), loss)
        .build()
        .unwrap()
        .save(folder.path().join("run"))
        .unwrap();
    let learn = |threads| {
        holotype::threads(threads);
        let mut trainer = holotype::load(folder.path().join("run")).unwrap().into_trainer().unwrap();
        for _ in 0..3 {
            trainer.train_on_batch(&data).unwrap();
        }
        trainer.program().fingerprint().unwrap()
    };
    let expected = learn(1);
    assert!(learn(2) == expected && learn(4) == expected);
    holotype::threads(0);
}

#[test]
fn programs_agree_with_the_reference_executor() {
    for (program, x) in programs() {
        let found = program.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap();
        let program = program.with_executor(&Reference).unwrap();
        let expected = program.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap();
        let scale = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() <= 2e-6 * scale, "{program:?}: {found}, and not {expected}");
        }
        let program = program.with_executor(&Compiled).unwrap();
        assert!(program.call(&[x]).unwrap()[0].to_vec::<f32>().unwrap() == found);
    }
}

#[test]
fn a_warm_prepared_call_allocates_nothing() {
    let _alone = THREADS.lock();
    holotype::threads(1);
    for (program, x) in programs() {
        let expected = program.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap();
        let input = x.to_vec::<f32>().unwrap();
        let mut output = vec![0.0_f32; expected.len()];
        let mut call = program.function("call").prepare(&[x]).unwrap();
        call.run(&[(&input).into()], &mut [(&mut output).into()]).unwrap();
        assert!(output == expected);
        output.fill(0.0);
        let before = COUNT.get();
        call.run(&[(&input).into()], &mut [(&mut output).into()]).unwrap();
        let allocated = COUNT.get() - before;
        assert!(output == expected);
        assert_eq!(allocated, 0, "{program:?}");
    }
    holotype::threads(0);
}

#[test]
fn a_warm_call_allocates_its_output_only() {
    let _alone = THREADS.lock();
    holotype::threads(1);
    for (program, x) in programs() {
        let input = [x];
        let expected = program.call(&input).unwrap()[0].to_vec::<f32>().unwrap();
        let before = COUNT.get();
        let outputs = program.call(&input).unwrap();
        // The list, the tensor, and its elements.
        assert_eq!(COUNT.get() - before, 3, "{program:?}");
        assert!(outputs[0].to_vec::<f32>().unwrap() == expected);
    }
    holotype::threads(0);
}

#[derive(Module)]
struct Choice;

#[layer]
impl Choice {
    #[signature(x = [None, 2; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        let halves = x.cast(holotype::tensor::DType::F16);
        halves.greater(0.0_f32).select(&halves, 7.0_f32).cast(holotype::tensor::DType::F64)
    }
}

#[test]
fn an_op_without_a_fast_kernel_repeats_numbers_for_any_count() {
    let program = Program::trace(&Choice).unwrap();
    for rows in [1, 31, 32, 33, 500, 70_000] {
        let x: Vec<f64> = (0..2 * rows).map(|i| f64::from(i % 5) - 2.0).collect();
        let expected: Vec<f64> = x.iter().map(|x| if *x > 0.0 { *x } else { 7.0 }).collect();
        let found = program.call(&[Tensor::from_vec([rows as usize, 2], x)]).unwrap();
        assert_eq!(found[0].to_vec::<f64>().unwrap(), expected, "{rows} rows");
    }
}

#[derive(Module)]
struct Shift {
    by: Variable,
}

#[layer]
impl Shift {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x + &self.by
    }
}

#[test]
fn many_callers_see_what_a_variable_holds_while_it_changes() {
    let program = Program::trace(&Shift { by: Variable::new(Tensor::zeros([64])) }).unwrap();
    let by = program.variable("by").unwrap();
    let x = vec![1.0_f32; 64];
    let input = [Tensor::from(x.clone())];
    let rounds = 2000;
    std::thread::scope(|scope| {
        for caller in 0..4 {
            let (program, input, x) = (&program, &input, &x);
            scope.spawn(move || {
                let mut call = program.function("call").prepare(input).unwrap();
                let (mut y, mut last) = (vec![0.0_f32; 64], 0.0);
                while last < rounds as f32 {
                    if caller % 2 == 0 {
                        call.run(&[x.into()], &mut [(&mut y).into()]).unwrap();
                    } else {
                        y = program.call(input).unwrap()[0].to_vec().unwrap();
                    }
                    // All of one value, and never one that has been replaced before it was seen.
                    let first = y[0];
                    assert!(y.iter().all(|y| *y == first) && first - 1.0 >= last, "{y:?} after {last}");
                    last = y[0] - 1.0;
                }
            });
        }
        for round in 1..=rounds {
            by.assign(Tensor::full([64], round as f32));
        }
    });
    let mut call = program.function("call").prepare(&input).unwrap();
    by.assign(Tensor::zeros([64]));
    let mut y = vec![0.0_f32; 64];
    call.run(&[(&x).into()], &mut [(&mut y).into()]).unwrap();
    assert!(y == x && program.call(&input).unwrap()[0].to_vec::<f32>().unwrap() == x);
}

#[test]
fn what_a_training_step_runs_by_reference_kernels_are_checks() {
    let labels = Tensor::from((0..64).map(|i| i % 10).collect::<Vec<i64>>());
    let data = Dataset::new(numbers(&[64, 784]), labels).unwrap();
    let loss = sparse_categorical_crossentropy_from_logits;
    let mut trainer = Trainer::new(Network::new(), Adam::new(1e-2), loss).build().unwrap();
    let plan = trainer.explain(&data).unwrap();
    let slow: Vec<&str> = plan.lines().filter(|line| line.contains("reference kernel")).collect();
    assert!(slow.iter().all(|line| line.contains("check_")), "{slow:?}");
    assert!(plan.contains("gather") && plan.contains("scatter"), "{plan}");
    assert!(plan.contains("bytes at once"), "{plan}");
    // The last layer changes before the gradient of the first one is computed.
    assert!(plan.find("where it lies") < plan.rfind("product 1 x"), "{plan}");
    // The numbers of the optimizer are not repeated for each weight.
    let constants = plan.split(" bytes of constants").next().and_then(|text| text.rsplit(' ').next());
    assert!(constants.unwrap().parse::<usize>().unwrap() < 1 << 14, "{plan}");
}

#[test]
fn a_prepared_call_checks_what_it_is_given_and_sees_what_variables_hold_now() {
    let model = Network::new();
    let program = Program::trace(&model).unwrap();
    let mut call = program.function("call").prepare(&[numbers(&[2, 784])]).unwrap();
    let (input, mut output) = (vec![0.5_f32; 2 * 784], [0.0_f32; 20]);
    let error = call.run(&[], &mut [(&mut output).into()]).unwrap_err().to_string();
    assert!(error.contains("prepared for 1 inputs, not 0"), "{error}");
    let error = call.run(&[(&input[1..]).into()], &mut [(&mut output).into()]).unwrap_err().to_string();
    assert!(
        error.contains("1568 elements of f32 as number 0 of the inputs, not 1567 elements of f32"),
        "{error}"
    );
    let wrong = vec![0_i32; 2 * 784];
    let error = call.run(&[(&wrong).into()], &mut [(&mut output).into()]).unwrap_err().to_string();
    assert!(error.contains("not 1568 elements of i32"), "{error}");
    call.run(&[(&input).into()], &mut [(&mut output).into()]).unwrap();
    let before = output;
    let variable = program.variable("second.bias").unwrap();
    variable.assign(Tensor::from([9.0_f32, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
    call.run(&[(&input).into()], &mut [(&mut output).into()]).unwrap();
    assert!(output != before && output[0] > 0.9);
}

#[test]
fn a_tensor_taken_from_a_variable_stays_what_it_was_when_training_goes_on() {
    let labels = Tensor::from((0..64).map(|i| i % 10).collect::<Vec<i64>>());
    let data = Dataset::new(numbers(&[64, 784]), labels).unwrap();
    let model = Network::new();
    let loss = sparse_categorical_crossentropy_from_logits;
    let mut trainer = Trainer::new(model, Adam::new(1e-2), loss).build().unwrap();
    trainer.train_on_batch(&data).unwrap();
    let variable = trainer.program().variable("model.first.weights").unwrap().clone();
    let held = variable.value();
    let before = held.to_vec::<f32>().unwrap();
    trainer.train_on_batch(&data).unwrap();
    assert!(held.to_vec::<f32>().unwrap() == before);
    assert!(variable.value().to_vec::<f32>().unwrap() != before);
}

#[test]
fn a_plan_says_what_shares_a_loop_and_where_variables_change() {
    let program = Program::trace(&Network::new()).unwrap();
    let plan = program.function("call").explain(&[numbers(&[32, 784])]).unwrap();
    assert!(plan.contains("product 1 x [32, 784] [784, 128]"), "{plan}");
    assert!(plan.contains("exponential, reduce"), "{plan}");
    assert!(plan.contains("in output 0"), "{plan}");
}
