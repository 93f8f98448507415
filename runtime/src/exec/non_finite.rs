//! Where a number that is not finite comes from: the reference executor runs a function and looks at every value.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::error::{Location, Result};
use crate::graph::{FunctionId, Graph, Node, Operation, Origin, Variable};
use crate::tensor::{DType, Data, Sizes};

/// Where the first number that is not finite came up, on the way to the one that is to be explained.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cause {
    /// An input of the function held it.
    Input { name: String, found: Found },
    /// A variable held it before the function ran.
    Variable { path: String, found: Found },
    /// An op gave it for finite operands.
    Op {
        name: String,
        operands: Vec<String>,
        found: Found,
        /// The layer, or the gradient of one.
        scope: String,
        location: Location,
    },
}

/// A number that is not finite, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    value: String,
    index: Vec<usize>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.value, self.index)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { name, found } => write!(f, "the input `{name}` of the step holds {found}"),
            Self::Variable { path, found } => {
                write!(f, "the variable `{path}` held {found} before the step")
            }
            Self::Op { name, operands, found, scope, location } => {
                write!(
                    f,
                    "{name}({}) is the first op that gives a number that is not finite, {found}",
                    operands.join(", ")
                )?;
                if !scope.is_empty() {
                    write!(f, ", in {scope}")?;
                }
                write!(f, "\n  at {location}")
            }
        }
    }
}

/// The first number of a tensor that is not finite.
pub(crate) fn find(data: &Data) -> Option<Found> {
    let (index, value) = first(data)?;
    let mut rest = index;
    let here = |&size: &usize| {
        let here = rest % size.max(1);
        rest /= size.max(1);
        here
    };
    let mut index: Vec<usize> = data.sizes().iter().rev().map(here).collect();
    index.reverse();
    Some(Found { value: value.to_string().to_lowercase(), index })
}

/// Whether all numbers are finite.
pub(crate) fn is_finite(data: &Data) -> bool {
    first(data).is_none()
}

fn first(data: &Data) -> Option<(usize, f64)> {
    fn search<T: Copy>(elements: &[T], number: impl Fn(T) -> f64) -> Option<(usize, f64)> {
        let mut numbers = elements.iter().map(|&element| number(element)).enumerate();
        numbers.find(|(_, number)| !number.is_finite())
    }
    match data.dtype() {
        DType::F32 => search(data.elements::<f32>().ok()?, f64::from),
        DType::F64 => search(data.elements::<f64>().ok()?, |element| element),
        DType::F16 => search(data.elements::<half::f16>().ok()?, f64::from),
        DType::BF16 => search(data.elements::<half::bf16>().ok()?, f64::from),
        _ => None,
    }
}

/// What is looked at while a function runs.
pub(super) struct Watcher<'a> {
    graph: &'a Graph,
    /// What is known of each value that is not finite, by the address of its first byte.
    known: HashMap<usize, Known>,
    /// Kept alive, so that no address comes twice.
    held: Vec<Data>,
    /// The value to be explained.
    wanted: Option<usize>,
}

#[derive(Clone)]
enum Known {
    Cause(Cause),
    /// It comes from another one.
    From(usize),
    /// A constant: masks are often infinite, and that is no mistake.
    Constant,
}

fn address(data: &Data) -> usize {
    data.bytes().as_ptr().addr()
}

impl<'a> Watcher<'a> {
    pub fn new(graph: &'a Graph) -> Self {
        Self { graph, known: HashMap::new(), held: Vec::new(), wanted: None }
    }

    fn remember(&mut self, data: &Data, known: impl FnOnce(Found) -> Known) {
        if self.known.contains_key(&address(data)) {
            return;
        }
        if let Some(found) = find(data) {
            self.known.insert(address(data), known(found));
            self.held.push(data.clone());
        }
    }

    pub fn input(&mut self, name: &str, data: &Data) {
        self.remember(data, |found| Known::Cause(Cause::Input { name: name.to_owned(), found }));
    }

    /// Sees a node before it runs: what a variable of the model would take is to be explained, and what a check refuses.
    pub fn before(&mut self, node: &Node, operands: &[Data]) {
        let is_end = match &node.operation {
            Operation::Assign(id) => {
                let variable = self.graph.variables.get(id.index());
                variable.is_some_and(|variable| variable.path.starts_with("model."))
            }
            Operation::Op(op) => op.name() == "check_finite",
            _ => false,
        };
        if is_end && self.wanted.is_none() {
            let wrong = operands.iter().find(|operand| !is_finite(operand));
            self.wanted = wrong.map(address);
        }
    }

    /// Sees a node after it has run; `at` gives the scope and the place in user code.
    pub fn after(
        &mut self,
        node: &Node,
        operands: &[Data],
        results: &[Data],
        at: impl Fn() -> (String, Location),
    ) {
        let wrong = operands.iter().find(|operand| {
            matches!(self.known.get(&address(operand)), Some(Known::Cause(_) | Known::From(_)))
                && !is_finite(operand)
        });
        let wrong = wrong.map(address);
        for result in results {
            let graph = self.graph;
            self.remember(result, |found| match (&node.operation, wrong) {
                (Operation::Constant(_), _) => Known::Constant,
                (Operation::Read(id), _) => {
                    let path = graph.variables.get(id.index()).map(|variable| variable.path.clone());
                    Known::Cause(Cause::Variable { path: path.unwrap_or_default(), found })
                }
                (_, Some(from)) => Known::From(from),
                (operation, None) => {
                    let (scope, location) = at();
                    let operands = operands.iter().map(Data::describe).collect();
                    Known::Cause(Cause::Op {
                        name: operation.name().to_owned(),
                        operands,
                        found,
                        scope,
                        location,
                    })
                }
            });
        }
    }

    fn cause(&self) -> Option<Cause> {
        let mut at = self.wanted?;
        loop {
            match self.known.get(&at)? {
                Known::Cause(cause) => return Some(cause.clone()),
                Known::From(from) => at = *from,
                Known::Constant => return None,
            }
        }
    }
}

/// The layer that a function belongs to, as people know it.
pub(super) fn scope_of(origin: &Origin) -> Option<String> {
    match origin {
        Origin::Layer { .. } => Some(origin.to_string()),
        Origin::Derived(name) if name.starts_with("gradient of") => Some(name.clone()),
        Origin::Composition(_) | Origin::Derived(_) => None,
    }
}

/// Runs a function without assigning anything, and finds where the first number comes from that is not finite and that a check
/// refuses or a variable of the model would take.
pub(crate) fn first_non_finite(
    graph: &Arc<Graph>,
    variables: &[Variable],
    function: FunctionId,
    inputs: Vec<Data>,
    sizes: &Sizes,
) -> Result<Option<Cause>> {
    let mut watcher = Watcher::new(graph);
    if let Some(function) = graph.function(function) {
        for ((name, _), data) in function.inputs.iter().zip(&inputs) {
            watcher.input(name, data);
        }
    }
    let run =
        super::reference::watched(graph.clone(), variables.to_vec(), function, inputs, sizes, &mut watcher);
    match (watcher.cause(), run) {
        (Some(cause), _) => Ok(Some(cause)),
        (None, run) => run.map(|()| None),
    }
}
