//! Signatures: what the grammar means, and what tracing makes of it.

use holotype::prelude::*;

use crate::{Affine, counted, same};

fn signatures(program: &Program) -> Vec<String> {
    program.signatures().map(ToString::to_string).collect()
}

#[test]
fn open_sizes_become_what_the_code_needs() {
    let program = same(&Affine::new(1.0), &counted(5, 3));
    assert_eq!(signatures(&program), ["call(x: [?, 3; f32]) -> [?, 3; f32]"]);
    for rows in [0, 1, 7] {
        assert_eq!(program.call(&[counted(rows, 3)]).unwrap()[0].shape(), Shape::from([rows, 3]));
    }
    let error = program.call(&[counted(5, 4)]).unwrap_err().to_string();
    assert_eq!(
        error,
        "input `x`: expected [?, 3; f32], found [5, 4; f32]: dimension 1 must be 3, not 4\n  \
         signature: call(x: [?, 3; f32]) -> [?, 3; f32]"
    );
}

#[derive(Module)]
struct Halves;

#[layer]
impl Halves {
    #[signature(a = [None; f32])]
    fn call(&self, a: &Tensor) -> Tensor {
        a.reshape([2, -1])
    }
}

#[derive(Module)]
struct Doubled;

#[layer]
impl Doubled {
    #[signature(a = [None; f32])]
    fn call(&self, a: &Tensor) -> Tensor {
        a + Tensor::concatenate(&[a, a], 0)
    }
}

#[test]
fn sizes_that_are_equal_only_for_tensors_without_elements_are_refused() {
    let error = crate::refused(&Doubled);
    assert!(error.contains("the sizes ? and 2*? are equal only where both are 0"), "{error}");
    assert!(error.contains("tests/tracing/signatures.rs:"), "{error}");
}

#[test]
fn an_open_size_that_may_be_odd_is_not_halved() {
    let error = crate::refused(&Halves);
    let expected = "reshape([?; f32]): the elements of [?] cannot be shared out over [2, -1]\n  at tests/tracing/signatures.rs:";
    assert!(error.starts_with(expected), "{error}");
}

#[derive(Module)]
struct Sizes {
    units: usize,
}

#[layer]
impl Sizes {
    #[signature(a = [None, None; f32], b = [None, None; f32])]
    fn call(&self, a: &Tensor, b: &Tensor) -> Tensor {
        a + b
    }

    #[signature(a = [n, m; f32], b = [n, self.units; f32] -> (left = [n, m; f32], right = [n, self.units; f32]))]
    fn named(&self, a: &Tensor, b: &Tensor) -> (Tensor, Tensor) {
        (a.exp(), b + 1.0)
    }

    #[signature(a = [n, 2; f32] -> [2, n; f32])]
    fn flip(&self, a: &Tensor) -> Tensor {
        a.reshape(Shape::new(vec![Dim::from(2), a.dim(0)]))
    }

    #[signature(a = [None, None, 4; f32])]
    fn flat(&self, a: &Tensor) -> [Tensor; 1] {
        [a.reshape([-1])]
    }

    #[signature(a = [None; f32])]
    fn twelve(&self, a: &Tensor) -> Vec<Tensor> {
        vec![a.reshape([3, 4])]
    }
}

#[test]
fn several_signatures_are_several_functions() {
    let program = Program::trace(&Sizes { units: 3 }).unwrap();
    assert_eq!(
        signatures(&program),
        [
            "call(a: [?, ?; f32], b: [?, ?; f32]) -> [?, ?; f32]",
            "named(a: [n, m; f32], b: [n, 3; f32]) -> (left: [n, m; f32], right: [n, 3; f32])",
            "flip(a: [n, 2; f32]) -> [2, n; f32]",
            "flat(a: [?, ?, 4; f32]) -> [4*?*?; f32]",
            "twelve(a: [12; f32]) -> [3, 4; f32]",
        ]
    );
    let outputs = program.call_named("named", &[("b", counted(2, 3)), ("a", counted(2, 5))]).unwrap();
    let shapes: Vec<_> = outputs.iter().map(|(name, output)| format!("{name} {}", output.shape())).collect();
    assert_eq!(shapes, ["left [2, 5]", "right [2, 3]"]);
    let error = program.call_function("named", &[counted(2, 5), counted(4, 3)]).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "input `b`: expected [n, 3; f32], found [4, 3; f32]: n is 2 elsewhere in the call, and 4 here"
        ),
        "{error}"
    );
    let error = program.call(&[counted(2, 5), counted(2, 4)]).unwrap_err().to_string();
    assert!(error.contains("a size that must be the same is 5 elsewhere in the call, and 4 here"), "{error}");
    let error = program.call_function("nmaed", &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "tracing `nmaed`: there is no such function; there are `call`, `named`, `flip`, `flat`, `twelve`"
    );
}

#[derive(Module)]
struct Leading {
    row: Variable,
}

#[layer]
impl Leading {
    #[signature(x = [.., 3; f32] -> [.., 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        x * &self.row
    }

    #[signature(x = [..; any], y = [..; bool] -> [..; bool])]
    fn equal(&self, x: &Tensor, y: &Tensor) -> Tensor {
        x.equal(x).logical_and(y)
    }
}

#[test]
fn leading_dimensions_are_any_number() {
    let layer = Leading { row: Variable::new(Tensor::from([1.0_f32, 2.0, 3.0])) };
    let program = Program::trace(&layer).unwrap();
    for sizes in [vec![3], vec![2, 3], vec![1, 2, 3], vec![2, 1, 2, 3], vec![1, 2, 1, 0, 3]] {
        let count = sizes.iter().product();
        let x = Tensor::from_vec(sizes.clone(), vec![1.5_f32; count]);
        let found = program.call(std::slice::from_ref(&x)).unwrap().remove(0);
        assert!(found.data().unwrap().same_bits(layer.call(&x).data().unwrap()), "{sizes:?}");
    }
    assert_eq!(program.signature("call").unwrap().to_string(), "call(x: [?, 3; f32]) -> [?, 3; f32]");
    let truth = Tensor::from([[true, false]]);
    let found = program.call_function("equal", &[Tensor::from([[1_u8, 2]]), truth.clone()]).unwrap();
    assert_eq!(found[0].to_vec::<bool>().unwrap(), [true, false]);
    assert!(
        program.call_function("equal", &[Tensor::from([1_u8, 2]), truth]).is_err(),
        "`..` is the same everywhere"
    );
}

#[derive(Module)]
struct Classes {
    factor: i32,
}

#[layer]
impl Classes {
    #[signature(x = [None; float], y = [None; float])]
    fn call(&self, x: &Tensor, y: &Tensor) -> Tensor {
        x * self.factor + y
    }

    #[signature(x = [None; int], y = [None; f64])]
    fn mixed(&self, x: &Tensor, y: &Tensor) -> (Tensor, Tensor) {
        (x.maximum(0), y.exp())
    }

    /// Not every dtype of the class has a sine.
    #[signature(x = [None; any])]
    fn some(&self, x: &Tensor) -> Tensor {
        x.sin()
    }
}

#[test]
fn classes_of_dtypes_are_traced_once_for_each_dtype_that_works() {
    let program = Program::trace(&Classes { factor: 3 }).unwrap();
    let of = |name: &str| program.signatures().filter(|signature| signature.function == name).count();
    assert_eq!((of("call"), of("mixed"), of("some")), (4, 8, 4));
    assert_eq!(
        program.signature("mixed").unwrap().to_string(),
        "mixed(x: [?; i64], y: [?; f64]) -> ([?; i64], [?; f64])"
    );
    let half = |x: f32| Tensor::from([half::f16::from_f32(x)]);
    let found = program.call(&[half(2.0), half(0.5)]).unwrap();
    assert_eq!(found[0].to_vec::<half::f16>().unwrap(), [half::f16::from_f32(6.5)]);
    let error = program.call(&[half(2.0), Tensor::from([1.0_f32])]).unwrap_err().to_string();
    assert!(error.contains("the dtype must be"), "{error}");
    assert!(program.call_function("some", &[Tensor::from([1_i32])]).is_err());
}
