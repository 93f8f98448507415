//! Applying an op to tensors: computes at once, or records a node.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::construction::{Construction, is_tracing, with_active};
use super::function::Operation;
use super::op::{DynOp, Exact, Op};
use crate::error::{Error, Location, OpError, Result};
use crate::tensor::{Buffer, DType, Data, Shape, Sizes, Tensor, TensorType, check_memory, element_count};

/// Applies an op with one result.
#[track_caller]
pub fn apply<O: Op>(op: O, operands: &[&Tensor]) -> Tensor {
    apply_one(Arc::new(op), operands, &Location::caller())
}

/// As [`apply`], for a given place.
pub(crate) fn apply_one(op: Arc<dyn DynOp>, operands: &[&Tensor], location: &Location) -> Tensor {
    apply_at(&op, operands, location).swap_remove(0)
}

/// Applies an op; gives [`Op::results`] tensors, which all carry the error if the op fails.
#[track_caller]
pub fn apply_many<O: Op>(op: O, operands: &[&Tensor]) -> Vec<Tensor> {
    apply_at(&(Arc::new(op) as Arc<dyn DynOp>), operands, &Location::caller())
}

/// As [`apply_many`], for an op of any kind.
#[track_caller]
pub fn apply_dyn(op: &Arc<dyn DynOp>, operands: &[&Tensor]) -> Vec<Tensor> {
    apply_at(op, operands, &Location::caller())
}

/// As [`apply_dyn`], for a given place.
pub(crate) fn apply_at(op: &Arc<dyn DynOp>, operands: &[&Tensor], location: &Location) -> Vec<Tensor> {
    let result = match operands.iter().find_map(|operand| operand.error()) {
        Some(error) => Err(error.clone()),
        None if operands.iter().any(|operand| operand.is_symbolic()) => record(op, operands, location),
        None if is_tracing() && has_symbols(op) => record(op, operands, location),
        None => compute(op, operands, location),
    };
    match result {
        Ok(results) if results.len() == op.results() && !results.is_empty() => results,
        Ok(results) => {
            let message = format!("the op gave {} results instead of {}", results.len(), op.results());
            vec![Tensor::failed(op.name(), operands, message, location.clone()); op.results().max(1)]
        }
        Err(error) => vec![Tensor::from_error(error); op.results().max(1)],
    }
}

/// Applies an op with one result, which becomes a value of the trace also where all operands are constants.
pub(crate) fn record_at(op: &Arc<dyn DynOp>, operands: &[&Tensor], location: &Location) -> Tensor {
    let results = record(op, operands, location).map(|results| results.into_iter().next());
    match results {
        Ok(Some(result)) => result,
        Ok(None) => Tensor::failed(op.name(), operands, "the op gave no result", location.clone()),
        Err(error) => Tensor::from_error(error),
    }
}

/// Whether a size in the attributes is known only when the function is called.
fn has_symbols(op: &Arc<dyn DynOp>) -> bool {
    let mut found = false;
    op.map_dims(&mut |dim| {
        found |= dim.constant().is_none();
        Some(dim.clone())
    });
    found
}

fn compute(op: &Arc<dyn DynOp>, operands: &[&Tensor], location: &Location) -> Result<Vec<Tensor>> {
    let types: Vec<_> = operands.iter().filter_map(|operand| operand.initial_type()).collect();
    let inferred = op
        .infer(&types, &mut Exact)
        .map_err(|message| op_error(op.name(), &types, message, location, String::new()))?;
    let data: Vec<Data> = operands.iter().map(|operand| operand.data().cloned()).collect::<Result<_>>()?;
    let results =
        run_kernel(Kernels::Fast, op, &data, &inferred, &Sizes::new(), location).map_err(|error| {
            // A size that only a trace knows comes from a tensor that has outlived it.
            if has_symbols(op) {
                op_error(op.name(), &types, escaped(), location, String::new())
            } else {
                error
            }
        })?;
    Ok(results.into_iter().map(Tensor::from_data).collect())
}

/// Which kernels compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernels {
    /// Those that are short and obviously right.
    Reference,
    /// As those, but the fast ones of element-wise ops.
    Element,
    /// The fast ones, where there are any.
    Fast,
}

/// What computes an op by fast kernels; gives nothing for operands that it has none for.
pub(crate) struct Accelerator(pub Accelerate);

/// Takes an op, its operands, and the types of its results.
type Accelerate = fn(&Arc<dyn DynOp>, &[Data], &[(DType, Vec<usize>)]) -> Option<Vec<Data>>;

inventory::collect!(Accelerator);

/// The results of an op by fast kernels, if there are any for these operands.
fn accelerated(op: &Arc<dyn DynOp>, operands: &[Data], results: &[(DType, Vec<usize>)]) -> Option<Vec<Data>> {
    inventory::iter::<Accelerator>().find_map(|Accelerator(run)| run(op, operands, results))
}

/// Runs a kernel of an op whose results have these types, if they fit in memory.
pub(crate) fn run_kernel<'t>(
    kernels: Kernels,
    op: &Arc<dyn DynOp>,
    operands: &[Data],
    results: impl IntoIterator<Item = &'t TensorType>,
    sizes: &Sizes,
    location: &Location,
) -> Result<Vec<Data>> {
    let fail =
        |message| Error::Check { message: format!("{}: {message}", op.name()), location: location.clone() };
    let mut expected = Vec::new();
    for kind in results {
        let sizes = kind.shape.evaluate(sizes);
        let sizes = sizes.ok_or_else(|| fail(format!("a size of {kind} is not known, or negative")))?;
        check_memory(kind.dtype, &sizes).map_err(fail)?;
        expected.push((kind.dtype, sizes));
    }
    let fast = match kernels {
        Kernels::Reference => None,
        Kernels::Element => element_wise(op.as_ref(), operands, &expected),
        Kernels::Fast => {
            element_wise(op.as_ref(), operands, &expected).or_else(|| accelerated(op, operands, &expected))
        }
    };
    let computed = fast.map_or_else(|| op.kernel(operands, sizes), Ok);
    let found = computed.map_err(|error| located(error, location))?;
    let fits = |(data, (dtype, sizes)): (&Data, &(DType, Vec<usize>))| {
        data.dtype() == *dtype && data.sizes() == sizes
    };
    if found.len() == expected.len() && found.iter().zip(&expected).all(fits) {
        return Ok(found);
    }
    let found: Vec<_> = found.iter().map(Data::describe).collect();
    let kind = |(dtype, sizes): (DType, Vec<usize>)| TensorType::new(dtype, Shape::from(sizes)).to_string();
    let expected: Vec<_> = expected.into_iter().map(kind).collect();
    let list = |kinds: Vec<String>| if kinds.is_empty() { "nothing".into() } else { kinds.join(", ") };
    let (found, expected) = (list(found), list(expected));
    Err(fail(format!("its kernel gives {found}, and its shape rule says {expected}: one of them is wrong")))
}

/// The result of an op by its fast kernel for elements, if it has one for these operands.
fn element_wise(op: &dyn DynOp, operands: &[Data], results: &[(DType, Vec<usize>)]) -> Option<Vec<Data>> {
    let [(dtype, sizes)] = results else { return None };
    if !op.element_wise() || operands.iter().any(|operand| operand.sizes() != sizes) {
        return None;
    }
    let dtypes: ArrayVec<DType, 3> = operands.iter().take(3).map(Data::dtype).collect();
    let kernel = op.element(&dtypes)?;
    let bytes = |index: usize| operands.get(index).map(Data::bytes).unwrap_or_default();
    let mut result = Buffer::new(element_count(sizes)?.checked_mul(dtype.size())?)?;
    kernel.run(result.bytes_mut(), [bytes(0), bytes(1), bytes(2)]);
    Data::from_storage(*dtype, sizes.clone(), Arc::new(result)).ok().map(|data| vec![data])
}

fn record(op: &Arc<dyn DynOp>, operands: &[&Tensor], location: &Location) -> Result<Vec<Tensor>> {
    with_active(|construction| construction.record(op, operands, location)).unwrap_or_else(|| {
        let types: Vec<_> = operands.iter().filter_map(|operand| operand.initial_type()).collect();
        Err(op_error(op.name(), &types, escaped(), location, String::new()))
    })
}

impl Construction {
    fn record(
        &mut self,
        op: &Arc<dyn DynOp>,
        operands: &[&Tensor],
        location: &Location,
    ) -> Result<Vec<Tensor>> {
        let differentiated = self.location.clone();
        let location = differentiated.as_ref().unwrap_or(location);
        let scope = self.stack.last().map(super::Building::scope).unwrap_or_default();
        let fail =
            |types: &[TensorType], message| op_error(op.name(), types, message, location, scope.clone());
        let overflow = |types: &[TensorType]| fail(types, "a size overflows".to_owned());
        let mut values = Vec::with_capacity(operands.len());
        for operand in operands {
            let value = self.value_of(operand, location).ok_or_else(|| {
                let types: Vec<_> = operands.iter().filter_map(|operand| operand.initial_type()).collect();
                fail(&types, escaped())
            })?;
            values.push(value);
        }
        let types = self.types(&values);
        let op = op.map_dims(&mut |dim| self.known(dim)).ok_or_else(|| overflow(&types))?;
        let inferred = op.infer(&types, self).map_err(|message| fail(&self.types(&values), message))?;
        // The rule may have refined sizes that its results were computed from, or that stand in the attributes.
        let types = self.types(&values);
        let op = op.map_dims(&mut |dim| self.known(dim)).ok_or_else(|| overflow(&types))?;
        let results = if types.is_empty() {
            inferred
        } else {
            op.infer(&types, self).map_err(|message| fail(&self.types(&values), message))?
        };
        let Some(building) = self.stack.last_mut() else { return Err(fail(&types, escaped())) };
        let results = building.push(Operation::Op(op), values, results, location.clone());
        Ok(results.into_iter().map(|result| building.tensor(result)).collect())
    }

    fn types(&self, values: &[super::ValueId]) -> Vec<TensorType> {
        let Some(building) = self.stack.last() else { return Vec::new() };
        values.iter().map(|value| building.function.values[value.index()].clone()).collect()
    }
}

/// Adds the place in user code to an error of a kernel.
fn located(error: Error, location: &Location) -> Error {
    match error {
        Error::Check { message, .. } => Error::Check { message, location: location.clone() },
        other => other,
    }
}

fn op_error(op: &str, types: &[TensorType], message: String, location: &Location, scope: String) -> Error {
    Error::Op(Box::new(OpError {
        op: op.to_owned(),
        message,
        operands: types.iter().map(ToString::to_string).collect(),
        location: location.clone(),
        scope,
        calls: Vec::new(),
    }))
}

fn escaped() -> String {
    "an operand belongs to a trace that has ended or to another thread: \
     a traced function may compute with its inputs, its variables and constants only"
        .to_owned()
}
