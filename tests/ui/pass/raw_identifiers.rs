//! Keywords as names are saved without the `r#`.
use holotype::prelude::*;

#[derive(Module)]
struct r#Match {
    r#type: Variable,
    r#in: usize,
}

#[layer]
impl r#Match {
    #[signature(r#type = [None, self.r#in; f32])]
    fn call(&self, r#type: &Tensor) -> Tensor {
        let _ = self.r#in;
        r#type + &self.r#type
    }

    #[signature(type = [None; f32])]
    fn r#loop(&self, r#type: Tensor) -> Tensor {
        r#type
    }
}

#[loss]
fn r#fn(r#true: &Tensor, r#dyn: &Tensor) -> Tensor {
    r#true - r#dyn
}

fn main() {
    let layer = r#Match { r#type: Variable::new(init::zeros([3])), r#in: 3 };
    let signatures = Layer::signatures(&layer);
    assert_eq!(signatures[0].inputs[0].0, "type");
    assert_eq!(signatures[1].function, "loop");
    assert!(<r#Match as Module>::TYPE.name.ends_with("::Match"));
    let _ = r#fn;
}
