#[derive(Module)]
struct Net<T: Layer, C, F = Dense, const N: usize = 3>
where
    C: Clone,
{
    inner: [T; N],
    block: F::Block,
    kind: PhantomData<C>,
    #[module(config)]
    settings: Vec<C>,
    #[module(skip)]
    cache: Option<F>,
}
