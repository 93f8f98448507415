//! Calls of traced methods: what the macros put around the user's code.

use std::any::TypeId;
use std::cell::Cell;

use super::outputs::Outputs;
use super::spec::SignatureSpec;
use crate::error::{Error, Location, Result};
use crate::graph::{self, Origin, constrain, is_tracing, type_of, with_active};
use crate::tensor::Tensor;

/// The method that is being called, and the module it is called on.
pub struct Callee {
    address: usize,
    type_id: TypeId,
    type_name: &'static str,
    method: &'static str,
}

impl Callee {
    /// A method of a module; `type_name` is the name its type is saved under.
    pub fn new<T: 'static>(module: &T, type_name: &'static str, method: &'static str) -> Self {
        let address = std::ptr::from_ref(module).addr();
        Self { address, type_id: TypeId::of::<T>(), type_name, method }
    }

    fn into_origin(self) -> (String, Origin) {
        let key = (self.address, self.type_id);
        let path = with_active(|construction| construction.paths.get(&key).cloned()).flatten();
        // A module that is no field of the root is known by its type.
        let path = path.unwrap_or_else(|| short_name(self.type_name).to_owned());
        let name = if path.is_empty() { self.method.to_owned() } else { format!("{path}.{}", self.method) };
        (name, Origin::Layer { type_name: self.type_name.to_owned(), path, method: self.method.to_owned() })
    }
}

fn short_name(type_name: &str) -> &str {
    type_name.rsplit("::").next().unwrap_or(type_name)
}

thread_local! {
    /// Where user code called a layer whose type it does not know; the next call takes it.
    static CALL_SITE: Cell<Option<&'static std::panic::Location<'static>>> = const { Cell::new(None) };
}

/// Runs a call through a layer of unknown type as if the code at `site` had called its method.
pub(crate) fn called_from<R>(site: &'static std::panic::Location<'static>, call: impl FnOnce() -> R) -> R {
    CALL_SITE.set(Some(site));
    let result = call();
    CALL_SITE.set(None);
    result
}

/// Runs the body of a traced method: checks the inputs against the signature and, in a trace, records a function.
#[track_caller]
pub fn call<const N: usize, R: Outputs>(
    callee: Callee,
    signature: impl FnOnce() -> SignatureSpec,
    inputs: [&Tensor; N],
    body: impl FnOnce([&Tensor; N]) -> R,
) -> R {
    // Not as a function passed on, whose caller would be the standard library.
    let here = Location::caller();
    let location = CALL_SITE.take().map_or(here, Location::from);
    if let Some(error) = inputs.iter().find_map(|input| input.error()) {
        return R::from_error(error);
    }
    let spec = signature();
    let types: Vec<_> = inputs.iter().filter_map(|input| type_of(input)).collect();
    if let Err(error) = constrain(|constraints| spec.check(&types, constraints, &location)) {
        return R::from_error(&error);
    }
    let described = format!("{} of {} at {location}", callee.method, short_name(callee.type_name));
    if !is_tracing() {
        return in_call(body(inputs), &described);
    }
    let (name, origin) = callee.into_origin();
    if with_active(|construction| construction.enters(&origin)).unwrap_or(false) {
        return body(inputs);
    }
    let named: Vec<_> = spec.inputs.iter().map(|(name, _)| *name).zip(inputs).collect();
    in_call(run(&name, origin, &named, &location, body), &described)
}

/// Says of an error that came up in a call which call it was.
fn in_call<R: Outputs>(outputs: R, call: &str) -> R {
    R::from_tensors(outputs.into_tensors().into_iter().map(|output| output.in_call(call)).collect())
}

/// Runs the body of a loss or metric; in a trace, records a function.
#[track_caller]
pub fn call_function<const N: usize, R: Outputs>(
    name: &'static str,
    inputs: [(&'static str, &Tensor); N],
    body: impl FnOnce([&Tensor; N]) -> R,
) -> R {
    let location = Location::caller();
    if let Some(error) = inputs.iter().find_map(|(_, input)| input.error()) {
        return R::from_error(error);
    }
    if !is_tracing() {
        return body(inputs.map(|(_, input)| input));
    }
    run(short_name(name), Origin::Composition(name.to_owned()), &inputs, &location, body)
}

fn run<const N: usize, R: Outputs>(
    name: &str,
    origin: Origin,
    inputs: &[(&'static str, &Tensor)],
    location: &Location,
    body: impl FnOnce([&Tensor; N]) -> R,
) -> R {
    let results = graph::call(name, origin, inputs, location, |inputs| {
        match <[&Tensor; N]>::try_from(inputs.iter().collect::<Vec<_>>()) {
            Ok(inputs) => body(inputs).into_tensors(),
            Err(_) => Vec::new(),
        }
    });
    R::from_tensors(results)
}

/// The inputs of a call by name, if there are as many as the method takes.
///
/// # Errors
/// [`Error::Trace`] with both numbers.
pub fn inputs<'a, const N: usize>(function: &str, inputs: &'a [Tensor]) -> Result<[&'a Tensor; N]> {
    let references: Vec<_> = inputs.iter().collect();
    references.try_into().map_err(|_| Error::Trace {
        function: function.to_owned(),
        message: format!("it takes {N} inputs, not {}", inputs.len()),
    })
}

/// The error of asking a layer for a method that it does not trace.
pub fn unknown_function(type_name: &str, found: &str, known: &'static [&'static str]) -> Error {
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    Error::Trace {
        function: found.to_owned(),
        message: format!("`{type_name}` has no such traced method; it has {}", known.join(", ")),
    }
}
