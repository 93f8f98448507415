#[layer]
impl Dense {
    #[signature(input = [None; f32])]
    pub fn call(&self, input: &Tensor) -> Tensor {
        if input.sum() > 0.0 && self.strict {
            return input.clone();
        }
        input * 2.0
    }

    #[autograph]
    #[signature(input = [None; f32])]
    fn chosen(&self, input: &Tensor) -> Tensor {
        if self.flag { input.clone() } else { -input }
    }

    fn other(&self) -> bool {
        self.units > 3
    }
}
