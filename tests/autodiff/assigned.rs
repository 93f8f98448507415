//! Variables that are assigned: constants from there on.

use holotype::control::{cond, fori_loop, scan, while_loop};
use holotype::prelude::*;

use crate::problem::Problem;

#[derive(Module)]
struct Counter {
    scale: Variable,
}

#[layer]
impl Counter {
    /// Reads, assigns and reads again.
    #[signature(x = [None, None; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        let before = x * &self.scale;
        self.scale.assign(self.scale.value() * 3.0);
        before + x * &self.scale
    }
}

#[test]
fn a_variable_is_a_constant_once_it_is_assigned() {
    let v = Variable::new(Tensor::scalar(2.0_f64));
    let one = Tensor::from([[1.0_f64]]);
    let found = Problem::new(std::slice::from_ref(&one), &[&v], &|x| {
        let before = &x[0] * &v;
        v.assign(v.value() * 3.0);
        (before + &x[0] * &v * 10.0).sum()
    })
    .found();
    // The first read counts 1; the second one is 6, a constant.
    assert_eq!(found, [[62.0], [1.0]]);

    let layer = Counter { scale: Variable::new(Tensor::scalar(2.0_f64)) };
    let found = Problem::of(&layer, std::slice::from_ref(&one), &|x| layer.call(&x[0]).sum()).found();
    assert_eq!(found, [[8.0], [1.0]]);
}

#[test]
fn a_variable_that_a_call_assigns_is_a_constant_behind_the_call() {
    let one = Tensor::from([[1.0_f64]]);
    let layer = Counter { scale: Variable::new(Tensor::scalar(2.0_f64)) };
    let body = |x: &[Tensor]| {
        let before = &x[0] * &layer.scale * 5.0;
        let inner = layer.call(&x[0]);
        (before + inner + &x[0] * &layer.scale * 100.0).sum()
    };
    // Before the call 5, in it 1, and behind it the variable is 6 and a constant.
    let found = Problem::of(&layer, std::slice::from_ref(&one), &body).found();
    assert_eq!(found, [[10.0 + 8.0 + 600.0], [6.0]]);
    // Also where the result of the call is not used.
    let found = Problem::of(&layer, std::slice::from_ref(&one), &|x| {
        let _ = layer.call(&x[0]);
        (&x[0] * &layer.scale).sum()
    })
    .found();
    assert_eq!(found, [[6.0], [0.0]]);
}

/// Three rounds of a loop whose number of rounds is known, or that ends by its values.
fn rounds(counted: bool, start: Tensor, mut body: impl FnMut(Tensor) -> Tensor) -> Tensor {
    if counted {
        fori_loop(0..3_i64, start, |_, state| body(state))
    } else {
        let start = (start, Tensor::from(0_i64));
        while_loop(start, |(_, round)| round.less(3), |(state, round)| (body(state), round + 1)).0
    }
}

/// The gradients, and what the variable holds after a run, of a loop over a body with a variable.
fn both(body: impl Fn(&Counter, &Variable, Tensor) -> Tensor) {
    let found = [true, false].map(|counted| {
        let v = Variable::new(Tensor::scalar(1.5_f64));
        let w = crate::row();
        let layer = Counter { scale: Variable::new(Tensor::scalar(0.5_f64)) };
        let of = |x: &[Tensor]| {
            let state = rounds(counted, x[0].clone(), |state| body(&layer, &v, state * &w));
            (state * v.value()).sum()
        };
        let inputs = [crate::x()];
        let mut problem = Problem::of(&layer, &inputs, &of);
        problem.variables.extend([v.clone(), w.clone()]);
        problem.found()
    });
    assert_eq!(found[0], found[1], "counted, and ended by its values");
    assert!(found[0].iter().flatten().any(|gradient| *gradient != 0.0));
}

#[test]
fn a_loop_that_ends_by_its_values_carries_what_its_body_assigns() {
    both(|_, v, state| {
        let before = state.sin() * v;
        v.assign(v.value() * 2.0 + 1.0);
        before + v.value()
    });
    both(|layer, v, state| {
        v.assign(v.value() + state.sum() * 0.1);
        layer.call(&state) * v
    });
}

#[test]
fn branches_and_loops_within_it_carry_it_on() {
    both(|_, v, state| {
        let grow = v.value().less(4.0);
        let next = cond(
            &grow,
            || {
                v.assign(v.value() * 3.0);
                &state * v
            },
            || state.cos(),
        );
        next * v
    });
    both(|_, v, state| {
        let (last, all) = scan(state.sum_axis(0), state.clone(), |sum, row| {
            v.assign(v.value() * 0.9);
            let next = (sum * 0.5 + row * v).tanh();
            (next.clone(), next)
        });
        all + last
    });
    both(|_, v, state| {
        let (inner, _) = while_loop(
            (state, Tensor::from(0_i32)),
            |(_, round)| round.less(2),
            |(state, round)| {
                v.assign(v.value() + 0.25);
                ((state * v).sin(), round + 1)
            },
        );
        inner + v.value()
    });
}

/// Noise in every round of a loop that ends by its values.
#[derive(Module)]
struct Noisy {
    scale: Variable,
    noise: Generator,
}

#[layer]
impl Noisy {
    #[signature(x = [batch, 2; f32])]
    #[autograph]
    fn call(&self, x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let mut round = Tensor::from(0_i32);
        while round < 3 {
            y = &y * &self.scale + self.noise.normal(y.shape()) * 0.1;
            round += 1;
        }
        y
    }
}

#[test]
fn a_loop_that_draws_numbers_is_trained_and_goes_on_bit_for_bit() {
    use holotype::losses::mean_squared_error;
    let model = || Noisy { scale: Variable::new(Tensor::from([0.5_f32, 0.8])), noise: Generator::new(3) };
    let x = Tensor::from_vec([8, 2], (0..16).map(|i| i as f32 / 8.0).collect::<Vec<_>>());
    let data = Dataset::new(&x, &x * 2.0).unwrap();
    let trainer = || Trainer::new(model(), Adam::new(0.05), mean_squared_error).build().unwrap();
    let fit = |epochs| Fit::epochs(epochs).batch_size(4);
    let mut whole = trainer();
    whole.fit(&data, fit(4)).unwrap();
    let mut first = trainer();
    first.fit(&data, fit(2)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    first.save(directory.path().join("run")).unwrap();
    let mut second = holotype::load(directory.path().join("run")).unwrap().into_trainer().unwrap();
    second.fit(&data, fit(2)).unwrap();
    for path in ["model.scale", "model.noise.state"] {
        let [whole, second] = [&whole, &second].map(|trainer| trainer.variable(path).unwrap());
        assert!(whole.data().unwrap().same_bits(&second.data().unwrap()), "{path}: {whole} and {second}");
    }
    let moved = whole.variable("model.scale").unwrap().value().to_vec::<f32>().unwrap();
    assert!(moved.iter().zip([0.5, 0.8]).all(|(moved, start)| *moved > start), "{moved:?}");
}
