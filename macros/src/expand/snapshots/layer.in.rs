#[layer]
impl Dense {
    pub fn new(units: usize) -> Self {
        Self { units }
    }

    /// Documented.
    #[signature(input = [.., None, 5, n, self.units; f32], mask = [n; bool] -> (a = [; float], b = [n; any]))]
    #[cfg(feature = "mask")]
    pub fn call(&self, input: &Tensor, mut mask: Tensor) -> (Tensor, Tensor) {
        mask = mask.square();
        (input.clone(), mask)
    }

    #[signature(-> [; int])]
    fn constant(&self) -> Alias {
        self.units.into()
    }
}
