#[derive(Structure)]
pub struct Inputs<T> {
    pub image: Tensor,
    #[structure(rename = "labels")]
    r#type: Option<Vec<T>>,
    #[structure(skip)]
    source: String,
}

#[derive(Structure)]
struct Pair(Tensor, Inputs<Tensor>);

#[derive(Structure)]
struct Nothing;
