//! Variables that are assigned: constants from there on.

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
