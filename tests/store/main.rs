//! Saved models: round trips, damage, hostile contents, faults of the disk, changed definitions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod binary;
mod control;
mod damage;
mod definition;
mod dtypes;
mod faults;
mod hostile;
mod memory;
mod models;
mod places;
mod round_trip;
