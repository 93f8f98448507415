//! Functions of mathematics on vectors of `f32`.
