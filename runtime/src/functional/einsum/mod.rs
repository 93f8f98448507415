//! Sums of products, by Einstein's convention.

mod equation;

use std::collections::BTreeMap;

use self::equation::{Equation, Index};
use super::composition::own_error;
use crate::error::Location;
use crate::graph::{Constraints, constrain, type_of};
use crate::tensor::{Dim, Tensor, TensorType};

impl Tensor {
    /// Sums of products over dimensions with the same index, as NumPy's `einsum`: `Tensor::einsum("ij,jk->ik", &[&a, &b])`.
    ///
    /// Each operand has a letter for each of its dimensions, and `...` for any number of them, which broadcast. An index
    /// that stands twice in one operand takes its diagonal. What is multiplied is summed over the indices that the result,
    /// after `->`, lacks; where no result is written, it has `...` and then the letters that stand once, in alphabetical
    /// order. A size of 1 stretches to the size that its index has elsewhere. Spaces mean nothing.
    ///
    /// | equation | result |
    /// |---|---|
    /// | `ij,jk` | the product of two matrices |
    /// | `...ij->...ji` | the last two dimensions swapped |
    /// | `ii` | the trace |
    /// | `ii->i` | the diagonal |
    /// | `i,j->ij` | the outer product |
    /// | `bqhd,bkhd->bhqk` | the scores of attention |
    ///
    /// Numeric dtypes, the same for all; integers wrap. Several products are made from left to right, each summed as soon as
    /// it can be.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2], [3, 4]]);
    /// assert_eq!(Tensor::einsum("ij,kj->ik", &[&x, &x]).to_vec::<i32>()?, [5, 11, 11, 25]);
    /// assert_eq!(Tensor::einsum("ii", &[&x]).to_scalar::<i32>()?, 5);
    /// let wrong = Tensor::einsum("ij,jk->il", &[&x, &x]);
    /// assert!(wrong.error().unwrap().to_string().contains("index `l` of the result is that of no operand"));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn einsum(equation: &str, operands: &[&Self]) -> Self {
        let location = Location::caller();
        let fail = |message: String| {
            Self::failed("einsum", operands, format!("\"{equation}\": {message}"), location.clone())
        };
        if operands.iter().any(|operand| operand.error().is_some()) {
            return fail(String::new());
        }
        let types: Vec<_> = operands.iter().filter_map(|operand| type_of(operand)).collect();
        let ranks: Vec<_> = types.iter().map(TensorType::rank).collect();
        let read = check_dtypes(&types).and_then(|()| Equation::read(equation, &ranks));
        let sizes = read.and_then(|read| {
            let sizes = constrain(|constraints| sizes(&read, &types, constraints))?;
            Ok((read, sizes))
        });
        let (read, sizes) = match sizes {
            Ok(read) => read,
            Err(message) => return fail(message),
        };
        let terms = read.operands.into_iter().zip(operands);
        let terms = terms.map(|(indices, &tensor)| Term { tensor: tensor.clone(), indices });
        let result = contracted(terms.map(|term| term.simplified(&sizes)).collect(), &read.result);
        let result = own_error("einsum", operands, result, &location);
        match result.error() {
            Some(crate::error::Error::Op(inner)) if inner.op == "einsum" => fail(inner.message.clone()),
            _ => result,
        }
    }
}

fn check_dtypes(types: &[TensorType]) -> Result<(), String> {
    let Some(first) = types.first() else { return Ok(()) };
    let dtype = first.dtype;
    if !dtype.is_numeric() {
        return Err(format!(
            "it takes numeric tensors, not {dtype}: convert the operands with `.cast(...)` first"
        ));
    }
    match types.iter().find(|other| other.dtype != dtype) {
        Some(other) => Err(format!(
            "the dtypes {dtype} and {} differ: convert one with `.cast(DType::{dtype:?})`",
            other.dtype
        )),
        None => Ok(()),
    }
}

/// The size of each index: that of its dimensions, which are equal or 1.
fn sizes(
    equation: &Equation,
    types: &[TensorType],
    constraints: &mut dyn Constraints,
) -> Result<BTreeMap<Index, Dim>, String> {
    let mut sizes = BTreeMap::<Index, (Dim, usize)>::new();
    for (number, (indices, kind)) in equation.operands.iter().zip(types).enumerate() {
        for (place, (index, size)) in indices.iter().zip(kind.shape.iter()).enumerate() {
            let twice = indices[..place].iter().position(|other| other == index);
            let before = match twice {
                Some(place) => Some((kind.shape[place].clone(), number)),
                None => sizes.get(index).cloned(),
            };
            let size = match before {
                Some((before, _)) if before == 1 && twice.is_none() => size.clone(),
                Some((before, _)) if *size == 1 && twice.is_none() => before,
                Some((before, other)) => constraints.equal(&before, size).map_err(|message| {
                    format!(
                        "{index} has size {before} in operand {other} and size {size} in operand {number}: {message}"
                    )
                })?,
                None => size.clone(),
            };
            // A diagonal of a stretched operand is that of the size the index has elsewhere.
            match sizes.get(index) {
                Some((known, _)) if twice.is_some() && *known != 1 => {}
                _ => drop(sizes.insert(*index, (size, number))),
            }
        }
    }
    Ok(crate::sorted::map(sizes.into_iter().map(|(index, (size, _))| (index, size))))
}

/// A tensor with an index for each dimension.
struct Term {
    tensor: Tensor,
    indices: Vec<Index>,
}

impl Term {
    /// Without dimensions of size 1 that would have to be stretched, and with each index once.
    #[track_caller]
    fn simplified(mut self, sizes: &BTreeMap<Index, Dim>) -> Self {
        let own = self.tensor.shape();
        let stretched = |&place: &usize| {
            let whole = self.indices.get(place).and_then(|index| sizes.get(index));
            own[place] == 1 && whole.is_some_and(|whole| *whole != 1)
        };
        let gone: Vec<usize> = (0..own.rank()).filter(stretched).collect();
        if !gone.is_empty() {
            self.tensor =
                self.tensor.squeeze(gone.iter().map(|&axis| axis.cast_signed()).collect::<Vec<_>>());
            self.indices =
                (0..).zip(self.indices).filter(|(place, _)| !gone.contains(place)).map(|x| x.1).collect();
        }
        while let Some((one, other)) = self.repeated() {
            self.tensor = self.tensor.diagonal(0, one.cast_signed(), other.cast_signed());
            let index = self.indices.remove(other);
            self.indices.remove(one);
            self.indices.push(index);
        }
        self
    }

    fn repeated(&self) -> Option<(usize, usize)> {
        let place =
            |(other, index)| Some((self.indices[..other].iter().position(|one| one == index)?, other));
        self.indices.iter().enumerate().find_map(place)
    }

    /// Summed over the indices that nothing else needs.
    #[track_caller]
    fn summed(mut self, needed: &[Index]) -> Self {
        let gone = self.places(|index| !needed.contains(index));
        if !gone.is_empty() {
            self.tensor =
                self.tensor.sum_axis(gone.iter().map(|&axis| axis.cast_signed()).collect::<Vec<_>>());
            self.indices.retain(|index| needed.contains(index));
        }
        self
    }

    fn places(&self, wanted: impl Fn(&Index) -> bool) -> Vec<usize> {
        (0..self.indices.len()).filter(|&place| wanted(&self.indices[place])).collect()
    }

    /// The product with another, summed over the indices of both that nothing else needs.
    #[track_caller]
    fn times(self, other: Self, needed: &[Index]) -> Self {
        let shared = |index: &Index| other.indices.contains(index);
        let batching = self.places(|index| shared(index) && needed.contains(index));
        let contracting = self.places(|index| shared(index) && !needed.contains(index));
        let in_other = |places: &[usize]| -> Vec<usize> {
            let place = |&place: &usize| other.indices.iter().position(|index| *index == self.indices[place]);
            places.iter().filter_map(place).collect()
        };
        let (other_batching, other_contracting) = (in_other(&batching), in_other(&contracting));
        let free = self.places(|index| !shared(index));
        let other_free = other.places(|index| !self.indices.contains(index));
        let own = batching.iter().chain(&free).map(|&place| self.indices[place]);
        let indices = own.chain(other_free.iter().map(|&place| other.indices[place])).collect();
        let tensor = self.tensor.dot_general(
            &other.tensor,
            (&contracting, &other_contracting),
            (&batching, &other_batching),
        );
        Self { tensor, indices }
    }
}

/// The product of all terms, with the indices of the result in order.
#[track_caller]
fn contracted(terms: Vec<Term>, result: &[Index]) -> Tensor {
    let mut rest: Vec<Vec<Index>> = terms.iter().map(|term| term.indices.clone()).collect();
    let mut product: Option<Term> = None;
    for term in terms {
        rest.remove(0);
        let later: Vec<_> = rest.iter().flatten().chain(result).copied().collect();
        let before = product.as_ref().map(|product| product.indices.clone()).unwrap_or_default();
        let term = term.summed(&[later.clone(), before].concat());
        product = Some(match product {
            Some(product) => {
                let own = [later.clone(), term.indices.clone()].concat();
                product.summed(&own).times(term, &later)
            }
            None => term,
        });
    }
    let Some(product) = product else { return Tensor::scalar(1.0_f32) };
    let order = result.iter().filter_map(|index| product.indices.iter().position(|other| other == index));
    product.tensor.transpose(order.map(usize::cast_signed).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;

    fn numbers(sizes: &[usize]) -> Tensor {
        let count: usize = sizes.iter().product();
        Tensor::from_vec(sizes, (0..count as i64).map(|number| number % 7 - 3).collect())
    }

    fn shape(equation: &str, sizes: &[&[usize]]) -> Vec<usize> {
        let operands: Vec<_> = sizes.iter().map(|sizes| numbers(sizes)).collect();
        let result = Tensor::einsum(equation, &operands.iter().collect::<Vec<_>>());
        result.ok().unwrap().shape().concrete().unwrap()
    }

    #[test]
    fn shapes_follow_the_equation() {
        assert_eq!(shape("ij,jk", &[&[2, 3], &[3, 4]]), [2, 4]);
        assert_eq!(shape("...ij,...jk->...ik", &[&[5, 1, 2, 3], &[6, 3, 4]]), [5, 6, 2, 4]);
        assert_eq!(shape("i,j,k->kji", &[&[2], &[3], &[0]]), [0, 3, 2]);
        assert_eq!(shape("iij->ji", &[&[2, 2, 3]]), [3, 2]);
        assert_eq!(shape("iii->i", &[&[2, 2, 2]]), [2]);
        assert_eq!(shape("ij,jk->ik", &[&[2, 1], &[3, 4]]), [2, 4]);
        assert_eq!(shape(",ij->ij", &[&[], &[1, 2]]), [1, 2]);
        assert_eq!(shape("ii,ij->ij", &[&[1, 1], &[3, 4]]), [3, 4]);
        assert_eq!(shape("ab,bc,cd,da->", &[&[2, 3], &[3, 4], &[4, 5], &[5, 2]]), [0; 0]);
    }

    #[test]
    fn errors_quote_the_equation() {
        let error = |equation: &str, operands: &[&Tensor]| {
            Tensor::einsum(equation, operands).error().unwrap().to_string()
        };
        let (x, y) = (numbers(&[2, 3]), numbers(&[4, 2]));
        let message = error("ij,jk->ik", &[&x, &y]);
        assert!(message.contains("einsum([2, 3; i64], [4, 2; i64])"), "{message}");
        assert!(message.contains("\"ij,jk->ik\": index `j` has size 3 in operand 0 and size 4 in operand 1"));
        assert!(message.contains("einsum/mod.rs"), "{message}");
        assert!(error("ii->i", &[&x]).contains("index `i` has size 2 in operand 0 and size 3 in operand 0"));
        assert!(error("ij,j", &[&x, &y.cast(DType::F32)]).contains("i64 and f32 differ"));
        assert!(error("ij", &[&x.cast(DType::Bool)]).contains("numeric tensors, not bool"));
        assert!(error("ij", &[&Tensor::zeros([2]).squeeze(0)]).contains("squeeze"));
    }
}
