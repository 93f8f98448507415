//! Types that do not agree are said as Rust says it.

use holotype::prelude::*;

#[autograph]
fn wrong(flag: bool, count: usize) -> usize {
    let missing = if flag { 1 } else { "two" };
    for name in vec![1, 2] {
        name.len();
    }
    while count < "three" {}
    if flag {
        count
    }
    let Some(x) = None::<usize>;
    count + missing
}

fn main() {
    wrong(true, 3);
}
