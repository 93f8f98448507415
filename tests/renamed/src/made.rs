//! Layers, losses and whole modules that come out of `macro_rules!`.

/// Defines an element-wise layer with a learnable factor.
#[macro_export]
macro_rules! elementwise {
    ($(#[$attribute:meta])* $name:ident, $dtype:ident, |$input:ident| $body:expr) => {
        $(#[$attribute])*
        #[derive($crate::made::Module)]
        pub struct $name {
            factor: $crate::made::Variable,
        }

        #[$crate::made::layer]
        impl $name {
            /// Starts with a factor of 1.
            pub fn new() -> Self {
                Self { factor: $crate::made::Variable::new($crate::made::init::ones(())) }
            }

            /// Element by element.
            #[signature(input = [..; $dtype])]
            pub fn call(&self, $input: &$crate::made::Tensor) -> $crate::made::Tensor {
                $body * &self.factor
            }
        }

        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

pub use ht::prelude::{Module, Tensor, Variable, init, layer};

elementwise!(
    /// `c sin(x)`
    Sine, f32, |input| input.sin()
);

macro_rules! losses {
    ($($(#[$attribute:meta])* $name:ident = $method:ident;)*) => {$(
        $(#[$attribute])*
        #[ht::loss]
        pub fn $name(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
            (y_true - y_pred).$method().mean()
        }
    )*};
}

losses! {
    /// The mean of squares.
    squares = square;
    /// The mean of distances.
    distances = abs;
}
