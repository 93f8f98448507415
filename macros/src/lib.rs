//! The macros of Holotype.
