//! Named compositions, and what their errors say.

use crate::error::{Error, Location};
use crate::graph::{composition_at, type_of};
use crate::tensor::{DType, Tensor};

/// A composition of one float tensor, kept as a function with this name; another dtype is an error at the user's place.
#[track_caller]
pub(super) fn float_composition(
    name: &str,
    operand: &Tensor,
    body: impl FnOnce(&Tensor) -> Tensor,
) -> Tensor {
    float_composed(name, operand, Location::caller(), Box::new(|operands| body(&operands[0])))
}

/// What is run as a function of its own.
type Body<'b> = Box<dyn FnOnce(&[Tensor]) -> Tensor + 'b>;

fn float_composed(name: &str, operand: &Tensor, location: Location, body: Body<'_>) -> Tensor {
    match type_of(operand) {
        Some(own) if !own.dtype.is_float() => not_float(name, operand, location),
        _ => composition_at(name, &[operand], &location, body),
    }
}

/// A composition kept as a function with this name. An error that its body gives becomes one of the composition, at the
/// user's place.
#[track_caller]
pub(super) fn named(name: &str, operands: &[&Tensor], body: impl FnOnce(&[Tensor]) -> Tensor) -> Tensor {
    named_at(name, operands, Location::caller(), Box::new(body))
}

fn named_at(name: &str, operands: &[&Tensor], location: Location, body: Body<'_>) -> Tensor {
    if operands.iter().any(|operand| operand.error().is_some()) {
        return Tensor::failed(name, operands, "", location);
    }
    own_error(name, operands, composition_at(name, operands, &location, body), &location)
}

/// An error that a composition of operands without errors came upon, as an error of the composition.
pub(super) fn own_error(name: &str, operands: &[&Tensor], result: Tensor, location: &Location) -> Tensor {
    match result.error() {
        Some(Error::Op(inner)) if operands.iter().all(|operand| operand.error().is_none()) => {
            let message = if inner.op == name {
                inner.message.clone()
            } else {
                format!("{}({}): {}", inner.op, inner.operands.join(", "), inner.message)
            };
            Tensor::failed(name, operands, message, location.clone())
        }
        Some(Error::Check { message, .. }) => {
            Tensor::from_error(Error::Check { message: message.clone(), location: location.clone() })
        }
        _ => result,
    }
}

/// How an error names an op and its operands: `take([3; i64], [1; i32])`.
pub(super) fn called(name: &str, operands: &[&Tensor]) -> String {
    let describe = |operand: &&Tensor| type_of(operand).map_or_else(String::new, |kind| kind.to_string());
    format!("{name}({})", operands.iter().map(describe).collect::<Vec<_>>().join(", "))
}

/// The size of a dimension of the operand of `name`, as a number; where it is symbolic, a call in which it is 0 is an error.
///
/// The check is made where the number is used. A size that is known to be 0 is for the caller to refuse.
#[track_caller]
pub(super) fn size_above_0(name: &str, operand: &Tensor, axis: usize) -> Tensor {
    let size = operand.dim(axis.cast_signed());
    let number = Tensor::size(&size);
    if size.constant().is_some() {
        return number;
    }
    number.check_range(1, i64::MAX, &format!("{}: dimension {axis} of size", called(name, &[operand])))
}

/// The result of `name`, which does not depend on whether a dimension of the operand is empty; where it is symbolic, a call
/// in which it is 0 is an error.
#[track_caller]
pub(super) fn unless_empty(name: &str, operand: &Tensor, axis: usize, result: Tensor) -> Tensor {
    if operand.dim(axis.cast_signed()).constant().is_some() {
        return result;
    }
    size_above_0(name, operand, axis).greater(0).select(&result, result.zeros_like())
}

/// The dtype in which sums over many elements are made: `f32` for halves, so that they neither overflow nor drown.
pub(super) fn wide(dtype: DType) -> DType {
    if dtype == DType::F64 { DType::F64 } else { DType::F32 }
}

/// The error of an operation on floats for a tensor of another dtype.
pub(super) fn not_float(name: &str, operand: &Tensor, location: Location) -> Tensor {
    let message = format!(
        "it takes float tensors, not {}: convert the operand with `.cast(...)` first",
        operand.dtype()
    );
    Tensor::failed(name, &[operand], message, location)
}

#[cfg(test)]
mod tests {
    use crate::graph::{Construction, Graph, Origin, PrintOptions, active, print, verify};
    use crate::tensor::{DType, Dim, Shape, Symbol, Tensor, TensorType};

    /// Traces a function of one f32 tensor whose sizes are anonymous where they are 0 and `n` where they are -1.
    fn traced(sizes: &[i64], body: impl FnOnce(&Tensor) -> Tensor) -> Graph {
        let mut construction = Construction::new("test");
        let shape: Shape = sizes
            .iter()
            .map(|&size| match size {
                0 => Dim::symbol(construction.fresh_anonymous()),
                -1 => Dim::symbol(Symbol::named("n")),
                size => Dim::from(size),
            })
            .collect();
        let inputs = vec![("x".to_owned(), TensorType::new(DType::F32, shape))];
        let inputs = construction.begin("call", Origin::Derived("test".into()), inputs);
        let (construction, result) = active(construction, || body(&inputs[0]).ok());
        let (mut construction, result) = (construction.unwrap(), result.unwrap());
        let output = construction.value_of(&result, &crate::error::Location::caller()).unwrap();
        construction.finish(vec![output]).unwrap();
        verify(&construction.graph).unwrap();
        construction.graph
    }

    fn signature(graph: &Graph) -> String {
        let call = graph.functions.last().unwrap();
        let (input, output) = (call.input_types().next().unwrap(), call.output_types().next().unwrap());
        format!("{input} -> {output}")
    }

    #[test]
    fn matmul_refines_what_a_signature_leaves_open() {
        let graph = traced(&[0, 0], |x| x.matmul(Tensor::zeros([5, 3])) + Tensor::zeros([3]));
        assert_eq!(signature(&graph), "[?, 5; f32] -> [?, 3; f32]");
        let graph = traced(&[-1, 0, 4], |x| x.matmul(x.t()));
        assert_eq!(signature(&graph), "[n, ?, 4; f32] -> [n, ?, ?; f32]");
    }

    #[test]
    fn compositions_stay_functions_with_their_names() {
        let graph = traced(&[0, 10], |x| x.relu().gelu().softmax(-1));
        let names: Vec<_> = graph.functions.iter().map(|function| function.name.as_str()).collect();
        assert_eq!(names, ["relu", "gelu", "softmax", "call"]);
        assert_eq!(graph.functions[2].origin, Origin::Composition("softmax".into()));
    }

    #[test]
    fn sizes_that_are_not_known_stay_exact() {
        let shapes = |sizes: &[i64], body: fn(&Tensor) -> Tensor| signature(&traced(sizes, body));
        assert_eq!(shapes(&[-1, 3, 4], Tensor::flatten), "[n, 3, 4; f32] -> [n, 12; f32]");
        assert_eq!(shapes(&[-1, 3], |x| Tensor::concatenate(&[x, x], 0)), "[n, 3; f32] -> [2*n, 3; f32]");
        assert_eq!(shapes(&[-1, 3], |x| x.pad(&[(1, 1), (0, -1)], 0.0)), "[n, 3; f32] -> [n + 2, 2; f32]");
        assert_eq!(shapes(&[-1, 3], |x| x.slice_axis(0, ..-1)), "[n, 3; f32] -> [n - 1, 3; f32]");
        assert_eq!(shapes(&[-1, 6], |x| x.split(2, 1).swap_remove(0)), "[n, 6; f32] -> [n, 3; f32]");
        assert_eq!(shapes(&[-1, 2], |x| x.tile(&[3, 1])), "[n, 2; f32] -> [3*n, 2; f32]");
        assert_eq!(shapes(&[-1, 2], |x| x.take(Tensor::arange(x.dim(0)), 0)), "[n, 2; f32] -> [n, 2; f32]");
        assert_eq!(shapes(&[-1, 4], |x| x.argmax(-1).one_hot(4)), "[n, 4; f32] -> [n, 4; f32]");
        let mean = traced(&[-1, 4], Tensor::mean);
        assert!(print(&mean, PrintOptions::default()).contains("dimension_size"));
    }

    #[test]
    fn a_random_tensor_is_not_baked_into_a_trace() {
        let mut error = None;
        traced(&[2], |x| {
            error = Tensor::randn([2]).error().map(ToString::to_string);
            x.clone()
        });
        let error = error.unwrap();
        assert!(error.contains("tracing `call`") && error.contains("Generator"), "{error}");
    }
}
