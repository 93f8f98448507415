use std::sync::Arc;

use holotype::graph::{PrintOptions, Role, print};
use holotype::prelude::*;
use holotype::store::{self, Load};
use holotype::tensor::{Data, Element};

use crate::models::{Small, contents, outputs};

#[test]
fn a_loaded_program_is_the_saved_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new").join("model");
    let model = Small::new(0.3);
    let program = Program::trace(&model).unwrap();
    store::save(&model, &path).unwrap();
    for loaded in [store::load(&path).unwrap(), Load::new().copied().load(&path).unwrap()] {
        let all = PrintOptions { locations: true };
        assert_eq!(print(loaded.graph(), all), print(program.graph(), all));
        assert_eq!(loaded.objects(), program.objects());
        assert_eq!(loaded.entries(), program.entries());
        assert_eq!(loaded.graph().variables, program.graph().variables);
        assert_eq!(contents(&loaded), contents(&program));
        assert_eq!(outputs(&loaded), outputs(&program));
        let signature = loaded.signature("call").unwrap().to_string();
        assert_eq!(signature, "call(input: [batch, 3; f32]) -> scaled: [batch, 3; f32]");
        assert_eq!(loaded.variable("bias").unwrap().role(), Role::Trainable, "made so");
        assert_eq!(loaded.variable("seen").unwrap().role(), Role::State);
    }
}

#[test]
fn saving_is_deterministic_and_survives_a_second_round() {
    let directory = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| directory.path().join(name));
    store::save(&Small::new(0.7), &first).unwrap();
    store::load(&first).unwrap().save(&second).unwrap();
    for (a, b) in crate::binary::files(&first).iter().zip(crate::binary::files(&second)) {
        assert_eq!(a.file_name(), b.file_name());
        assert_eq!(std::fs::read(a).unwrap(), std::fs::read(b).unwrap());
    }
}

#[test]
fn a_loaded_program_changes_its_own_variables_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model");
    store::save(&Small::new(0.3), &path).unwrap();
    let (first, second) = (store::load(&path).unwrap(), store::load(&path).unwrap());
    first.call_function("count", &[Tensor::from([1.0_f32, 2.0, 3.0])]).unwrap();
    let seen = |program: &Program| program.variable("seen").unwrap().value().to_vec::<i64>().unwrap();
    assert_eq!((seen(&first), seen(&second)), (vec![4], vec![3]));
    first.save(&path).unwrap();
    assert_eq!(seen(&store::load(&path).unwrap()), [4]);
    assert_eq!(seen(&second), [3]);
}

#[derive(Module)]
struct Values {
    values: Vec<Variable>,
}

#[layer]
impl Values {
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input.exp()
    }
}

fn variable<T: Element>(sizes: &[usize], elements: Vec<T>) -> Variable {
    Variable::new(Tensor::from_data(Data::new(sizes, elements).unwrap()))
}

#[test]
fn every_dtype_survives_bit_for_bit() {
    let f16 = [0x7e01, 0xfc00, 0x0001, 0x8000].map(half::f16::from_bits).to_vec();
    let bf16 = [0x7fa1, 0xff80, 0x0001, 0x8000].map(half::bf16::from_bits).to_vec();
    let f32 = [0x7fc0_1234, 0x7fa0_0001, 0xff80_0000, 1, 0x8000_0000].map(f32::from_bits).to_vec();
    let f64 = [0x7ff8_0000_0000_1234, 0x7ff0_0000_0000_0001, 1, 1 << 63].map(f64::from_bits).to_vec();
    let values = vec![
        variable(&[3], vec![true, false, true]),
        variable(&[5], f32),
        variable(&[2, 2], f64),
        variable(&[4], f16),
        variable(&[1, 4], bf16),
        variable(&[1], vec![i8::MIN]),
        variable(&[2], vec![i16::MIN, -1]),
        variable(&[2], vec![i32::MIN, 7]),
        variable(&[2], vec![i64::MIN, i64::MAX]),
        variable(&[1], vec![u8::MAX]),
        variable(&[1], vec![u16::MAX]),
        variable(&[1], vec![u32::MAX]),
        variable(&[1], vec![u64::MAX]),
        variable(&[], vec![2.5_f32]),
        variable(&[0, 4], Vec::<f64>::new()),
        variable(&[3, 0], Vec::<bool>::new()),
    ];
    let model = Values { values };
    let directory = tempfile::tempdir().unwrap();
    store::save(&model, directory.path()).unwrap();
    for load in [Load::new(), Load::new().copied()] {
        let loaded = load.load(directory.path()).unwrap();
        for (found, expected) in loaded.variables().iter().zip(&model.values) {
            let (found, expected) = (found.data().unwrap(), expected.data().unwrap());
            assert!(found.same_bits(&expected), "{found:?} {expected:?}");
            let size = found.dtype().size();
            assert!(found.is_empty() || found.bytes().as_ptr().addr() % size == 0);
        }
    }
    let typed: Values = store::restore(directory.path()).unwrap();
    assert_eq!(typed.values.len(), model.values.len());
}

#[derive(Module)]
struct Tied {
    encoder: Arc<Shared>,
    decoder: Arc<Shared>,
    again: Variable,
}

#[derive(Module)]
struct Shared {
    table: Variable,
}

#[layer]
impl Tied {
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input * &self.encoder.table + &self.decoder.table + &self.again
    }
}

#[test]
fn a_shared_variable_is_saved_once_and_stays_one() {
    let shared = Arc::new(Shared { table: Variable::new(Tensor::from([1.0_f32, 2.0])) });
    let model = Tied { encoder: shared.clone(), decoder: shared.clone(), again: shared.table.clone() };
    let directory = tempfile::tempdir().unwrap();
    store::save(&model, directory.path()).unwrap();
    assert_eq!(store::load(directory.path()).unwrap().variables().len(), 1);
    let typed: Tied = store::restore(directory.path()).unwrap();
    assert!(Arc::ptr_eq(&typed.encoder, &typed.decoder));
    typed.again.assign(Tensor::from([5.0_f32, 6.0]));
    assert_eq!(typed.encoder.table.value().to_vec::<f32>().unwrap(), [5.0, 6.0]);
}

#[derive(Module)]
struct Pure {
    factor: f32,
}

#[layer]
impl Pure {
    #[signature(input = [None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input * self.factor
    }
}

#[test]
fn a_model_without_variables_has_no_file_for_them() {
    let directory = tempfile::tempdir().unwrap();
    store::save(&Small::new(1.0), directory.path()).unwrap();
    store::save(&Pure { factor: 2.0 }, directory.path()).unwrap();
    assert_eq!(std::fs::read_dir(directory.path().join("variables")).unwrap().count(), 0);
    let typed: Pure = store::restore(directory.path()).unwrap();
    assert_eq!(typed.factor, 2.0);
}

#[test]
fn a_variable_that_carries_an_error_is_not_saved() {
    let model = Small::new(1.0);
    model.weights.assign(Tensor::from([1.0_f32]));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model");
    let error = store::save(&model, &path).unwrap_err().to_string();
    assert!(error.contains("assign"), "{error}");
    assert!(!path.exists());
}
