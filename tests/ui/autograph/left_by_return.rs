use holotype::prelude::*;

#[autograph]
fn early(x: &Tensor) -> holotype::Result<Tensor> {
    if x.sum() > 0.0 {
        return Ok(x.clone());
    }
    while !x.any_negative() {
        x.to_vec::<f32>()?;
    }
    for row in x {
        if row.to_scalar::<f32>()? > 0.0 {
            continue;
        }
    }
    Ok(-x)
}

trait Negative {
    fn any_negative(&self) -> Tensor;
}

impl Negative for Tensor {
    fn any_negative(&self) -> Tensor {
        self.min().less(0.0)
    }
}

fn main() {
    let _ = early(&Tensor::from([3.0_f32]));
}
