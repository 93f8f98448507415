//! Calls of traced methods: what the macros put around the user's code.

use std::any::TypeId;
use std::cell::Cell;

use super::arguments::Arguments;
use super::spec::SignatureSpec;
use crate::error::{Error, Location, Result};
use crate::graph::{self, Origin, constrain, is_tracing, type_of, with_active};
use crate::tensor::{Leaves, Structure, Tensor};

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

/// Runs the body of a traced method: checks the arguments against the signature and, in a trace, records a function.
///
/// `parameters` takes the parameters out of arguments that hold the same structures.
#[track_caller]
pub fn call<P, R: Structure>(
    callee: Callee,
    signature: impl FnOnce() -> SignatureSpec,
    arguments: Arguments,
    parameters: impl FnOnce(&mut Arguments) -> Result<P>,
    body: impl FnOnce(P) -> R,
) -> R {
    // Not as a function passed on, whose caller would be the standard library.
    let here = Location::caller();
    let body = |leaves| parameters(&mut Arguments::with_leaves(leaves)).map(body);
    call_at(callee, Box::new(signature), arguments.leaves(), here, Box::new(body))
}

/// As [`call`], compiled once for each structure that is returned.
fn call_at<'s, R: Structure>(
    callee: Callee,
    signature: Box<dyn FnOnce() -> SignatureSpec + 's>,
    arguments: &Leaves,
    here: Location,
    body: Box<dyn FnOnce(Leaves) -> Result<R> + '_>,
) -> R {
    let location = CALL_SITE.take().map_or(here, Location::from);
    let mut returned = None;
    let run_body =
        |leaves| Leaves::of(returned.insert(body(leaves).unwrap_or_else(|error| R::failed(&error))));
    let leaves = called(callee, signature, arguments, &location, Box::new(run_body));
    let result = leaves.and_then(|leaves| match leaves {
        Some(leaves) => leaves.build(),
        None => returned.ok_or_else(|| ended("")),
    });
    result.unwrap_or_else(|error| R::failed(&error))
}

/// The body of a call, which takes its arguments and gives its results.
type Body<'b> = Box<dyn FnOnce(Leaves) -> Leaves + 'b>;

/// The tensors that come out of a call of a traced method; nothing if they are what `body` returned, as it returned it.
fn called<'s>(
    callee: Callee,
    signature: Box<dyn FnOnce() -> SignatureSpec + 's>,
    arguments: &Leaves,
    location: &Location,
    body: Body<'_>,
) -> Result<Option<Leaves>> {
    if let Some(error) = arguments.tensors().find_map(Tensor::error) {
        return Err(error.clone());
    }
    let leaves = in_order(&signature(), arguments, location)?;
    let described = format!("{} of {} at {location}", callee.method, short_name(callee.type_name));
    if !is_tracing() {
        return Ok(Some(in_call(&body(leaves), &described)));
    }
    let (name, origin) = callee.into_origin();
    if with_active(|construction| construction.enters(&origin)).unwrap_or(false) {
        body(leaves);
        return Ok(None);
    }
    Ok(Some(in_call(&run(&name, origin, &leaves, location, body)?, &described)))
}

/// Checks arguments against a signature and gives them in its order.
fn in_order(spec: &SignatureSpec, leaves: &Leaves, location: &Location) -> Result<Leaves> {
    let types: Vec<_> = leaves.iter().filter_map(|(path, tensor)| Some((path, type_of(tensor)?))).collect();
    let order = constrain(|constraints| spec.check(&types, constraints, location))?;
    let all: Vec<_> = leaves.iter().collect();
    let ordered = order.into_iter().filter_map(|place| all.get(place));
    Ok(Leaves::new(ordered.map(|(path, tensor)| ((*path).to_owned(), (*tensor).clone()))))
}

/// Says of an error that came up in a call which call it was. What a structure skips has its default afterwards, as it has
/// where the call is loaded.
fn in_call(outputs: &Leaves, call: &str) -> Leaves {
    let tensors: Vec<_> = outputs.tensors().map(|output| output.clone().in_call(call)).collect();
    outputs.with(tensors)
}

/// Runs the body of a loss or metric; in a trace, records a function.
#[track_caller]
pub fn call_function<const N: usize, R: Structure>(
    name: &'static str,
    inputs: [(&'static str, &Tensor); N],
    body: impl FnOnce([&Tensor; N]) -> R,
) -> R {
    let body = |inputs: &[&Tensor]| match <[&Tensor; N]>::try_from(inputs) {
        Ok(inputs) => body(inputs),
        Err(_) => R::failed(&lacks_input(name)),
    };
    call_function_at(name, &inputs, &Location::caller(), Box::new(body))
}

/// The body of a loss or metric.
type OfInputs<'b, R> = Box<dyn FnOnce(&[&Tensor]) -> R + 'b>;

/// As [`call_function`], compiled once for each structure that is returned.
fn call_function_at<R: Structure>(
    name: &str,
    inputs: &[(&str, &Tensor)],
    location: &Location,
    body: OfInputs<'_, R>,
) -> R {
    if let Some(error) = inputs.iter().find_map(|(_, input)| input.error()) {
        return R::failed(error);
    }
    if !is_tracing() {
        return body(&inputs.iter().map(|(_, input)| *input).collect::<Vec<_>>());
    }
    let run_body = |leaves: Leaves| Leaves::of(&body(&leaves.tensors().collect::<Vec<_>>()));
    run_function(name, inputs, location, Box::new(run_body))
        .and_then(Leaves::build)
        .unwrap_or_else(|error| R::failed(&error))
}

fn lacks_input(function: &str) -> Error {
    Error::Trace { function: function.into(), message: "an input is missing".into() }
}

fn run_function(
    name: &str,
    inputs: &[(&str, &Tensor)],
    location: &Location,
    body: Body<'_>,
) -> Result<Leaves> {
    let leaves = Leaves::new(inputs.iter().map(|(name, input)| ((*name).to_owned(), (*input).clone())));
    run(short_name(name), Origin::Composition(name.to_owned()), &leaves, location, body)
}

/// The tensors that come out of a call of a function with this body, which is recorded.
fn run(name: &str, origin: Origin, leaves: &Leaves, location: &Location, body: Body<'_>) -> Result<Leaves> {
    let inputs: Vec<_> = leaves.iter().collect();
    let mut returned = None;
    let run_body = |inputs: &[Tensor]| {
        let outputs = body(leaves.with(inputs.iter().cloned()));
        returned.insert(outputs).tensors().cloned().collect()
    };
    let results = graph::call(name, origin, &inputs, location, Box::new(run_body));
    match returned {
        Some(outputs) => Ok(outputs.with(results)),
        None => Err(results.iter().find_map(Tensor::error).cloned().unwrap_or_else(|| ended(name))),
    }
}

fn ended(function: &str) -> Error {
    Error::Trace { function: function.to_owned(), message: "the trace around it has ended".into() }
}

/// The error of asking a layer for a method that it does not trace.
pub fn unknown_function(type_name: &str, found: &str, known: &'static [&'static str]) -> Error {
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    Error::Trace {
        function: found.to_owned(),
        message: format!("`{type_name}` has no such traced method; it has {}", known.join(", ")),
    }
}
