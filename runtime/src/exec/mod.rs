//! Running graphs.
//!
//! An [`Executor`] prepares a graph once and runs its functions many times. The [`Reference`] executor runs nodes one by
//! one with the kernels of the ops: short, obviously right, the oracle of every test.

mod control;
mod last_uses;
mod reference;

use std::sync::Arc;

pub use reference::Reference;

use crate::error::Result;
use crate::graph::{FunctionId, Graph, Variable};
use crate::tensor::{Data, Sizes};

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
}
