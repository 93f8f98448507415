//! Derivatives of branches and loops.

use holotype::control::{cond, fori_loop, map, scan, scan_reverse, switch, while_loop};
use holotype::prelude::*;
use holotype::transform::{grad, jvp};

use crate::problem::Problem;
use crate::{Affine, row, x, y};

#[test]
fn branches() {
    for shift in [-10.0, 10.0] {
        Problem::new(&[x(), y()], &[], &|x| {
            let positive = (x[0].sum() + shift).greater(0.0);
            let outer = x[1].sin();
            cond(&positive, || (&x[0] * &outer).exp(), || x[0].square() * 3.0).sum()
        })
        .check();
    }
}

#[test]
fn branches_with_layers_and_variables_of_their_own() {
    let (v, layer) = (row(), Affine::new(0.4));
    for choice in 0..4 {
        let body = |x: &[Tensor]| {
            let index = (x[0].sum() * 0.0 + f64::from(choice)).cast(DType::I32);
            switch(
                &index,
                vec![
                    Box::new(|| layer.call(&x[0])),
                    Box::new(|| x[0].sin() * &v),
                    Box::new(|| x[0].ones_like()),
                ],
            )
            .square()
            .sum()
        };
        let mut problem = Problem::of(&layer, &[x()], &body);
        problem.variables.push(v.clone());
        problem.check();
    }
}

#[test]
fn branches_that_give_structures_and_integers() {
    Problem::new(&[x()], &[], &|x| {
        let (a, (b, count)) = cond(
            &x[0].sum().less(100.0),
            || (x[0].sin(), (x[0].sum(), Tensor::from(3_i32))),
            || (x[0].clone(), (x[0].max(), Tensor::from(4_i32))),
        );
        (a * b * count.cast(DType::F64)).sum()
    })
    .check();
}

#[test]
fn a_scan_over_rows_with_state_and_outputs() {
    let v = row();
    Problem::new(&[x(), y()], &[&v], &|x| {
        let outer = x[1].sin().sum();
        let (last, all) = scan(x[0].sum_axis(0), x[0].clone(), |state, item| {
            let next = (&state * &v + &item * &outer).tanh();
            (next.clone(), next * item)
        });
        (last * 2.0).sum() + all.square().sum()
    })
    .check();
}

#[test]
fn a_scan_backward_of_which_only_the_outputs_count() {
    Problem::new(&[x()], &[], &|x| {
        let (_, all) = scan_reverse(Tensor::from([0.1_f64, 0.2, 0.3]), x[0].clone(), |state, item| {
            let next = state * 0.5 + item.sin();
            (next.clone(), next)
        });
        (all * &x[0]).sum()
    })
    .check();
}

#[test]
fn a_state_that_becomes_active_within_the_loop() {
    // The second part of the state depends on the input only after the first iteration, the third after the second.
    Problem::new(&[x()], &[], &|x| {
        let start = (x[0].sum(), Tensor::from(1.0_f64), Tensor::from(1.0_f64), Tensor::from(0_i32));
        let (a, b, c, steps) =
            fori_loop(0..4_i64, start, |_, (a, b, c, steps)| ((&a * 1.1).sin(), &a + &b, b * c, steps + 1));
        a + b + c * steps.cast(DType::F64)
    })
    .check();
}

#[test]
fn layers_within_loops_within_layers() {
    let layer = Affine::new(0.4);
    Problem::of(&layer, &[x()], &|x| {
        let outer = x[0].cos();
        let all = map(x[0].clone(), |item| {
            fori_loop(0..3_i64, item.expand_dims(0), |i, state| {
                layer.call(&state) * &layer.scale + i.cast(DType::F64) * outer.sum()
            })
        });
        all.square().sum()
    })
    .check();
}

#[test]
fn branches_within_loops() {
    Problem::new(&[x()], &[], &|x| {
        let (state, all) = scan(Tensor::from(0.5_f64), x[0].clone(), |state, item| {
            let big = item.sum().greater(0.3);
            let next = cond(&big, || &state * item.sum(), || (&state + item.max()).sin());
            (next.clone(), next)
        });
        state + all.square().sum()
    })
    .check();
}

#[test]
fn loops_of_no_and_of_one_iteration() {
    for count in [0_i64, 1] {
        Problem::new(&[x()], &[], &|x| {
            fori_loop(0..count, x[0].clone(), |_, state| (state * &x[0]).sin()).sum()
        })
        .check();
    }
}

/// The square root of the sum, by Newton's method.
fn root(x: &[Tensor]) -> Tensor {
    let target = x[0].square().sum();
    let (root, _) = while_loop(
        (target.clone(), target.ones_like()),
        |(_, moved)| moved.abs().greater(1e-13),
        |(root, _)| {
            let next = (&root + &target / &root) * 0.5;
            (next.clone(), next - root)
        },
    );
    root
}

#[test]
fn a_loop_that_ends_by_its_values() {
    Problem::new(&[x()], &[], &root).check();
}

#[test]
fn a_loop_that_ends_by_its_values_with_variables_and_layers() {
    let (v, layer) = (row(), Affine::new(0.4));
    let body = |x: &[Tensor]| {
        let (state, _) = while_loop(
            (x[0].clone(), Tensor::from(0_i32)),
            |(_, steps)| steps.less(3),
            |(state, steps)| (layer.call(&state) * &v, steps + 1),
        );
        state.sum()
    };
    let mut problem = Problem::of(&layer, &[x()], &body);
    problem.variables.push(v.clone());
    problem.check();
}

#[test]
fn a_derivative_along_a_direction_through_a_loop_that_ends_by_its_values() {
    // The derivative of the norm along a direction is the projection on the point.
    let (point, direction) = (x(), y());
    let (value, change) = jvp(|x: &Tensor| root(std::slice::from_ref(x)), &point, &direction);
    let norm = point.square().sum().sqrt().to_scalar::<f64>().unwrap();
    assert!((value.to_scalar::<f64>().unwrap() - norm).abs() < 1e-12);
    let expected = (&point * &direction).sum().to_scalar::<f64>().unwrap() / norm;
    assert!((change.to_scalar::<f64>().unwrap() - expected).abs() < 1e-12);
}

/// The square root of one number, by Newton's method.
fn root_of(x: &Tensor) -> Tensor {
    let (root, _) = while_loop(
        (x.clone(), x.ones_like()),
        |(_, moved)| moved.abs().greater(1e-13),
        |(root, _)| {
            let next = (&root + x / &root) * 0.5;
            (next.clone(), next - root)
        },
    );
    root
}

#[test]
fn every_derivative_of_a_loop_that_ends_by_its_values() {
    let x = Tensor::from(1.7_f64);
    let first = |x: &Tensor| grad(root_of, x);
    let second = |x: &Tensor| grad(first, x);
    let third = |x: &Tensor| grad(second, x);
    // d^n/dx^n of the root are 1/2 x^-1/2, -1/4 x^-3/2, 3/8 x^-5/2.
    for (found, factor, power) in
        [(first(&x), 0.5, -0.5), (second(&x), -0.25, -1.5), (third(&x), 0.375, -2.5)]
    {
        let expected = factor * 1.7_f64.powf(power);
        let found = found.to_scalar::<f64>().unwrap();
        assert!((found - expected).abs() < 1e-11, "{found} instead of {expected}");
    }
    let (_, along) = jvp(first, &x, &Tensor::from(2.0_f64));
    assert!((along.to_scalar::<f64>().unwrap() + 0.5 * 1.7_f64.powf(-1.5)).abs() < 1e-11);
}

#[test]
fn second_derivatives_of_loops_that_take_no_iteration_and_of_loops_within_loops() {
    for limit in [0.0, 40.0] {
        Problem::new(&[x()], &[], &|x| {
            let outer = x[0].sin();
            while_loop(
                x[0].clone(),
                |state| state.square().sum().less(limit),
                |state| {
                    let grown = while_loop(
                        state.clone(),
                        |inner| inner.square().sum().less(state.square().sum() * 1.5),
                        |inner| inner * 1.2 + &outer * 0.1,
                    );
                    grown * 1.1
                },
            )
            .sum()
        })
        .check();
    }
}

#[test]
fn what_a_loop_keeps_of_its_iterations() {
    // The weights are the same in every iteration: the backward loop must not stack them.
    let problem = Problem::new(&[Tensor::from([[0.5_f64; 7]])], &[], &|x| x[0].sum());
    let traced = problem.trace(|inputs| {
        let weights = Tensor::zeros([7, 7]).cast(DType::F64) + &inputs[0];
        Ok(vec![grad(
            |x: &Tensor| fori_loop(0..11_i64, x.clone(), |_, x| x.matmul(&weights).tanh()).sum(),
            &inputs[0],
        )])
    });
    let graph = traced.unwrap().graph;
    let values = |text: &str| {
        graph
            .functions
            .iter()
            .flat_map(|function| &function.values)
            .filter(|kind| kind.to_string() == text)
            .count()
    };
    assert!(values("[11, 1, 7; f64]") > 0, "the states of all iterations are kept");
    assert_eq!(values("[11, 7, 7; f64]"), 0);
}
