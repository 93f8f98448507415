use holotype::prelude::*;

#[autograph]
fn chosen(x: &Tensor, limit: Option<f32>, kind: u8) -> Tensor {
    let mut y = x.clone();
    if let Some(limit) = limit && x.sum() > limit {
        y = -y;
    }
    match kind {
        0 if x.sum() > 0.0 => y,
        _ => y + 1.0,
    }
}

fn main() {
    chosen(&Tensor::from(3.0_f32), None, 0);
}
