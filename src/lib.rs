//! Models that are saved whole.
