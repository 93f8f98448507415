//! Convolutions, channels last.
