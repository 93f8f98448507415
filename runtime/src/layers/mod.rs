//! Layers, each written with the public macros, as a user's is.

mod activation;
mod dense;
mod dropout;
mod flatten;
mod sequential;

pub use activation::{Activation, Function};
pub use dense::Dense;
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use sequential::Sequential;
