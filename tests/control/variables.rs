//! Variables that branches and bodies read and assign, and what user code that panics leaves behind.

use std::panic::{AssertUnwindSafe, catch_unwind};

use holotype::graph::Operation;
use holotype::layers::Dropout;
use holotype::prelude::*;

use crate::same;

#[derive(Module)]
struct Counter {
    count: Variable,
    log: Variable,
}

#[layer]
impl Counter {
    fn new() -> Self {
        let zeros = || Variable::state(Tensor::from(0_i64));
        Self { count: zeros(), log: zeros() }
    }

    fn step(&self, by: impl Into<Tensor>) -> Tensor {
        self.count.assign(self.count.value() + by.into());
        self.count.value()
    }

    /// The variable is read before, in and behind every kind of control flow that assigns it.
    #[signature(times = [; i64])]
    fn call(&self, times: &Tensor) -> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor) {
        let before = self.count.value();
        let counted = control::fori_loop(0..3, Tensor::from(0_i64), |_, sum| sum + self.step(1_i64));
        let behind = self.count.value();
        let looped = control::while_loop(
            Tensor::from(0_i64),
            |n| n.less(times),
            |n| {
                let seen = self.count.value();
                self.log.assign(self.log.value() * 10 + seen);
                self.step(&n + 1);
                n + 1
            },
        );
        control::cond(
            &times.greater(2),
            || {
                self.step(100_i64);
            },
            || self.log.assign(self.log.value() + self.count.value()),
        );
        let stacked = control::map(Tensor::from([5_i64, 6]), |item: Tensor| self.step(item));
        (before, counted, behind, looped, self.count.value(), stacked)
    }
}

#[test]
fn assignments_take_effect_in_order() {
    let calls = [3_i64, 0, 2].map(|times| [Tensor::from(times)]);
    let calls: Vec<&[Tensor]> = calls.iter().map(|call| &call[..]).collect();
    let (outputs, program) = same(Counter::new, &calls);
    let number = |call: usize, output: usize| outputs[call][output].to_scalar::<i64>().unwrap();
    assert_eq!((number(0, 0), number(0, 1), number(0, 2), number(0, 3)), (0, 1 + 2 + 3, 3, 3));
    assert_eq!(number(0, 4), 3 + 1 + 2 + 3 + 100 + 5 + 6);
    assert_eq!(outputs[0][5].to_vec::<i64>().unwrap(), [114, 120]);
    assert_eq!(number(1, 0), 120);
    // The loops are kept although nothing may use their results.
    let call = program.graph().functions.last().unwrap();
    let control = call.nodes.iter().filter(|node| node.operation.callees().next().is_some()).count();
    assert_eq!(control, 4);
}

#[derive(Module)]
struct Silent {
    count: Variable,
}

#[layer]
impl Silent {
    /// Loops without state and without results, kept for what they assign.
    #[signature(x = [; f32], times = [; i32])]
    fn call(&self, x: &Tensor, times: &Tensor) -> Tensor {
        control::fori_loop(Tensor::from(0_i32)..times.clone(), (), |_, ()| {
            self.count.assign(self.count.value() + 1.0);
        });
        control::while_loop(
            (),
            |()| self.count.value().less(10.0),
            |()| self.count.assign(self.count.value() * 2.0),
        );
        control::cond(&x.greater(0.0), || self.count.assign(self.count.value() + 0.5), || ());
        let unused = control::fori_loop(0..2, x.clone(), |_, x| x + 1.0);
        assert!(unused.error().is_none());
        x.clone()
    }
}

#[test]
fn control_flow_without_state_is_kept_for_its_effects() {
    let make = || Silent { count: Variable::state(Tensor::from(0.0_f32)) };
    let call = [Tensor::from(1.0_f32), Tensor::from(3_i32)];
    let (_, program) = same(make, &[&call]);
    assert_eq!(program.variables()[0].value().to_scalar::<f32>().unwrap(), 12.5);
    let call = program.graph().functions.last().unwrap();
    let names: Vec<_> = call.nodes.iter().map(|node| node.operation.name()).collect();
    assert!(!names.contains(&"scan"), "what nothing needs is gone: {names:?}");
    assert!(call.nodes.iter().any(|node| matches!(node.operation, Operation::While { .. })));
}

#[derive(Module)]
struct Random {
    generator: Generator,
    dropout: Dropout,
}

#[layer]
impl Random {
    fn new() -> Self {
        Self { generator: Generator::new(5), dropout: Dropout::new(0.5, 9) }
    }

    #[signature(x = [n, 4; f32])]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor) {
        let noise =
            control::map(x.clone(), |row: Tensor| self.dropout.call(&row) + self.generator.uniform([4]));
        let chosen =
            control::cond(&x.sum().greater(0.0), || self.generator.uniform([2]), || Tensor::zeros([2]));
        (noise, chosen + self.generator.uniform([2]))
    }
}

#[test]
fn every_iteration_draws_other_numbers() {
    let x = Tensor::from([[1.0_f32; 4]; 3]);
    let (outputs, _) = same(Random::new, &[std::slice::from_ref(&x), &[-&x], std::slice::from_ref(&x)]);
    let rows = outputs[0][0].to_vec::<f32>().unwrap();
    assert!(rows[..4] != rows[4..8] && rows[4..8] != rows[8..], "{rows:?}");
}

#[derive(Module)]
struct Panics {
    count: Variable,
}

#[layer]
impl Panics {
    /// A body that panics and is caught within the trace leaves nothing of it behind.
    #[signature(x = [; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        for number in 0..4 {
            let caught = catch_unwind(AssertUnwindSafe(|| match number {
                0 => control::cond(&x.greater(0.0), || panic!("in a branch"), || x.clone()),
                1 => control::while_loop(x.clone(), |_| panic!("in a condition"), |x| x),
                2 => control::fori_loop(0..2, x.clone(), |_, x| {
                    control::map(x.expand_dims(0), |_: Tensor| -> Tensor { panic!("in a body") })
                }),
                _ => control::fori_loop(0..2, x.clone(), |_, _| panic!("in a body")),
            }));
            assert!(caught.is_err());
        }
        self.count.assign(self.count.value() + x);
        self.count.value()
    }
}

#[test]
fn a_panic_that_is_caught_leaves_nothing_behind() {
    let program = Program::trace(&Panics { count: Variable::state(Tensor::from(0.0_f32)) }).unwrap();
    let names: Vec<_> = program.graph().functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["call"]);
    assert_eq!(program.call(&[Tensor::from(2.0_f32)]).unwrap()[0].to_scalar::<f32>().unwrap(), 2.0);
    // Nor does one outside of a trace.
    let caught =
        catch_unwind(|| control::map(Tensor::zeros([0]), |_: Tensor| -> Tensor { panic!("no items") }));
    assert!(caught.is_err());
    let sum = control::fori_loop(0..3, Tensor::from(0_i64), |index, sum| sum + index);
    assert_eq!(sum.to_scalar::<i64>().unwrap(), 3);
}
