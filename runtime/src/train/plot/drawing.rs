//! Drawings: lines and texts at places, of which a file of some format can be made.

/// A colour: red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub u8, pub u8, pub u8);

/// How a line looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub colour: Colour,
    pub width: f64,
    pub dashed: bool,
}

/// The lengths of a dash and of the gap behind it.
pub(super) const DASH: f64 = 6.0;
pub(super) const GAP: f64 = 4.0;

/// The height of texts, and how wide a letter is on average, which formats do not agree on.
pub(super) const FONT_SIZE: f64 = 12.0;
pub(super) const LETTER: f64 = 7.0;

/// The point of a text that lies at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A place: to the right, and down.
pub(super) type Place = (f64, f64);

pub(super) enum Shape {
    /// A straight line of an axis, a grid or a legend.
    Rule {
        from: Place,
        to: Place,
        pen: Pen,
    },
    /// A line through points.
    Curve {
        points: Vec<Place>,
        pen: Pen,
    },
    Dot {
        at: Place,
        radius: f64,
        colour: Colour,
    },
    /// A text on a line that goes through the place.
    Text {
        at: Place,
        anchor: Anchor,
        text: String,
    },
}

/// Shapes on white, the later ones over the earlier ones.
pub(super) struct Drawing {
    pub width: f64,
    pub height: f64,
    pub shapes: Vec<Shape>,
}

impl Drawing {
    pub fn rule(&mut self, from: Place, to: Place, pen: Pen) {
        self.shapes.push(Shape::Rule { from, to, pen });
    }

    pub fn text(&mut self, at: Place, anchor: Anchor, text: impl Into<String>) {
        self.shapes.push(Shape::Text { at, anchor, text: text.into() });
    }
}
