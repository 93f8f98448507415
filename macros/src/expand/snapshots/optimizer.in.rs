#[optimizer]
impl Optimizer for Momentum {
    fn update(&self) {}
}
