//! The same elements under another shape.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::unary::arity;
use crate::error::{Location, Result};
use crate::graph::{Constraints, Mapping, Op, Sample, apply_one, check_failed, type_of};
use crate::op;
use crate::tensor::{Data, Dim, Shape, Sizes, Tensor, TensorType};

impl Tensor {
    /// The same elements, in row-major order, under another shape with as many elements. Every dtype.
    ///
    /// One size may be -1: it becomes what is left over, exactly, also where sizes are symbolic.
    ///
    /// ```
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[1, 2, 3], [4, 5, 6]]);
    /// assert_eq!(x.reshape([3, -1]).shape().to_string(), "[3, 2]");
    /// # Ok::<(), holotype::Error>(())
    /// ```
    #[track_caller]
    pub fn reshape(&self, shape: impl Into<Shape>) -> Self {
        self.reshape_at(&shape.into(), Location::caller())
    }

    fn reshape_at(&self, shape: &Shape, location: Location) -> Self {
        let Some(own) = type_of(self) else { return self.clone() };
        match resolve(&own.shape, shape) {
            Ok(shape) if shape == own.shape => self.clone(),
            Ok(shape) => apply_one(Arc::new(Reshape { shape }), &[self], &location),
            Err(message) => Self::failed("reshape", &[self], message, location),
        }
    }
}

/// Puts in what a size of -1 stands for.
fn resolve(own: &Shape, wanted: &Shape) -> Result<Shape, String> {
    let unknown = wanted.iter().filter(|dim| dim.constant() == Some(-1)).count();
    if unknown == 0 {
        return Ok(wanted.clone());
    }
    if unknown > 1 {
        return Err(format!("the shape {wanted} has {unknown} sizes of -1: one can be worked out"));
    }
    let known: Shape = wanted.iter().filter(|dim| dim.constant() != Some(-1)).cloned().collect();
    let (total, known) = (own.elements(), known.elements());
    let rest = total.zip(known).and_then(|(total, known)| total.exact_div(&known));
    let rest = rest.ok_or_else(|| format!("the elements of {own} cannot be shared out over {wanted}"))?;
    Ok(wanted.iter().map(|dim| if dim.constant() == Some(-1) { rest.clone() } else { dim.clone() }).collect())
}

/// The operand's elements under another shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reshape {
    /// The shape of the result.
    pub shape: Shape,
}

impl Op for Reshape {
    const NAME: &'static str = "reshape";

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        let [operand] = arity(operands)?;
        let (Some(own), Some(wanted)) = (operand.shape.elements(), self.shape.elements()) else {
            return Err("the number of elements overflows".into());
        };
        constraints.equal(&own, &wanted).map_err(|_| {
            format!("a tensor {} has {own} elements, and {} has {wanted}", operand.shape, self.shape)
        })?;
        Ok(vec![TensorType::new(operand.dtype, self.shape.clone())])
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        let shape =
            self.shape.evaluate(sizes).ok_or_else(|| check_failed("a size of the shape is not known"))?;
        Ok(vec![operands[0].clone().with_sizes(shape)?])
    }

    fn gradient(&self, operands: &[Tensor], _: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        vec![Some(gradients[0].reshape(operands[0].shape()))]
    }

    fn onnx(&self) -> Mapping {
        Mapping::Composition("Reshape")
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let shape: Option<Shape> = self.shape.iter().map(map).collect();
        Some(Self { shape: shape? })
    }

    fn samples() -> Vec<Sample> {
        let to = |shape: &[i64]| Self { shape: Shape::from(shape) };
        vec![
            Sample::new(to(&[3, 2]), [Tensor::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]])]),
            Sample::new(to(&[]), [Tensor::from([[3_i16]])]),
            Sample::new(to(&[5, 0]), [Tensor::from_vec([0, 2], Vec::<bool>::new())]),
        ]
    }
}

op!(Reshape);
