//! Smoke.
use holotype::graph::{PrintOptions, print};
use holotype::prelude::*;

#[derive(Module)]
struct Scale {
    factor: Variable,
    bias: f32,
}

#[layer]
impl Scale {
    fn new() -> Self {
        Self { factor: Variable::new(Tensor::from([1.0_f32, 2.0, 3.0])), bias: 0.5 }
    }

    #[signature(input = [None, None; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        (input * &self.factor + self.bias).exp()
    }
}

#[derive(Module)]
struct Deep {
    layers: Vec<Scale>,
    other: Box<dyn Layer>,
}

#[layer]
impl Deep {
    #[signature(x = [batch, None; f32] -> [batch, 3; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let mut x = x.clone();
        for layer in &self.layers {
            x = layer.call(&x);
        }
        self.other.call(&x)
    }
}

#[test]
fn smoke() {
    let model = Deep { layers: vec![Scale::new(), Scale::new()], other: Box::new(Scale::new()) };
    let program = Program::trace(&model).unwrap();
    println!("{}", print(program.graph(), PrintOptions { locations: true }));
    println!("{}", program.summary());
    println!("{}", program.signature("call").unwrap());
    let x = Tensor::from([[0.1_f32, -0.2, -0.3], [0.0, -2.0, -3.0]]);
    let eager = model.call(&x).to_vec::<f32>().unwrap();
    let traced = program.call(&[x]).unwrap()[0].to_vec::<f32>().unwrap();
    assert_eq!(eager, traced);
    println!("{}", program.call(&[Tensor::from([1.0_f32])]).unwrap_err());
    println!("{}", model.call(&Tensor::from([[1_i32]])));
}
