//! Attention.

use super::composition::{named, not_float, wide};
use crate::error::Location;
use crate::graph::{Constraints, constrain, type_of};
use crate::tensor::{DType, Dim, Tensor, TensorType};

/// What changes the weights of [`Tensor::scaled_dot_product_attention`].
///
/// ```
/// use holotype::functional::Attention;
/// let options = Attention::new().causal().scale(0.5);
/// ```
#[derive(Clone, Default)]
pub struct Attention<'a> {
    mask: Option<&'a Tensor>,
    causal: bool,
    scale: Option<f64>,
    dropout: Option<&'a dyn Fn(&Tensor) -> Tensor>,
}

impl<'a> Attention<'a> {
    /// No mask, every query sees every key, a scale of `1 / √depth`, no dropout.
    pub fn new() -> Self {
        Self::default()
    }

    /// A mask that broadcasts to `[.., heads, queries, keys]`: of `bool`, true where a query sees a key; of the dtype of the
    /// query, what is added to the score.
    pub fn mask(mut self, mask: &'a Tensor) -> Self {
        self.mask = Some(mask);
        self
    }

    /// A query sees the key at its own place and those before it.
    pub fn causal(mut self) -> Self {
        self.causal = true;
        self
    }

    /// What products of queries and keys are multiplied by, in place of `1 / √depth`.
    pub fn scale(mut self, scale: f64) -> Self {
        self.scale = Some(scale);
        self
    }

    /// What the weights go through, such as a layer that drops some of them while training.
    pub fn dropout(mut self, dropout: &'a dyn Fn(&Tensor) -> Tensor) -> Self {
        self.dropout = Some(dropout);
        self
    }
}

impl Tensor {
    /// For each query a mean of the values, weighted by how well its key fits: `softmax(Q Kᵀ scale + mask) V`.
    ///
    /// | | shape |
    /// |---|---|
    /// | query | `[.., heads, queries, depth]` |
    /// | key | `[.., key heads, keys, depth]` |
    /// | value | `[.., key heads, keys, value depth]` |
    /// | result | `[.., heads, queries, value depth]` |
    ///
    /// Float dtypes, the same for all; rank 2 or more. Dimensions before these broadcast. The number of heads is a multiple
    /// of that of key heads: each key head serves a group of neighbouring heads. A query that sees no key gives zeros.
    /// Halves are computed with in `f32` and rounded once.
    ///
    /// Vaswani et al., "Attention is all you need", 2017; Ainslie et al., "GQA: training generalized multi-query transformer
    /// models from multi-head checkpoints", 2023.
    ///
    /// ```
    /// use holotype::functional::Attention;
    /// use holotype::prelude::*;
    /// let (query, key) = (Tensor::zeros([2, 4, 3, 8]), Tensor::zeros([2, 2, 5, 8]));
    /// let y = Tensor::scaled_dot_product_attention(&query, &key, &key, &Attention::new());
    /// assert_eq!(y.shape().to_string(), "[2, 4, 3, 8]");
    /// ```
    #[track_caller]
    pub fn scaled_dot_product_attention(
        query: &Self,
        key: &Self,
        value: &Self,
        options: &Attention<'_>,
    ) -> Self {
        let name = "scaled_dot_product_attention";
        let location = Location::caller();
        let mut operands = vec![query, key, value];
        operands.extend(options.mask);
        let types: Vec<_> = operands.iter().filter_map(|operand| type_of(operand)).collect();
        let fail = |message: String| Self::failed(name, &operands, message, location.clone());
        let [q, k, v, mask @ ..] = types.as_slice() else { return fail(String::new()) };
        if types.len() != operands.len() {
            return fail(String::new());
        }
        if !q.dtype.is_float() {
            return not_float(name, query, location);
        }
        let groups = match constrain(|constraints| check(q, k, v, mask.first(), constraints)) {
            Ok(groups) => groups,
            Err(message) => return fail(message),
        };
        let own = q.dtype;
        let scale = options.scale;
        named(name, &operands, |operands| {
            let wide = |tensor: &Self| tensor.cast(wide(own));
            let (query, mut key, mut value) = (wide(&operands[0]), wide(&operands[1]), wide(&operands[2]));
            if groups > 1 {
                (key, value) = (key.repeat(groups, -3), value.repeat(groups, -3));
            }
            let query = match scale {
                Some(scale) => query * scale,
                None => &query * Self::size(query.dim(-1)).cast(query.dtype()).rsqrt(),
            };
            let mut scores = query.matmul(key.t());
            if options.causal {
                let visible = super::diagonal::distance(&scores.dim(-2), &scores.dim(-1)).less_equal(0);
                scores = visible.select(scores, f64::NEG_INFINITY);
            }
            if let Some(mask) = operands.get(3) {
                scores = if mask.dtype() == DType::Bool {
                    mask.select(scores, f64::NEG_INFINITY)
                } else {
                    scores + wide(mask)
                };
            }
            let mut weights = scores.softmax(-1);
            if let Some(dropout) = options.dropout {
                weights = dropout(&weights);
            }
            weights.matmul(value).cast(own)
        })
    }
}

/// How many heads of the query each key head serves, if everything fits.
fn check(
    query: &TensorType,
    key: &TensorType,
    value: &TensorType,
    mask: Option<&TensorType>,
    constraints: &mut dyn Constraints,
) -> Result<usize, String> {
    for (what, kind) in [("key", key), ("value", value)] {
        if kind.dtype != query.dtype {
            return Err(format!("the query is {}, and the {what} is {}", query.dtype, kind.dtype));
        }
    }
    let rank = query.rank();
    if rank < 2 || key.rank() != rank || value.rank() != rank {
        return Err(format!(
            "query, key and value have ranks {rank}, {} and {}: the same rank of 2 or more is needed",
            key.rank(),
            value.rank()
        ));
    }
    let from_last = |kind: &TensorType, place: usize| kind.shape[rank - place].clone();
    let mut equal = |left: Dim, right: Dim, what: &str| {
        let fail = |message| format!("{what} have sizes {left} and {right}: {message}");
        constraints.equal(&left, &right).map_err(fail)
    };
    equal(from_last(query, 1), from_last(key, 1), "the last dimensions of query and key")?;
    equal(from_last(key, 2), from_last(value, 2), "keys and values")?;
    if let Some(mask) = mask {
        if mask.dtype != DType::Bool && mask.dtype != query.dtype {
            return Err(format!("a mask is bool, or {} as the query, not {}", query.dtype, mask.dtype));
        }
        let pairs = [from_last(query, 2), from_last(key, 2)];
        let last = mask.shape.iter().rev().zip(pairs.iter().rev());
        for (size, whole) in last {
            if *size != 1 {
                equal(size.clone(), whole.clone(), "the mask and what it hides")?;
            }
        }
        if mask.rank() > rank {
            return Err(format!("the mask {mask} has more dimensions than the query"));
        }
    }
    if rank < 3 {
        return Ok(1);
    }
    let (heads, key_heads) = (from_last(query, 3), from_last(key, 3));
    equal(key_heads.clone(), from_last(value, 3), "the heads of keys and values")?;
    if key_heads == heads || key_heads == 1 {
        return Ok(1);
    }
    match (heads.as_usize(), key_heads.as_usize()) {
        (Some(heads), Some(key_heads)) if key_heads > 0 && heads.is_multiple_of(key_heads) => {
            Ok(heads / key_heads)
        }
        (Some(heads), Some(key_heads)) => {
            Err(format!("{heads} heads are no multiple of {key_heads} key heads"))
        }
        _ => equal(heads, key_heads, "the heads of queries and keys").map(|_| 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_sees_what_masks_let_it_see() {
        let query = Tensor::from([[1.0_f64, 0.0], [0.0, 1.0]]);
        let value = Tensor::from([[1.0_f64], [3.0]]);
        let attend = |options: Attention| {
            Tensor::scaled_dot_product_attention(&query, &query, &value, &options).to_vec::<f64>().unwrap()
        };
        assert_eq!(attend(Attention::new().scale(0.0)), [2.0, 2.0]);
        assert_eq!(attend(Attention::new().scale(0.0).causal()), [1.0, 2.0]);
        let hidden = Tensor::from([[false, false], [false, true]]);
        assert_eq!(attend(Attention::new().mask(&hidden)), [0.0, 3.0]);
        let added = Tensor::from([0.0_f64, f64::NEG_INFINITY]);
        assert_eq!(attend(Attention::new().mask(&added)), [1.0, 1.0]);
        assert_eq!(attend(Attention::new().scale(0.0).dropout(&|weights| weights * 2.0)), [4.0, 4.0]);
    }

    #[test]
    fn what_does_not_fit_is_an_error_at_the_users_place() {
        let attend = |q: &[i64], k: &[i64], v: &[i64], options: Attention| {
            let [q, k, v] = [q, k, v].map(Tensor::zeros);
            Tensor::scaled_dot_product_attention(&q, &k, &v, &options)
        };
        let error = |tensor: Tensor| tensor.error().unwrap().to_string();
        let plain = Attention::new;
        let message = error(attend(&[2, 3], &[2, 4], &[2, 4], plain()));
        assert!(message.contains("query and key have sizes 3 and 4"), "{message}");
        assert!(message.contains("attention.rs"), "{message}");
        assert!(
            error(attend(&[2, 3], &[4, 3], &[5, 3], plain())).contains("keys and values have sizes 4 and 5")
        );
        assert!(
            error(attend(&[3, 2, 4], &[2, 2, 4], &[2, 2, 4], plain()))
                .contains("3 heads are no multiple of 2")
        );
        assert!(error(attend(&[3], &[3], &[3], plain())).contains("rank of 2 or more"));
        let mask = Tensor::from([1, 0]);
        assert!(
            error(attend(&[2, 3], &[2, 3], &[2, 3], plain().mask(&mask))).contains("a mask is bool, or f32")
        );
        let mask = Tensor::from([true, false, true]);
        assert!(error(attend(&[2, 3], &[2, 3], &[2, 3], plain().mask(&mask))).contains("sizes 3 and 2"));
        for empty in [[0, 3, 4], [2, 0, 4], [2, 3, 0]] {
            let y = attend(&empty, &empty, &empty, plain().causal());
            assert_eq!(y.ok().unwrap().shape().to_string(), Tensor::zeros(empty).shape().to_string());
        }
    }
}
