//! Axes: the numbers between which they go, and those that are written at them.

/// What an axis shows of numbers beyond all reason: a sum of two of them is still a number.
const LARGEST: f64 = 1e300;
/// Numbers that differ by less than this part of them are drawn as if they were one.
const SMALLEST_PART: f64 = 1e-6;
/// A number is a multiple of a step if it lies within this part of the step of one.
const TOLERANCE: f64 = 1e-6;

/// The numbers between which an axis goes, and those that are written at it.
pub(super) struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    step: f64,
    whole: bool,
}

impl Axis {
    /// An axis that goes from one round number to another, with about `count` of them between.
    pub fn new(numbers: impl Iterator<Item = f64>, count: f64) -> Self {
        let (low, high) = bounds(numbers);
        let close = high - low <= SMALLEST_PART * low.abs().max(high.abs());
        let (low, high) = if close || high - low < 1.0 / LARGEST {
            let middle = low + (high - low) / 2.0;
            let room = if middle.abs() < 1.0 / LARGEST { 0.5 } else { 0.5 * middle.abs() };
            (middle - room, middle + room)
        } else {
            (low, high)
        };
        let step = round_step((high - low) / count);
        let first = (low / step + TOLERANCE).floor();
        let last = (high / step - TOLERANCE).ceil();
        let ticks = ticks(first, last, step);
        Self { low: first * step, high: last * step, ticks, step, whole: false }
    }

    /// An axis of whole numbers that goes from the first to the last, with about `count` round ones written at it.
    pub fn whole(numbers: impl Iterator<Item = f64>, count: f64) -> Self {
        let (low, high) = bounds(numbers);
        let step = round_step(((high - low) / count).max(1.0));
        let ticks = ticks((low / step).ceil(), (high / step).floor(), step);
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
        Self { low, high, ticks, step, whole: true }
    }

    /// Where a number lies on a line between two places.
    pub fn place(&self, number: f64, from: f64, to: f64) -> f64 {
        let part = (number.clamp(-LARGEST, LARGEST) - self.low) / (self.high - self.low);
        from + part * (to - from)
    }

    /// The numbers that are written at the axis, and how: with as many digits as tell them apart.
    pub fn labels(&self) -> impl Iterator<Item = (f64, String)> {
        let largest = self.ticks.iter().fold(0.0, |largest: f64, tick| largest.max(tick.abs()));
        let power = |number: f64| (number.log10() + TOLERANCE).floor() as i64;
        let scientific = !self.whole && largest > 0.0 && !(1e-3..1e6).contains(&largest);
        let digits = if scientific { power(largest) - power(self.step) } else { -power(self.step) };
        let digits = usize::try_from(digits).unwrap_or(0);
        self.ticks.iter().map(move |&tick| {
            let text = match tick {
                0.0 if scientific => "0".to_owned(),
                _ if scientific => format!("{tick:.digits$e}"),
                _ => format!("{tick:.digits$}"),
            };
            (tick, text)
        })
    }
}

/// The smallest and the largest number; 0 and 1 if there is none.
fn bounds(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    let numbers = numbers.filter(|number| number.is_finite()).map(|number| number.clamp(-LARGEST, LARGEST));
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    let (low, high) = numbers.fold(none, |(low, high), number| (low.min(number), high.max(number)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

/// The first of 1, 2, 5, 10, 20, … and their parts that is as large as this.
fn round_step(least: f64) -> f64 {
    let power = 10.0_f64.powi(least.log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0].map(|number| number * power);
    steps.into_iter().find(|step| *step >= least * (1.0 - TOLERANCE)).unwrap_or(10.0 * power)
}

/// The multiples of a step from one to another.
fn ticks(first: f64, last: f64, step: f64) -> Vec<f64> {
    let count = (last - first + 1.0).max(0.0) as usize;
    // A zero has no sign here.
    (0..count).map(|index| (first + index as f64) * step + 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(numbers: &[f64]) -> Vec<String> {
        Axis::new(numbers.iter().copied(), 5.0).labels().map(|(_, text)| text).collect()
    }

    fn whole(numbers: &[f64]) -> Vec<String> {
        Axis::whole(numbers.iter().copied(), 8.0).labels().map(|(_, text)| text).collect()
    }

    #[test]
    fn an_axis_ends_with_round_numbers() {
        assert_eq!(texts(&[0.13, 0.87]), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        // The mean of many ones, and what comes close to it.
        for top in [1.0, 0.999, 0.999_999_999, 1.000_000_000_1] {
            assert_eq!(texts(&[0.62, top]), ["0.6", "0.7", "0.8", "0.9", "1.0"], "{top}");
        }
        assert_eq!(texts(&[0.1, 0.3]), ["0.10", "0.15", "0.20", "0.25", "0.30"]);
        assert_eq!(texts(&[-3.0, 1.0]), ["-3", "-2", "-1", "0", "1"]);
        assert_eq!(texts(&[-0.0, 5.0]), ["0", "1", "2", "3", "4", "5"]);
    }

    #[test]
    fn labels_tell_ticks_apart() {
        assert_eq!(texts(&[1e-7, 5e-7]), ["1e-7", "2e-7", "3e-7", "4e-7", "5e-7"]);
        assert_eq!(texts(&[0.0, 3e9]), ["0", "1e9", "2e9", "3e9"]);
        assert_eq!(texts(&[7_000_000.0, 7_000_400.0])[..2], ["7.0000e6", "7.0001e6"]);
        assert_eq!(texts(&[0.5, 0.500_004])[..2], ["0.500000", "0.500001"]);
    }

    #[test]
    fn any_numbers_have_an_axis() {
        assert_eq!(texts(&[2.0]), ["1.0", "1.5", "2.0", "2.5", "3.0"]);
        assert_eq!(texts(&[0.0, 0.0]), ["-0.6", "-0.4", "-0.2", "0.0", "0.2", "0.4", "0.6"]);
        assert_eq!(texts(&[-0.5, -0.5]), ["-0.8", "-0.7", "-0.6", "-0.5", "-0.4", "-0.3", "-0.2"]);
        assert_eq!(texts(&[]), texts(&[0.0, 1.0]));
        assert_eq!(texts(&[f64::NAN, f64::INFINITY, 0.0, 1.0]), texts(&[0.0, 1.0]));
        let extremes = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1e-30, 1e30, 1.0, -1.0, 0.0];
        for one in extremes {
            for other in extremes {
                let axis = Axis::new([one, other].into_iter(), 5.0);
                let labels: Vec<_> = axis.labels().collect();
                assert!((2..=12).contains(&labels.len()), "{one:e} to {other:e}: {labels:?}");
                assert!(labels.windows(2).all(|pair| pair[0].1 != pair[1].1), "{labels:?}");
                assert!(labels.iter().all(|(_, text)| text.len() <= 12), "{labels:?}");
                for number in [one, other] {
                    let place = axis.place(number, 0.0, 1.0);
                    assert!((-1e-6..=1.000_001).contains(&place), "{number:e} at {place}: {labels:?}");
                }
            }
        }
    }

    #[test]
    fn epochs_are_whole() {
        assert_eq!(whole(&[1.0, 3.0]), ["1", "2", "3"]);
        assert_eq!(whole(&[100.0]), ["100"]);
        assert_eq!(whole(&[1.0, 60.0]), ["10", "20", "30", "40", "50", "60"]);
        assert_eq!(whole(&[2e6, 2e6 + 4.0]), ["2000000", "2000001", "2000002", "2000003", "2000004"]);
    }
}
