//! Windows of a tensor at places that numbers say: reading them, and changing them.

#[cfg(test)]
mod tests;

use crate::fused::Mismatch;

/// The most dimensions that values may have.
pub const MOST_DIMENSIONS: usize = 16;

/// A dimension of the values, which are what windows hold.
#[derive(Clone, Copy, Debug)]
pub struct Dimension {
    /// Its size.
    pub size: usize,
    /// How far a step along it goes among the numbers; 0 within a window.
    pub numbers: usize,
    /// The dimension of the tensor along which a step moves by one, if there is one.
    pub along: Option<usize>,
}

/// A dimension of the tensor.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Its size.
    pub size: usize,
    /// The distance between neighbours.
    pub stride: isize,
    /// Which of the numbers of a window says where the window starts in this dimension, if one does.
    pub number: Option<usize>,
}

/// What becomes of windows that leave the tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// They are moved to the nearest place within.
    Clamp,
    /// What lies outside is left out.
    Drop,
}

/// A number that says where windows start in a dimension.
#[derive(Clone, Copy, Debug)]
struct Start {
    number: usize,
    size: i64,
    /// The last place at which a whole window lies within.
    last: i64,
    stride: isize,
    /// The dimension of the values that moves along the same dimension.
    along: Option<usize>,
}

/// Where the values of windows lie in a tensor, as far as that is known before the numbers are.
///
/// ```
/// use holotype_kernels::windows::{Dimension, Extent, Outside, Windows};
/// // Rows of a table of 3 rows and 2 columns.
/// let values = [
///     Dimension { size: 2, numbers: 1, along: None },
///     Dimension { size: 2, numbers: 0, along: Some(1) },
/// ];
/// let table = [Extent { size: 3, stride: 2, number: Some(0) }, Extent { size: 2, stride: 1, number: None }];
/// let windows = Windows::new(&values, &table, 0, Outside::Clamp).ok_or("windows do not fit")?;
/// let mut rows = [0_i16; 4];
/// let table = [1_i16, 2, 3, 4, 5, 6];
/// windows.gather(2, bytemuck::cast_slice(&table), &|at| [9, 0][at], bytemuck::cast_slice_mut(&mut rows))?;
/// assert_eq!(rows, [5, 6, 1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Windows {
    dimensions: Vec<Dimension>,
    /// How far a step along each dimension of the values goes in the tensor.
    steps: Vec<isize>,
    starts: Vec<Start>,
    offset: isize,
    outside: Outside,
    /// How many elements the tensor has at least.
    reach: usize,
    /// How many values there are.
    values: usize,
}

impl Windows {
    /// Windows of a tensor whose first element lies at `offset`.
    ///
    /// `None` if there are more than [`MOST_DIMENSIONS`] dimensions of the values, two of them or none that there is move along a
    /// dimension of the tensor, a window is larger than the tensor, or the tensor reaches before its start.
    pub fn new(values: &[Dimension], tensor: &[Extent], offset: usize, outside: Outside) -> Option<Self> {
        if values.len() > MOST_DIMENSIONS {
            return None;
        }
        let mut along = vec![None; tensor.len()];
        let mut steps = Vec::with_capacity(values.len());
        for (index, dimension) in values.iter().enumerate() {
            let Some(axis) = dimension.along else {
                steps.push(0);
                continue;
            };
            if tensor.get(axis)?.size < dimension.size || along[axis].replace(index).is_some() {
                return None;
            }
            steps.push(tensor[axis].stride);
        }
        let mut starts = Vec::new();
        for (extent, along) in tensor.iter().zip(along) {
            let Some(number) = extent.number else { continue };
            let window = along.map_or(1, |index: usize| values[index].size);
            let last = i64::try_from(extent.size.checked_sub(window)?).ok()?;
            let size = i64::try_from(extent.size).ok()?;
            starts.push(Start { number, size, last, stride: extent.stride, along });
        }
        let count = values.iter().try_fold(1_usize, |count, dimension| count.checked_mul(dimension.size))?;
        let offset = isize::try_from(offset).ok()?;
        let (mut low, mut high) = (offset, offset);
        let is_empty = tensor.iter().any(|extent| extent.size == 0);
        for extent in tensor.iter().filter(|_| !is_empty) {
            let distance = extent.stride.checked_mul(isize::try_from(extent.size).ok()? - 1)?;
            (low, high) = (low.checked_add(distance.min(0))?, high.checked_add(distance.max(0))?);
        }
        let reach = if is_empty { 0 } else { high.cast_unsigned().checked_add(1)? };
        let dimensions = values.to_vec();
        (low >= 0).then_some(Self { dimensions, steps, starts, offset, outside, reach, values: count })
    }

    /// Puts what lies in the windows into `values`, row by row; 0 for what lies outside. Elements have `size` bytes (1, 2, 4
    /// or 8), and `number` gives the numbers.
    ///
    /// # Errors
    /// If the tensor or the values have other sizes.
    pub fn gather(
        &self,
        size: usize,
        tensor: &[u8],
        number: &dyn Fn(usize) -> i64,
        values: &mut [u8],
    ) -> Result<(), Mismatch> {
        match size {
            1 => self.gathered::<1>(tensor, number, values),
            2 => self.gathered::<2>(tensor, number, values),
            4 => self.gathered::<4>(tensor, number, values),
            _ => self.gathered::<8>(tensor, number, values),
        }
    }

    fn gathered<const SIZE: usize>(
        &self,
        tensor: &[u8],
        number: &dyn Fn(usize) -> i64,
        values: &mut [u8],
    ) -> Result<(), Mismatch> {
        let (tensor, values) = (tensor.as_chunks::<SIZE>().0, values.as_chunks_mut::<SIZE>().0);
        self.check(tensor.len(), values.len())?;
        if self.outside == Outside::Drop && !self.starts.is_empty() {
            values.fill([0; SIZE]);
        }
        self.each(number, &mut |run| {
            let values = &mut values[run.value..run.value + run.length];
            if run.stride == 1 {
                values.copy_from_slice(&tensor[run.place..run.place + run.length]);
            } else {
                for (value, place) in values.iter_mut().zip(run.places()) {
                    *value = tensor[place];
                }
            }
        });
        Ok(())
    }

    /// Changes the elements of a tensor by updates, which are the values, one after the other, row by row.
    ///
    /// # Errors
    /// If the tensor or the updates have other sizes.
    pub fn scatter<T, U: Copy>(
        &self,
        tensor: &mut [T],
        number: &dyn Fn(usize) -> i64,
        updates: &[U],
        change: impl Fn(&mut T, U),
    ) -> Result<(), Mismatch> {
        self.check(tensor.len(), updates.len())?;
        self.each(number, &mut |run| {
            let updates = &updates[run.value..run.value + run.length];
            if run.stride == 1 {
                let elements = &mut tensor[run.place..run.place + run.length];
                elements.iter_mut().zip(updates).for_each(|(element, update)| change(element, *update));
            } else {
                for (update, place) in updates.iter().zip(run.places()) {
                    change(&mut tensor[place], *update);
                }
            }
        });
        Ok(())
    }

    fn check(&self, tensor: usize, values: usize) -> Result<(), Mismatch> {
        if tensor < self.reach {
            return Err(Mismatch::Input { index: 0, expected: self.reach, found: tensor });
        }
        if values != self.values {
            return Err(Mismatch::Output { index: 0, expected: self.values, found: values });
        }
        Ok(())
    }

    /// Calls `run` with all values that lie within, in order.
    fn each(&self, number: &dyn Fn(usize) -> i64, run: &mut dyn FnMut(Run)) {
        if self.values == 0 {
            return;
        }
        let outer = self.dimensions.len().saturating_sub(1);
        let last = self.dimensions.get(outer).copied();
        let last = last.unwrap_or(Dimension { size: 1, numbers: 0, along: None });
        let step = self.steps.get(outer).copied().unwrap_or(0);
        let mut at = [0; MOST_DIMENSIONS];
        let (mut numbers, mut place, mut value) = (0, self.offset, 0);
        loop {
            if last.numbers == 0 {
                let line = Line { value, place, numbers, length: last.size, step };
                self.line(line, &at, number, run);
            } else {
                for index in 0..last.size {
                    at[outer] = index;
                    let place = place + index.cast_signed() * step;
                    let numbers = numbers + index * last.numbers;
                    let line = Line { value: value + index, place, numbers, length: 1, step };
                    self.line(line, &at, number, run);
                }
                at[outer] = 0;
            }
            value += last.size;
            let mut axis = outer;
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                let (dimension, step) = (self.dimensions[axis], self.steps[axis]);
                at[axis] += 1;
                numbers += dimension.numbers;
                place += step;
                if at[axis] < dimension.size {
                    break;
                }
                at[axis] = 0;
                numbers -= dimension.size * dimension.numbers;
                place -= dimension.size.cast_signed() * step;
            }
        }
    }

    /// Calls `run` with those values of a line, which begins at these coordinates, that lie within.
    #[inline]
    fn line(
        &self,
        line: Line,
        at: &[usize; MOST_DIMENSIONS],
        number: &dyn Fn(usize) -> i64,
        run: &mut dyn FnMut(Run),
    ) {
        let outer = self.dimensions.len().saturating_sub(1);
        let (mut low, mut high) = (0, line.length);
        let mut place = line.place;
        for start in &self.starts {
            let mut first = number(line.numbers + start.number);
            if self.outside == Outside::Clamp {
                first = first.clamp(0, start.last);
            }
            // Where this leaves the tensor, the place is not used.
            place = place.wrapping_add((first as isize).wrapping_mul(start.stride));
            if start.along == Some(outer) {
                low = low.max(usize::try_from(first.saturating_neg()).unwrap_or(0));
                high = high.min(usize::try_from(start.size.saturating_sub(first)).unwrap_or(0));
                continue;
            }
            let offset = start.along.map_or(0, |along| at[along] as i64);
            if !(0..start.size).contains(&first.saturating_add(offset)) {
                return;
            }
        }
        if low < high {
            let place = place.wrapping_add(low.cast_signed() * line.step).cast_unsigned();
            run(Run { value: line.value + low, place, stride: line.step, length: high - low });
        }
    }
}

/// Values along the last dimension.
struct Line {
    value: usize,
    place: isize,
    numbers: usize,
    length: usize,
    step: isize,
}

/// Values that lie within, one behind the other: the number of the first, and where they are in the tensor.
struct Run {
    value: usize,
    place: usize,
    stride: isize,
    length: usize,
}

impl Run {
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let (place, stride) = (self.place, self.stride);
        (0..self.length).map(move |index| place.wrapping_add_signed(index.cast_signed() * stride))
    }
}
