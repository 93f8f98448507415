//! What a traced method may return.

use crate::error::Error;
use crate::tensor::Tensor;

/// What a traced method may return: a tensor, a tuple or an array of tensors, or a `Vec` of them.
#[diagnostic::on_unimplemented(
    message = "a traced method returns tensors, not `{Self}`",
    label = "not a tensor",
    note = "return `Tensor`, a tuple of tensors, `[Tensor; N]` or `Vec<Tensor>`"
)]
pub trait Outputs: Sized {
    /// The tensors in order.
    fn into_tensors(self) -> Vec<Tensor>;

    /// The value with these tensors; tensors that are missing carry an error.
    fn from_tensors(tensors: Vec<Tensor>) -> Self;

    /// The value whose tensors all carry an error.
    fn from_error(error: &Error) -> Self;
}

fn missing() -> Tensor {
    Tensor::from_error(Error::Trace { function: String::new(), message: "an output is missing".into() })
}

impl Outputs for Tensor {
    fn into_tensors(self) -> Vec<Tensor> {
        vec![self]
    }

    fn from_tensors(tensors: Vec<Tensor>) -> Self {
        tensors.into_iter().next().unwrap_or_else(missing)
    }

    fn from_error(error: &Error) -> Self {
        Self::from_error(error.clone())
    }
}

impl Outputs for Vec<Tensor> {
    fn into_tensors(self) -> Vec<Tensor> {
        self
    }

    fn from_tensors(tensors: Vec<Tensor>) -> Self {
        tensors
    }

    fn from_error(error: &Error) -> Self {
        vec![Tensor::from_error(error.clone())]
    }
}

impl<const N: usize> Outputs for [Tensor; N] {
    fn into_tensors(self) -> Vec<Tensor> {
        self.into()
    }

    fn from_tensors(tensors: Vec<Tensor>) -> Self {
        let mut tensors = tensors.into_iter();
        std::array::from_fn(|_| tensors.next().unwrap_or_else(missing))
    }

    fn from_error(error: &Error) -> Self {
        std::array::from_fn(|_| Tensor::from_error(error.clone()))
    }
}

macro_rules! tuples {
    ($(($($name:ident),*);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: Outputs),*> Outputs for ($($name,)*)
        where
            $($name: Into<Tensor> + From<Tensor>),*
        {
            #[allow(non_snake_case)]
            fn into_tensors(self) -> Vec<Tensor> {
                let ($($name,)*) = self;
                vec![$($name.into()),*]
            }

            fn from_tensors(tensors: Vec<Tensor>) -> Self {
                let mut tensors = tensors.into_iter();
                ($($name::from(tensors.next().unwrap_or_else(missing)),)*)
            }

            fn from_error(error: &Error) -> Self {
                ($($name::from(Tensor::from_error(error.clone())),)*)
            }
        }
    )*};
}

tuples! {
    (A);
    (A, B);
    (A, B, C);
    (A, B, C, D);
    (A, B, C, D, E);
    (A, B, C, D, E, F);
    (A, B, C, D, E, F, G);
    (A, B, C, D, E, F, G, H);
}
