#[layer(instances(Residual<Dense, 3>, Residual<crate::Conv>))]
impl<L: Layer, const N: usize> Residual<L, N>
where
    L: Clone,
{
    #[signature(input = [..; f32])]
    fn call(&self, input: &Tensor) -> Tensor {
        input + self.inner.call(input)
    }
}
