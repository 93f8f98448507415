//! Attention with several heads.

use holotype_macros::{Module, layer};

use super::{Dense, Dropout};
use crate::functional::Attention;
use crate::tensor::{Dim, Tensor};

/// Attention with several heads, each with its own projections of queries, keys and values:
/// [`Tensor::scaled_dot_product_attention`] ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762)).
///
/// Four [`Dense`] layers make queries, keys and values, and put what the heads give together.
///
/// ```
/// use holotype::layers::MultiHeadAttention;
/// use holotype::prelude::*;
/// let layer = MultiHeadAttention::new(16, 4, 8).causal();
/// let x = Tensor::ones([2, 5, 16]);
/// assert_eq!(layer.call(&x, &x).shape().to_string(), "[2, 5, 16]");
/// ```
#[derive(Module)]
pub struct MultiHeadAttention {
    query: Dense,
    key: Dense,
    value: Dense,
    output: Dense,
    dropout: Option<Dropout>,
    num_heads: usize,
    num_key_value_heads: usize,
    causal: bool,
}

#[layer]
impl MultiHeadAttention {
    /// A layer for queries, keys and values of `features` numbers, with so many heads, in which each has `key_dim` numbers.
    #[track_caller]
    pub fn new(features: usize, num_heads: usize, key_dim: usize) -> Self {
        Self::grouped(features, num_heads, num_heads, key_dim)
    }

    /// A layer in which each head of keys and values serves a group of heads of queries; `num_heads` is a multiple of
    /// `num_key_value_heads` ([Ainslie et al. 2023](https://arxiv.org/abs/2305.13245)).
    #[track_caller]
    pub fn grouped(features: usize, num_heads: usize, num_key_value_heads: usize, key_dim: usize) -> Self {
        let keys = num_key_value_heads.saturating_mul(key_dim);
        let queries = num_heads.saturating_mul(key_dim);
        Self {
            query: Dense::new(features, queries),
            key: Dense::new(features, keys),
            value: Dense::new(features, keys),
            output: Dense::new(queries, features),
            dropout: None,
            num_heads,
            num_key_value_heads,
            causal: false,
        }
    }

    /// The layer in which a query sees the key at its own place and those before it only.
    pub fn causal(mut self) -> Self {
        self.causal = true;
        self
    }

    /// The layer that, while training, sets weights to 0 with probability `rate`.
    pub fn dropout(mut self, rate: f32, seed: u64) -> Self {
        self.dropout = Some(Dropout::new(rate, seed));
        self
    }

    /// The layer without biases.
    pub fn without_bias(self) -> Self {
        Self {
            query: self.query.without_bias(),
            key: self.key.without_bias(),
            value: self.value.without_bias(),
            output: self.output.without_bias(),
            ..self
        }
    }

    /// `[batch, queries, features]` and `[batch, keys, features]`, of which keys and values are made, to
    /// `[batch, queries, features]`. Give the same tensor twice for self-attention.
    #[signature(query = [batch, queries, None; f32], value = [batch, keys, None; f32])]
    pub fn call(&self, query: &Tensor, value: &Tensor) -> Tensor {
        self.attend(query, value, None)
    }

    /// As `call`, with a mask `[batch, queries, keys]` that is true where a query sees a key.
    #[signature(
        query = [batch, queries, None; f32],
        value = [batch, keys, None; f32],
        mask = [batch, queries, keys; bool]
    )]
    pub fn call_masked(&self, query: &Tensor, value: &Tensor, mask: &Tensor) -> Tensor {
        self.attend(query, value, Some(&mask.expand_dims(1)))
    }

    fn attend(&self, query: &Tensor, value: &Tensor, mask: Option<&Tensor>) -> Tensor {
        // `[batch, length, heads * dim]` to `[batch, heads, length, dim]`.
        let split = |x: &Tensor, heads: usize| {
            // Of no elements, -1 could be any size.
            let whole = x.dim(2).constant().zip(i64::try_from(heads).ok());
            let width =
                whole.and_then(|(width, heads)| (width.checked_rem(heads) == Some(0)).then(|| width / heads));
            let shape = [x.dim(0), x.dim(1), Dim::from(heads), Dim::from(width.unwrap_or(-1))];
            x.reshape(shape).transpose([0, 2, 1, 3])
        };
        let query = self.query.call(query);
        let queries = split(&query, self.num_heads);
        let keys = split(&self.key.call(value), self.num_key_value_heads);
        let values = split(&self.value.call(value), self.num_key_value_heads);
        let drop = |weights: &Tensor| match &self.dropout {
            Some(dropout) => dropout.call(weights),
            None => weights.clone(),
        };
        let mut options = Attention::new().dropout(&drop);
        if self.causal {
            options = options.causal();
        }
        if let Some(mask) = mask {
            options = options.mask(mask);
        }
        let heads = Tensor::scaled_dot_product_attention(&queries, &keys, &values, &options);
        let shape = [query.dim(0), query.dim(1), query.dim(2)];
        self.output.call(&heads.transpose([0, 2, 1, 3]).reshape(shape))
    }
}
