//! Rules of sizes, dtypes of a class, and what a call that nothing takes is told.

use holotype::prelude::*;

use crate::{counted, programs, same, signatures};

#[derive(Module)]
struct Windows {
    inner: Batches,
}

#[derive(Module)]
struct Batches;

#[layer]
impl Batches {
    #[signature(x = [rows, 2; f32], rows in 1..=4)]
    fn call(&self, x: &Tensor) -> Tensor {
        x.exp()
    }

    #[signature(x = [n; f32], n % 4 == 0)]
    fn quarters(&self, x: &Tensor) -> Tensor {
        x.reshape([4, -1])
    }
}

#[layer]
impl Windows {
    #[signature(x = [batch, seq, 3; f32], batch in 1..65, seq % 4 == 0, seq in 8.. -> [batch, None, 4, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let shape = vec![x.dim(0), x.dim(1) / 4, Dim::from(4), Dim::from(3)];
        x.reshape(Shape::new(shape)) * 2.0
    }

    #[signature(x = [n, 8; f32], n % 12 == 0)]
    fn twelfths(&self, x: &Tensor) -> (Tensor, Tensor) {
        (x.reshape([12, -1]), x.reshape([-1, 4]))
    }

    /// Its sizes are open, so that they become what the inner layer needs.
    #[signature(x = [None, None; f32], y = [None; f32])]
    fn open(&self, x: &Tensor, y: &Tensor) -> (Tensor, Tensor) {
        (self.inner.call(x), self.inner.quarters(y))
    }
}

#[test]
fn sizes_are_checked_eagerly_and_loaded_and_divide() {
    let model = Windows { inner: Batches };
    let [_, program] = programs(&model);
    assert_eq!(
        signatures(&program),
        [
            "call(x: [batch, seq, 3; f32]) -> [batch, seq/4, 4, 3; f32] where batch in 1..=64, seq in 8.., seq % 4 == 0",
            "twelfths(x: [n, 8; f32]) -> ([12, 8*n/12; f32], [2*n, 4; f32]) where n % 12 == 0",
            "open(x: [?, 2; f32], y: [4*?; f32]) -> ([?, 2; f32], [4, ?; f32]) where ? in 1..=4",
        ]
    );
    let x = counted(&[2, 12, 3]);
    let found = program.call(std::slice::from_ref(&x)).unwrap().remove(0);
    assert_eq!(found.shape(), Shape::from([2, 3, 4, 3]));
    same(&found, &model.call(&x));
    for (sizes, words) in [
        ([65, 8, 3], "`batch`: it must be in 1..=64, and is 65"),
        ([0, 8, 3], "`batch`: it must be in 1..=64, and is 0"),
        ([1, 10, 3], "`seq`: it must be a multiple of 4, and is 10"),
        ([1, 4, 3], "`seq`: it must be in 8.., and is 4"),
    ] {
        let x = counted(&sizes);
        let eager = model.call(&x).to_vec::<f32>().unwrap_err().to_string();
        assert!(eager.starts_with("input `x`: expected [batch, seq, 3; f32], found ["), "{eager}");
        assert!(eager.contains(words), "{eager}");
        let loaded = program.call(&[x]).unwrap_err().to_string();
        assert!(loaded.starts_with("input `x`: expected [batch, seq, 3; f32], found ["), "{loaded}");
        assert!(loaded.contains(&words.replace(": it", "")), "{loaded}");
    }
    let found = program.call_function("twelfths", &[counted(&[24, 8])]).unwrap();
    assert_eq!(found[0].shape(), Shape::from([12, 16]));
    let (x, y) = (counted(&[3, 2]), counted(&[8]));
    let found = program.call_function("open", &[x.clone(), y.clone()]).unwrap();
    let eager = model.open(&x, &y);
    same(&found[0], &eager.0);
    same(&found[1], &eager.1);
    let error = program.call_function("open", &[counted(&[5, 2]), y]).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "input `x`: expected [?, 2; f32], found [5, 2; f32]: a size must be in 1..=4, and is 5"
        ),
        "{error}"
    );
    let error = program.call_function("open", &[x, counted(&[9])]).unwrap_err().to_string();
    assert!(
        error.contains(
            "input `y`: expected [4*?; f32], found [9; f32]: a size must be a multiple of 4, and is 9"
        ),
        "{error}"
    );
}

macro_rules! outer {
    ($name:ident, $($signature:tt)*) => {
        #[derive(Module)]
        struct $name {
            inner: Batches,
        }

        #[layer]
        impl $name {
            #[signature($($signature)*)]
            fn call(&self, x: &Tensor, y: &Tensor) -> (Tensor, Tensor) {
                (self.inner.call(x), self.inner.quarters(y))
            }
        }
    };
}

outer!(Constant, x = [7, 2; f32], y = [4; f32]);
outer!(Odd, x = [4, 2; f32], y = [6; f32]);
outer!(Promised, x = [any_rows, 2; f32], y = [4; f32]);
outer!(Undivided, x = [1, 2; f32], y = [many; f32]);
outer!(Narrower, x = [b, 2; f32], y = [m; f32], b in 2..=3, m % 8 == 0);

#[test]
fn a_trace_that_breaks_a_rule_is_an_error() {
    let error = |layer: &dyn Layer| Program::trace(layer).unwrap_err().to_string();
    let found = error(&Constant { inner: Batches });
    assert!(
        found.starts_with(
            "input `x`: expected [rows, 2; f32], found [7, 2; f32]: `rows`: it must be in 1..=4, and is 7"
        ),
        "{found}"
    );
    let found = error(&Odd { inner: Batches });
    assert!(found.contains("`n`: it must be a multiple of 4, and is 6"), "{found}");
    let found = error(&Promised { inner: Batches });
    assert!(
        found.contains("`rows`: it must be in 1..=4, and is any_rows; `any_rows` in input `x` of `call`"),
        "{found}"
    );
    assert!(
        found.contains(
            "promises that `any_rows` may be any size: write `any_rows in 1..=4` in its signature too"
        ),
        "{found}"
    );
    let found = error(&Undivided { inner: Batches });
    assert!(found.contains("write `many % 4 == 0` in its signature too"), "{found}");
    let program = Program::trace(&Narrower { inner: Batches }).unwrap();
    assert_eq!(
        signatures(&program),
        ["call(x: [b, 2; f32], y: [m; f32]) -> ([b, 2; f32], [4, 2*m/8; f32]) where b in 2..=3, m % 8 == 0"]
    );
}

#[derive(Module)]
struct Dtypes;

#[layer]
impl Dtypes {
    #[signature(x = [.., None; float in [f32, bf16]], y = [..; float])]
    fn call(&self, x: &Tensor, y: &Tensor) -> Tensor {
        x.sum_axis([-1]) + y
    }

    #[signature(x = [None; any])]
    fn any(&self, x: &Tensor) -> Tensor {
        x.stop_gradient()
    }

    #[signature(x = [None; int])]
    fn int(&self, x: &Tensor) -> Tensor {
        x + x
    }
}

#[test]
fn a_class_is_a_trace_for_each_of_its_dtypes() {
    let [program, _] = programs(&Dtypes);
    let dtypes = |name: &str| {
        let named = program.signatures().filter(|signature| signature.function == name);
        named.map(|signature| signature.inputs[0].1.dtype.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(dtypes("any"), "f32 f64 f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64 bool");
    assert_eq!(dtypes("int"), "i64 i32 i8 i16 u8 u16 u32 u64");
    assert_eq!(dtypes("call").split(' ').count(), 12, "two dtypes, 0 to 5 leading dimensions");
    let error = Dtypes.call(&Tensor::from([1.0_f64]), &Tensor::scalar(1.0_f64)).to_vec::<f64>().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("expected [.., None; float in [f32, bf16]], found [1; f64]: the dtype is f64"),
        "{error}"
    );
}

#[test]
fn a_call_that_no_trace_takes_is_told_what_they_take() {
    let [_, program] = programs(&Dtypes);
    let error = |x: Tensor, y: Tensor| program.call(&[x, y]).unwrap_err().to_string();
    let scalar = || counted(&[]);
    let found = error(Tensor::from([1.0_f64]), scalar());
    assert!(
        found.starts_with("input `x`: found [1; f64]: the dtype must be f32 or bf16, not f64"),
        "{found}"
    );
    let found = error(counted(&[1, 1, 1, 1, 1, 1, 2]), counted(&[1, 1, 1, 1, 1, 1]));
    assert!(
        found.starts_with(
            "input `x`: found [1, 1, 1, 1, 1, 1, 2; f32]: the function was traced for rank 1, 2, 3, 4, 5 or 6, which is 0, 1, 2, 3, 4 \
             or 5 leading dimensions, not 7"
        ),
        "{found}"
    );
    let found = error(counted(&[2, 3]), scalar());
    assert!(found.contains("each is taken, but not together"), "{found}");
    let found = error(counted(&[2, 3]), counted(&[5]));
    assert!(
        found.starts_with(
            "input `y`: expected [?; f32], found [5; f32]: a size that must be the same is 2 elsewhere"
        ),
        "{found}"
    );
    let found = program.call(&[scalar()]).unwrap_err().to_string();
    assert!(found.starts_with("it takes 2 inputs (`x`, `y`), not 1"), "{found}");
}
