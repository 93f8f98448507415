//! How updates and what is there are put together, for elements of each dtype.

use std::fmt;

use holotype_kernels::windows::Windows;

use crate::exec::compiled::plan::{Fits, message};
use crate::ops::{Combine, Float, Number};
use crate::tensor::{DType, Element, for_dtype};

type Numbers<'a> = &'a dyn Fn(usize) -> i64;
type Run = fn(Combine, &Windows, &[u8], Numbers<'_>, &[u8], &mut [u8]) -> Fits;

/// Changes the elements of a tensor by updates.
#[derive(Clone, Copy)]
pub(super) struct Update {
    combine: Combine,
    run: Run,
}

impl Update {
    /// Puts what `from` holds into `to`, with the windows changed by updates.
    pub fn run(
        &self,
        windows: &Windows,
        from: &[u8],
        numbers: Numbers<'_>,
        updates: &[u8],
        to: &mut [u8],
    ) -> Fits {
        (self.run)(self.combine, windows, from, numbers, updates, to)
    }
}

impl fmt::Debug for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Update({:?})", self.combine)
    }
}

/// How elements of a dtype are put together; `once` says that none changes twice.
///
/// Sums and products of floats are those of `f64`, rounded once when all updates are made. An `f32` that changes once is
/// the same computed in `f32`: `f64` has more than twice its digits (Figueroa 1995, "When is double rounding innocuous?").
pub(super) fn update(combine: Combine, dtype: DType, once: bool) -> Option<Update> {
    let is_sum = matches!(combine, Combine::Add | Combine::Multiply);
    let run: Run = match dtype {
        _ if combine == Combine::Set => match dtype.size() {
            1 => set::<u8>,
            2 => set::<u16>,
            4 => set::<u32>,
            _ => set::<u64>,
        },
        DType::Bool => truth,
        DType::F32 if once && combine == Combine::Add => added::<f32>,
        DType::F32 if once => numbers::<f32>,
        DType::F32 | DType::F16 | DType::BF16 if is_sum => {
            for_dtype!(dtype, T in float => wide::<T>, else => return None)
        }
        DType::F64 if combine == Combine::Add => added::<f64>,
        _ => for_dtype!(dtype, T in numeric => numbers::<T>, else => return None),
    };
    Some(Update { combine, run })
}

/// Copies, and changes each element as `change` says.
fn changed<T: bytemuck::Pod>(
    windows: &Windows,
    from: &[u8],
    at: Numbers<'_>,
    (updates, to): (&[u8], &mut [u8]),
    change: impl Fn(&mut T, T),
) -> Fits {
    to.copy_from_slice(from);
    let (Ok(to), Ok(updates)) = (bytemuck::try_cast_slice_mut(to), bytemuck::try_cast_slice(updates)) else {
        return Err("elements do not lie at multiples of their size".into());
    };
    windows.scatter(to, at, updates, change).map_err(message)
}

fn set<T: bytemuck::Pod>(
    _: Combine,
    windows: &Windows,
    from: &[u8],
    at: Numbers<'_>,
    updates: &[u8],
    to: &mut [u8],
) -> Fits {
    changed(windows, from, at, (updates, to), |element: &mut T, update| *element = update)
}

fn truth(
    combine: Combine,
    windows: &Windows,
    from: &[u8],
    at: Numbers<'_>,
    updates: &[u8],
    to: &mut [u8],
) -> Fits {
    match combine {
        Combine::Min => {
            changed(windows, from, at, (updates, to), |element: &mut u8, update| *element &= update)
        }
        _ => changed(windows, from, at, (updates, to), |element: &mut u8, update| *element |= update),
    }
}

fn numbers<T: Number + bytemuck::Pod>(
    combine: Combine,
    windows: &Windows,
    from: &[u8],
    at: Numbers<'_>,
    updates: &[u8],
    to: &mut [u8],
) -> Fits {
    // One loop for all of them, as there are many dtypes.
    let put = match combine {
        Combine::Add => T::add,
        Combine::Multiply => T::multiply,
        Combine::Min => T::minimum,
        Combine::Max => T::maximum,
        Combine::Set => |_, update| update,
    };
    changed(windows, from, at, (updates, to), |element: &mut T, update| *element = put(*element, update))
}

/// Sums, which gradients are.
fn added<T: Number + bytemuck::Pod>(
    _: Combine,
    windows: &Windows,
    from: &[u8],
    at: Numbers<'_>,
    updates: &[u8],
    to: &mut [u8],
) -> Fits {
    changed(windows, from, at, (updates, to), |element: &mut T, update| *element = element.add(update))
}

/// Sums and products of floats in `f64`.
fn wide<T: Float + Element + bytemuck::Pod>(
    combine: Combine,
    windows: &Windows,
    from: &[u8],
    at: Numbers<'_>,
    updates: &[u8],
    to: &mut [u8],
) -> Fits {
    let parts = (bytemuck::try_cast_slice::<_, T>(from), bytemuck::try_cast_slice::<_, T>(updates));
    let ((Ok(from), Ok(updates)), Ok(to)) = (parts, bytemuck::try_cast_slice_mut::<_, T>(to)) else {
        return Err("elements do not lie at multiples of their size".into());
    };
    let mut sums: Vec<f64> = from.iter().map(|element| element.to_f64()).collect();
    let change = |sum: &mut f64, update: T| match combine {
        Combine::Multiply => *sum *= update.to_f64(),
        _ => *sum += update.to_f64(),
    };
    windows.scatter(&mut sums, at, updates, change).map_err(message)?;
    for (element, sum) in to.iter_mut().zip(sums) {
        *element = T::from_f64(sum);
    }
    Ok(())
}
