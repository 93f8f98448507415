//! Choice between two tensors, element by element.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::binary::equal_shapes;
use super::operand::{Operand, broadcast_operands};
use super::places::zeros;
use super::unary::arity;
use crate::error::{Location, Result};
use crate::graph::{Constraints, ElementKernel, Mapping, Op, Sample, apply_one, check_failed, type_of};
use crate::op;
use crate::tensor::{DType, Data, Element, Sizes, Tensor, TensorType};

impl Tensor {
    /// Where this tensor of `bool` is true the element of `on_true`, elsewhere that of `on_false`; all three are
    /// broadcast as in NumPy.
    /// ([StableHLO `select`](https://openxla.org/stablehlo/spec#select))
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([-1.0_f32, 2.0]);
    /// let relu = x.greater(0.0).select(&x, 0.0);
    /// assert_eq!(relu.to_vec::<f32>()?, [0.0, 2.0]);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn select(&self, on_true: impl Operand, on_false: impl Operand) -> Self {
        let any = Self::scalar(0.0_f32);
        // A number takes the dtype of the other branch.
        let on_true_alone = on_true.to_tensor(&any);
        let on_false = on_false.to_tensor(&on_true_alone);
        let on_true = on_true.to_tensor(&on_false);
        self.select_at(&on_true, &on_false, &Location::caller())
    }

    fn select_at(&self, on_true: &Self, on_false: &Self, location: &Location) -> Self {
        let (on_true, on_false) = match broadcast_operands(Select::NAME, on_true, on_false, location) {
            Ok(operands) => operands,
            Err(failed) => return failed,
        };
        let Some(branch) = type_of(&on_true) else { return on_true };
        let predicate = self.broadcast_with(&branch.shape, location);
        let shape = type_of(&predicate).map(|kind| kind.shape).unwrap_or_default();
        let (on_true, on_false) =
            (on_true.broadcast_at(&shape, location), on_false.broadcast_at(&shape, location));
        apply_one(Arc::new(Select), &[&predicate, &on_true, &on_false], location)
    }
}

/// `predicate ? on_true : on_false`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Select;

fn choice<T: Element>() -> ElementKernel {
    ElementKernel::map3(|chosen: bool, on_true: T, on_false: T| if chosen { on_true } else { on_false })
}

impl Op for Select {
    const NAME: &'static str = "select";
    const ELEMENT_WISE: bool = true;

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [predicate, on_true, on_false] = arity(operands)?;
        if predicate.dtype != DType::Bool {
            return Err(format!(
                "it chooses by a tensor of bool, not of {}: compare it with something",
                predicate.dtype
            ));
        }
        if on_true.dtype != on_false.dtype {
            return Err(format!(
                "it chooses between dtypes {} and {}: convert one",
                on_true.dtype, on_false.dtype
            ));
        }
        let shape = equal_shapes(&predicate.shape, &on_true.shape, constraints)?;
        let shape = equal_shapes(&shape, &on_false.shape, constraints)?;
        Ok(vec![TensorType::new(on_true.dtype, shape)])
    }

    fn kernel(&self, operands: &[Data], _: &Sizes) -> Result<Vec<Data>> {
        let [predicate, on_true, on_false] = operands else {
            return Err(check_failed("it takes 3 operands"));
        };
        let predicate = predicate.elements::<bool>()?;
        let (dtype, sizes) = (on_true.dtype(), on_true.sizes());
        let size = dtype.size();
        let mut chosen = zeros(dtype, sizes)?;
        let branches = on_true.bytes().chunks_exact(size).zip(on_false.bytes().chunks_exact(size));
        for ((to, &first), (a, b)) in chosen.bytes_mut().chunks_exact_mut(size).zip(predicate).zip(branches) {
            to.copy_from_slice(if first { a } else { b });
        }
        Ok(vec![Data::from_storage(dtype, sizes.to_vec(), Arc::new(chosen))?])
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        // Elements are moved as they are, so that their size alone matters.
        Some(match operands.get(1)?.size() {
            1 => choice::<u8>(),
            2 => choice::<u16>(),
            4 => choice::<u32>(),
            _ => choice::<u64>(),
        })
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        let (predicate, gradient) = (&operands[0], &gradients[0]);
        let zero = gradient.zeros_like();
        vec![None, Some(predicate.select(gradient, &zero)), Some(predicate.select(&zero, gradient))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Operator("Where")
    }

    fn samples() -> Vec<Sample> {
        let predicate = || Tensor::from([true, false]);
        vec![
            Sample::new(Self, [predicate(), Tensor::from([1.0_f32, 2.0]), Tensor::from([3.0_f32, 4.0])]),
            Sample::new(Self, [predicate(), Tensor::from([1_i16, 2]), Tensor::from([3_i16, 4])]),
            Sample::new(Self, [predicate(), predicate(), Tensor::from([true, true])]),
            Sample::new(Self, [Tensor::from([[true]]), Tensor::from([[1_u8]]), Tensor::from([[2_u8]])]),
            Sample::new(Self, [Tensor::scalar(false), Tensor::scalar(1.0_f64), Tensor::scalar(2.0_f64)]),
        ]
    }
}

op!(Select);
