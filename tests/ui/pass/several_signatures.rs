//! Several functions over the same variables, with every kind of size and dtype.
use holotype::prelude::*;
use holotype::trace::Layout;

#[derive(Module)]
struct Autoencoder {
    weights: Variable,
    shape: (usize, usize),
    units: u32,
}

#[layer]
impl Autoencoder {
    const DEPTH: usize = 2;

    #[signature(input = [batch, None, 784; f32] -> [batch, self.units; f32])]
    #[inline]
    #[must_use]
    pub fn encode(&self, input: &Tensor) -> Tensor {
        let _ = self.units;
        self.helper(input)
    }

    fn helper(&self, input: &Tensor) -> Tensor {
        let _ = Self::DEPTH;
        input + &self.weights
    }

    #[signature(code = [.., self.shape.0, self.shape.1; float], ids = [batch, seq; i64], mask = [batch, seq; bool])]
    #[track_caller]
    fn decode(&self, code: &Tensor, ids: &Tensor, mask: Tensor) -> Tensor {
        let _ = (ids, mask, self.shape);
        code.clone()
    }

    #[signature(a = [; f64], b = [; f16], c = [; bf16], d = [; i8], e = [; i16], f = [; i32], g = [; u8], h = [..; any])]
    fn dtypes(
        &self,
        a: &Tensor,
        b: &Tensor,
        c: &Tensor,
        d: &Tensor,
        e: &Tensor,
        f: &Tensor,
        g: &Tensor,
        h: &Tensor,
    ) -> Vec<Tensor> {
        [a, b, c, d, e, f, g, h].into_iter().cloned().collect()
    }

    #[signature(a = [; u16], b = [; u32], c = [; u64], d = [; int])]
    fn more(&self, a: &Tensor, b: &Tensor, c: &Tensor, d: &Tensor) -> [Tensor; 4] {
        [a, b, c, d].map(Clone::clone)
    }

    #[signature(input = [batch, 784; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        self.encode(input)
    }
}

fn main() {
    let layer = Autoencoder { weights: Variable::new(init::zeros([3])), shape: (2, 3), units: 3 };
    let signatures = Layer::signatures(&layer);
    let names: Vec<_> = signatures.iter().map(|signature| signature.function).collect();
    assert_eq!(names, ["call", "encode", "decode", "dtypes", "more"]);
    let Layout::Leaf(spec) = &signatures[2].inputs[0].1 else { panic!("it is one tensor") };
    assert!(spec.leading);
    assert_eq!(spec.dims.len(), 2);
}
