//! What is recorded of a gradient: sizes, places and functions.

use std::collections::BTreeMap;

use holotype::autodiff::gradients;
use holotype::graph::{PrintOptions, print};
use holotype::prelude::*;

use crate::problem::Problem;
use crate::{Affine, Block, x};

#[test]
fn gradients_work_for_sizes_that_are_refined_while_tracing() {
    #[derive(Module)]
    struct Step {
        inner: Affine,
    }

    #[layer]
    impl Step {
        #[signature(x = [None, None; f64])]
        fn call(&self, x: &Tensor) -> Tensor {
            let number = self.inner.call(x).square().sum();
            gradients(&number, &[x], &[]).map(|found| found.tensors[0].clone()).into()
        }
    }

    let step = Step { inner: Affine::new(0.3) };
    let program = Program::trace(&step).unwrap();
    assert_eq!(program.signature("call").unwrap().to_string(), "call(x: [?, 3; f64]) -> [?, 3; f64]");
    let expected = Problem::of(&step.inner, &[x()], &|x| step.inner.call(&x[0]).square().sum()).found();
    let found = program.call(&[x()]).unwrap();
    assert_eq!(found[0].to_vec::<f64>().unwrap(), expected[0]);
    assert_eq!(
        program.call(&[Tensor::from_vec([0, 3], Vec::<f64>::new())]).unwrap()[0].shape().to_string(),
        "[0, 3]"
    );
}

#[test]
fn nodes_of_a_gradient_stand_where_the_code_stands() {
    let model = Block::new();
    let ready = Problem::of(&model, &[x()], &|x| model.call(&x[0]).square().sum()).first_order();
    let mut files = BTreeMap::<String, usize>::new();
    for node in ready.graph.functions.iter().flat_map(|function| &function.nodes) {
        *files.entry(node.location.file().to_owned()).or_default() += 1;
    }
    let elsewhere: Vec<_> = files.keys().filter(|file| !file.starts_with("tests/autodiff/")).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}\n{}", print(&ready.graph, PrintOptions { locations: true }));
}

#[test]
fn a_layer_stays_one_function_in_the_gradient() {
    let model = Block::new();
    let ready = Problem::of(&model, &[x()], &|x| model.call(&x[0]).sum()).first_order();
    let names: Vec<_> = ready.graph.functions.iter().map(|function| function.name.as_str()).collect();
    let expected =
        ["second.call", "first.call", "call"].map(|name| [format!("{name}.gradient"), name.to_owned()]);
    assert_eq!(names, [expected.as_flattened(), &["f".to_owned()]].concat());
}
