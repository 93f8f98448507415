//! Gradients through functions, variables and assignments, against central finite differences in `f64`.
//!
//! The step is 1e-5, so a difference of the smooth functions here is wrong by about 1e-10; the tolerance is 1e-7 of
//! `1 + |gradient|`.

#![allow(clippy::unwrap_used)]

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::Arc;

use holotype::autodiff::gradients;
use holotype::exec::{Executor, Reference, Runnable};
use holotype::graph::{FunctionId, Graph, Mode, PrintOptions, Role, composition, print};
use holotype::module::Structure;
use holotype::prelude::*;
use holotype::tensor::{Data, TensorType};
use holotype::trace::{Signature, Tracer};

const STEP: f64 = 1e-5;
const TOLERANCE: f64 = 1e-7;

/// A number computed from tensors, and from variables that the code holds.
type Body<'a> = &'a dyn Fn(&[Tensor]) -> Tensor;

/// What is differentiated: code, its inputs, and the variables it reads.
struct Problem<'a> {
    body: Body<'a>,
    inputs: Vec<Tensor>,
    variables: Vec<Variable>,
    modules: Vec<(usize, TypeId, String)>,
}

struct Ready {
    graph: Graph,
    signature: Signature,
    runnable: Box<dyn Runnable>,
    function: FunctionId,
}

impl<'a> Problem<'a> {
    fn new(inputs: &[Tensor], variables: &[&Variable], body: Body<'a>) -> Self {
        let variables = variables.iter().map(|&variable| variable.clone()).collect();
        Self { body, inputs: inputs.to_vec(), variables, modules: Vec::new() }
    }

    /// The variables and modules are those of a module.
    fn of<M: Module>(module: &M, inputs: &[Tensor], body: Body<'a>) -> Self {
        let structure = Structure::of(module).unwrap();
        let variables = structure.leaves.into_iter().map(|leaf| leaf.variable).collect();
        Self { body, inputs: inputs.to_vec(), variables, modules: structure.modules }
    }

    fn trace(&self, body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<Ready> {
        let mut tracer = Tracer::new("autodiff");
        for (index, variable) in self.variables.iter().enumerate() {
            tracer.variable(&format!("v{index}"), Role::Trainable, variable);
        }
        for (address, type_id, path) in &self.modules {
            tracer.module(*address, *type_id, path);
        }
        let kind = |(index, input): (usize, &Tensor)| (format!("x{index}"), input.data().unwrap().kind());
        let inputs: Vec<(String, TensorType)> = self.inputs.iter().enumerate().map(kind).collect();
        tracer.function("f", Mode::Training, inputs, |inputs| {
            Ok(body(inputs)?.into_iter().map(|tensor| (None, tensor)).collect())
        })?;
        let (graph, mut traced) = tracer.finish()?;
        let runnable = Reference.prepare(Arc::new(graph.clone()), self.variables.clone())?;
        let traced = traced.remove(0);
        Ok(Ready { graph, signature: traced.signature, runnable, function: traced.function })
    }

    /// The gradients of a number, of inputs, then of variables.
    fn gradients(&self, number: &Tensor, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let tensors: Vec<_> = inputs.iter().collect();
        let variables: Vec<_> = self.variables.iter().collect();
        let found = gradients(number, &tensors, &variables)?;
        Ok(found.tensors.into_iter().chain(found.variables).collect())
    }

    /// The number and its gradients.
    fn first_order(&self) -> Ready {
        self.trace(|inputs| {
            let number = (self.body)(inputs);
            let found = self.gradients(&number, inputs)?;
            Ok([vec![number], found].concat())
        })
        .unwrap()
    }

    /// The sum of the squares of the gradients, and its gradients.
    fn second_order(&self) -> Ready {
        self.trace(|inputs| {
            let first = self.gradients(&(self.body)(inputs), inputs)?;
            let number =
                first.iter().map(|gradient| gradient.square().sum()).reduce(|sum, term| sum + term).unwrap();
            let found = self.gradients(&number, inputs)?;
            Ok([vec![number], found].concat())
        })
        .unwrap()
    }

    /// Runs a function on inputs and contents of variables, which it leaves as they were.
    fn run(&self, ready: &Ready, values: &[Data]) -> Vec<Vec<f64>> {
        let (inputs, contents) = values.split_at(self.inputs.len());
        let before: Vec<_> = self.variables.iter().map(|variable| variable.data().unwrap()).collect();
        for (variable, contents) in self.variables.iter().zip(contents) {
            variable.set(contents.clone()).unwrap();
        }
        let sizes = ready.signature.bind(inputs).unwrap();
        let outputs = ready.runnable.run(ready.function, inputs.to_vec(), &sizes).unwrap();
        for (variable, before) in self.variables.iter().zip(before) {
            variable.set(before).unwrap();
        }
        outputs.into_iter().map(|output| output.into_elements().unwrap()).collect()
    }

    /// What the inputs and variables hold.
    fn values(&self) -> Vec<Data> {
        let inputs = self.inputs.iter().map(|input| input.data().unwrap().clone());
        inputs.chain(self.variables.iter().map(|variable| variable.data().unwrap())).collect()
    }

    fn compare(&self, ready: &Ready) {
        let values = self.values();
        let found = self.run(ready, &values);
        for (index, value) in values.iter().enumerate() {
            let elements = value.elements::<f64>().unwrap();
            assert_eq!(found[index + 1].len(), elements.len(), "the gradient of {index} has another size");
            for element in 0..elements.len() {
                let at = |offset: f64| {
                    let mut moved = elements.to_vec();
                    moved[element] += offset;
                    let mut values = values.clone();
                    values[index] = Data::new(value.sizes(), moved).unwrap();
                    self.run(ready, &values)[0][0]
                };
                let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                let derivative = found[index + 1][element];
                assert!(
                    (derivative - difference).abs() <= TOLERANCE * (1.0 + difference.abs()),
                    "element {element} of {index}: {derivative} instead of {difference}\n{}",
                    print(&ready.graph, PrintOptions::default())
                );
            }
        }
    }

    /// First and second derivatives are finite differences.
    fn check(&self) {
        self.compare(&self.first_order());
        self.compare(&self.second_order());
    }

    /// What the gradients are.
    fn found(&self) -> Vec<Vec<f64>> {
        self.run(&self.first_order(), &self.values()).split_off(1)
    }
}

fn x() -> Tensor {
    Tensor::from([[0.3_f64, -0.7, 1.1], [0.9, 0.4, -0.2]])
}

fn y() -> Tensor {
    Tensor::from([[-0.5_f64, 0.8, 0.1], [1.2, -1.4, 0.6]])
}

fn row() -> Variable {
    Variable::new(Tensor::from([0.7_f64, -1.3, 0.4]))
}

#[derive(Module)]
struct Affine {
    scale: Variable,
    shift: Variable,
}

#[layer]
impl Affine {
    fn new(seed: f64) -> Self {
        let scale = Variable::new(Tensor::from([0.5 + seed, -0.8, 0.3 * seed]));
        Self { scale, shift: Variable::new(Tensor::from([0.1_f64, seed, -0.4])) }
    }

    #[signature(x = [None, None; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        (x * &self.scale + &self.shift).tanh()
    }

    #[signature(x = [None, None; f64] -> (sum = [; f64], same = [None, None; f64], unused = [None, None; f64]))]
    fn many(&self, x: &Tensor) -> (Tensor, Tensor, Tensor) {
        ((x * &self.scale).sin().sum(), x.clone(), self.call(x))
    }
}

#[derive(Module)]
struct Block {
    first: Affine,
    second: Affine,
    gain: Variable,
}

#[layer]
impl Block {
    fn new() -> Self {
        Self { first: Affine::new(0.2), second: Affine::new(-0.6), gain: row() }
    }

    #[signature(x = [None, None; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        let inner = self.second.call(&self.first.call(x));
        x + inner * self.gain.value().exp()
    }
}

#[derive(Module)]
struct Deep {
    blocks: Vec<Block>,
    tied: Arc<Affine>,
    again: Arc<Affine>,
}

#[layer]
impl Deep {
    fn new() -> Self {
        let tied = Arc::new(Affine::new(0.9));
        Self { blocks: vec![Block::new(), Block::new()], again: tied.clone(), tied }
    }

    #[signature(x = [None, None; f64])]
    fn call(&self, x: &Tensor) -> Tensor {
        let x = self.blocks.iter().fold(self.tied.call(x), |x, block| block.call(&x));
        self.again.call(&x)
    }
}

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
    let elsewhere: Vec<_> = files.keys().filter(|file| !file.ends_with("tests/autodiff.rs")).collect();
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
    assert!(foreign.contains("the variable made at") && foreign.contains("tests/autodiff.rs"), "{foreign}");
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
