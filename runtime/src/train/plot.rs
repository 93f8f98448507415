//! Curves as a drawing.

use std::fmt::Write;

use super::history::History;

/// The size of a drawing, and the room for the numbers around it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 32.0;

/// Colours that people with colour blindness tell apart (Okabe and Ito, 2008).
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

impl History {
    /// The curves of some metrics over the epochs as a drawing in SVG; those of the validation data are drawn with them, dashed, if
    /// they are there.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let x = Tensor::from([[0.0_f32], [1.0]]);
    /// let data = Dataset::new(&x, &x)?;
    /// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
    /// let history = trainer.fit(&data, Fit::epochs(5).validation(&data).quiet())?;
    /// let svg = history.to_svg(&["loss"]);
    /// assert!(svg.starts_with("<svg") && svg.contains("val_loss"));
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn to_svg(&self, metrics: &[&str]) -> String {
        let mut curves = Vec::new();
        for (name, colour) in metrics.iter().zip(COLOURS.iter().cycle()) {
            for (prefix, dashes) in [("", ""), ("val_", " stroke-dasharray=\"6 4\"")] {
                let name = format!("{prefix}{name}");
                let points: Vec<(f64, f64)> = self
                    .epochs()
                    .iter()
                    .filter_map(|epoch| Some((epoch.number as f64, epoch.metrics.get(&name)?)))
                    .filter(|(_, value)| value.is_finite())
                    .collect();
                if !points.is_empty() {
                    curves.push(Curve { name, colour, dashes, points });
                }
            }
        }
        draw(&curves)
    }
}

struct Curve<'a> {
    name: String,
    colour: &'a str,
    dashes: &'a str,
    points: Vec<(f64, f64)>,
}

/// The numbers between which an axis goes, and those that are written at it.
struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
}

impl Axis {
    /// An axis for these numbers with about so many round ones written at it.
    fn new(numbers: impl Iterator<Item = f64>, count: f64, whole: bool) -> Self {
        let (low, high) =
            numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), n| (low.min(n), high.max(n)));
        let (low, high) = match (low.is_finite(), low < high) {
            (true, true) => (low, high),
            (true, false) => (low - 0.5 * low.abs().max(1.0), low + 0.5 * low.abs().max(1.0)),
            (false, _) => (0.0, 1.0),
        };
        let rough = (high - low) / count;
        let power = 10.0_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let step = if whole { step.max(1.0) } else { step };
        let first = (low / step).ceil();
        let last = (high / step).floor();
        let ticks = (0..=(last - first).max(0.0) as usize).map(|n| (first + n as f64) * step);
        Self { low, high, ticks: ticks.filter(|tick| *tick >= low && *tick <= high).collect() }
    }

    fn place(&self, number: f64, from: f64, to: f64) -> f64 {
        from + (number - self.low) / (self.high - self.low) * (to - from)
    }
}

fn draw(curves: &[Curve<'_>]) -> String {
    let points = || curves.iter().flat_map(|curve| curve.points.iter());
    let across = Axis::new(points().map(|point| point.0), 8.0, true);
    let up = Axis::new(points().map(|point| point.1), 5.0, false);
    let x = |number: f64| across.place(number, LEFT, WIDTH - RIGHT);
    let y = |number: f64| up.place(number, HEIGHT - BOTTOM, TOP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    let (left, right, top, bottom) = (LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM);
    for tick in &up.ticks {
        let (y, text) = (y(*tick), number(*tick));
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            left - 6.0,
            y + 4.0
        );
    }
    for tick in &across.ticks {
        let (x, text) = (x(*tick), number(*tick));
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {bottom}v4\" stroke=\"#444\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
            bottom + 18.0
        );
    }
    let _ = writeln!(svg, "<path d=\"M{left} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"#444\"/>");
    let mut at = left;
    for Curve { name, colour, dashes, points } in curves {
        let places: Vec<_> = points.iter().map(|(a, b)| format!("{:.1},{:.1}", x(*a), y(*b))).collect();
        let places = places.join(" ");
        let _ = writeln!(
            svg,
            "<polyline points=\"{places}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>"
        );
        if let [(a, b)] = points[..] {
            let _ =
                writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>", x(a), y(b));
        }
        let name = escaped(name);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} 14h24\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/><text x=\"{:.1}\" y=\"18\">{name}</text>",
            at + 30.0
        );
        at += 48.0 + 7.0 * name.chars().count() as f64;
    }
    svg.push_str("</svg>\n");
    svg
}

/// A number at an axis: as many digits as it needs, at most six.
fn number(number: f64) -> String {
    if number != 0.0 && !(1e-3..1e6).contains(&number.abs()) {
        return format!("{number:.1e}");
    }
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A text that stands for itself in XML and HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_numbers() {
        let axis = Axis::new([0.13, 0.87].into_iter(), 5.0, false);
        let texts: Vec<_> = axis.ticks.iter().map(|tick| number(*tick)).collect();
        assert_eq!(texts, ["0.2", "0.4", "0.6", "0.8"]);
        let axis = Axis::new([1.0, 3.0].into_iter(), 8.0, true);
        assert_eq!(axis.ticks, [1.0, 2.0, 3.0]);
        // One number, and none.
        assert!(Axis::new([2.0].into_iter(), 5.0, false).ticks.contains(&2.0));
        assert!(!Axis::new(std::iter::empty(), 5.0, false).ticks.is_empty());
        assert_eq!([number(0.0), number(1e-5), number(2.5e7)], ["0", "1.0e-5", "2.5e7"]);
    }
}
