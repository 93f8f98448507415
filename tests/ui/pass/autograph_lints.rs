//! Nothing that is generated draws a lint, whatever the user's crate denies.
#![deny(
    warnings,
    missing_docs,
    unused,
    unused_qualifications,
    unreachable_pub,
    trivial_casts,
    non_local_definitions,
    let_underscore_drop,
    single_use_lifetimes,
    elided_lifetimes_in_paths,
    unused_results,
    clippy::all,
    clippy::pedantic
)]
#![forbid(unsafe_code)]

use holotype::prelude::*;

/// A bit of everything.
#[autograph]
pub fn everything(x: &Tensor, names: &[&str], flag: bool) -> (Tensor, usize) {
    let mut y = x.clone();
    let mut count = 0;
    let chosen;
    if y.sum() > 0.0 && flag {
        y = y + 1.0;
        chosen = x * 2.0;
    } else {
        chosen = -x;
    }
    while y.sum() < 3.0 {
        y += 1.0;
    }
    for row in x {
        y = if row < 1.0 || !flag { y } else { -y };
    }
    for name in names {
        count += if name.is_empty() { 1 } else { name.len() };
    }
    while count > 100 {
        count -= 1;
    }
    let text;
    if flag {
        text = "yes";
    } else {
        text = "no";
    }
    if text == "maybe" || count == 1 && flag {
        return (y, 0);
    }
    (y + chosen, count)
}

/// Nothing to rewrite.
#[autograph]
pub fn nothing(x: &Tensor) -> Tensor {
    x.clone()
}

fn main() {
    let (y, count) = everything(&Tensor::from([1.0_f32, 2.0]), &["a", ""], true);
    assert_eq!((y.rank(), count), (1, 2));
    assert_eq!(nothing(&y).rank(), 1);
}
