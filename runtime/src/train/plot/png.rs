//! Drawings as PNG.

use super::drawing::{Anchor, Colour, DASH, Drawing, GAP, Pen, Place, Shape};
use super::letters;
use super::{History, draw};
use crate::error::{Error, Result};

/// Dots to a unit of the drawing.
const SCALE: f64 = 2.0;
/// How texts are drawn.
const TEXT: Pen = Pen { colour: Colour(0x22, 0x22, 0x22), width: 1.1, dashed: false };

impl History {
    /// As [`Self::to_svg`], as an image in PNG, 1280 dots wide. Letters beyond ASCII in the names of metrics are drawn as boxes.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("loss.png");
    /// let x = Tensor::from([[0.0_f32], [1.0]]);
    /// let data = Dataset::new(&x, &x)?;
    /// let mut trainer = Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).build()?;
    /// let history = trainer.fit(&data, Fit::epochs(5).validation(&data).quiet())?;
    /// let image = history.to_png(&["loss"])?;
    /// assert!(image.starts_with(b"\x89PNG"));
    /// std::fs::write(&path, image).unwrap();
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Training`] if the image cannot be packed, as for lack of memory.
    pub fn to_png(&self, metrics: &[&str]) -> Result<Vec<u8>> {
        Canvas::of(&draw(&self.curves(metrics))).to_png()
    }
}

/// Dots in rows, three bytes each.
struct Canvas {
    width: usize,
    height: usize,
    dots: Vec<[u8; 3]>,
    /// How much of each dot the line covers that is being drawn.
    covered: Vec<f32>,
}

impl Canvas {
    fn of(drawing: &Drawing) -> Self {
        let [width, height] = [drawing.width, drawing.height].map(|size| (size * SCALE).ceil() as usize);
        let (dots, covered) = (vec![[255; 3]; width * height], vec![0.0; width * height]);
        let mut canvas = Self { width, height, dots, covered };
        for shape in &drawing.shapes {
            match shape {
                Shape::Rule { from, to, pen } => canvas.line(&[*from, *to], *pen),
                Shape::Curve { points, pen } => canvas.line(points, *pen),
                Shape::Dot { at, radius, colour } => {
                    canvas.line(&[*at, *at], Pen { colour: *colour, width: 2.0 * radius, dashed: false });
                }
                Shape::Text { at, anchor, text } => canvas.text(*at, *anchor, text),
            }
        }
        canvas
    }

    fn text(&mut self, at: Place, anchor: Anchor, text: &str) {
        let (lines, width) = letters::lines(text);
        let before = match anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        };
        for line in lines {
            let line: Vec<Place> = line.into_iter().map(|(x, y)| (at.0 + x - before, at.1 + y)).collect();
            self.line(&line, TEXT);
        }
    }

    /// Draws a line with round ends and corners, or its dashes.
    fn line(&mut self, points: &[Place], pen: Pen) {
        let parts = if pen.dashed { dashes(points) } else { vec![points.to_vec()] };
        for part in parts {
            let ends = part.iter().zip(part.iter().skip(1));
            let touched: Vec<Area> = ends.map(|(from, to)| self.cover(*from, *to, pen.width / 2.0)).collect();
            for range in touched {
                self.paint(&range, pen.colour);
            }
        }
    }

    /// Notes how much of each dot lies within a distance of a straight line: a dot counts as a disc of its width.
    fn cover(&mut self, from: Place, to: Place, distance: f64) -> Area {
        let [from, to] = [from, to].map(|(x, y)| (x * SCALE, y * SCALE));
        let reach = distance * SCALE + 0.5;
        let range = |one: f64, other: f64, size: usize| {
            let within = |place: f64| place.clamp(0.0, size as f64) as usize;
            within((one.min(other) - reach).floor())..within((one.max(other) + reach).ceil())
        };
        let range = Area { x: range(from.0, to.0, self.width), y: range(from.1, to.1, self.height) };
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).max(f64::MIN_POSITIVE);
        for y in range.y.clone() {
            for x in range.x.clone() {
                let (px, py) = (x as f64 + 0.5 - from.0, y as f64 + 0.5 - from.1);
                let along = ((px * dx + py * dy) / length).clamp(0.0, 1.0);
                let away = (px - along * dx).hypot(py - along * dy);
                let covered = (reach - away).clamp(0.0, 1.0) as f32;
                let place = &mut self.covered[y * self.width + x];
                *place = place.max(covered);
            }
        }
        range
    }

    /// Gives the dots of a range as much of a colour as was noted for them, and forgets that.
    fn paint(&mut self, range: &Area, colour: Colour) {
        for y in range.y.clone() {
            for at in y * self.width + range.x.start..y * self.width + range.x.end {
                let covered = std::mem::take(&mut self.covered[at]);
                for (part, full) in self.dots[at].iter_mut().zip([colour.0, colour.1, colour.2]) {
                    *part = (f32::from(*part) * (1.0 - covered) + f32::from(full) * covered).round() as u8;
                }
            }
        }
    }

    fn to_png(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let failed = |error: ::png::EncodingError| Error::Training(format!("curves as PNG: {error}"));
        let mut encoder = ::png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(::png::ColorType::Rgb);
        encoder.set_depth(::png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(self.dots.as_flattened()).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}

/// Dots from some column and row to others.
struct Area {
    x: std::ops::Range<usize>,
    y: std::ops::Range<usize>,
}

/// The parts of a line that its dashes cover.
fn dashes(points: &[Place]) -> Vec<Vec<Place>> {
    let mut parts: Vec<Vec<Place>> = Vec::new();
    let mut part: Vec<Place> = points.first().copied().into_iter().collect();
    // What is left of the dash or gap that the line has come to.
    let (mut inked, mut left) = (true, DASH);
    for (&from, &to) in points.iter().zip(points.iter().skip(1)) {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut gone = 0.0;
        while length - gone > left {
            gone += left;
            let at = (from.0 + (to.0 - from.0) * gone / length, from.1 + (to.1 - from.1) * gone / length);
            if inked {
                part.push(at);
                parts.push(std::mem::take(&mut part));
            } else {
                part = vec![at];
            }
            inked = !inked;
            left = if inked { DASH } else { GAP };
        }
        left -= length - gone;
        if inked {
            part.push(to);
        }
    }
    if inked {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Colour = Colour(0, 0, 0);

    fn canvas(shapes: Vec<Shape>) -> Canvas {
        Canvas::of(&Drawing { width: 20.0, height: 10.0, shapes })
    }

    #[test]
    fn a_line_covers_what_lies_on_it() {
        let pen = Pen { colour: BLACK, width: 2.0, dashed: false };
        let canvas = canvas(vec![Shape::Rule { from: (4.0, 5.0), to: (16.0, 5.0), pen }]);
        let dot = |x: usize, y: usize| canvas.dots[y * canvas.width + x][0];
        // From 4 to 6 down, as whole dots; half of a dot at the sides of it.
        assert_eq!([dot(20, 7), dot(20, 8), dot(20, 11), dot(20, 12)], [255, 0, 0, 255]);
        assert_eq!([dot(2, 10), dot(38, 10)], [255, 255]);
        assert!(canvas.covered.iter().all(|covered| *covered == 0.0));
    }

    #[test]
    fn shapes_beyond_the_edge_are_cut_off() {
        let pen = Pen { colour: BLACK, width: 4.0, dashed: true };
        let points = vec![(-1e6, -5.0), (5.0, 5.0), (1e3, 1e3)];
        let canvas = canvas(vec![
            Shape::Curve { points, pen },
            Shape::Dot { at: (40.0, -3.0), radius: 1.0, colour: BLACK },
            Shape::Text { at: (18.0, 9.0), anchor: Anchor::Start, text: "far away".into() },
        ]);
        assert!(canvas.dots.iter().any(|dot| dot[0] < 255));
    }

    #[test]
    fn dashes_go_on_around_corners() {
        let parts = dashes(&[(0.0, 0.0), (4.0, 0.0), (4.0, 16.0)]);
        let expected: [&[Place]; 2] = [&[(0.0, 0.0), (4.0, 0.0), (4.0, 2.0)], &[(4.0, 6.0), (4.0, 12.0)]];
        assert_eq!(parts, expected);
    }
}
