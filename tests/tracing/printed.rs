//! Graphs as text: stable, so that a change of what is recorded shows here.

use holotype::graph::{PrintOptions, Variable as Var, composition, print};
use holotype::prelude::*;

use crate::{Affine, same};

#[derive(Module)]
struct Everything {
    inner: Affine,
    count: Variable,
    exponent: f32,
}

#[layer]
impl Everything {
    #[signature(x = [batch, None; f32], on = [batch; bool])]
    fn call(&self, x: &Tensor, on: &Tensor) -> (Tensor, Tensor) {
        let outer = self.inner.call(x);
        let shaped = composition("cube", &[&outer], |x| x[0].pow(self.exponent) * &outer);
        self.count.assign(&self.count + 1);
        let chosen = on.reshape([-1, 1]).select(shaped, Tensor::from([1.0_f32, 2.0, 3.0]));
        (chosen.sum(), self.count.value())
    }
}

const EXPECTED: &str = r#"variable inner.scale: [3; f32] trainable
variable inner.shift: [3; f32] trainable
variable count: [; i64] state

function inner.call(%0 x: [batch, 3; f32]) -> ([batch, 3; f32]) // call of tracing::Affine at inner
{
  %1 = read inner.scale: [3; f32]
  %2 = broadcast_in_dim(%1) {shape: ["batch", 3], dimensions: [1]}: [batch, 3; f32]
  %3 = multiply(%0, %2): [batch, 3; f32]
  %4 = read inner.shift: [3; f32]
  %5 = broadcast_in_dim(%4) {shape: ["batch", 3], dimensions: [1]}: [batch, 3; f32]
  %6 = add(%3, %5): [batch, 3; f32]
  return %6
}

function cube(%0 x0: [batch, 3; f32], %1 captured_0: [batch, 3; f32]) -> ([batch, 3; f32]) // composition cube
{
  %2 = constant 3 [; f32]: [; f32]
  %3 = broadcast_in_dim(%2) {shape: ["batch", 3], dimensions: []}: [batch, 3; f32]
  %4 = power(%0, %3): [batch, 3; f32]
  %5 = multiply(%4, %1): [batch, 3; f32]
  return %5
}

function call(%0 x: [batch, 3; f32], %1 on: [batch; bool]) -> ([; f32], [; i64]) // call of tracing::printed::Everything
{
  %2 = call inner.call(%0): [batch, 3; f32]
  %3 = call cube(%2, %2): [batch, 3; f32]
  %4 = read count: [; i64]
  %5 = constant 1 [; i64]: [; i64]
  %6 = add(%4, %5): [; i64]
  assign count(%6)
  %7 = reshape(%1) {shape: ["batch", 1]}: [batch, 1; bool]
  %8 = constant [1, 2, 3] [3; f32]: [3; f32]
  %9 = broadcast_in_dim(%8) {shape: ["batch", 3], dimensions: [1]}: [batch, 3; f32]
  %10 = broadcast_in_dim(%7) {shape: ["batch", 3], dimensions: [0, 1]}: [batch, 3; bool]
  %11 = select(%10, %3, %9): [batch, 3; f32]
  %12 = reduce(%11) {reducer: "sum", axes: [0, 1]}: [; f32]
  %13 = read count: [; i64]
  return %12, %13
}
"#;

#[test]
fn a_graph_prints_its_variables_functions_attributes_and_types() {
    let count = Var::state(Tensor::scalar(0_i64));
    let model = Everything { inner: Affine::new(0.5), count, exponent: 3.0 };
    let program = Program::trace(&model).unwrap();
    let found = print(program.graph(), PrintOptions::default());
    assert!(found == EXPECTED, "{found}");
}

#[test]
fn locations_stand_behind_the_nodes() {
    let program = same(&Affine::new(0.5), &crate::counted(1, 3));
    let found = print(program.graph(), PrintOptions { locations: true });
    let at = crate::line(include_str!("main.rs"), "x * &self.scale");
    for (op, column) in [("multiply(", 9), ("add(", 9), ("read scale", 9), ("read shift", 9)] {
        let line = found.lines().find(|line| line.contains(op)).unwrap();
        assert!(line.ends_with(&format!(" // tests/tracing/main.rs:{at}:{column}")), "{line}");
    }
}
