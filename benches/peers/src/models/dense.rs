//! 5 numbers to 3.

use holotype::layers::Dense;

pub fn dense() -> Dense {
    Dense::new(5, 3)
}
