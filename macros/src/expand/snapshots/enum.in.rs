#[derive(Module)]
enum Norm {
    Nothing,
    Layer(Variable, #[module(skip)] Cache),
    #[module(rename = "batch", alias = "Batch")]
    Batch {
        mean: Variable,
        #[module(config)]
        momentum: Momentum,
    },
}
