//! A model with an op of one's own: a program that links the op runs it without the model's code, and goes on training; the
//! gradient of the op is that of its formula.

#![allow(clippy::unwrap_used, missing_docs)]

use std::process::Command;

use cut_off::cut_off;
use holotype::layers::Dense;
use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::store::save_tensors;
use holotype::transform::grad;

#[derive(Module)]
struct Amplifier {
    gain: Dense,
    limit: f64,
}

#[layer]
impl Amplifier {
    #[signature(x = [None, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        cut_off(&self.gain.call(x), self.limit)
    }
}

#[test]
fn a_program_with_the_op_runs_a_model_it_does_not_know() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model");
    let x = Tensor::randn([5, 3]);
    let model = Amplifier { gain: Dense::new(3, 2), limit: 0.75 };
    let output = model.call(&x);
    holotype::save(&model, &path).unwrap();
    save_tensors(path.join("assets/test.safetensors"), &[("x", &x), ("output", &output)]).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_cut-off")).arg(&path).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(said.contains("10 test outputs, the same bits"), "{said}");
}

#[test]
fn a_run_with_the_op_is_gone_on_with_bit_for_bit() {
    let directory = tempfile::tempdir().unwrap();
    let data = Dataset::new(Tensor::randn([32, 3]), Tensor::randn([32, 2])).unwrap();
    let model = Amplifier { gain: Dense::new(3, 2), limit: 0.75 };
    let mut trainer = Trainer::new(model, Adam::new(0.05), mean_squared_error).build().unwrap();
    let fit = || Fit::epochs(2).batch_size(8).quiet();
    trainer.fit(&data, fit()).unwrap();
    trainer.save(directory.path()).unwrap();
    let mut again = holotype::load(directory.path()).unwrap().into_trainer().unwrap();
    trainer.fit(&data, fit()).unwrap();
    again.fit(&data, fit()).unwrap();
    assert_eq!(trainer.program().fingerprint().unwrap(), again.program().fingerprint().unwrap());
}

#[test]
fn the_gradient_is_that_of_the_formula() {
    let x = Tensor::from([-3.0_f64, -0.2, 0.0, 0.4, 1.7]);
    let op = grad(|x: &Tensor| cut_off(x, 0.75).square().sum(), &x);
    let formula = grad(|x: &Tensor| ((x / 0.75).tanh() * 0.75).square().sum(), &x);
    for (op, formula) in op.to_vec::<f64>().unwrap().iter().zip(formula.to_vec::<f64>().unwrap()) {
        assert!((op - formula).abs() <= 1e-14, "{op} instead of {formula}");
    }
    let error = cut_off(&Tensor::from([1_i32]), 0.75).to_vec::<i32>().unwrap_err().to_string();
    assert!(
        error.contains("CutOff") && error.contains("f32 or f64") && error.contains("linked.rs"),
        "{error}"
    );
}
