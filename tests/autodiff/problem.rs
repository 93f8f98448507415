//! Code with its inputs and variables, its gradients, and the finite differences they must be.

use std::any::TypeId;
use std::sync::Arc;

use holotype::autodiff::gradients;
use holotype::exec::{Compiled, Executor, Runnable};
use holotype::graph::{FunctionId, Graph, Mode, PrintOptions, Role, print};
use holotype::module::ModuleTree;
use holotype::prelude::*;
use holotype::tensor::{Data, TensorType};
use holotype::trace::{Signature, Tracer};

const STEP: f64 = 1e-5;
const TOLERANCE: f64 = 1e-7;

/// A number computed from tensors, and from variables that the code holds.
pub type Body<'a> = &'a dyn Fn(&[Tensor]) -> Tensor;

/// What is differentiated: code, its inputs, and the variables it reads.
pub struct Problem<'a> {
    body: Body<'a>,
    inputs: Vec<Tensor>,
    pub variables: Vec<Variable>,
    modules: Vec<(usize, TypeId, String)>,
}

pub struct Ready {
    pub graph: Graph,
    signature: Signature,
    runnable: Box<dyn Runnable>,
    function: FunctionId,
}

impl<'a> Problem<'a> {
    pub fn new(inputs: &[Tensor], variables: &[&Variable], body: Body<'a>) -> Self {
        let variables = variables.iter().map(|&variable| variable.clone()).collect();
        Self { body, inputs: inputs.to_vec(), variables, modules: Vec::new() }
    }

    /// The variables and modules are those of a module.
    pub fn of<M: Module>(module: &M, inputs: &[Tensor], body: Body<'a>) -> Self {
        let structure = ModuleTree::of(module).unwrap();
        let variables = structure.leaves.into_iter().map(|leaf| leaf.variable).collect();
        Self { body, inputs: inputs.to_vec(), variables, modules: structure.modules }
    }

    pub fn trace(&self, body: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<Ready> {
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
        let runnable = Compiled.prepare(Arc::new(graph.clone()), self.variables.clone())?;
        let traced = traced.remove(0);
        Ok(Ready { graph, signature: traced.signature, runnable, function: traced.function })
    }

    /// The gradients of a number, of inputs, then of variables.
    pub fn gradients(&self, number: &Tensor, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let tensors: Vec<_> = inputs.iter().collect();
        let variables: Vec<_> = self.variables.iter().collect();
        let found = gradients(number, &tensors, &variables)?;
        Ok(found.tensors.into_iter().chain(found.variables).collect())
    }

    /// The number and its gradients.
    pub fn first_order(&self) -> Ready {
        self.trace(|inputs| {
            let number = (self.body)(inputs);
            let found = self.gradients(&number, inputs)?;
            Ok([vec![number], found].concat())
        })
        .unwrap()
    }

    /// The sum of the squares of the gradients, and its gradients.
    pub fn second_order(&self) -> Ready {
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
    pub fn run(&self, ready: &Ready, values: &[Data]) -> Vec<Vec<f64>> {
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
    pub fn values(&self) -> Vec<Data> {
        let inputs = self.inputs.iter().map(|input| input.data().unwrap().clone());
        inputs.chain(self.variables.iter().map(|variable| variable.data().unwrap())).collect()
    }

    pub fn compare(&self, ready: &Ready) {
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
    pub fn check(&self) {
        self.compare(&self.first_order());
        self.compare(&self.second_order());
    }

    /// What the gradients are.
    pub fn found(&self) -> Vec<Vec<f64>> {
        self.run(&self.first_order(), &self.values()).split_off(1)
    }
}
