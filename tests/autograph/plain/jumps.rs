//! Jumps, patterns and errors.

use holotype::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    Round(u32),
    Square { side: u32 },
    None,
}

twice! {
    pub fn early(values: &[i32]) -> Option<i32> {
        let mut best = None;
        for &value in values {
            if value < 0 {
                return None;
            }
            if value == 7 {
                break;
            }
            if value % 2 == 1 {
                continue;
            }
            if best.is_none() || best < Some(value) {
                best = Some(value);
            }
        }
        best
    }

    pub fn question(text: &str) -> Result<i32, std::num::ParseIntError> {
        let number: i32 = text.parse()?;
        let double = if number > 10 { text.parse::<i32>()? * 2 } else { number };
        let mut total = 0;
        while total < double {
            total += "2".parse::<i32>()?;
        }
        Ok(total)
    }

    pub fn labels(limit: usize) -> (usize, usize) {
        let mut count = 0;
        'outer: for i in 0..limit {
            for j in 0..limit {
                if j > i {
                    continue 'outer;
                }
                if i * j > 12 {
                    break 'outer;
                }
                count += 1;
            }
        }
        let found = 'block: {
            for i in 0..limit {
                if i * i > limit {
                    break 'block i;
                }
            }
            limit
        };
        let looped = loop {
            count += 1;
            if count > 5 && count % 3 == 0 {
                break count;
            }
        };
        (found, looped)
    }

    pub fn patterns(values: &[(i32, Option<&str>)], shape: Shape) -> i32 {
        let mut total = 0;
        for &(number, name) in values {
            if let Some(name) = name && number > 1 && name.len() != 3 {
                total += number;
            } else if let Some(name) = name {
                total -= name.len() as i32;
            }
            let Some(text) = name else {
                total += 100;
                continue;
            };
            match (number, text) {
                (1, _) => total += 1,
                (n, text) if n > 2 && text.len() > 2 => total += n,
                _ if number == 2 || total < 0 => total *= 2,
                _ => {}
            }
        }
        let mut stack = vec![1, 2, 3];
        while let Some(top) = stack.pop() && top > 1 {
            total += top;
        }
        match shape {
            Shape::Round(radius) if radius > 2 => total + radius as i32,
            Shape::Square { side } => if side == 1 { 1 } else { total },
            Shape::Round(_) | Shape::None => total,
        }
    }
}

#[test]
fn jumps_patterns_and_errors_stay() {
    agree!(early, (&[2, 4, 1]), (&[2, -1]), (&[8, 7, 100]), (&[]));
    agree!(question, ("12"), ("3"), ("x"));
    agree!(labels, (0), (3), (9));
    let values = [(1, Some("abc")), (3, Some("abcd")), (2, Some("x")), (5, None)];
    agree!(
        patterns,
        (&values, Shape::Round(5)),
        (&values[..2], Shape::Square { side: 1 }),
        (&[], Shape::None)
    );
}
