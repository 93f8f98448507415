//! Pooling, channels last.
