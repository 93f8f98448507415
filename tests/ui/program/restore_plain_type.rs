//! Restoring a type that is no module.

struct Plain {
    units: usize,
}

fn main() {
    let _ = holotype::restore::<Plain>("plain");
}
