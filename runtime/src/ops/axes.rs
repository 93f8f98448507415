//! What users may write for the dimensions an operation works along.

/// Dimensions, counted from the first, or from the last if negative: `0`, `-1`, `[0, 2]`.
pub trait Axes {
    /// The numbers as written.
    fn numbers(self) -> Vec<isize>;
}

impl Axes for isize {
    fn numbers(self) -> Vec<isize> {
        vec![self]
    }
}

macro_rules! small {
    ($($type:ty),*) => {$(
        impl Axes for $type {
            fn numbers(self) -> Vec<isize> {
                vec![isize::try_from(self).unwrap_or(isize::MAX)]
            }
        }

        impl<const N: usize> Axes for [$type; N] {
            fn numbers(self) -> Vec<isize> {
                self.into_iter().flat_map(Axes::numbers).collect()
            }
        }
    )*};
}

small!(i32, i64, usize);

impl<const N: usize> Axes for [isize; N] {
    fn numbers(self) -> Vec<isize> {
        self.to_vec()
    }
}

impl Axes for Vec<isize> {
    fn numbers(self) -> Vec<isize> {
        self
    }
}

impl Axes for &[isize] {
    fn numbers(self) -> Vec<isize> {
        self.to_vec()
    }
}

/// One axis of a tensor of this rank, counted from the first.
///
/// # Errors
/// If there is no such dimension, in words.
pub(crate) fn axis(number: isize, rank: usize) -> Result<usize, String> {
    let from_first = if number < 0 { rank.checked_add_signed(number) } else { usize::try_from(number).ok() };
    from_first
        .filter(|&axis| axis < rank)
        .ok_or_else(|| format!("there is no dimension {number} in a tensor of rank {rank}"))
}

/// The axes of a tensor of this rank, sorted.
///
/// # Errors
/// If there is no such dimension, or one stands twice, in words.
pub(crate) fn axes(numbers: &[isize], rank: usize) -> Result<Vec<usize>, String> {
    let mut axes: Vec<_> = numbers.iter().map(|&number| axis(number, rank)).collect::<Result<_, _>>()?;
    axes.sort_unstable();
    match axes.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("dimension {} stands twice in {numbers:?}", pair[0])),
        None => Ok(axes),
    }
}
