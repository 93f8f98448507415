//! What the crate defines is saved, loaded, restored and trained.
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]
#![allow(clippy::unwrap_used)]

use ht::prelude::*;
use renamed::blocks::{Chain, Residual};
use renamed::decisions::{Halve, parsed};
use renamed::dense::{Activation, Choice, Dense};
use renamed::made::{Sine, distances, squares};
use renamed::rules::{Heavy, largest, log_cosh};

/// Saved, loaded and restored, the layer computes the same bits.
fn round_trip<L: Layer + Module>(layer: &L, input: &Tensor, call: impl Fn(&L, &Tensor) -> Tensor) {
    let directory = tempfile::tempdir().unwrap();
    let bits = |tensor: &Tensor| tensor.to_vec::<f32>().unwrap();
    let expected = bits(&call(layer, input));
    ht::save(layer, directory.path()).unwrap();
    let loaded = ht::load(directory.path()).unwrap();
    assert_eq!(bits(&loaded.call(std::slice::from_ref(input)).unwrap()[0]), expected);
    let restored: L = ht::restore(directory.path()).unwrap();
    assert_eq!(bits(&call(&restored, input)), expected);
}

#[test]
fn structs_enums_and_generics_come_back() {
    let input = Tensor::randn([2, 4]);
    let dense = || Dense::new(4, 4, Activation::Tanh);
    round_trip(&dense(), &input, Dense::call);
    round_trip(&Choice::Same, &input, Choice::call);
    round_trip(&Choice::Layer { inner: dense() }, &input, Choice::call);
    round_trip(&Residual::<_>::new(dense), &input, Residual::call);
    round_trip(&Residual::<_, 3>::new(dense), &input, Residual::call);
    round_trip(&Sine::new(), &input, Sine::call);
}

#[test]
fn registered_layers_come_back_from_behind_boxes() {
    let dense = || Dense::new(4, 4, Activation::Linear);
    let layers: Vec<Box<dyn Layer>> = vec![
        Box::new(dense()),
        Box::new(Residual::<_>::new(dense)),
        Box::new(Residual::<_, 1>::new(|| Choice::Same)),
        Box::new(Sine::new()),
    ];
    round_trip(&Chain::new(layers), &Tensor::randn([3, 4]), Chain::call);
}

#[test]
fn an_instance_that_is_not_named_is_refused_by_name() {
    let dense = || Dense::new(4, 4, Activation::Linear);
    let chain = Chain::new(vec![Box::new(Residual::<_, 3>::new(dense))]);
    let error = Program::trace(&chain).unwrap_err().to_string();
    assert!(error.contains("instances("), "{error}");
}

#[test]
fn names_are_those_of_the_user() {
    assert_eq!(Dense::TYPE.name, "renamed::Dense");
    assert_eq!(Choice::TYPE.name, "renamed::dense::Choice");
    let program = Program::trace(&Dense::new(5, 3, Activation::Linear)).unwrap();
    assert!(program.variable("offset").is_ok());
    assert_eq!(
        program.signature("sum").unwrap().to_string(),
        "sum(input: [batch, 5; f32]) -> sum: [batch, 3; f32]"
    );
}

#[test]
fn a_run_goes_on_where_it_was_saved() {
    let directory = tempfile::tempdir().unwrap();
    let input = Tensor::randn([32, 4]);
    let data = Dataset::new(&input, input.sin()).unwrap();
    let fit = || Fit::epochs(2).batch_size(8).quiet();
    let model = Residual::<_>::new(|| Dense::new(4, 4, Activation::Tanh));
    let mut trainer = Trainer::new(model, Heavy::new(0.01), log_cosh)
        .metric(largest)
        .metric(squares)
        .metric(distances)
        .build()
        .unwrap();
    trainer.fit(&data, fit()).unwrap();
    trainer.save(directory.path()).unwrap();
    let mut stranger = ht::load(directory.path()).unwrap().into_trainer().unwrap();
    let went_on = trainer.fit(&data, fit()).unwrap();
    let resumed = stranger.fit(&data, fit()).unwrap();
    for metric in ["loss", "largest", "squares", "distances"] {
        assert_eq!(
            went_on.last(metric).unwrap().to_bits(),
            resumed.last(metric).unwrap().to_bits(),
            "{metric}"
        );
    }
}

#[test]
fn what_tensors_decide_comes_back() {
    round_trip(&Halve::new(3.0), &Tensor::from([4.0_f32, 5.0]), Halve::call);
    let halve = Halve::new(3.0);
    let y = halve.call(&Tensor::from([4.0_f32, 5.0]));
    // 9 is halved twice to 2.25, then tripled.
    assert_eq!(y.to_vec::<f32>().unwrap(), [3.0, 3.75]);
    assert_eq!(halve.rounds().to_vec::<f32>().unwrap(), [4.0]);
    assert_eq!(halve.call(&Tensor::from([1.0_f32])).to_vec::<f32>().unwrap(), [0.0]);
    assert_eq!((parsed("12", true), parsed("1", false)), (Ok(27), Ok(2)));
    assert!(parsed("x", false).is_err());
}
