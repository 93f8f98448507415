//! Curves as a drawing.

mod axis;
mod drawing;
#[cfg(feature = "plots-png")]
mod letters;
#[cfg(feature = "plots-png")]
mod png;
mod svg;

use super::history::History;
use axis::Axis;
use drawing::{Anchor, Colour, Drawing, FONT_SIZE, LETTER, Pen, Place, Shape};
pub(super) use svg::escaped;

/// The size of a drawing, and the room around the curves. Long numbers and legends take more.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 32.0;

/// The height of a line of the legend, and the length of the sample of a curve in it.
const LINE: f64 = 18.0;
const SAMPLE: f64 = 24.0;

/// Colours that people with colour blindness tell apart (Okabe and Ito, 2008).
const COLOURS: [Colour; 6] = [
    Colour(0x00, 0x72, 0xb2),
    Colour(0xd5, 0x5e, 0x00),
    Colour(0x00, 0x9e, 0x73),
    Colour(0xcc, 0x79, 0xa7),
    Colour(0xe6, 0x9f, 0x00),
    Colour(0x56, 0xb4, 0xe9),
];
const GRID: Pen = Pen { colour: Colour(0xdd, 0xdd, 0xdd), width: 1.0, dashed: false };
const FRAME: Pen = Pen { colour: Colour(0x44, 0x44, 0x44), width: 1.0, dashed: false };

impl History {
    /// The curves of some metrics over the epochs as a drawing in SVG; those of the validation data are drawn with them, dashed, if
    /// they are there. A curve has a gap where its numbers are not finite.
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
        svg::to_svg(&draw(&self.curves(metrics)))
    }

    fn curves(&self, metrics: &[&str]) -> Vec<Curve> {
        let mut curves = Vec::new();
        for (name, &colour) in metrics.iter().zip(COLOURS.iter().cycle()) {
            for (prefix, dashed) in [("", false), ("val_", true)] {
                let name = format!("{prefix}{name}");
                let value = |epoch: &super::Epoch| Some((epoch.number as f64, epoch.metrics.get(&name)?));
                let points: Vec<Place> = self.epochs().iter().filter_map(value).collect();
                if !points.is_empty() {
                    curves.push(Curve { name, pen: Pen { colour, width: 2.0, dashed }, points });
                }
            }
        }
        curves
    }
}

struct Curve {
    name: String,
    pen: Pen,
    /// Epochs and values, of which some may not be finite.
    points: Vec<Place>,
}

fn draw(curves: &[Curve]) -> Drawing {
    let points = || curves.iter().flat_map(|curve| curve.points.iter());
    let across = Axis::whole(points().map(|point| point.0), 8.0);
    let up = Axis::new(points().map(|point| point.1), 5.0);
    let digits = up.labels().map(|(_, text)| text.len()).max().unwrap_or(0);
    let left = LEFT.max(18.0 + LETTER * digits as f64);
    let legend = legend(curves, left);
    let lines = legend.last().map_or(0.0, |(_, y)| *y);
    let mut drawing = Drawing { width: WIDTH, height: HEIGHT + lines, shapes: Vec::new() };
    let (right, top, bottom) = (WIDTH - RIGHT, TOP + lines, HEIGHT + lines - BOTTOM);
    let x = |number: f64| across.place(number, left, right);
    let y = |number: f64| up.place(number, bottom, top);
    for (tick, text) in up.labels() {
        drawing.rule((left, y(tick)), (right, y(tick)), GRID);
        drawing.text((left - 6.0, y(tick) + 4.0), Anchor::End, text);
    }
    for (tick, text) in across.labels() {
        drawing.rule((x(tick), bottom), (x(tick), bottom + 4.0), FRAME);
        drawing.text((x(tick), bottom + 6.0 + FONT_SIZE), Anchor::Middle, text);
    }
    drawing.rule((left, top), (left, bottom), FRAME);
    drawing.rule((left, bottom), (right, bottom), FRAME);
    for Curve { pen, points, .. } in curves {
        for part in points.split(|(_, value)| !value.is_finite()) {
            let points: Vec<Place> = part.iter().map(|(epoch, value)| (x(*epoch), y(*value))).collect();
            match points[..] {
                [] => {}
                [at] => drawing.shapes.push(Shape::Dot { at, radius: 3.0, colour: pen.colour }),
                _ => drawing.shapes.push(Shape::Curve { points, pen: *pen }),
            }
        }
    }
    for (Curve { name, pen, .. }, (x, y)) in curves.iter().zip(legend) {
        drawing.rule((x, y + 14.0), (x + SAMPLE, y + 14.0), *pen);
        drawing.text((x + SAMPLE + 6.0, y + 18.0), Anchor::Start, name);
    }
    drawing
}

/// Where the legend of each curve stands: one behind the other, and below where there is no room left.
fn legend(curves: &[Curve], left: f64) -> Vec<Place> {
    let (mut x, mut y) = (left, 0.0);
    let mut places = Vec::new();
    for Curve { name, .. } in curves {
        let width = SAMPLE + 24.0 + LETTER * name.chars().count() as f64;
        if x > left && x + width > WIDTH {
            (x, y) = (left, y + LINE);
        }
        places.push((x, y));
        x += width;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::super::{Epoch, History};
    use super::*;

    /// A history of metrics that are given by value, one epoch after the other.
    fn history(metrics: &[(&str, &[f64])]) -> History {
        let mut history = History::default();
        let epochs = metrics.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        for at in 0..epochs {
            let value = |(name, values): &(&str, &[f64])| Some(((*name).to_owned(), *values.get(at)?));
            history
                .push(Epoch { number: at as u64 + 1, metrics: metrics.iter().filter_map(value).collect() });
        }
        history
    }

    #[test]
    fn a_curve_has_gaps_where_numbers_are_not_finite() {
        let values = [1.0, 0.5, f64::NAN, 0.25, f64::INFINITY, 0.5, 0.75, f64::NEG_INFINITY];
        let svg = history(&[("loss", &values)]).to_svg(&["loss"]);
        assert_eq!((svg.matches("<polyline").count(), svg.matches("<circle").count()), (2, 1));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
        // What has no number at all still stands in the legend.
        let svg = history(&[("loss", &[f64::NAN])]).to_svg(&["loss"]);
        assert!(svg.contains(">loss<") && !svg.contains("<polyline") && !svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn names_stand_for_themselves() {
        let name = "<script>alert('&\0')</script>";
        let svg = history(&[(name, &[1.0, 2.0])]).to_svg(&[name]);
        assert!(
            svg.contains("&lt;script&gt;alert(&#39;&amp;\u{fffd}&#39;)&lt;/script&gt;")
                && !svg.contains("<script")
        );
    }

    #[test]
    fn a_long_legend_takes_more_lines() {
        let names: Vec<String> = (0..12).map(|at| format!("metric number {at}")).collect();
        let metrics: Vec<(&str, &[f64])> =
            names.iter().map(|name| (name.as_str(), [1.0, 2.0].as_slice())).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let drawing = draw(&history(&metrics).curves(&names));
        assert_eq!(drawing.height, HEIGHT + 3.0 * LINE);
        for shape in &drawing.shapes {
            if let Shape::Text { at, anchor: Anchor::Start, text } = shape {
                assert!(at.0 + LETTER * text.len() as f64 <= WIDTH, "{text} at {at:?}");
            }
        }
    }
}
