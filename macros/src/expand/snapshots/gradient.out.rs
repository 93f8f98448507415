#[track_caller]
pub fn rounded(x: &Tensor) -> Tensor {
    ::holotype::__private::with_gradient(
        ::core::concat!(::core::module_path!(), "::", "rounded"),
        (::core::clone::Clone::clone(x),),
        |(x,): &(Tensor,)| -> Tensor { x.round() },
        |(x,): &(Tensor,), value: &Tensor, gradient: &Tensor| -> (Tensor,) {
            (rounded_gradient(x, value, gradient),)
        },
    )
}
#[doc = " Documented."]
#[track_caller]
#[allow(clippy::needless_pass_by_value)]
fn product(x: &Tensor, y: Pair) -> (Tensor, Tensor) {
    let _ = <Pair as ::holotype::__private::Structure>::flatten;
    let _ = <(Tensor, Tensor) as ::holotype::__private::Structure>::flatten;
    ::holotype::__private::with_gradient(
        ::core::concat!(::core::module_path!(), "::", "product"),
        (::core::clone::Clone::clone(x), ::core::clone::Clone::clone(&y)),
        |(x, y): &(Tensor, Pair)| -> (Tensor, Tensor) {
            let mut y = ::core::clone::Clone::clone(y);
            y = y.twice();
            (x * y.left, x * y.right)
        },
        |(x, y): &(Tensor, Pair), value: &(Tensor, Tensor), gradient: &(Tensor, Tensor)| -> (Tensor, Pair) {
            gradients::product(x, y, value, gradient)
        },
    )
}
