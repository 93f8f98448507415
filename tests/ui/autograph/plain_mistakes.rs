//! What is wrong without tensors is said as Rust says it.

use holotype::prelude::*;

#[autograph]
fn wrong(flag: bool, text: String) -> usize {
    let length;
    if flag {
        length = text.len();
        drop(text);
    }
    text.len() + length
}

#[autograph]
fn lent(flag: bool, names: &mut Vec<String>) -> usize {
    let first = &names[0];
    if flag {
        names.clear();
    }
    first.len()
}

#[autograph]
fn moved(flag: bool, text: String) -> usize {
    while flag {
        drop(text);
    }
    0
}

fn main() {
    wrong(true, String::new());
    moved(true, String::new());
    lent(true, &mut Vec::new());
}
