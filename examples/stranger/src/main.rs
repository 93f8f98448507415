//! Loads a saved model whose code this program has never seen.
fn main() {}
