//! Where an element of a tensor stands, for the errors of checks.

use std::fmt::Write;

/// ` at [1, 3]`: the place of the element with this row-major index; nothing in a tensor without dimensions.
pub(crate) fn position(index: usize, sizes: &[usize]) -> String {
    let mut rest = index;
    let mut place = vec![0; sizes.len()];
    for (coordinate, &size) in place.iter_mut().zip(sizes).rev() {
        *coordinate = rest % size.max(1);
        rest /= size.max(1);
    }
    let mut text = String::new();
    if !place.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, " at {place:?}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_dimension_runs_fastest() {
        assert_eq!(position(7, &[2, 1, 4]), " at [1, 0, 3]");
        assert_eq!(position(0, &[]), "");
    }
}
