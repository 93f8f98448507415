#[derive(Module)]
#[module(name = "my_crate::Block", alias = "my_crate::OldBlock")]
pub struct Block {
    weights: Variable,
    #[module(frozen, rename = "table", alias = "embedding")]
    r#type: Variable,
    #[module(state)]
    inner: Vec<Dense>,
    units: usize,
    #[module(default)]
    heads: usize,
    #[module(config, default = Activation::Relu)]
    activation: Activation,
    #[module(config, default = default_padding)]
    padding: Padding,
    #[module(skip)]
    cache: Cache,
}

#[derive(Module)]
struct Pair(Variable, usize);

#[derive(Module)]
struct Unit;
