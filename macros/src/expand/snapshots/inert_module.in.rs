#[derive(Module)]
struct Borrowed<'a, T> {
    #[module(ignore)]
    weights: &'a T,
}
