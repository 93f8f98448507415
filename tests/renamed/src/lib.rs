//! A user's crate that depends on Holotype under another name.
//!
//! It uses each macro in modules, behind `macro_rules!` and on generic types, with every lint denied; `tests/saved.rs`
//! saves, loads, restores and trains what is defined here. Nothing in it can see a crate called `holotype`.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unused_qualifications,
    unreachable_pub,
    clippy::all,
    clippy::pedantic
)]
#![forbid(unsafe_code)]
#![allow(clippy::must_use_candidate, reason = "every method here is pure, as everywhere in Holotype")]

pub mod blocks;
pub mod decisions;
pub mod dense;
pub mod made;
pub mod rules;
