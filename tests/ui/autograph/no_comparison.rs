use holotype::prelude::*;

struct Point;

#[autograph]
fn compared(x: &Tensor, point: Point) {
    let first = x < point;
    let second = point == Point;
    let third = "text" < x;
    let _ = (first, second, third);
}

fn main() {
    compared(&Tensor::from(3.0_f32), Point);
}
