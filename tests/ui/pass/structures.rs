//! Structures, static arguments and rules of sizes under strict lints, in generic layers and behind `macro_rules`.

#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

use std::collections::BTreeMap;

use holotype::prelude::*;
use serde::Serialize;

/// A choice.
#[derive(Clone, Copy, PartialEq, Serialize)]
pub enum Kind {
    /// One.
    Plain,
    /// Another.
    Scaled(u8),
}

/// Inputs of any kind.
#[derive(Structure)]
pub struct Inputs<T> {
    /// The image.
    pub image: T,
    /// What is not known to have a name.
    pub r#type: Option<Vec<Tensor>>,
    /// Not saved.
    #[structure(skip)]
    pub source: String,
}

/// Nothing.
#[derive(Structure)]
pub struct Nothing;

/// A tensor in other clothes.
#[derive(Structure)]
pub struct Wrapped(pub Tensor, Nothing);

/// A layer.
#[derive(Module)]
pub struct Model;

macro_rules! layers {
    ($in:ident, $layout:tt, $ty:ty) => {
        #[layer]
        impl Model {
            /// Documented.
            #[must_use]
            #[signature($in = $layout, kind in [Kind::Plain, Kind::Scaled(2)], text in ["a", "b"], n in 1..)]
            pub fn call(&self, $in: &$ty, kind: Kind, text: &str) -> Wrapped {
                let sum = &$in.image + $in.r#type.iter().flatten().fold(Tensor::scalar(0.0_f32), |sum, x| sum + x.sum());
                let by = if let Kind::Scaled(by) = kind { f32::from(by) } else { 1.0 };
                Wrapped(if text == "a" { sum } else { sum * by }, Nothing)
            }

            /// Nothing is used.
            #[signature(_x = [None; f32], _flag in [false, true] -> { y: [; f32] })]
            pub fn unused(&self, _x: Tensor, _flag: bool) -> BTreeMap<String, Tensor> {
                BTreeMap::from([("y".to_owned(), Tensor::scalar(1.0_f32))])
            }
        }
    };
}

layers!(input, { image: [n; f32], r#type: ?[[n; f32]; 2] }, Inputs<Tensor>);

/// A generic layer.
#[derive(Module)]
pub struct Generic<T> {
    inner: T,
}

#[layer(instances(Generic<Variable>))]
impl<T: Field + Send + Sync> Generic<T> {
    /// Documented.
    #[must_use]
    #[signature(x = { image: [None; f32], r#type: ?[[; f32]; 1] }, times in [1, 2])]
    pub fn call(&self, x: Inputs<Tensor>, mut times: usize) -> (Tensor, Option<Tensor>) {
        let _ = &self.inner;
        times += 1;
        let first = x.r#type.and_then(|list| list.into_iter().next());
        (x.image * u8::try_from(times).map_or(0.0, f32::from), first)
    }
}

use holotype::module::Field;

fn main() -> holotype::Result<()> {
    let program = Program::trace(&Model)?;
    let image = Tensor::from([1.0_f32, 2.0]);
    let input = Inputs { image: image.clone(), r#type: Some(vec![image.clone(), image.clone()]), source: String::new() };
    let function = program.function("call").with("kind", Kind::Scaled(2))?.with("text", "b")?;
    let found: Wrapped = function.call_structure(&input)?;
    assert_eq!(found.0.to_vec::<f32>()?, [14.0, 16.0]);
    let found: BTreeMap<String, Tensor> = program.call_structure("unused", &image)?;
    assert_eq!(found["y"].to_scalar::<f32>()?, 1.0);
    let generic = Generic { inner: Variable::state(image.clone()) };
    let (found, none) = generic.call(Inputs { image, r#type: None, source: "here".into() }, 2);
    assert_eq!(found.to_vec::<f32>()?, [3.0, 6.0]);
    assert!(none.is_none());
    Ok(())
}
