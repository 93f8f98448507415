//! Everything that generated code names, and nothing else.

pub use inventory::submit;
