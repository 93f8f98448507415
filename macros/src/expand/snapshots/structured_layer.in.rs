#[layer]
impl Model {
    #[signature(
        input = { image: [batch, 28; float in [f32, bf16]], mask: ?[batch; bool] },
        causal in [true, false],
        pair = ([; f32], [[n; f32]; 3]),
        mode in ["fast", "exact"],
        batch in 1..=64,
        n % 8 == 0
        -> { logits: [batch, 10; float] }
    )]
    pub fn call(
        &self,
        mut causal: bool,
        input: &Inputs,
        pair: (Tensor, Vec<Tensor>),
        mode: &str,
    ) -> Predictions {
        causal = !causal;
        Predictions { logits: self.run(&input.image, causal, mode) }
    }
}
