//! Saved models: round trips, damage, hostile contents, faults of the disk, changed definitions.

mod binary;
mod damage;
mod definition;
mod faults;
mod hostile;
mod memory;
mod models;
mod places;
mod round_trip;
