//! Saving a type that is no module.

struct Plain {
    units: usize,
}

fn main() {
    let _ = holotype::save(&Plain { units: 3 }, "plain");
}
