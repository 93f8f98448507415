//! The gradient of products of many elements, also where some are 0.

use super::reduce::Reducer;
use crate::tensor::{DType, Tensor};

/// The gradient of products for their factors.
///
/// `put` puts the elements of each product together; `back` adds up, for each element, what belongs to the products that it
/// is in. The derivative for a factor is the product of the others: that of those that are not 0, by division, times those
/// that are 0. One that is 0 stays in as a factor, so that the derivative of this is exact too.
pub(super) fn product_gradient(
    x: &Tensor,
    gradient: &Tensor,
    put: impl Fn(Reducer, &Tensor) -> Tensor,
    back: impl Fn(&Tensor) -> Tensor,
) -> Tensor {
    let zero = x.equal(0);
    let (others, zeros) = (zero.select(x.ones_like(), x), zero.select(x, x.zeros_like()));
    let weight = gradient * put(Reducer::Product, &others);
    let with_zero = &weight * put(Reducer::Sum, &zeros);
    let count = put(Reducer::Sum, &zero.cast(DType::I64));
    let where_count = |number: i64, value: &Tensor| count.equal(number).select(value, value.zeros_like());
    let of_others = back(&(where_count(0, &weight) + where_count(1, &with_zero))) / &others;
    let of_zeros = back(&(where_count(1, &weight) + where_count(2, &with_zero)));
    zero.select(of_zeros - &zeros * back(&where_count(2, &weight)), of_others)
}
