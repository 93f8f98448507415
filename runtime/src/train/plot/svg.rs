//! Drawings as SVG 1.1.

use std::fmt::{self, Write};

use super::drawing::{Anchor, Colour, DASH, Drawing, FONT_SIZE, GAP, Pen, Shape};

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// The attributes of a line.
impl fmt::Display for Pen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stroke=\"{}\" stroke-width=\"{}\"", self.colour, self.width)?;
        if self.dashed { write!(f, " stroke-dasharray=\"{DASH} {GAP}\"") } else { Ok(()) }
    }
}

/// The drawing as a file, or as a part of a page.
pub(super) fn to_svg(drawing: &Drawing) -> String {
    let Drawing { width, height, shapes } = drawing;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"{FONT_SIZE}\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for shape in shapes {
        let _ = match shape {
            Shape::Rule { from, to, pen } => {
                writeln!(svg, "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" {pen}/>", from.0, from.1, to.0, to.1)
            }
            Shape::Curve { points, pen } => {
                let points: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
                let points = points.join(" ");
                writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke-linejoin=\"round\" {pen}/>")
            }
            Shape::Dot { at, radius, colour } => {
                writeln!(
                    svg,
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\" fill=\"{colour}\"/>",
                    at.0, at.1
                )
            }
            Shape::Text { at, anchor, text } => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                let (x, y, text) = (at.0, at.1, escaped(text));
                writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>")
            }
        };
    }
    svg.push_str("</svg>\n");
    svg
}

/// A text that stands for itself in XML and HTML, in an element or between double quotes. What no such text may hold, such as a null
/// (XML 1.0, section 2.2), becomes the replacement character.
pub(in super::super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(letter),
            '\u{fffe}' | '\u{ffff}' => safe.push(char::REPLACEMENT_CHARACTER),
            _ if letter.is_control() => safe.push(char::REPLACEMENT_CHARACTER),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn texts_stand_for_themselves() {
        assert_eq!(escaped("<b x='1'>&\"ä\n"), "&lt;b x=&#39;1&#39;&gt;&amp;&quot;ä\n");
        assert_eq!(escaped("a\0b\u{1b}\u{ffff}"), "a\u{fffd}b\u{fffd}\u{fffd}");
    }
}
