//! `< <= > >= == !=` between values of any types.

use super::condition::AsTensor;
use crate::ops::Operand;
use crate::tensor::Tensor;

/// Two operands, as `PartialOrd` and `PartialEq` take them.
#[derive(Clone, Copy, Debug)]
pub struct Compare<'a, A: ?Sized, B: ?Sized>(pub &'a A, pub &'a B);

macro_rules! comparisons {
    ($plain:ident, $tensor:ident, $none:ident, $trait:ident, $($name:ident $method:ident $flipped:ident),*) => {
        /// Compares what Rust compares.
        pub trait $plain {$(
            /// The comparison.
            fn $name(self) -> bool;
        )*}

        impl<A: $trait<B> + ?Sized, B: ?Sized> $plain for Compare<'_, A, B> {$(
            fn $name(self) -> bool {
                $trait::$name(self.0, self.1)
            }
        )*}

        /// Compares a tensor with an operand.
        pub trait $tensor {$(
            /// The comparison.
            #[track_caller]
            fn $name(&self) -> Tensor;
        )*}

        impl<A: AsTensor + ?Sized, B: Operand + ?Sized> $tensor for Compare<'_, A, B> {$(
            #[track_caller]
            fn $name(&self) -> Tensor {
                Tensor::$method(&self.0.as_tensor(), self.1)
            }
        )*}

        /// Compares a number with a tensor, and says of other types that they do not compare.
        pub trait $none<A: ?Sized, B: ?Sized> {$(
            /// The comparison.
            #[track_caller]
            fn $name(&mut self) -> Tensor
            where
                A: Comparable<B>;
        )*}

        impl<A: ?Sized, B: ?Sized> $none<A, B> for Compare<'_, A, B> {$(
            #[track_caller]
            fn $name(&mut self) -> Tensor
            where
                A: Comparable<B>,
            {
                let (number, tensor) = self.0.meets(self.1);
                Tensor::$flipped(&tensor, number)
            }
        )*}
    };
}

comparisons!(PlainOrder, TensorOrder, NoOrder, PartialOrd,
    lt less greater, le less_equal greater_equal, gt greater less, ge greater_equal less_equal);
comparisons!(PlainEquality, TensorEquality, NoEquality, PartialEq, eq equal equal, ne not_equal not_equal);

/// A number that meets a tensor on its right.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with `{B}`",
    label = "no comparison with `{B}`",
    note = "values that implement `PartialEq` or `PartialOrd` are compared, and tensors and variables with tensors, variables and numbers"
)]
pub trait Comparable<B: ?Sized> {
    /// The number with the dtype of the tensor, and the tensor.
    #[track_caller]
    fn meets(&self, other: &B) -> (Tensor, Tensor);
}

macro_rules! numbers {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<B: AsTensor + ?Sized> Comparable<B> for $type {
            #[track_caller]
            fn meets(&self, other: &B) -> (Tensor, Tensor) {
                let tensor = other.as_tensor();
                (self.to_tensor(&tensor), tensor)
            }
        }
    )*};
}

numbers!(f32, f64, half::f16, half::bf16, i8, i16, i32, i64, u8, u16, u32, u64, usize, bool);
