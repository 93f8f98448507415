//! A type parameter of a tracked field, given a type that is no field.
use holotype::prelude::*;

struct Settings;

#[derive(Module)]
struct Wrapper<T> {
    inner: T,
}

fn is_module<M: Module>(_: &M) {}

fn main() {
    is_module(&Wrapper { inner: Settings });
}
