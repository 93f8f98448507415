//! Where errors of loops and branches say that they are: at the user's own line, not at the attribute.

use holotype::prelude::*;

/// The line of a `while` whose body changes the shape of the state, in a layer.
const IN_LAYER: u32 = line!() + 11;

#[derive(Module)]
struct Grows {}

#[layer]
impl Grows {
    #[signature(x = [2; f32])]
    #[autograph]
    fn call(&self, x: &Tensor) -> Tensor {
        let mut y = x.clone();
        while y.sum().less(10.0_f32) {
            y = Tensor::stack(&[&y, &y], 0);
        }
        y
    }
}

/// The same, in a free function.
const IN_FUNCTION: u32 = line!() + 5;

#[autograph]
fn grows(x: &Tensor) -> Tensor {
    let mut y = x.clone();
    while y.sum().less(10.0_f32) {
        y = Tensor::stack(&[&y, &y], 0);
    }
    y
}

/// The line of a `while` on several lines whose condition is no number.
const ROWS: u32 = line!() + 5;

#[autograph]
fn rows(x: &Tensor) -> Tensor {
    let mut y = x.clone();
    while y.less(10.0_f32) {
        y = &y + 1.0_f32;
    }
    y
}

#[derive(Module)]
struct Calls {
    rows: bool,
}

#[layer]
impl Calls {
    #[signature(x = [2; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        if self.rows { rows(x) } else { grows(x) }
    }
}

fn points_at(error: &Error, line: u32) {
    let (error, place) = (error.to_string(), format!("tests/autograph/places.rs:{line}:"));
    assert!(error.contains(&place), "{error}\nis not at {place}");
}

#[test]
fn an_error_of_a_while_names_the_line_of_the_loop() {
    let x = Tensor::from([1.0_f32, 2.0]);
    points_at(&Program::trace(&Grows {}).unwrap_err(), IN_LAYER);
    points_at(Grows {}.call(&x).error().unwrap(), IN_LAYER);
    points_at(&Program::trace(&Calls { rows: false }).unwrap_err(), IN_FUNCTION);
    points_at(grows(&x).error().unwrap(), IN_FUNCTION);
    points_at(&Program::trace(&Calls { rows: true }).unwrap_err(), ROWS);
    points_at(rows(&x).error().unwrap(), ROWS);
}
