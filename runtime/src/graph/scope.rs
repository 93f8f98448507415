//! Functions within functions: layers, compositions, and what is known of the trace around them.

use super::construction::{Construction, is_tracing, with_active};
use super::function::Origin;
use crate::error::{Error, Location};
use crate::tensor::{Dim, Repr, Shape, Tensor, TensorType};

/// What a function is traced for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Giving answers.
    #[default]
    Inference,
    /// Learning: dropout drops, normalisation updates its statistics.
    Training,
}

/// What the code that runs now is traced for; [`Mode::Inference`] outside of a trace.
pub fn mode() -> Mode {
    with_active(|construction| construction.mode).unwrap_or_default()
}

/// The type of a tensor as it is known now: a trace may have refined it since the tensor was made.
pub(crate) fn type_of(tensor: &Tensor) -> Option<TensorType> {
    if let Repr::Symbolic(symbolic) = tensor.repr()
        && let Some(kind) = with_active(|construction| construction.current_type(symbolic)).flatten()
    {
        return Some(kind);
    }
    tensor.initial_type()
}

impl Tensor {
    /// The size of each dimension; of a tensor that carries an error, no dimensions.
    pub fn shape(&self) -> Shape {
        type_of(self).map(|kind| kind.shape).unwrap_or_default()
    }

    /// The number of dimensions; of a tensor that carries an error, 0.
    pub fn rank(&self) -> usize {
        self.shape().rank()
    }

    /// The size of one dimension; a negative index counts from the last.
    ///
    /// An index that is out of range gives a size that no tensor has, and so an error where it is used.
    pub fn dim(&self, index: isize) -> Dim {
        let shape = self.shape();
        let from_start =
            if index < 0 { shape.rank().checked_add_signed(index) } else { usize::try_from(index).ok() };
        from_start.and_then(|index| shape.get(index).cloned()).unwrap_or_else(|| Dim::from(i64::MIN))
    }
}

/// Runs `body` as a function of its own with a name: a composition that exporters and fast kernels recognise.
///
/// Concrete operands are computed with at once; a name is kept in a trace only.
#[track_caller]
pub fn composition(name: &str, operands: &[&Tensor], body: impl FnOnce(&[Tensor]) -> Tensor) -> Tensor {
    composition_at(name, operands, &Location::caller(), Box::new(body))
}

/// What is run as a function of its own.
type Body<'b, R> = Box<dyn FnOnce(&[Tensor]) -> R + 'b>;

/// As [`composition`], for a given place.
pub(crate) fn composition_at(
    name: &str,
    operands: &[&Tensor],
    location: &Location,
    body: Body<'_, Tensor>,
) -> Tensor {
    if !operands.iter().any(|operand| operand.is_symbolic()) {
        return body(&operands.iter().map(|&operand| operand.clone()).collect::<Vec<_>>());
    }
    let named: Vec<_> =
        operands.iter().enumerate().map(|(index, &operand)| (format!("x{index}"), operand)).collect();
    let inputs: Vec<_> = named.iter().map(|(name, operand)| (name.as_str(), *operand)).collect();
    let body = Box::new(|inputs: &[Tensor]| vec![body(inputs)]);
    call(name, Origin::Composition(name.to_owned()), &inputs, location, body).pop().unwrap_or_else(|| {
        Tensor::from_error(Error::Trace { function: name.into(), message: "no result".into() })
    })
}

/// Runs `body` as a function of the graph that is being traced, and records a call of it.
///
/// Outside of a trace it just runs `body`.
pub(crate) fn call(
    name: &str,
    origin: Origin,
    inputs: &[(&str, &Tensor)],
    location: &Location,
    body: Body<'_, Vec<Tensor>>,
) -> Vec<Tensor> {
    let operands: Vec<Tensor> = inputs.iter().map(|(_, tensor)| (*tensor).clone()).collect();
    // An error among the operands goes through `body`, so that it comes out of as many results as the body has.
    if !is_tracing() || operands.iter().any(|operand| operand.error().is_some()) {
        return body(&operands);
    }
    let typed: Vec<_> =
        inputs.iter().filter_map(|(name, tensor)| Some(((*name).to_owned(), type_of(tensor)?))).collect();
    let Some(values) = with_active(|construction| construction.values_of(&operands, location)).flatten()
    else {
        return body(&operands.iter().map(|_| Tensor::from_error(foreign(name))).collect::<Vec<_>>());
    };
    let Some(parameters) = with_active(|construction| construction.begin(name, origin, typed)) else {
        return body(&operands);
    };
    let results = body(&parameters);
    with_active(|construction| construction.finish_call(values, &results, location)).unwrap_or(results)
}

impl Construction {
    fn values_of(&mut self, tensors: &[Tensor], location: &Location) -> Option<Vec<super::ValueId>> {
        tensors.iter().map(|tensor| self.value_of(tensor, location)).collect()
    }

    fn finish_call(
        &mut self,
        mut operands: Vec<super::ValueId>,
        results: &[Tensor],
        location: &Location,
    ) -> Vec<Tensor> {
        let outputs: Option<Vec<_>> = results.iter().map(|result| self.value_of(result, location)).collect();
        let Some(outputs) = outputs else {
            let (name, scope) = self
                .stack
                .pop()
                .map(|building| (building.function.name.clone(), building.scope()))
                .unwrap_or_default();
            let mut error = results.iter().find_map(Tensor::error).cloned().unwrap_or_else(|| foreign(&name));
            if let Error::Op(error) = &mut error
                && error.scope.is_empty()
            {
                error.scope = scope;
            }
            return results.iter().map(|_| Tensor::from_error(error.clone())).collect();
        };
        let Some((callee, captured)) = self.finish(outputs) else { return results.to_vec() };
        operands.extend(captured);
        let values = self.push_call(callee, operands, location.clone());
        let Some(building) = self.stack.last() else { return results.to_vec() };
        values.into_iter().map(|value| building.tensor(value)).collect()
    }
}

fn foreign(function: &str) -> Error {
    Error::Trace {
        function: function.to_owned(),
        message: "it uses a tensor of a trace that has ended or runs on another thread: \
                  a traced function may compute with its inputs, its variables and constants only"
            .into(),
    }
}
