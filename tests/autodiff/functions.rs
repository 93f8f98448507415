//! Derivatives of plain code, layers, compositions, and of derivatives.

use holotype::autodiff::gradients;
use holotype::graph::composition;
use holotype::prelude::*;

use crate::problem::Problem;
use crate::{Affine, Block, Deep, row, x, y};

#[test]
fn plain_code() {
    Problem::new(&[x(), y()], &[], &|x| (&x[0] * &x[1] + x[0].sin() / (x[1].square() + 1.0)).sum()).check();
}

#[test]
fn variables_read_once_and_twice() {
    let v = row();
    Problem::new(&[x()], &[&v], &|x| (&x[0] * &v).exp().sum() + v.value().square().sum()).check();
}

#[test]
fn nested_layers() {
    let model = Deep::new();
    Problem::of(&model, &[x()], &|x| model.call(&x[0]).square().sum()).check();
}

#[test]
fn a_layer_called_twice_and_for_other_shapes() {
    let layer = Affine::new(0.4);
    let z = Tensor::from([[0.2_f64, 0.6, -0.9]]);
    Problem::of(&layer, &[x(), z], &|x| {
        (layer.call(&layer.call(&x[0])) * &x[0]).sum() + layer.call(&x[1]).sum()
    })
    .check();
}

#[test]
fn a_variable_of_a_layer_that_is_also_read_outside() {
    let layer = Affine::new(0.4);
    Problem::of(&layer, &[x()], &|x| (layer.call(&(&x[0] * &layer.scale)) * &layer.scale).sum()).check();
}

#[test]
fn some_results_of_a_function_and_inputs_that_pass_through() {
    let layer = Affine::new(0.4);
    Problem::of(&layer, &[x()], &|x| layer.many(&x[0]).0).check();
    Problem::of(&layer, &[x()], &|x| layer.many(&x[0]).1.square().sum()).check();
    Problem::of(&layer, &[x()], &|x| {
        let (sum, same, used) = layer.many(&x[0].sin());
        sum * (same * used).sum()
    })
    .check();
}

#[test]
fn compositions_that_capture_values_of_the_functions_around_them() {
    let v = row();
    Problem::new(&[x(), y()], &[&v], &|x| {
        let outer = x[1].sin();
        let result = composition("outer", &[&x[0]], |inputs| {
            let here = &inputs[0] * &outer;
            composition("inner", &[&inputs[0]], |inner| inner[0].exp() * &outer + &here * &v)
        });
        (result * &outer).sum()
    })
    .check();
}

#[test]
fn constants_within_functions() {
    let constant = Tensor::from([2.0_f64, 3.0, -1.0]);
    Problem::new(&[x()], &[], &|x| {
        let inner = composition("scaled", &[&x[0]], |x| (&x[0] * &constant).sin() + &constant);
        (inner * &constant).sum()
    })
    .check();
}

#[test]
fn what_the_number_does_not_depend_on_has_a_gradient_of_zeros() {
    let (v, unused) = (row(), row());
    let found = Problem::new(&[x(), y()], &[&v, &unused], &|x| (x[0].floor() * &v).sum()).found();
    assert_eq!(found[0], [0.0; 6]);
    assert_eq!(found[1], [0.0; 6]);
    assert_ne!(found[2], [0.0; 3]);
    assert_eq!(found[3], [0.0; 3]);
}

#[test]
fn functions_whose_results_are_constants() {
    let layer = Affine::new(0.4);
    let found = Problem::of(&layer, &[x()], &|x| {
        composition("constant", &[&layer.call(&x[0])], |x| x[0].ones_like()).sum() + x[0].sum()
    })
    .found();
    assert_eq!(found, [vec![1.0; 6], vec![0.0; 3], vec![0.0; 3]]);
}

#[test]
fn no_gradient_flows_through_integers_and_truth_values() {
    let body = |x: &[Tensor]| {
        (x[0].greater(0.0).cast(DType::F64) * &x[0] + x[0].cast(DType::I32).cast(DType::F64)).sum()
    };
    let found = Problem::new(&[x()], &[], &body).found();
    assert_eq!(found[0], [1.0, 0.0, 1.0, 1.0, 1.0, 0.0]);
}

#[test]
fn several_gradients_in_one_trace() {
    let model = Block::new();
    let body = |x: &[Tensor]| model.call(&x[0]).sum();
    let problem = Problem::of(&model, &[x()], &body);
    let ready = problem.trace(|inputs| {
        let result = model.call(&inputs[0]);
        let (a, b) = (result.sum(), result.square().sum());
        let first = gradients(&a, &[&inputs[0]], &[&model.gain])?;
        let second = gradients(&b, &[&inputs[0]], &[])?;
        let again = gradients(&a, &[&inputs[0]], &[])?;
        Ok(vec![
            first.tensors[0].clone(),
            again.tensors[0].clone(),
            second.tensors[0].clone(),
            first.variables[0].clone(),
        ])
    });
    let found = problem.run(&ready.unwrap(), &problem.values());
    let alone = problem.found();
    assert_eq!((&found[0], &found[1]), (&alone[0], &alone[0]));
    let squares = Problem::of(&model, &[x()], &|x| model.call(&x[0]).square().sum()).found();
    assert_eq!(found[2], squares[0]);
    let gain = problem.variables.iter().position(|variable| variable.identity() == model.gain.identity());
    assert_eq!(found[3], alone[1 + gain.unwrap()]);
}

#[test]
fn third_derivatives() {
    let ready = Problem::new(&[Tensor::scalar(1.5_f64)], &[], &|x| x[0].clone()).trace(|x| {
        let mut number = composition("fourth", &[&x[0]], |x| x[0].square().square());
        let mut outputs = vec![number.clone()];
        for _ in 0..4 {
            number = gradients(&number, &[&x[0]], &[])?.tensors.remove(0);
            outputs.push(number.clone());
        }
        Ok(outputs)
    });
    let ready = ready.unwrap();
    let problem = Problem::new(&[Tensor::scalar(1.5_f64)], &[], &|x| x[0].clone());
    let found = problem.run(&ready, &problem.values());
    assert_eq!(found, [[5.0625], [13.5], [27.0], [36.0], [24.0]]);
}

#[test]
fn a_gradient_within_a_function_is_differentiated_too() {
    let v = row();
    Problem::new(&[x()], &[&v], &|x| {
        composition("penalty", &[&x[0]], |x| {
            let number = (x[0].sin() * &v).sum();
            let found = gradients(&number, &[&x[0]], &[&v]).unwrap();
            found.tensors[0].square().sum() + found.variables[0].square().sum()
        })
    })
    .check();
}

#[test]
fn a_gradient_of_an_intermediate_value() {
    let problem = Problem::new(&[x()], &[], &|x| x[0].sum());
    let ready = problem.trace(|x| {
        let inner = x[0].exp();
        let number = inner.square().sum();
        Ok(gradients(&number, &[&inner, &x[0], &number], &[])?.tensors)
    });
    let found = problem.run(&ready.unwrap(), &problem.values());
    let x = x().to_vec::<f64>().unwrap();
    for (index, x) in x.into_iter().enumerate() {
        assert_eq!(found[0][index], 2.0 * x.exp());
        assert!((found[1][index] - 2.0 * (2.0 * x).exp()).abs() < 1e-12);
    }
    assert_eq!(found[2], [1.0]);
}
