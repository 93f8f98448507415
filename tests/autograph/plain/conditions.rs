//! Branches and loops.

use holotype::prelude::*;

/// With a comparison of its own.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Meters(f64);

impl PartialEq<f64> for Meters {
    fn eq(&self, other: &f64) -> bool {
        self.0 == *other
    }
}

twice! {
    pub fn sign(x: i32) -> &'static str {
        if x > 0 { "positive" } else if x < 0 { "negative" } else { "zero" }
    }

    pub fn collatz(mut n: u64) -> u32 {
        let mut steps = 0;
        while n != 1 {
            n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
            steps += 1;
        }
        steps
    }

    pub fn inferred(limit: usize) -> u64 {
        let mut total = 0;
        let mut index = 0;
        while index < limit {
            if index >= 3 && total != 5 {
                total += index as u64;
            }
            index += 1;
        }
        for item in 0..limit {
            total += item as u64;
        }
        for item in 1..=3 {
            total += item;
        }
        total
    }

    pub fn coerced(flag: bool) -> i32 {
        let apply: Box<dyn Fn(i32) -> i32> = if flag { Box::new(|x| x.pow(2)) } else { Box::new(|x| x + 1) };
        let function: fn(i32) -> i32 = if flag { |x| x * 2 } else { |x| x * 3 };
        let slice: &[i32] = if flag { &[1, 2] } else { &[3] };
        let option = if flag { None } else { Some(4_u8) };
        apply(3) + function(5) + slice.iter().sum::<i32>() + i32::from(option.unwrap_or(9))
    }

    pub fn extended(flag: bool) -> usize {
        let text: &String = if flag { &String::from("long lived") } else { &String::new() };
        text.len()
    }

    pub fn borrowed(flag: bool) -> String {
        let mut items = vec![String::from("a"), String::from("b")];
        let first = &items[0];
        let mut out = String::new();
        if flag {
            out.push_str(first);
        } else {
            items.push(String::from("c"));
        }
        for item in &mut items {
            item.push('.');
        }
        for item in &items {
            out += item;
        }
        out
    }

    pub fn shadowed(x: i32) -> i32 {
        let mut x = x;
        let y = 10;
        if x > 3 {
            let x = y;
            let mut y = x + 1;
            y += 1;
            let _ = (x, y);
        } else {
            x = y;
        }
        for x in 0..3 {
            let mut y = x;
            y += 1;
            let _ = y;
        }
        while x > 20 {
            x -= 7;
        }
        x + y
    }

    pub fn floats(a: f32, b: f64, c: Meters) -> f64 {
        let mut total = 0.0;
        if a < 1.0 { total += 1.0 }
        if 2.0 > b { total += 2.0 }
        if c == 3.0 { total += 4.0 }
        if c < Meters(5.0) { total += 8.0 }
        if f64::from(a) != b { total += 16.0 }
        if [a, a] == [1.0, a] { total += 32.0 }
        if (a, b) < (0.5, 0.5) { total += 64.0 }
        total
    }

    pub fn bits(mask: u32) -> u32 {
        let inverse: u64 = !0;
        let other = !mask;
        if mask & 1 == 0 && !(other == 0) { other } else { (inverse >> 40) as u32 }
    }

    pub fn late(choice: u8) -> (i32, &'static str) {
        let number;
        let text;
        if choice == 0 {
            number = 1;
            text = "zero";
        } else if choice == 1 {
            number = 2;
            text = "one";
        } else {
            number = 3;
            text = "many";
        }
        let unused;
        if number > 2 {
            unused = number;
            let _ = unused;
        }
        (number, text)
    }

    pub fn diverging(x: u32) -> u32 {
        let y = if x > 100 { panic!("too large: {x}") } else { x };
        let z: u32 = if y != 3 { y } else { unreachable!("three") };
        if z == 50 {
            std::process::exit(3)
        }
        z
    }

    pub fn nested(n: usize) -> Vec<Vec<usize>> {
        let mut rows = Vec::new();
        for i in 0..n {
            let mut row = vec![if i > 1 { 1 } else { 0 }; 1];
            let mut j = 0;
            while j <= i {
                if i % 2 == 0 {
                    if j > 1 { row.push(i * j) } else { row.push(0) }
                } else if j != 2 {
                    row.push(j);
                }
                j += 1;
            }
            rows.push(row);
        }
        rows
    }

    pub fn generic<T: PartialOrd + Copy, const N: usize>(values: [T; N]) -> Option<T>
    where
        T: Into<f64>,
    {
        let mut best: Option<T> = None;
        for value in values {
            best = match best {
                Some(old) if old > value => Some(old),
                _ => Some(value),
            };
            if value.into() > 100.0 && N > 2 {
                best = None;
            }
        }
        best
    }

    pub fn blocks(x: i32) -> i32 {
        let y = { if x > 1 { 1 } else { 2 } };
        let z = (if y == 1 { x } else { -x }) * 2;
        let w = -if z > 0 { 1 } else { 2 };
        let list = vec![if w < 0 { 5 } else { 6 }, z];
        let sum: i32 = list.iter().sum();
        #[allow(clippy::let_and_return)]
        let total = sum + match x > 2 { true => 1, false => 2 };
        #[cfg(any())]
        if total > 3 { return 0; }
        total
    }
}

#[test]
fn branches_and_loops_give_the_same() {
    agree!(sign, (3), (0), (-3));
    agree!(collatz, (1), (27));
    agree!(inferred, (0), (9));
    agree!(coerced, (true), (false));
    agree!(extended, (true), (false));
    agree!(borrowed, (true), (false));
    agree!(shadowed, (1), (4), (40));
    agree!(late, (0), (1), (2));
    agree!(nested, (0), (6));
    agree!(blocks, (0), (1), (2), (3));
    agree!(bits, (0), (1), (u32::MAX));
    agree!(floats, (0.5, 0.5, Meters(3.0)), (1.0, 3.0, Meters(7.0)), (f32::NAN, f64::NAN, Meters(0.0)));
    agree!(diverging, (5));
    agree!(generic, ([1.0, 3.0, 2.0]), ([1_u8, 2]), ([1.0_f32, 200.0, 3.0]));
}
