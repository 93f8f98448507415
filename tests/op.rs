//! Ops of one's own: saved by name and version, and found again where they are linked.

#![allow(clippy::unwrap_used, dead_code)]

use std::fs;

use holotype::op::{Constraints, Data, Mapping, Op, Result, Sizes, TensorType, apply};
use holotype::prelude::*;
use holotype::registry::{Kind, find};
use serde::{Deserialize, Serialize};

#[path = "store/binary.rs"]
mod binary;

/// `x` with everything above a limit cut off.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct CutOff {
    limit: f32,
}

#[op(name = "op::CutOff", alias = "op::Clipped", version = 2)]
impl Op for CutOff {
    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        match operands {
            [x] if x.dtype == DType::F32 => Ok(vec![x.clone()]),
            _ => Err("it takes one tensor of f32".into()),
        }
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let cut = operands[0].elements::<f32>()?.iter().map(|x| x.min(self.limit)).collect();
        Ok(vec![Data::new::<f32>(operands[0].sizes(), cut)?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(operands[0].less(self.limit).select(&gradients[0], 0.0))]
    }
}

/// All that may be written is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Plain;

#[op]
impl Op for Plain {
    const NO_GRADIENT: Option<&'static str> = Some("it has none");

    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        Ok(operands.to_vec())
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        Ok(operands.to_vec())
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], _: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![None]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Identity")
    }
}

#[derive(Module)]
struct Cut {
    scale: Variable,
}

#[layer]
impl Cut {
    #[signature(x = [None; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        apply(CutOff { limit: 1.0 }, &[&(x * &self.scale)])
    }
}

fn cut() -> Cut {
    Cut { scale: Variable::new(Tensor::from(2.0_f32)) }
}

#[test]
fn names_versions_and_defaults() {
    assert_eq!((CutOff::NAME, CutOff::VERSION), ("op::CutOff", 2));
    assert_eq!((Plain::NAME, Plain::VERSION), (concat!(module_path!(), "::Plain"), 1));
    assert_eq!(Plain.onnx(), Mapping::Operator("Identity"));
    assert!(matches!(CutOff { limit: 1.0 }.onnx(), Mapping::Unsupported(_)));
    assert!(CutOff::samples().is_empty());
    for name in ["op::CutOff", "op::Clipped", Plain::NAME] {
        assert!(find(Kind::Op, name).unwrap().file.ends_with("op.rs"));
    }
}

#[test]
fn it_is_saved_loaded_and_trained_through() {
    let directory = tempfile::tempdir().unwrap();
    holotype::save(&cut(), directory.path()).unwrap();
    let loaded = holotype::load(directory.path()).unwrap();
    let y = loaded.call(&[Tensor::from([0.25_f32, 2.0])]).unwrap();
    assert_eq!(y[0].to_vec::<f32>().unwrap(), [0.5, 1.0]);
    let restored: Cut = holotype::restore(directory.path()).unwrap();
    assert_eq!(restored.call(&Tensor::from([3.0_f32])).to_vec::<f32>().unwrap(), [1.0]);

    // y = min(2 x, 1) and the loss (y - 1)^2, of which only the first sample has a slope.
    let x = Tensor::from([[0.25_f32], [2.0]]).reshape([2]);
    let data = Dataset::new(&x, Tensor::from([1.0_f32, 1.0])).unwrap();
    let mut trainer =
        Trainer::new(cut(), Sgd::new(0.5), holotype::losses::mean_squared_error).build().unwrap();
    trainer.fit(&data, Fit::epochs(1).batch_size(2).quiet()).unwrap();
    let scale = trainer.variable("model.scale").unwrap().value().to_scalar::<f32>().unwrap();
    // d/ds of ((0.25 s - 1)^2 + 0) / 2 is 0.25 (0.25 s - 1) = -0.125 at s = 2.
    assert!((scale - 2.0625).abs() < 1e-6, "{scale}");
}

#[test]
fn errors_name_the_op_and_say_what_to_do() {
    let wrong = apply(CutOff { limit: 1.0 }, &[&Tensor::from(1_i32)]).error().unwrap().to_string();
    assert!(
        wrong.contains("op::CutOff([; i32]): it takes one tensor of f32") && wrong.contains("op.rs:"),
        "{wrong}"
    );

    let directory = tempfile::tempdir().unwrap();
    holotype::save(&cut(), directory.path()).unwrap();
    let [definition, _] = binary::files(directory.path());
    let saved = binary::Binary::read(&fs::read(&definition).unwrap());
    let with = |section: &str, from: &[u8], to: &[u8]| {
        let mut other = saved.clone();
        let bytes = &mut other.section(section).bytes;
        let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to);
        fs::write(&definition, other.bytes()).unwrap();
        holotype::load(directory.path()).map(|_| ())
    };
    let error = with("strings", b"op::CutOff", b"op::CutOut").unwrap_err().to_string();
    assert!(error.contains("no op named `op::CutOut` is linked") && error.contains("op::CutOff"), "{error}");
    assert!(error.contains("mention the crate once (`use its_name as _;`)"), "{error}");
    with("strings", b"op::CutOff", b"op::CutOff").unwrap();

    // One of these bytes is the version of the op.
    let mut newer = Vec::new();
    let mut copy = saved.clone();
    let length = copy.section("ops").bytes.len();
    for at in 0..length {
        let mut other = saved.clone();
        let byte = &mut other.section("ops").bytes[at];
        if *byte == 2 {
            *byte = 9;
            fs::write(&definition, other.bytes()).unwrap();
            newer.extend(holotype::load(directory.path()).err().map(|error| error.to_string()));
        }
    }
    let expected = "op `op::CutOff` has version 9, and this program knows versions 1 to 2: use a newer version of the crate";
    assert!(newer.iter().any(|error| error.contains(expected)), "{newer:?}");
}

/// What an op of one's own may get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Wrong {
    Size,
    Dtype,
    NoResult,
    GradientSize,
    GradientDtype,
    NoGradient,
}

/// The same numbers, with something wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Mistaken {
    wrong: Wrong,
}

#[op]
impl Op for Mistaken {
    fn infer(&self, operands: &[TensorType], _: &mut dyn Constraints) -> Result<Vec<TensorType>, String> {
        Ok(operands.to_vec())
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        Ok(match self.wrong {
            Wrong::Size => vec![Data::new::<f32>(&[3], vec![0.0; 3])?],
            Wrong::Dtype => vec![Data::new::<f64>(&[2], vec![0.0; 2])?],
            Wrong::NoResult => Vec::new(),
            _ => operands.to_vec(),
        })
    }

    fn gradient(&self, _: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        match self.wrong {
            Wrong::GradientSize => vec![Some(gradients[0].sum())],
            Wrong::GradientDtype => vec![Some(gradients[0].cast(DType::F64))],
            Wrong::NoGradient => Vec::new(),
            _ => vec![Some(gradients[0].clone())],
        }
    }
}

#[derive(Module)]
struct Mistake {
    #[module(config)]
    wrong: Wrong,
}

#[layer]
impl Mistake {
    #[signature(x = [n; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        apply(Mistaken { wrong: self.wrong }, &[x])
    }
}

#[test]
fn a_kernel_that_gives_what_its_shape_rule_does_not_say_is_an_error() {
    let x = Tensor::from([1.0_f32, 2.0]);
    for (wrong, found) in
        [(Wrong::Size, "[3; f32]"), (Wrong::Dtype, "[2; f64]"), (Wrong::NoResult, "nothing")]
    {
        let layer = Mistake { wrong };
        let eager = layer.call(&x).to_vec::<f32>().unwrap_err().to_string();
        let traced = Program::trace(&layer).unwrap().call(std::slice::from_ref(&x)).unwrap_err().to_string();
        for error in [eager, traced] {
            let words = format!("Mistaken: its kernel gives {found}, and its shape rule says [2; f32]");
            assert!(error.contains(&words) && error.contains("tests/op.rs"), "{error}");
        }
    }
}

#[test]
fn a_gradient_that_does_not_fit_its_operand_is_an_error() {
    let x = Tensor::from([1.0_f32, 2.0]);
    for (wrong, words) in [
        (Wrong::GradientSize, "for its operand 0 is [; f32], and the operand [2; f32]"),
        (Wrong::GradientDtype, "for its operand 0 is [2; f64], and the operand [2; f32]"),
        (Wrong::NoGradient, "has 0 items, and the op 1 operands"),
    ] {
        let layer = Mistake { wrong };
        let gradient = holotype::transform::grad(|x: &Tensor| layer.call(x).sum(), &x);
        let error = gradient.to_vec::<f32>().unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("Mistaken"), "{error}");
    }
}
