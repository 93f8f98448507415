//! Static arguments.

use holotype::prelude::*;
use serde::Serialize;

use crate::{counted, programs, same, signatures};

#[derive(Clone, Copy, PartialEq, Serialize)]
enum Kind {
    Plain,
    Power(u32),
}

#[derive(Module)]
struct Choices {
    weights: Variable,
}

#[layer]
#[allow(clippy::trivially_copy_pass_by_ref, reason = "static arguments may be lent")]
impl Choices {
    #[signature(
        x = [None, 3; f32],
        causal in [true, false],
        kind in [Kind::Plain, Kind::Power(2), Kind::Power(3)],
    )]
    fn call(&self, x: &Tensor, causal: bool, kind: &Kind) -> Tensor {
        let x = if causal { x * &self.weights } else { x.clone() };
        match kind {
            Kind::Plain => x,
            Kind::Power(power) => (1..*power).fold(x.clone(), |product, _| product * &x),
        }
    }

    #[signature(times in [2, 5], x = [n; f32], name in ["sine", "exp"], owned in ["a"], limit in [None, Some(1.0)] -> [n; f32])]
    fn named(&self, x: &Tensor, name: &str, owned: String, mut times: usize, limit: Option<f32>) -> Tensor {
        times += owned.len();
        let y = if name == "sine" { x.sin() } else { x.exp() };
        let y = limit.map_or(y.clone(), |limit| y.minimum(limit));
        y * times as f32
    }

    #[signature(x = [None, 3; f32] -> [None, 3; f32])]
    fn both(&self, x: &Tensor) -> Tensor {
        // A value that is not listed is as good as another one in a call from Rust.
        self.call(x, false, &Kind::Power(5)) + self.call(x, true, &Kind::Plain)
    }
}

#[test]
fn each_value_is_a_trace_and_the_first_is_the_default() {
    let model = Choices { weights: Variable::new(counted(&[3])) };
    let x = counted(&[2, 3]);
    for program in programs(&model) {
        for causal in [true, false] {
            for kind in [Kind::Plain, Kind::Power(2), Kind::Power(3)] {
                let function =
                    program.function("call").with("kind", kind).unwrap().with("causal", causal).unwrap();
                let found = function.call(std::slice::from_ref(&x)).unwrap().remove(0);
                same(&found, &model.call(&x, causal, &kind));
            }
        }
        let usual = program.call(std::slice::from_ref(&x)).unwrap().remove(0);
        same(&usual, &model.call(&x, true, &Kind::Plain));
        same(&model.invoke("call", std::slice::from_ref(&x)).unwrap()[0], &usual);
        let n = counted(&[4]);
        let function =
            program.function("named").with("name", "exp").unwrap().with("limit", Some(1.0_f32)).unwrap();
        let found: Tensor = function.with("times", 5).unwrap().call_structure(&n).unwrap();
        same(&found, &model.named(&n, "exp", "a".into(), 5, Some(1.0)));
        let found = program.call_function("both", std::slice::from_ref(&x)).unwrap();
        same(&found[0], &model.both(&x));
        let shown = signatures(&program);
        assert_eq!(shown.len(), 6 + 8 + 1);
        assert_eq!(shown[0], "call(x: [?, 3; f32], causal = true, kind = \"Plain\") -> [?, 3; f32]");
        assert_eq!(shown[4], "call(x: [?, 3; f32], causal = false, kind = {Power: 2}) -> [?, 3; f32]");
        assert_eq!(
            shown[6],
            "named(x: [n; f32], name = \"sine\", owned = \"a\", times = 2, limit = none) -> [n; f32]"
        );
    }
}

#[test]
fn a_value_that_was_not_traced_is_refused_with_those_that_were() {
    let model = Choices { weights: Variable::new(counted(&[3])) };
    let x = counted(&[2, 3]);
    assert_eq!(
        model.call(&x, true, &Kind::Power(7)).shape(),
        Shape::from([2, 3]),
        "eagerly any value will do"
    );
    let [_, program] = programs(&model);
    let error = program.function("call").with("kind", Kind::Power(7)).err().unwrap().to_string();
    assert!(
        error.starts_with(
            "`kind` is {Power: 7}, and the function was traced for \"Plain\", {Power: 2} and {Power: 3}: list the value in \
             the signature"
        ),
        "{error}"
    );
    let error = program.function("call").with("casual", true).err().unwrap().to_string();
    assert!(error.starts_with("there is no static argument `casual`: it has `causal` and `kind`"), "{error}");
    let error = program.function("both").with("causal", true).err().unwrap().to_string();
    assert!(error.starts_with("there is no static argument `causal`: it has none"), "{error}");
    let error = program.function("cal").with("causal", true).err().unwrap().to_string();
    assert!(error.contains("there is no such function; there are `call`, `named`, `both`"), "{error}");
}

#[derive(Module)]
struct Partly;

#[layer]
impl Partly {
    #[signature(x = [n; f32], halves in [false, true])]
    fn call(&self, x: &Tensor, halves: bool) -> Tensor {
        if halves { x.reshape([2, -1]) } else { x.clone() }
    }
}

#[test]
fn a_listed_value_that_cannot_be_traced_is_an_error() {
    let error = Program::trace(&Partly).unwrap_err().to_string();
    assert!(error.contains("the elements of [n] cannot be shared out over [2, -1]"), "{error}");
}

#[test]
fn the_type_is_restored_with_its_arguments() {
    let directory = tempfile::tempdir().unwrap();
    let model = Choices { weights: Variable::new(counted(&[3])) };
    holotype::save(&model, directory.path()).unwrap();
    let restored: Choices = holotype::restore(directory.path()).unwrap();
    same(&restored.both(&counted(&[2, 3])), &model.both(&counted(&[2, 3])));
}
