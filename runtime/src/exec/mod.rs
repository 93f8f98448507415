//! Running graphs.
//!
//! An [`Executor`] prepares a graph once and runs its functions many times. The [`Reference`] executor runs nodes one by
//! one with the kernels of the ops: short, obviously right, the oracle of every test. The [`Compiled`] executor specialises
//! a function for the sizes of a call and runs it fast.

mod compiled;
mod control;
mod last_uses;
mod non_finite;
mod reference;

use std::any::Any;
use std::sync::Arc;

pub use compiled::Compiled;
pub(crate) use non_finite::{Cause, first_non_finite, is_finite};
pub use reference::Reference;

use crate::error::{Error, Result};
use crate::graph::{FunctionId, Graph, Variable};
use crate::tensor::{Data, Sizes, Tensor};

/// A way of running graphs.
pub trait Executor: Send + Sync {
    /// Makes a well-formed graph ready to run over variables, one for each of [`Graph::variables`] in order.
    ///
    /// # Errors
    /// If the executor cannot run the graph, or the variables are not those of the graph.
    fn prepare(&self, graph: Arc<Graph>, variables: Vec<Variable>) -> Result<Box<dyn Runnable>>;
}

/// A graph that is ready to run.
pub trait Runnable: Send + Sync {
    /// Runs a function: inputs that satisfy its types for these sizes, outputs in order.
    ///
    /// Assignments to variables take effect when the whole function has run; if it fails, none does.
    ///
    /// # Errors
    /// What a check in the graph says about the values of this call.
    fn run(&self, function: FunctionId, inputs: Vec<Data>, sizes: &Sizes) -> Result<Vec<Data>>;

    /// Finds once what calls with these sizes need.
    ///
    /// # Errors
    /// As [`Runnable::run`].
    fn route(&self, function: FunctionId, sizes: &Sizes) -> Result<Route> {
        Ok(Route::new(function, sizes))
    }

    /// Runs a function as [`Runnable::run`], by what [`Runnable::route`] of the same graph has found.
    ///
    /// # Errors
    /// As [`Runnable::run`].
    fn run_route(&self, route: &Route, inputs: &[&Data]) -> Result<Vec<Tensor>> {
        let inputs = inputs.iter().copied().cloned().collect();
        let outputs = self.run(route.function, inputs, &route.sizes)?;
        Ok(outputs.into_iter().map(Tensor::from_data).collect())
    }

    /// Makes a function ready for many calls with these sizes.
    ///
    /// # Errors
    /// As [`Runnable::run`].
    fn prepare(&self, function: FunctionId, sizes: &Sizes) -> Result<Box<dyn Prepared + '_>>;

    /// How a call with these sizes runs, for people.
    ///
    /// # Errors
    /// As [`Runnable::run`].
    fn explain(&self, function: FunctionId, sizes: &Sizes) -> Result<String>;
}

/// A function for the sizes of a call, with what an executor has found for them.
pub struct Route {
    function: FunctionId,
    sizes: Sizes,
    found: Option<Box<dyn Any + Send + Sync>>,
}

impl Route {
    /// A route on which nothing has been found.
    pub fn new(function: FunctionId, sizes: &Sizes) -> Self {
        Self { function, sizes: sizes.clone(), found: None }
    }

    /// The same with what was found.
    fn with<T: Any + Send + Sync>(self, found: T) -> Self {
        Self { found: Some(Box::new(found)), ..self }
    }

    /// What was found, if it is of this type.
    fn found<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.found.as_ref()?.downcast_ref()
    }
}

/// A function that is ready for many calls with the same sizes.
pub trait Prepared: Send {
    /// Runs it on inputs that lie with the caller, row by row, and writes the outputs, whose bytes must be as many as their types
    /// say.
    ///
    /// # Errors
    /// As [`Runnable::run`].
    fn run(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<()>;
}

/// Checks that variables are those of a graph.
fn check_variables(graph: &Graph, variables: &[Variable]) -> Result<()> {
    if graph.variables.len() != variables.len() {
        let message =
            format!("it has {} variables, and {} were given", graph.variables.len(), variables.len());
        return Err(Error::graph("", None, message));
    }
    for (definition, variable) in graph.variables.iter().zip(variables) {
        if definition.kind != *variable.kind() {
            return Err(Error::Variable {
                path: definition.path.clone(),
                message: format!("expected {}, found {}", definition.kind, variable.kind()),
            });
        }
    }
    Ok(())
}

/// Sets how many threads calls use, the caller's included; 0 means one for each core, as it is before anybody says.
///
/// The number is that of the process. Results do not depend on it. Small models stay on one thread whatever it is.
///
/// ```
/// holotype::threads(1);
/// assert_eq!(holotype::exec::thread_count(), 1);
/// # holotype::threads(0);
/// ```
pub fn threads(count: usize) {
    holotype_kernels::threads::set_threads(count);
}

/// How many threads calls may use.
pub fn thread_count() -> usize {
    holotype_kernels::threads::threads()
}
