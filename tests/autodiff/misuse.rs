//! What is said of gradients that cannot be taken.

use holotype::autodiff::gradients;
use holotype::graph::composition;
use holotype::prelude::*;

use crate::problem::Problem;
use crate::{row, x, y};

/// The error of taking a gradient in a trace.
fn misuse(body: impl Fn(&[Tensor]) -> Result<Vec<Tensor>>) -> String {
    let inputs = [x(), Tensor::from([1_i32, 2])];
    Problem::new(&inputs, &[], &|x| x[0].clone()).trace(body).err().unwrap().to_string()
}

#[test]
fn misuse_is_an_error_that_says_what_to_do() {
    let of =
        |number: &Tensor, inputs: &[Tensor]| gradients(number, &[&inputs[0]], &[]).map(|found| found.tensors);
    assert_eq!(
        misuse(|x| of(&x[0], x)),
        "tracing `gradients`: the gradient is of one float number, and this is a tensor [2, 3; f64]: \
         reduce it with `.mean()` or `.sum()`"
    );
    assert!(misuse(|x| of(&x[1].sum(), x)).contains("one float number, and this is a tensor [; i32]"));
    assert_eq!(
        misuse(|x| of(&Tensor::scalar(1.0_f64), x)),
        "tracing `gradients`: [; f64] is a constant of the trace: nothing depends on it"
    );
    let with_respect_to =
        |tensor: Tensor| misuse(move |x| gradients(&x[0].sum(), &[&tensor], &[]).map(|found| found.tensors));
    assert!(with_respect_to(y()).contains("[2, 3; f64] is a constant of the trace"));
    assert!(misuse(|x| of(&(&x[0] + &x[1]).sum(), x)).starts_with("add([2, 3; f64], [2; i32]): the dtypes"));
    assert!(with_respect_to(x() + Tensor::from([1_i32])).starts_with("add("));
    let foreign = misuse(|x| gradients(&x[0].sum(), &[], &[&row()]).map(|found| found.variables));
    assert!(
        foreign.contains("the variable made at") && foreign.contains("tests/autodiff/main.rs"),
        "{foreign}"
    );
    let inner = misuse(|x| {
        let number = x[0].sum();
        let inner = composition("inner", &[&x[0]], |inputs| {
            gradients(&number, &[&inputs[0]], &[]).map(|found| found.tensors[0].clone()).into()
        });
        Ok(vec![inner])
    });
    assert_eq!(inner, "tracing `gradients`: a gradient is taken in the function that computed the tensor");
}

#[test]
fn a_tensor_of_another_trace_has_no_gradient() {
    let escaped = std::cell::RefCell::new(None);
    let problem = Problem::new(&[x()], &[], &|x| x[0].clone());
    problem
        .trace(|x| {
            *escaped.borrow_mut() = Some(x[0].sum());
            Ok(vec![x[0].clone()])
        })
        .unwrap();
    let number = escaped.into_inner().unwrap();
    let outside = gradients(&number, &[], &[]).unwrap_err().to_string();
    assert!(outside.contains("in the function that computed the tensor"), "{outside}");
    let elsewhere = misuse(|x| gradients(&number, &[&x[0]], &[]).map(|found| found.tensors));
    assert!(elsewhere.contains("in the function that computed the tensor"), "{elsewhere}");
    let with_respect_to = misuse(|x| gradients(&x[0].sum(), &[&number], &[]).map(|found| found.tensors));
    assert!(with_respect_to.contains("in the function that computed the tensor"), "{with_respect_to}");
    let concrete = gradients(&Tensor::scalar(1.0_f32), &[], &[]).unwrap_err().to_string();
    assert!(concrete.contains("constant of the trace"), "{concrete}");
}
