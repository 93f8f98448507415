//! How windows lie along a dimension.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::graph::check_failed;
use crate::tensor::{Dim, Shape, Sizes, TensorType};

/// Strides, dilations and widths are no larger than this, so that places can be computed without overflow.
const MOST: usize = 1 << 31;

/// How windows lie along one dimension: `Window::new().stride(2).padding(1, 1)`.
///
/// A dimension of `n` elements that is dilated by `d` counts as `(n - 1) * d + 1` elements, so many with the padding
/// around them, and so does a window. There are `floor((elements - window) / stride) + 1` windows. That holds for every
/// size, so that it can be said of sizes which are not known: where StableHLO counts a dilated dimension without elements
/// as 0, this counts it as `1 - d`; and if the window does not fit by more than one stride, which there gives no windows, it
/// is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// From the start of one window to that of the next.
    pub stride: usize,
    /// The elements that count as before the first; negative leaves elements out.
    pub low: Dim,
    /// The elements that count as behind the last; negative leaves elements out.
    pub high: Dim,
    /// From one element to the next; between them are elements that count as padding.
    pub base_dilation: usize,
    /// From one element of a window to the next.
    pub window_dilation: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { stride: 1, low: Dim::from(0), high: Dim::from(0), base_dilation: 1, window_dilation: 1 }
    }
}

/// The elements from the first to the last, with what is between them.
fn span(size: &Dim, dilation: usize) -> Option<Dim> {
    size.checked_sub(&Dim::from(1))?.checked_mul(&Dim::from(dilation))?.checked_add(&Dim::from(1))
}

impl Window {
    /// Windows that move by 1, without padding and dilation.
    pub fn new() -> Self {
        Self::default()
    }

    /// With another distance between windows.
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// With padding on both sides.
    pub fn padding(self, low: impl Into<Dim>, high: impl Into<Dim>) -> Self {
        Self { low: low.into(), high: high.into(), ..self }
    }

    /// With another distance between the elements of the tensor.
    pub fn base_dilation(self, base_dilation: usize) -> Self {
        Self { base_dilation, ..self }
    }

    /// With another distance between the elements of a window.
    pub fn window_dilation(self, window_dilation: usize) -> Self {
        Self { window_dilation, ..self }
    }

    /// The number of windows of this size in a dimension of this size.
    ///
    /// # Errors
    /// If a stride or dilation is 0, or the window is larger than what it moves over, in words.
    pub fn count(&self, base: &Dim, size: &Dim) -> Result<Dim, String> {
        for (what, number) in
            [("stride", self.stride), ("dilation", self.base_dilation), ("dilation", self.window_dilation)]
        {
            if number == 0 || number > MOST {
                return Err(format!("a {what} of {number} is no distance between elements: use 1 or more"));
            }
        }
        let overflow = || "a size overflows".to_owned();
        let window = span(size, self.window_dilation).ok_or_else(overflow)?;
        let elements = self.elements(base).ok_or_else(overflow)?;
        let steps = elements.checked_sub(&window).and_then(|room| room.floor_div(self.stride as i64));
        let count = steps.and_then(|steps| steps.checked_add(&Dim::from(1))).ok_or_else(overflow)?;
        match count.constant() {
            Some(count) if count < 0 => Err(format!(
                "a window of {window} does not fit into {elements} elements ({base} with padding {} and {}): \
                 make it smaller or pad more",
                self.low, self.high
            )),
            _ => Ok(count),
        }
    }

    fn elements(&self, base: &Dim) -> Option<Dim> {
        span(base, self.base_dilation)?.checked_add(&self.low)?.checked_add(&self.high)
    }

    /// The windows of the same size over the `count` windows that lead back to the `base` elements.
    pub(super) fn toward_base(&self, base: &Dim, size: &Dim, count: &Dim) -> Option<Self> {
        let last = span(size, self.window_dilation)?.checked_sub(&Dim::from(1))?;
        let low = last.checked_sub(&self.low)?;
        let have = span(count, self.stride)?.checked_add(&low)?;
        let high = span(base, self.base_dilation)?.checked_add(&last)?.checked_sub(&have)?;
        let window_dilation = self.window_dilation;
        Some(Self { stride: self.base_dilation, low, high, base_dilation: self.stride, window_dilation })
    }

    /// The windows of size `count` over the `base` elements, of which there are as many as this window has elements.
    pub(super) fn toward_window(&self, base: &Dim, size: &Dim, count: &Dim) -> Option<Self> {
        let last = span(size, self.window_dilation)?.checked_sub(&Dim::from(1))?;
        let have = span(base, self.base_dilation)?.checked_add(&self.low)?;
        let high = span(count, self.stride)?.checked_add(&last)?.checked_sub(&have)?;
        let (stride, window_dilation) = (self.window_dilation, self.stride);
        Some(Self { stride, low: self.low.clone(), high, base_dilation: self.base_dilation, window_dilation })
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        Some(Self { low: map(&self.low)?, high: map(&self.high)?, ..self.clone() })
    }

    /// The windows over a dimension whose size is known.
    pub(super) fn place(&self, base: usize, size: usize, sizes: &Sizes) -> Result<Placed> {
        let count = self.count(&Dim::from(base), &Dim::from(size)).map_err(check_failed)?;
        let low = self.low.evaluate_signed(sizes);
        let low = low.filter(|low| low.unsigned_abs() < 1 << 62 && base < 1 << 31 && size < 1 << 31);
        let (Some(count), Some(low)) = (count.evaluate(sizes), low) else {
            return Err(check_failed(format!(
                "a window of {size} over {base} elements with padding {} and {}: a size is not known, or too large",
                self.low, self.high
            )));
        };
        let (stride, step) = (self.stride as i64, self.window_dilation as i64);
        Ok(Placed {
            count,
            base: base as i64,
            size: size as i64,
            low,
            stride,
            step,
            dilation: self.base_dilation as i64,
        })
    }
}

/// Windows over a dimension of known size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    /// How many windows there are.
    pub count: usize,
    base: i64,
    size: i64,
    low: i64,
    stride: i64,
    step: i64,
    dilation: i64,
}

impl Placed {
    /// The offsets within a window at which there are elements, each with the place of the element, in order.
    pub fn elements(&self, window: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let Self { base, size, step, dilation, .. } = *self;
        let start = (window as i64).saturating_mul(self.stride).saturating_sub(self.low);
        // Offsets at which `start + offset * step` is at least 0 and at most the place of the last element.
        let first = if start < 0 { start.saturating_neg().saturating_add(step - 1) / step } else { 0 };
        let beyond = (base - 1) * dilation - start;
        let end = if base == 0 || beyond < 0 { 0 } else { (beyond / step + 1).min(size) };
        (first..end).filter_map(move |offset| {
            let place = start + offset * step;
            (place % dilation == 0).then_some((offset as usize, (place / dilation) as usize))
        })
    }
}

/// The numbers of windows along all dimensions of a tensor.
pub(super) fn counts(windows: &[Window], sizes: &[usize], operand: &TensorType) -> Result<Shape, String> {
    if windows.len() != operand.rank() || sizes.len() != operand.rank() {
        return Err(format!("it takes a window for each dimension of {operand}"));
    }
    let along = windows.iter().zip(sizes).zip(operand.shape.iter()).enumerate();
    let count = |(axis, ((window, &size), base)): (usize, ((&Window, &usize), &Dim))| match size {
        0 => Err(format!("dimension {axis}: a window has at least 1 element")),
        _ => window.count(base, &Dim::from(size)).map_err(|message| format!("dimension {axis}: {message}")),
    };
    along.map(count).collect()
}

/// For each dimension, the windows over the windows of a shape that lead back to its elements.
pub(super) fn toward_base(
    windows: &[Window],
    sizes: &[usize],
    base: &Shape,
    counts: &Shape,
) -> Result<Vec<Window>> {
    let along = windows.iter().zip(sizes).zip(base.iter().zip(counts.iter()));
    let back =
        along.map(|((window, &size), (base, count))| window.toward_base(base, &Dim::from(size), count));
    back.collect::<Option<_>>().ok_or_else(|| check_failed("a size of the gradient of windows overflows"))
}

pub(super) fn map_dims(windows: &[Window], map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Vec<Window>> {
    windows.iter().map(|window| window.map_dims(map)).collect()
}

/// Windows along all dimensions of a tensor.
pub(super) struct Windows {
    placed: Vec<Placed>,
    /// From one element along a dimension to the next.
    strides: Vec<usize>,
}

impl Windows {
    pub fn new(windows: &[Window], base: &[usize], size: &[usize], sizes: &Sizes) -> Result<Self> {
        let along = windows.iter().zip(base).zip(size);
        let placed =
            along.map(|((window, &base), &size)| window.place(base, size, sizes)).collect::<Result<_>>()?;
        let mut strides = vec![1_usize; base.len()];
        for axis in (1..base.len()).rev() {
            strides[axis - 1] = strides[axis].saturating_mul(base[axis]);
        }
        Ok(Self { placed, strides })
    }

    pub fn counts(&self) -> Vec<usize> {
        self.placed.iter().map(|placed| placed.count).collect()
    }

    /// Calls `window` for every window in order, with the row-major places of its elements for each dimension.
    pub fn each(&self, window: &mut dyn FnMut(Places)) {
        let rank = self.placed.len();
        let (mut at, mut places) = (vec![0; rank], vec![Vec::new(); rank]);
        if self.placed.iter().any(|placed| placed.count == 0) {
            return;
        }
        let mut changed = 0;
        loop {
            for axis in changed..rank {
                let stride = self.strides[axis];
                places[axis].clear();
                places[axis].extend(self.placed[axis].elements(at[axis]).map(|(_, place)| place * stride));
            }
            window(Places(&places));
            // The next one in row-major order.
            let Some(axis) = (0..rank).rev().find(|&axis| at[axis] + 1 < self.placed[axis].count) else {
                return;
            };
            at[axis] += 1;
            at[axis + 1..].fill(0);
            changed = axis;
        }
    }
}

/// The places of the elements of a window.
#[derive(Clone, Copy)]
pub(super) struct Places<'a>(&'a [Vec<usize>]);

impl Places<'_> {
    /// Visits the elements in order.
    pub fn each(self, visit: &mut dyn FnMut(usize)) {
        Self::from(self.0, 0, visit);
    }

    fn from(places: &[Vec<usize>], start: usize, visit: &mut dyn FnMut(usize)) {
        match places {
            [] => visit(start),
            [first, rest @ ..] => first.iter().for_each(|place| Self::from(rest, start + place, visit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Symbol;

    #[test]
    fn windows_are_counted_for_sizes_that_are_not_known() {
        let h = Dim::symbol(Symbol::named("h"));
        let count = |window: Window, size: i64| window.count(&h, &Dim::from(size)).unwrap().to_string();
        assert_eq!(count(Window::new(), 3), "h - 2");
        assert_eq!(count(Window::new().padding(1, 1), 3), "h");
        assert_eq!(count(Window::new().stride(2).padding(1, 1), 3), "floor((h + 1)/2)");
        assert_eq!(count(Window::new().base_dilation(3).padding(2, 2), 2), "3*h + 1");
        assert_eq!(count(Window::new().window_dilation(2), 3), "h - 4");
        let error = Window::new().count(&Dim::from(2), &Dim::from(5)).unwrap_err();
        assert!(error.contains("a window of 5 does not fit into 2 elements"), "{error}");
        assert!(Window::new().stride(0).count(&h, &h).unwrap_err().contains("stride of 0"));
    }

    /// Against the definition: every window, every offset.
    #[test]
    fn elements_are_those_that_a_window_covers() {
        for number in 0..3_usize.pow(7) {
            let digit = |place: u32| number / 3_usize.pow(place) % 3;
            let (low, high) = (digit(0) as i64 * 2 - 2, digit(1) as i64 - 1);
            let (stride, base_dilation, window_dilation) = (digit(2) + 1, digit(3) + 1, digit(4) + 1);
            let (base, size) = (digit(5) * 2, digit(6) + 1);
            let window =
                Window { stride, low: low.into(), high: high.into(), base_dilation, window_dilation };
            let Ok(placed) = window.place(base, size, &Sizes::new()) else { continue };
            for index in 0..placed.count {
                let covered = |offset: usize| {
                    let place = (index * stride + offset * window_dilation) as i64 - low;
                    let place = usize::try_from(place).ok()?;
                    (place % base_dilation == 0 && place / base_dilation < base)
                        .then_some((offset, place / base_dilation))
                };
                let expected: Vec<_> = (0..size).filter_map(covered).collect();
                assert_eq!(placed.elements(index).collect::<Vec<_>>(), expected, "{window:?} {base} {size}");
            }
        }
    }
}
