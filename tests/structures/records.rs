//! Structs in and out.

use std::collections::BTreeMap;

use holotype::prelude::*;
use holotype::store;

use crate::{counted, programs, same, signatures};

#[derive(Structure)]
struct Inputs {
    image: Tensor,
    #[structure(rename = "keep")]
    mask: Option<Tensor>,
}

#[derive(Structure)]
struct Predictions {
    logits: Tensor,
    aux: (Tensor,),
}

#[derive(Module)]
struct Classifier {
    weights: Variable,
}

#[layer]
impl Classifier {
    fn new() -> Self {
        Self { weights: Variable::new(counted(&[4, 3])) }
    }

    #[signature(input = { image: [batch, 2, 2; f32], keep: ?[batch; bool] })]
    fn call(&self, input: &Inputs) -> Predictions {
        let rows = input.image.reshape(Shape::new(vec![input.image.dim(0), Dim::from(4)]));
        let logits = rows.matmul(&self.weights);
        let logits = match &input.mask {
            Some(mask) => mask.expand_dims(-1).select(&logits, 0.0),
            None => logits,
        };
        Predictions { aux: (logits.sum(),), logits }
    }

    #[signature(logits = [None, 3; f32], scale = [; f32] -> { logits: [None, 3; f32], aux: ([; f32],) })]
    fn scaled(&self, logits: &Tensor, scale: Tensor) -> Predictions {
        Predictions { logits: logits * &scale, aux: (scale,) }
    }

    /// What comes from a call of another method in the same trace is a structure again.
    #[signature(keep = [batch; bool], image = [batch, 2, 2; f32] -> (sum = [; f32], rest = { a: [batch, 3; f32] }))]
    fn twice(&self, image: &Tensor, keep: &Tensor) -> (Tensor, Named) {
        let input = Inputs { image: image.clone(), mask: Some(keep.clone()) };
        let first = self.call(&input);
        let second = self.scaled(&first.logits, first.aux.0.clone());
        (first.aux.0, Named { value: second.logits })
    }
}

#[derive(Structure)]
struct Named {
    #[structure(rename = "a")]
    value: Tensor,
}

fn inputs(mask: Option<Tensor>) -> Inputs {
    Inputs { image: counted(&[2, 2, 2]), mask }
}

#[test]
fn a_dictionary_of_inputs_and_two_outputs_are_the_same_eagerly_traced_and_loaded() {
    let model = Classifier::new();
    let programs = programs(&model);
    for program in &programs {
        for mask in [Some(Tensor::from([true, false])), None] {
            let input = inputs(mask.clone());
            let eager = model.call(&input);
            let found: Predictions = program.call_structure("call", &input).unwrap();
            same(&found, &eager);
            let mut named = vec![("input.image", input.image.clone())];
            named.extend(mask.map(|mask| ("input.keep", mask)));
            named.reverse();
            let named = program.call_named("call", &named).unwrap();
            let names: Vec<_> = named.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["logits", "aux.0"]);
            let map: BTreeMap<String, Tensor> = named.into_iter().collect();
            assert!(map["logits"].data().unwrap().same_bits(eager.logits.data().unwrap()));
        }
    }
    assert_eq!(
        signatures(&programs[1]),
        [
            "call(input: {image: [batch, 2, 2; f32], keep: [batch; bool]}) -> {logits: [batch, 3; f32], aux: ([; f32])}",
            "call(input: {image: [batch, 2, 2; f32]}) -> {logits: [batch, 3; f32], aux: ([; f32])}",
            "scaled(logits: [?, 3; f32], scale: [; f32]) -> {logits: [?, 3; f32], aux: ([; f32])}",
            "twice(image: [batch, 2, 2; f32], keep: [batch; bool]) -> (sum: [; f32], rest: {a: [batch, 3; f32]})",
        ]
    );
}

#[derive(Structure)]
struct Both {
    image: Tensor,
    keep: Tensor,
}

#[test]
fn structures_are_found_by_names_and_by_places() {
    let model = Classifier::new();
    let (image, keep) = (counted(&[2, 2, 2]), Tensor::from([false, true]));
    let eager = model.twice(&image, &keep);
    for program in programs(&model) {
        let both = Both { image: image.clone(), keep: keep.clone() };
        let found: (Tensor, Named) = program.call_structure("twice", &both).unwrap();
        same(&found, &eager);
        let maps = program.call_structure::<_, BTreeMap<String, BTreeMap<String, Tensor>>>("twice", &both);
        let error = maps.map(drop).unwrap_err().to_string();
        assert!(error.contains("the outputs are no `") && error.contains("twice(image:"), "{error}");
        let tuple = (image.clone(), keep.clone());
        let found: (Tensor, Named) = program.call_structure("twice", &tuple).unwrap();
        same(&found, &eager);
        let under = BTreeMap::from([("input".to_owned(), Both { image: image.clone(), keep: keep.clone() })]);
        let found: Predictions = program.call_structure("call", &under).unwrap();
        same(&found, &model.call(&inputs(Some(keep.clone()))));
    }
}

#[test]
fn a_call_with_other_names_says_which() {
    let program = Program::trace(&Classifier::new()).unwrap();
    let error = program.call_named("call", &[("image", counted(&[1, 2, 2]))]).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "input `image`: the function has no input of this name; it takes `input.image` and `input.keep`"
        ),
        "{error}"
    );
    let error = program.call_named("call", &[("input.keep", Tensor::from([true]))]).unwrap_err().to_string();
    assert!(
        error.starts_with("input `input.image`: the input is missing; give a tensor [batch, 2, 2; f32]"),
        "{error}"
    );
    let wrong =
        BTreeMap::from([("image".to_owned(), counted(&[1, 2, 2])), ("labels".to_owned(), counted(&[1]))]);
    let error = program.call_structure::<_, Predictions>("call", &wrong).map(drop).unwrap_err().to_string();
    assert!(error.starts_with("input `input.labels`: the function has no input of this name"), "{error}");
    let twice = [("input.image", counted(&[1, 2, 2])), ("input.image", counted(&[1, 2, 2]))];
    let error = program.call_named("call", &twice).unwrap_err().to_string();
    assert!(error.starts_with("input `input.image`: the input is given twice"), "{error}");
}

#[test]
fn an_eager_call_of_another_layout_says_what_is_wrong() {
    let model = Classifier::new();
    let short = Inputs { image: counted(&[2, 2, 2]), mask: Some(Tensor::from([true])) };
    let error = model.call(&short).logits.to_vec::<f32>().unwrap_err().to_string();
    assert!(
        error.starts_with(
            "input `input.keep`: expected [batch; bool], found [1; bool]: `batch` is 2 elsewhere"
        ),
        "{error}"
    );
    assert!(
        error.contains("signature: call(input: {image: [batch, 2, 2; f32], keep: ?[batch; bool]})"),
        "{error}"
    );
}

#[test]
fn the_type_is_restored_and_its_structured_methods_are_compared() {
    let directory = tempfile::tempdir().unwrap();
    let model = Classifier::new();
    holotype::save(&model, directory.path()).unwrap();
    let restored: Classifier = store::restore(directory.path()).unwrap();
    let input = inputs(None);
    same(&restored.call(&input), &model.call(&input));
}
