//! Gradients of functions, of gradients, along directions, recomputed, and of one's own; at once and in traces.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use holotype::layers::Dense;
use holotype::prelude::*;
use holotype::transform::{checkpoint, grad, jvp, value_and_grad, vjp, with_gradient};

fn vector(values: &[f64]) -> Tensor {
    Tensor::from(values.to_vec())
}

fn f64s(tensor: &Tensor) -> Vec<f64> {
    tensor.to_vec::<f64>().unwrap()
}

fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{found} instead of {expected}");
    }
}

#[test]
fn gradients_of_a_structure() {
    let parameters = BTreeMap::from([
        ("slope".to_owned(), vec![vector(&[1.0, 2.0]), vector(&[3.0, -1.0])]),
        ("offset".to_owned(), vec![Tensor::from(0.5_f64)]),
    ]);
    let x = vector(&[2.0, 5.0]);
    let (value, gradient) = value_and_grad(
        |p: &BTreeMap<String, Vec<Tensor>>| {
            (&p["slope"][0] * &p["slope"][1] * &x + &p["offset"][0]).square().sum()
        },
        &parameters,
    );
    // a = slope0 * slope1 * x + offset = (6.5, -9.5)
    close(&f64s(&value), &[6.5 * 6.5 + 9.5 * 9.5]);
    close(&f64s(&gradient["slope"][0]), &[2.0 * 6.5 * 3.0 * 2.0, 2.0 * 9.5 * 5.0]);
    close(&f64s(&gradient["slope"][1]), &[2.0 * 6.5 * 1.0 * 2.0, 2.0 * -9.5 * 2.0 * 5.0]);
    close(&f64s(&gradient["offset"][0]), &[2.0 * (6.5 - 9.5)]);
}

#[test]
fn derivatives_of_derivatives() {
    let x = Tensor::from(0.7_f64);
    let third = grad(|x: &Tensor| grad(|x: &Tensor| grad(|x: &Tensor| x.sin() * x, x), x), &x);
    // (x sin x)''' = -3 sin x - x cos x
    close(&f64s(&third), &[-3.0 * 0.7_f64.sin() - 0.7 * 0.7_f64.cos()]);
}

#[test]
fn integers_and_outside_tensors_count_as_constant() {
    let indices = Tensor::from([2_i32, 0]);
    let scale = vector(&[10.0, 100.0]);
    let (of_table, of_indices) = grad(
        |(table, indices): &(Tensor, Tensor)| (table.take(indices, 0) * &scale).sum(),
        &(vector(&[1.0, 2.0, 3.0]), indices),
    );
    close(&f64s(&of_table), &[100.0, 0.0, 10.0]);
    assert_eq!(of_indices.to_vec::<i32>().unwrap(), [0, 0]);
}

#[test]
fn products_with_the_jacobian() {
    // f(a, b) = (a * b, sin a)
    let f = |(a, b): &(Tensor, Tensor)| (a * b, a.sin());
    let (a, b) = (vector(&[1.0, 2.0]), vector(&[3.0, 5.0]));
    let ((product, _), (da, db)) =
        vjp(f, &(a.clone(), b.clone()), &(vector(&[1.0, 10.0]), vector(&[100.0, 1000.0])));
    close(&f64s(&product), &[3.0, 10.0]);
    close(&f64s(&da), &[3.0 + 100.0 * 1.0_f64.cos(), 50.0 + 1000.0 * 2.0_f64.cos()]);
    close(&f64s(&db), &[1.0, 20.0]);
    let (_, (change, of_sine)) = jvp(f, &(a, b), &(vector(&[0.1, 0.2]), vector(&[0.01, 0.02])));
    close(&f64s(&change), &[0.1 * 3.0 + 0.01, 0.2 * 5.0 + 0.02 * 2.0]);
    close(&f64s(&of_sine), &[0.1 * 1.0_f64.cos(), 0.2 * 2.0_f64.cos()]);
}

#[test]
fn variables_are_read_and_assigned_outside_of_traces() {
    let counter = Variable::state(Tensor::from(1.0_f64));
    let weights = Variable::new(vector(&[2.0, 3.0]));
    let gradient = grad(
        |x: &Tensor| {
            counter.assign(counter.value() + 1.0);
            (x * &weights * counter.value()).sum()
        },
        &vector(&[1.0, 1.0]),
    );
    close(&f64s(&gradient), &[4.0, 6.0]);
    close(&f64s(&counter.value()), &[2.0]);
}

#[test]
fn a_layer_is_differentiated_with_respect_to_its_input() {
    let layer = Dense::new(3, 1);
    let x = Tensor::from([[1.0_f32, 2.0, 3.0]]);
    let gradient = grad(|x: &Tensor| layer.call(x).sum(), &x);
    assert_eq!(gradient.to_vec::<f32>().unwrap(), layer.weights().value().to_vec::<f32>().unwrap());
}

#[test]
fn what_cannot_be_differentiated_is_said() {
    let x = vector(&[1.0, 2.0]);
    let error = grad(|x: &Tensor| x * 2.0, &x).to_vec::<f64>().unwrap_err().to_string();
    assert!(error.contains("one float number") && error.contains("transform.rs"), "{error}");
    let error = grad(|x: &Tensor| x.sum(), &Tensor::from([1_i32])).to_vec::<i32>().unwrap_err().to_string();
    assert!(error.contains("no float tensor"), "{error}");
    let error = grad(|x: &Tensor| x.matmul(vector(&[1.0])), &x).to_vec::<f64>().unwrap_err().to_string();
    assert!(error.contains("matmul") || error.contains("dot_general"), "{error}");
    let (_, error) = vjp(|x: &Tensor| x.sum(), &x, &vector(&[1.0]));
    let error = error.to_vec::<f64>().unwrap_err().to_string();
    assert!(error.contains("same dtype and shape"), "{error}");
    let (_, error) = jvp(|x: &Tensor| x.sum(), &x, &vector(&[1.0]));
    assert!(error.to_vec::<f64>().unwrap_err().to_string().contains("same dtype and shape"));
}

fn block(x: &Tensor) -> Tensor {
    (x.sin() * x).exp().tanh()
}

/// Computes with a gradient within, as a layer that follows a potential does.
#[derive(Module)]
struct Force {
    weights: Variable,
    recompute: bool,
}

#[layer]
impl Force {
    fn new(recompute: bool) -> Self {
        Self { weights: Variable::new(vector(&[0.3, -0.4, 0.9])), recompute }
    }

    #[signature(x = [batch, 3; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        let weights = self.weights.value();
        grad(
            |x: &Tensor| {
                let inner = x * &weights;
                let inner = if self.recompute { checkpoint(block, &inner) } else { block(&inner) };
                inner.sum()
            },
            x,
        )
    }

    #[signature(x = [batch, 3; f64])]
    fn rate(&self, x: &Tensor) -> Tensor {
        jvp(|x: &Tensor| self.call(x), x, &x.ones_like()).1
    }
}

#[test]
fn gradients_within_saved_models_and_their_training() {
    let x = Tensor::from([[0.1_f64, 0.2, 0.3], [-0.7, 1.5, 0.0]]);
    let folder = tempfile::tempdir().unwrap();
    let mut values = Vec::new();
    for recompute in [false, true] {
        let model = Force::new(recompute);
        let path = folder.path().join(recompute.to_string());
        holotype::save(&model, &path).unwrap();
        let loaded = holotype::load(&path).unwrap();
        for (name, eager) in [("call", model.call(&x)), ("rate", model.rate(&x))] {
            let found = loaded.call_function(name, std::slice::from_ref(&x)).unwrap();
            assert_eq!(f64s(&found[0]), f64s(&eager), "{name}");
            values.push(f64s(&eager));
        }
        // f(u) = tanh(exp(u sin u)), u = w x; df/dx = w f'(u), by central differences.
        let (step, w) = (1e-6, [0.3, -0.4, 0.9]);
        let f = |u: f64| (u.sin() * u).exp().tanh();
        let expected = f64s(&x).into_iter().enumerate().map(|(i, x)| {
            let w = w[i % 3];
            (f(w * (x + step)) - f(w * (x - step))) / (2.0 * step)
        });
        for (found, expected) in f64s(&model.call(&x)).into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-8, "{found} instead of {expected}");
        }
        let data = Dataset::new(&x, &x).unwrap();
        let mut trainer =
            Trainer::new(model, Sgd::new(0.1), holotype::losses::mean_squared_error).build().unwrap();
        trainer.fit(&data, Fit::epochs(2).batch_size(2)).unwrap();
        values.push(f64s(&trainer.program().variable("model.weights").unwrap().value()));
    }
    assert_eq!(values[..3], values[3..], "recomputed or not, the bits are the same");
}

#[test]
fn what_is_recomputed_must_not_change_variables() {
    let counter = Variable::state(Tensor::from(1.0_f64));
    let counting = |x: &Tensor| {
        checkpoint(
            |x: &Tensor| {
                counter.assign(counter.value() + 1.0);
                (x * counter.value()).sum()
            },
            x,
        )
    };
    let error = grad(counting, &vector(&[1.0])).to_vec::<f64>().unwrap_err().to_string();
    assert!(error.contains("is recomputed") && error.contains("outside of `checkpoint`"), "{error}");
}

/// A step, with the gradient of a slope.
fn step(x: &Tensor, width: &Tensor) -> Tensor {
    with_gradient(
        "tests::step",
        (x.clone(), width.clone()),
        |(x, width)| x.greater(0.0).cast(DType::F64) * width,
        |(x, width), value, gradient| (gradient * width * 7.0, (gradient * value * x.cos()).sum()),
    )
}

#[test]
fn a_gradient_of_ones_own_replaces_that_of_the_nodes() {
    let (x, width) = (vector(&[-1.0, 2.0]), Tensor::from(3.0_f64));
    let (dx, dw) = grad(|(x, w): &(Tensor, Tensor)| step(x, w).sum(), &(x.clone(), width.clone()));
    close(&f64s(&dx), &[21.0, 21.0]);
    close(&f64s(&dw), &[3.0 * 2.0_f64.cos()]);
    // The second derivative goes through the gradient's own code: d/dw sum(7 w) = 14.
    let second = grad(|w: &Tensor| grad(|x: &Tensor| step(x, w).sum(), &x).sum(), &width);
    close(&f64s(&second), &[14.0]);
}

#[derive(Module)]
struct Stepping {
    width: Variable,
}

#[layer]
impl Stepping {
    #[signature(x = [batch; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        step(&(x * &self.width), &self.width.value())
    }
}

#[test]
fn a_gradient_of_ones_own_is_saved_and_trains_without_code() {
    let x = vector(&[-1.0, 2.0, 0.5]);
    let data = Dataset::new(&x, &x).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let model = || Stepping { width: Variable::new(Tensor::from(1.5_f64)) };
    let mut trainer =
        Trainer::new(model(), Sgd::new(0.01), holotype::losses::mean_squared_error).build().unwrap();
    trainer.fit(&data, Fit::epochs(1).batch_size(3)).unwrap();
    let width = f64s(&trainer.program().variable("model.width").unwrap().value())[0];
    // e = 2 (y - x) / 3; d/dwidth = sum(e * width * 7 * x) + sum(e * y * cos(x width)).
    let y = [0.0, 1.5, 1.5];
    let expected: f64 = f64s(&x)
        .iter()
        .zip(y)
        .map(|(x, y)| 2.0 * (y - x) / 3.0 * (1.5 * 7.0 * x + y * (x * 1.5).cos()))
        .sum();
    close(&[width], &[1.5 - 0.01 * expected]);

    holotype::save(&model(), folder.path().join("model")).unwrap();
    let loaded = holotype::load(folder.path().join("model")).unwrap();
    assert!(loaded.graph().functions.iter().any(|function| function.own_gradient().is_some()));
    trainer.save(folder.path().join("run")).unwrap();
    let mut again = holotype::load(folder.path().join("run")).unwrap().into_trainer().unwrap();
    trainer.fit(&data, Fit::epochs(2).batch_size(3)).unwrap();
    again.fit(&data, Fit::epochs(2).batch_size(3)).unwrap();
    assert_eq!(trainer.program().fingerprint().unwrap(), again.program().fingerprint().unwrap());
}

#[test]
fn a_gradient_of_ones_own_says_what_it_may_not_do() {
    let outside = vector(&[2.0]);
    let x = vector(&[1.0]);
    let captured = |x: &Tensor| {
        let outside = x * &outside;
        with_gradient("tests::captured", x.clone(), |x| (x * &outside).sum(), |_, _, g| g.clone())
    };
    let error = grad(captured, &x).to_vec::<f64>().unwrap_err().to_string();
    assert!(error.contains("uses a tensor from outside"), "{error}");
    let wrong = |x: &Tensor| with_gradient("tests::wrong", x.clone(), |x| x.sum(), |_, _, g| g.clone());
    let error = grad(wrong, &x).to_vec::<f64>().unwrap_err().to_string();
    assert!(error.contains("gradient of wrong") && error.contains("[1; f64]"), "{error}");
    let weights = Variable::new(vector(&[2.0]));
    let model_gradient = |x: &Tensor| {
        with_gradient("tests::reads", x.clone(), |x| (x * &weights).sum(), |_, _, g| g.broadcast_to([1]))
    };
    close(&f64s(&grad(model_gradient, &x)), &[1.0]);
}

#[test]
fn an_outer_gradient_flows_through_an_inner_one() {
    let x = vector(&[1.0, 2.0]);
    let w = Tensor::from(3.0_f64);
    let second = grad(|w: &Tensor| grad(|x: &Tensor| (x * w * w).sum(), &x).sum(), &w);
    close(&f64s(&second), &[12.0]);
}

#[derive(Module)]
struct Reading {
    width: Variable,
}

#[layer]
impl Reading {
    #[signature(x = [batch; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        with_gradient("tests::reading", x.clone(), |x| x * &self.width, |_, _, gradient| gradient.clone())
    }
}

#[test]
fn a_variable_that_a_gradient_of_ones_own_leaves_out_is_an_error() {
    let model = Reading { width: Variable::new(Tensor::from(1.5_f64)) };
    let trainer = Trainer::new(model, Sgd::new(0.01), holotype::losses::mean_squared_error).build();
    let error = trainer.err().unwrap().to_string();
    assert!(error.contains("reads the variable `model.width`") && error.contains("an input"), "{error}");
}
