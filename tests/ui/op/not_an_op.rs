use holotype::prelude::*;

#[derive(Clone, Debug)]
struct Same;

#[op]
impl Same {
    fn kernel(&self) {}
}

#[op]
impl Default for Same {
    fn default() -> Self {
        Self
    }
}

#[op]
struct Other;

#[op]
fn same(x: &Tensor) -> Tensor {
    x.clone()
}

fn main() {
    same(&Tensor::from(1));
    Same.kernel();
    let _ = (Same::default(), Other);
}
