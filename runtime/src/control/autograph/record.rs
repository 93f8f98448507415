//! Recording a part of user code as a function, between two calls rather than in a closure.

use super::slot::{Slot, fail};
use crate::error::{Error, Location, Result};
use crate::graph::{FunctionId, Origin, with_active};
use crate::tensor::{Leaves, Tensor, TensorType};

/// A function that is being recorded.
pub(super) struct Recording {
    name: &'static str,
    /// How many functions were under construction when it began.
    depth: usize,
    finished: bool,
}

impl Recording {
    /// Begins a function with these inputs, and gives its parameters.
    pub(super) fn begin(name: &'static str, inputs: Vec<(String, TensorType)>) -> Result<(Self, Vec<Tensor>)> {
        with_active(|construction| {
            let depth = construction.stack.len();
            let parameters = construction.begin(name, Origin::Derived(name.into()), inputs);
            (Self { name, depth, finished: false }, parameters)
        })
        .ok_or_else(|| error(name, "no trace is in progress"))
    }

    /// Ends it with these results.
    pub(super) fn finish(mut self, outputs: &[Tensor], location: &Location) -> Result<Recorded> {
        self.finished = true;
        if let Some(failed) = outputs.iter().find_map(Tensor::error) {
            let failed = failed.clone();
            self.drop_function();
            return Err(failed);
        }
        let recorded = with_active(|construction| {
            if construction.stack.len() != self.depth + 1 {
                return None;
            }
            let values: Option<Vec<_>> =
                outputs.iter().map(|output| construction.value_of(output, location)).collect();
            let (function, captured) = construction.finish(values?)?;
            let outer = construction.stack.last()?;
            let captured = captured.into_iter().map(|value| outer.tensor(value)).collect();
            Some(Recorded { function, captured, location: location.clone() })
        });
        recorded.flatten().ok_or_else(|| {
            self.drop_function();
            error(self.name, "it gives a tensor of a trace that has ended or runs on another thread")
        })
    }

    fn drop_function(&self) {
        with_active(|construction| construction.stack.truncate(self.depth));
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.finished || std::thread::panicking() {
            return;
        }
        self.drop_function();
        let left = error(self.name, "it was left in the middle, which a graph cannot do");
        with_active(|construction| {
            construction.failure.get_or_insert(left);
        });
    }
}

pub(super) fn error(function: &str, message: impl Into<String>) -> Error {
    Error::Trace { function: function.to_owned(), message: message.into() }
}

/// A function that was recorded, with what it uses of the function around it.
pub(super) struct Recorded {
    function: FunctionId,
    captured: Vec<Tensor>,
    location: Location,
}

impl Recorded {
    /// Calls it in the innermost function under construction.
    pub(super) fn call(&self, inputs: &[Tensor]) -> Vec<Tensor> {
        let called = with_active(|construction| {
            let operands: Option<Vec<_>> = inputs
                .iter()
                .chain(&self.captured)
                .map(|input| construction.value_of(input, &self.location))
                .collect();
            let values = construction.push_call(self.function, operands?, self.location.clone());
            let building = construction.stack.last()?;
            Some(values.into_iter().map(|value| building.tensor(value)).collect())
        });
        called.flatten().unwrap_or_default()
    }

    /// The types of what it gives.
    pub(super) fn outputs(&self) -> Vec<TensorType> {
        let types = with_active(|construction| {
            let function = construction.graph.function(self.function)?;
            Some(function.output_types().cloned().collect())
        });
        types.flatten().unwrap_or_default()
    }
}

/// The tensors of several variables.
#[derive(Clone, Default)]
pub(super) struct Values(pub Vec<(&'static str, Leaves)>);

impl Values {
    pub(super) fn of(slots: &[Slot<'_>]) -> Self {
        Self(slots.iter().map(|slot| (slot.name, slot.place.leaves())).collect())
    }

    pub(super) fn tensors(&self) -> Vec<Tensor> {
        self.0.iter().flat_map(|(_, leaves)| leaves.tensors().cloned()).collect()
    }

    /// The places of the tensors, in order: the name of the variable and the path in it.
    pub(super) fn paths(&self) -> Vec<String> {
        let path = |name: &str, path: &str| if path.is_empty() { name.to_owned() } else { format!("{name}.{path}") };
        self.0.iter().flat_map(|(name, leaves)| leaves.paths().map(move |part| path(name, part))).collect()
    }

    /// The same places with other tensors.
    pub(super) fn with(&self, tensors: impl IntoIterator<Item = Tensor>) -> Self {
        let mut tensors = tensors.into_iter();
        let with = |(name, leaves): &(&'static str, Leaves)| {
            (*name, leaves.with(tensors.by_ref().take(leaves.len()).collect::<Vec<_>>()))
        };
        Self(self.0.iter().map(with).collect())
    }

    /// Puts the tensors into those variables that are among the slots.
    pub(super) fn put(&self, slots: &mut [Slot<'_>]) {
        for slot in slots {
            let own = self.0.iter().find(|(name, _)| *name == slot.name);
            if let Some((_, leaves)) = own
                && let Err(error) = slot.place.set(leaves.clone())
            {
                slot.place.fail(&error);
            }
        }
    }

    /// The tensors, or the error that one of them carries.
    pub(super) fn typed(&self) -> Result<Vec<(String, TensorType)>> {
        let mut typed = Vec::new();
        for (path, tensor) in self.paths().into_iter().zip(self.tensors()) {
            match crate::graph::type_of(&tensor) {
                Some(kind) => typed.push((path, kind)),
                None => return Err(tensor.error().cloned().unwrap_or_else(|| error(&path, "no tensor"))),
            }
        }
        Ok(typed)
    }
}

/// Puts what a result holds into the slots.
pub(super) fn settle(result: Result<Values>, slots: &mut [Slot<'_>]) {
    match result {
        Ok(values) => values.put(slots),
        Err(error) => fail(slots, &error),
    }
}

/// Checks that the variables of a loop are after a round what they were before it.
pub(super) fn same_types(word: &str, before: &Values, after: &Values, body: &Recorded) -> Result<()> {
    if before.paths() != after.paths() {
        return Err(error(
            word,
            format!(
                "a round of the loop changes what its variables are made of, from {:?} to {:?}: \
                 a graph needs the same tensors in each round",
                before.paths(),
                after.paths()
            ),
        ));
    }
    for ((path, was), is) in before.typed()?.into_iter().zip(body.outputs()) {
        let mut equal = was.dtype == is.dtype && was.shape.rank() == is.shape.rank();
        for (left, right) in was.shape.iter().zip(is.shape.iter()) {
            equal = equal && crate::graph::constrain(|constraints| constraints.equal(left, right).is_ok());
        }
        if !equal {
            return Err(error(
                word,
                format!(
                    "`{path}` is {was} before a round of the loop and {is} after it: a graph needs the same dtype \
                     and shape in each round, so give it that dtype and shape before the loop"
                ),
            ));
        }
    }
    Ok(())
}
