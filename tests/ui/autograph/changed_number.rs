use holotype::prelude::*;

struct Options {
    depth: usize,
}

#[autograph]
fn steps(x: &Tensor, options: &mut Options) -> Tensor {
    let mut y = x.clone();
    let mut count = 0_i32;
    let mut names = Vec::new();
    while y > 1.0 {
        y = y / 2.0;
        count += 1;
        options.depth += 1;
        names.push("round");
    }
    y * count
}

fn main() {
    steps(&Tensor::from(3.0_f32), &mut Options { depth: 0 });
}
