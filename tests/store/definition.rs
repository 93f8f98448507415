//! Restoring a type whose code has changed since.

use holotype::graph::{FunctionId, Mode, Origin};
use holotype::module::Entry;
use holotype::prelude::*;
use holotype::store::{self, Restore};
use holotype::tensor::Document;
use holotype::trace::Signature;

use crate::models::{Small, contents};

#[test]
fn the_type_comes_back_with_its_configuration_and_variables() {
    let directory = tempfile::tempdir().unwrap();
    let model = Small::new(0.3);
    store::save(&model, directory.path()).unwrap();
    let typed: Small = store::restore(directory.path()).unwrap();
    assert_eq!(typed.title, "small");
    assert_eq!(typed.inner.as_ref().unwrap().limit, 0.5);
    assert_eq!(contents(&Program::trace(&typed).unwrap()), contents(&Program::trace(&model).unwrap()));
}

macro_rules! version {
    ($module:ident, $field:ident $(, #[$attribute:meta])? => |$model:ident, $x:ident| $body:expr) => {
        mod $module {
            use holotype::prelude::*;

            #[derive(Module)]
            pub struct Affine {
                $(#[$attribute])?
                pub $field: Variable,
                pub limit: f32,
            }

            #[layer]
            impl Affine {
                #[signature(x = [None, None; f32])]
                pub fn call(&self, $x: &Tensor) -> Tensor {
                    let $model = self;
                    $body
                }
            }
        }
    };
}

version!(first, scale => |model, x| x * &model.scale + model.limit);
version!(moved, scale => |model, x| {
    let product = x * &model.scale;
    let _unused = product.exp();
    product + model.limit
});
version!(renamed, factor, #[module(alias = "scale")] => |model, x| x * &model.factor + model.limit);
version!(changed, scale => |model, x| x * &model.scale - model.limit);
version!(frozen, scale, #[module(frozen)] => |model, x| x * &model.scale + model.limit);
version!(lost, factor => |model, x| x * &model.factor + model.limit);

fn affine() -> first::Affine {
    first::Affine { scale: Variable::new(Tensor::from([2.0_f32, 3.0])), limit: 1.5 }
}

#[test]
fn the_same_computation_restores_whatever_the_code_looks_like() {
    let directory = tempfile::tempdir().unwrap();
    store::save(&affine(), directory.path()).unwrap();
    store::restore::<first::Affine>(directory.path()).unwrap();
    store::restore::<moved::Affine>(directory.path()).unwrap();
    let renamed: renamed::Affine = store::restore(directory.path()).unwrap();
    assert_eq!(renamed.factor.value().to_vec::<f32>().unwrap(), [2.0, 3.0]);
}

#[test]
fn another_computation_is_refused_with_a_diff() {
    let directory = tempfile::tempdir().unwrap();
    store::save(&affine(), directory.path()).unwrap();
    let Err(Error::DefinitionChanged { diff, type_name }) =
        store::restore::<changed::Affine>(directory.path())
    else {
        panic!("it was restored")
    };
    assert!(type_name.ends_with("changed::Affine"), "{type_name}");
    let changes: Vec<_> = diff.lines().filter(|line| line.starts_with(['-', '+'])).collect();
    assert_eq!(changes.len(), 2, "{diff}");
    assert!(changes[0].contains("add(") && changes[1].contains("subtract("), "{diff}");

    let error = store::restore::<frozen::Affine>(directory.path()).err().unwrap().to_string();
    assert!(error.contains("-variable scale: trainable\n+variable scale: frozen"), "{error}");
    assert!(matches!(store::restore::<lost::Affine>(directory.path()), Err(Error::Module { .. })));
    let allowed: changed::Affine =
        Restore::new().allow_changed_definition().restore(directory.path()).unwrap();
    assert_eq!(allowed.limit, 1.5);
}

#[test]
fn other_sizes_are_another_definition() {
    // The same body over weights of another size gives other types.
    let directory = tempfile::tempdir().unwrap();
    store::save(&Small::new(0.3), directory.path()).unwrap();
    let error = store::restore::<first::Affine>(directory.path()).err().unwrap();
    assert!(matches!(error, Error::Module { .. }), "{error}");
}

/// A model within a training run.
#[derive(Module)]
struct Run {
    model: Small,
    step: Variable,
}

#[layer]
impl Run {
    #[signature(input = [batch, None; f32], row = [None; f32])]
    fn call(&self, input: &Tensor, row: &Tensor) -> (Tensor, Tensor) {
        (self.model.call(input), self.model.count(row))
    }
}

#[test]
fn the_model_of_a_training_run_is_restored() {
    let run = Run { model: Small::new(0.3), step: Variable::state(Tensor::from([0_i64])) };
    let traced = Program::trace(&run).unwrap();
    let graph = traced.graph();
    let mut entries = traced.entries().to_vec();
    for entry in &mut entries {
        entry.signature.function = "train".into();
    }
    for (index, function) in graph.functions.iter().enumerate() {
        let Origin::Layer { path, method, .. } = &function.origin else { continue };
        if path == "model" {
            let inputs =
                function.inputs.iter().map(|(name, _)| name.clone()).zip(function.input_types().cloned());
            let name = (method == "call").then(|| "scaled".to_owned());
            let outputs = function.output_types().map(|kind| (name.clone(), kind.clone()));
            let signature = Signature {
                function: method.clone(),
                inputs: inputs.collect(),
                outputs: outputs.collect(),
                ..Signature::default()
            };
            entries.extend([Mode::Inference, Mode::Training].map(|mode| Entry {
                signature: signature.clone(),
                mode,
                function: FunctionId::new(index),
            }));
        }
    }
    let notes = vec![("training".to_owned(), Document::describe("a run").unwrap())];
    let (objects, variables) = (traced.objects().clone(), traced.variables().to_vec());
    let program = Program::new(graph.clone(), objects, entries, variables, notes).unwrap();
    let directory = tempfile::tempdir().unwrap();
    program.save(directory.path()).unwrap();
    let typed: Small = store::restore(directory.path()).unwrap();
    assert_eq!(typed.title, "small");
    let loaded = store::load(directory.path()).unwrap();
    assert_eq!(loaded.note("training"), program.note("training"));
    assert_eq!(loaded.notes(), program.notes());
}
