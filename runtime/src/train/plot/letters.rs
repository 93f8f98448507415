//! The letters of texts as lines, so that a drawing with texts needs no font.

use super::drawing::{FONT_SIZE, Place};

/// The room between two letters.
const ROOM: f64 = 2.1;
/// How wide a letter without lines is.
const SPACE: f64 = 1.4;
/// What is drawn for a letter that is not there.
const UNKNOWN: &str = "0,0 5,0 5,9 0,9 0,0";
/// Into how many lines a part of a curve is cut.
const PARTS: usize = 6;

/// The lines of a text that starts at (0, 0), and how wide it is; small letters are 6 high, large ones 9, and up is less.
///
/// Letters beyond ASCII are drawn as boxes.
pub(super) fn lines(text: &str) -> (Vec<Vec<Place>>, f64) {
    let scale = FONT_SIZE / 12.0;
    let (mut lines, mut x): (Vec<Vec<Place>>, f64) = (Vec::new(), 0.0);
    for letter in text.chars() {
        let mut width = SPACE;
        for stroke in glyph(letter).split(';') {
            let line = stroke_of(stroke.trim());
            width = line.iter().fold(width, |width, point| width.max(point.0));
            let placed = |point: Place| ((x + point.0) * scale, -point.1 * scale);
            if !line.is_empty() {
                lines.push(line.into_iter().map(placed).collect());
            }
        }
        x += width + ROOM;
    }
    (lines, (x - ROOM).max(0.0) * scale)
}

/// The points of a stroke: straight from one to the next; after `~` a curve (a quadratic B-spline: from the middle between two points
/// to the next middle, bent towards the point between) that begins and ends with the first and the last; after `o` such a curve that
/// is closed.
fn stroke_of(stroke: &str) -> Vec<Place> {
    let bent = stroke.starts_with('~');
    let closed = stroke.starts_with('o');
    let points: Vec<Place> =
        stroke.trim_start_matches(['~', 'o']).split_whitespace().filter_map(point).collect();
    let middle = |one: Place, other: Place| (f64::midpoint(one.0, other.0), f64::midpoint(one.1, other.1));
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else { return points };
    let count = points.len();
    if !bent && !closed || count < 3 {
        return points;
    }
    let mut line = vec![if closed { middle(last, first) } else { first }];
    let corners = if closed { 0..count } else { 1..count - 1 };
    for at in corners {
        let (from, corner, next) = (*line.last().unwrap_or(&first), points[at], points[(at + 1) % count]);
        let to = if !closed && at + 2 == count { last } else { middle(corner, next) };
        for part in 1..=PARTS {
            let t = part as f64 / PARTS as f64;
            let (a, b, c) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            line.push((a * from.0 + b * corner.0 + c * to.0, a * from.1 + b * corner.1 + c * to.1));
        }
    }
    line
}

fn point(text: &str) -> Option<Place> {
    let (x, y) = text.split_once(',')?;
    Some((x.parse().ok()?, y.parse().ok()?))
}

/// The strokes of a letter, up being more.
fn glyph(letter: char) -> &'static str {
    match letter {
        ' ' => "",
        '0'..='9' => digit(letter),
        'a'..='z' => small(letter),
        'A'..='Z' => large(letter),
        _ => sign(letter),
    }
}

fn digit(letter: char) -> &'static str {
    match letter {
        '0' => "o 0,0 5,0 5,9 0,9",
        '1' => "1,7.2 3,9 3,0",
        '2' => "~ 0.2,6.8 0.2,9.2 5,9.2 5,5.4 0,0; 0,0 5.2,0",
        '3' => "~ 0.2,7.6 0.4,9.2 4.8,9.4 4.8,4.8 1.8,4.8; ~ 1.8,4.8 5.3,4.8 5.3,-0.3 0.2,-0.3 0,1.6",
        '4' => "3.8,0 3.8,9 0,2.6 5.4,2.6",
        '5' => "4.6,9 0.8,9 0.4,4.9; ~ 0.4,4.9 1.5,5.9 5.2,5.9 5.2,-0.2 0.4,-0.4 0,1.3",
        '6' => "~ 4.4,8.6 2.5,9.5 0,8 0,2.8; o 0,0 5,0 5,5.6 0,5.6",
        '7' => "0,9 5,9 1.8,0",
        '8' => "o 0.4,4.8 4.6,4.8 4.6,9 0.4,9; o 0,0 5,0 5,4.8 0,4.8",
        '9' => "o 0,3.4 5,3.4 5,9 0,9; ~ 5,6.2 5,1 2.5,-0.5 0.6,0.4",
        _ => UNKNOWN,
    }
}

fn small(letter: char) -> &'static str {
    match letter {
        'a' => "o 0,0 4.4,0 4.4,6 0,6; 4.4,6 4.4,0",
        'b' => "o 0,0 4.4,0 4.4,6 0,6; 0,9 0,0",
        'c' => "~ 4.3,4.8 4,6 0,6.4 0,-0.4 4,0 4.3,1.2",
        'd' => "o 0,0 4.4,0 4.4,6 0,6; 4.4,9 4.4,0",
        'e' => "0,3.1 4.4,3.1; ~ 4.4,3.1 4.4,6 0,6.4 0,-0.4 3.8,-0.2 4.2,1.3",
        'f' => "~ 3.2,9 1.2,9 1.2,7 1.2,0; 0,6 2.9,6",
        'g' => "o 0,0 4.4,0 4.4,6 0,6; ~ 4.4,6 4.4,0 4.4,-3 0.6,-3 0.3,-2",
        'h' => "0,9 0,0; ~ 0,3.6 0.2,6 4.2,6.4 4.2,3.5 4.2,0",
        'i' => "0.3,6 0.3,0; 0.3,8.3 0.3,8.6",
        'j' => "1.3,8.3 1.3,8.6; ~ 1.3,6 1.3,0 1.3,-2.8 0,-2.8",
        'k' => "0,9 0,0; 4,6 0,2.4; 1.4,3.6 4.2,0",
        'l' => "0.3,9 0.3,0",
        'm' => "0,6 0,0; ~ 0,3.8 0.2,6 3.4,6.4 3.4,3.5 3.4,0; ~ 3.4,3.8 3.6,6 6.8,6.4 6.8,3.5 6.8,0",
        'n' => "0,6 0,0; ~ 0,3.6 0.2,6 4.2,6.4 4.2,3.5 4.2,0",
        'o' => "o 0,0 4.6,0 4.6,6 0,6",
        'p' => "o 0,0 4.4,0 4.4,6 0,6; 0,6 0,-3",
        'q' => "o 0,0 4.4,0 4.4,6 0,6; 4.4,6 4.4,-3",
        'r' => "0,6 0,0; ~ 0,3.4 0.3,6 2.8,6",
        's' => "~ 3.8,4.9 3.6,6.1 0.3,6.3 0.1,3.6 4,2.9 3.9,-0.2 0.2,-0.1 0,1.2",
        't' => "0,6 3,6; ~ 1.2,8 1.2,3 1.2,0 3.1,0",
        'u' => "~ 0,6 0,2.5 0,-0.4 4,0 4.2,2.4; 4.2,6 4.2,0",
        'v' => "0,6 2.3,0 4.6,6",
        'w' => "0,6 1.7,0 3.4,6 5.1,0 6.8,6",
        'x' => "0,6 4.2,0; 0,0 4.2,6",
        'y' => "0,6 2.3,0; ~ 4.6,6 2.6,0.6 1.6,-3 0,-2.8",
        'z' => "0,6 4,6 0,0 4.1,0",
        _ => UNKNOWN,
    }
}

fn large(letter: char) -> &'static str {
    match letter {
        'A' => "0,0 3,9 6,0; 1.1,3.2 4.9,3.2",
        'B' => "0,0 0,9; ~ 0,9 2.5,9 5.2,9 5.2,4.7 2.5,4.7 0,4.7; ~ 0,4.7 2.5,4.7 5.8,4.7 5.8,0 2.5,0 0,0",
        'C' => "~ 5.8,7 5,9.2 0,9.8 0,-0.8 5,-0.2 5.8,2",
        'D' => "0,0 0,9; ~ 0,9 2,9 6,9 6,0 2,0 0,0",
        'E' => "5,9 0,9 0,0 5.1,0; 0,4.7 4.4,4.7",
        'F' => "5,9 0,9 0,0; 0,4.7 4.4,4.7",
        'G' => "~ 5.8,7.2 5,9.2 0,9.8 0,-0.8 5,-0.2 6,2 6,4.2; 3.6,4.2 6,4.2",
        'H' => "0,9 0,0; 6,9 6,0; 0,4.7 6,4.7",
        'I' => "0.5,9 0.5,0",
        'J' => "~ 3.4,9 3.4,3 3.4,-0.2 0.2,-0.2 0,2",
        'K' => "0,9 0,0; 5.4,9 0,3.8; 1.9,5.6 5.8,0",
        'L' => "0,9 0,0 4.8,0",
        'M' => "0,0 0,9 3.5,2.5 7,9 7,0",
        'N' => "0,0 0,9 6,0 6,9",
        'O' => "o 0,-0.1 6.6,-0.1 6.6,9.1 0,9.1",
        'P' => "0,0 0,9; ~ 0,9 2.5,9 5.6,9 5.6,4.2 2.5,4.2 0,4.2",
        'Q' => "o 0,-0.1 6.6,-0.1 6.6,9.1 0,9.1; 4,2.4 6.6,-0.8",
        'R' => "0,0 0,9; ~ 0,9 2.5,9 5.6,9 5.6,4.2 2.5,4.2 0,4.2; 2.8,4.2 5.8,0",
        'S' => "~ 5.1,7.4 4.8,9.2 0.2,9.6 0.2,5.3 5.6,4.4 5.6,-0.4 0.3,-0.3 0,1.8",
        'T' => "0,9 6,9; 3,9 3,0",
        'U' => "~ 0,9 0,3 0,-0.4 6,-0.4 6,3 6,9",
        'V' => "0,9 3,0 6,9",
        'W' => "0,9 2.1,0 4.2,8.6 6.3,0 8.4,9",
        'X' => "0,9 6,0; 0,0 6,9",
        'Y' => "0,9 3,4.4 6,9; 3,4.4 3,0",
        'Z' => "0.2,9 5.8,9 0,0 6,0",
        _ => UNKNOWN,
    }
}

fn sign(letter: char) -> &'static str {
    match letter {
        '!' => "0.4,9 0.4,2.8; 0.4,0.2 0.4,0.4",
        '"' => "0.3,9 0.3,6.6; 2.2,9 2.2,6.6",
        '#' => "1.4,0 2.4,9; 4,0 5,9; 0,3 6,3; 0.4,6 6.4,6",
        '$' => "~ 5.1,7.4 4.8,9.2 0.2,9.6 0.2,5.3 5.6,4.4 5.6,-0.4 0.3,-0.3 0,1.8; 2.8,10.2 2.8,-1.2",
        '%' => "0.6,0 6.6,9; o 0,5.2 2.8,5.2 2.8,9 0,9; o 4.4,0 7.2,0 7.2,3.8 4.4,3.8",
        '&' => "~ 6,0 1,6 0.8,9 4.2,9 4.2,6 0,4.4 0,-0.3 4.6,-0.3 5.6,3.6",
        '\'' => "0.3,9 0.3,6.6",
        '(' => "~ 2,10 0,7.5 0,0.5 2,-2",
        ')' => "~ 0,10 2,7.5 2,0.5 0,-2",
        '*' => "2,9 2,5; 0.2,8 3.8,6; 3.8,8 0.2,6",
        '+' => "0,4 5,4; 2.5,6.5 2.5,1.5",
        ',' => "0.8,0.6 0,-1.6",
        '-' => "0,3.4 3,3.4",
        '.' => "0.3,0.2 0.3,0.4",
        '/' => "0,-1 3.4,9.6",
        ':' => "0.3,0.2 0.3,0.4; 0.3,5.2 0.3,5.4",
        ';' => "0.8,0.6 0,-1.6; 0.8,5.2 0.8,5.4",
        '<' => "5,6.5 0,4 5,1.5",
        '=' => "0,5.2 5,5.2; 0,2.8 5,2.8",
        '>' => "0,6.5 5,4 0,1.5",
        '?' => "~ 0,7 0.3,9.2 4.6,9.2 4.6,6 2,5.2 2,2.8; 2,0.2 2,0.4",
        '@' => "o 2.2,2 5.2,2 5.2,5.8 2.2,5.8; ~ 5.2,5.8 5.2,2 7.4,1 7.6,9 0,9.6 0,-1.6 4,-1.6 6,-0.6",
        '[' => "1.8,10 0,10 0,-2 1.8,-2",
        '\\' => "0,9.6 3.4,-1",
        ']' => "0,10 1.8,10 1.8,-2 0,-2",
        '^' => "0,6 2.2,9 4.4,6",
        '_' => "0,-1.5 5,-1.5",
        '`' => "0,9.4 1.4,7.6",
        '{' => "~ 2.4,10 0.8,10 1.4,4 0,4; ~ 0,4 1.4,4 0.8,-2 2.4,-2",
        '|' => "0.3,10 0.3,-2",
        '}' => "~ 0,10 1.6,10 1,4 2.4,4; ~ 2.4,4 1,4 1.6,-2 0,-2",
        '~' => "~ 0,3.4 1.2,5.2 3.8,2.8 5,4.6",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawing::LETTER;
    use super::*;

    #[test]
    fn every_letter_of_ascii_is_there_and_looks_like_no_other() {
        let letters: Vec<char> = ('!'..='~').collect();
        for (at, &letter) in letters.iter().enumerate() {
            let strokes = glyph(letter);
            assert_ne!(strokes, UNKNOWN, "{letter}");
            for stroke in strokes.split(';') {
                let points = stroke.trim().trim_start_matches(['~', 'o']).split_whitespace();
                assert!(
                    points.clone().count() >= 2 && points.clone().all(|text| point(text).is_some()),
                    "{letter}"
                );
            }
            assert!(letters[..at].iter().all(|&other| glyph(other) != strokes), "{letter}");
            let (lines, width) = lines(&letter.to_string());
            assert!((1.0..10.0).contains(&width), "{letter} is {width} wide");
            let points = lines.iter().flatten();
            assert!(
                points.clone().all(|&(x, y)| (0.0..10.0).contains(&x) && (-11.0..4.0).contains(&y)),
                "{letter}"
            );
        }
    }

    #[test]
    fn a_text_is_as_wide_as_its_letters() {
        let width = |text: &str| lines(text).1;
        assert_eq!(width(""), 0.0);
        for name in ["val_loss", "accuracy", "mean_absolute_error", "WAMQ%"] {
            let room = LETTER * name.len() as f64;
            assert!((0.7 * room..1.3 * room).contains(&width(name)), "{name} is {} wide", width(name));
        }
        assert_eq!(lines("ä").0, lines("ö").0);
        assert!((width("ab") - (width("a") + ROOM + width("b"))).abs() < 1e-9);
    }

    #[test]
    fn a_round_letter_is_an_ellipse() {
        let (lines, _) = lines("0");
        for &(x, y) in &lines[0] {
            let distance = ((x - 2.5) / 2.5).hypot((y + 4.5) / 4.5);
            assert!((0.97..1.07).contains(&distance), "{x}, {y}: {distance}");
        }
    }
}
