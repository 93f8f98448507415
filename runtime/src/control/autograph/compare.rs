//! `< <= > >= == !=` between values of any types.

use super::condition::AsTensor;
use crate::ops::Operand;
use crate::tensor::Tensor;

/// Two operands, as `PartialOrd` and `PartialEq` take them.
#[derive(Clone, Copy, Debug)]
pub struct Compare<'a, A: ?Sized, B: ?Sized>(pub &'a A, pub &'a B);

macro_rules! comparisons {
    ($plain:ident, $tensor:ident, $trait:ident, $($name:ident $method:ident),*) => {
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
    };
}

comparisons!(PlainOrder, TensorOrder, PartialOrd, lt less, le less_equal, gt greater, ge greater_equal);
comparisons!(PlainEquality, TensorEquality, PartialEq, eq equal, ne not_equal);

/// Compares a number with a tensor, and says of other types that they do not compare.
pub trait NoOrder<A: ?Sized, B: ?Sized> {
    /// `<`
    #[track_caller]
    fn lt(&mut self) -> Tensor
    where
        A: Comparable<B>;
    /// `<=`
    #[track_caller]
    fn le(&mut self) -> Tensor
    where
        A: Comparable<B>;
    /// `>`
    #[track_caller]
    fn gt(&mut self) -> Tensor
    where
        A: Comparable<B>;
    /// `>=`
    #[track_caller]
    fn ge(&mut self) -> Tensor
    where
        A: Comparable<B>;
}

impl<A: ?Sized, B: ?Sized> NoOrder<A, B> for Compare<'_, A, B> {
    #[track_caller]
    fn lt(&mut self) -> Tensor
    where
        A: Comparable<B>,
    {
        let (number, tensor) = self.0.meets(self.1);
        tensor.greater(number)
    }

    #[track_caller]
    fn le(&mut self) -> Tensor
    where
        A: Comparable<B>,
    {
        let (number, tensor) = self.0.meets(self.1);
        tensor.greater_equal(number)
    }

    #[track_caller]
    fn gt(&mut self) -> Tensor
    where
        A: Comparable<B>,
    {
        let (number, tensor) = self.0.meets(self.1);
        tensor.less(number)
    }

    #[track_caller]
    fn ge(&mut self) -> Tensor
    where
        A: Comparable<B>,
    {
        let (number, tensor) = self.0.meets(self.1);
        tensor.less_equal(number)
    }
}

/// Compares a number with a tensor, and says of other types that they do not compare.
pub trait NoEquality<A: ?Sized, B: ?Sized> {
    /// `==`
    #[track_caller]
    fn eq(&mut self) -> Tensor
    where
        A: Comparable<B>;
    /// `!=`
    #[track_caller]
    fn ne(&mut self) -> Tensor
    where
        A: Comparable<B>;
}

impl<A: ?Sized, B: ?Sized> NoEquality<A, B> for Compare<'_, A, B> {
    #[track_caller]
    fn eq(&mut self) -> Tensor
    where
        A: Comparable<B>,
    {
        let (number, tensor) = self.0.meets(self.1);
        tensor.equal(number)
    }

    #[track_caller]
    fn ne(&mut self) -> Tensor
    where
        A: Comparable<B>,
    {
        let (number, tensor) = self.0.meets(self.1);
        tensor.not_equal(number)
    }
}

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
