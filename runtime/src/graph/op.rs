//! What an op is.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

pub use holotype_kernels::element::Kernel as ElementKernel;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::registry::{self, Entry, Kind};
use crate::tensor::{DType, Data, Dim, Document, SizeRange, Sizes, Tensor, TensorType};

/// How a shape rule states that two sizes must be the same.
pub trait Constraints {
    /// Requires that two sizes are equal and returns what is known of both.
    ///
    /// A trace refines anonymous sizes to make them equal; a check of a finished graph only compares.
    ///
    /// # Errors
    /// If they cannot be equal, or a named size would have to be something special, in words.
    fn equal(&mut self, left: &Dim, right: &Dim) -> Result<Dim, String>;

    /// Requires that a size is a multiple of a number.
    ///
    /// # Errors
    /// If it need not be one, in words.
    fn multiple(&mut self, size: &Dim, of: usize) -> Result<(), String> {
        match size.exact_div(&Dim::from(of)) {
            Some(_) => Ok(()),
            None => Err(format!("it must be a multiple of {of}, and is {size:#}")),
        }
    }

    /// Requires that a size lies in a range.
    ///
    /// # Errors
    /// If it need not, in words.
    fn within(&mut self, size: &Dim, range: SizeRange) -> Result<(), String> {
        match size.as_usize() {
            Some(found) if range.contains(found) => Ok(()),
            _ => Err(format!("it must be in {range}, and is {size:#}")),
        }
    }
}

/// Sizes that must be the same polynomial.
#[derive(Debug, Default)]
pub struct Exact;

impl Constraints for Exact {
    fn equal(&mut self, left: &Dim, right: &Dim) -> Result<Dim, String> {
        if left == right { Ok(left.clone()) } else { Err(format!("the sizes {left:#} and {right:#} differ")) }
    }
}

/// How an exporter to ONNX names an op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// One ONNX operator with the same operands and no attributes.
    Operator(&'static str),
    /// More than one operator, or attributes: the exporter has code for it.
    Composition(&'static str),
    /// ONNX has no way to say it, and why.
    Unsupported(&'static str),
}

/// A primitive operation: its attributes, and every rule about it.
///
/// The struct that implements it holds the attributes. Everything that is a tensor is an operand, everything else is an
/// attribute. One file holds one op; `op!(Sine)` at its end registers it.
pub trait Op: Clone + fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name it is saved under, StableHLO's where that has one.
    const NAME: &'static str;

    /// Raised when the meaning of saved attributes changes.
    const VERSION: u32 = 1;

    /// The number of results; see [`Op::results`] for ops whose attributes decide it.
    const RESULTS: usize = 1;

    /// Why mathematics has no gradient for it, if it has none.
    const NO_GRADIENT: Option<&'static str> = None;

    /// Whether each element of its one result is computed from the elements of the operands at the same place: where operands
    /// and result have the same sizes, it shares loops with others.
    const ELEMENT_WISE: bool = false;

    /// The number of results with these attributes.
    fn results(&self) -> usize {
        Self::RESULTS
    }

    /// The shape rule: the types of the results for operands of these types. Used while tracing, when verifying and when
    /// loading.
    ///
    /// # Errors
    /// What is wrong with the operands and what to do, in words.
    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String>;

    /// The reference kernel: short and obviously right. The operands satisfy the shape rule; `sizes` says what the
    /// symbols in the attributes are.
    ///
    /// # Errors
    /// If the op checks values and finds them wrong; see [`check_failed`].
    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>>;

    /// For an op that works element by element, its fast kernel for operands of these dtypes, if it has one. It gives what
    /// [`Op::kernel`] gives, where that rounds within a unit in the last place or two.
    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        let _ = operands;
        None
    }

    /// The vector-Jacobian product, written with public tensor operations: for each operand the gradient that the
    /// gradients of the results give it, or none where it gets none.
    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>>;

    /// How ONNX says it.
    fn onnx(&self) -> Mapping;

    /// The same op with every size in its attributes replaced; none if one cannot be.
    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Self> {
        let _ = map;
        Some(self.clone())
    }

    /// Operands that show the op at work, for the tests that run over all ops: every class of dtypes, empty and size-1
    /// dimensions, and values at which the gradient exists. The registry of a release build holds none.
    fn samples() -> Vec<Sample>;
}

/// An op applied to operands, for the tests that run over all ops.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The op with its attributes.
    pub op: Arc<dyn DynOp>,
    /// The operands.
    pub operands: Vec<Data>,
}

impl Sample {
    /// An op applied to concrete tensors.
    ///
    /// # Panics
    /// Never; operands that carry an error are dropped, and the sample then fails its tests for want of them.
    pub fn new<O: Op>(op: O, operands: impl IntoIterator<Item = Tensor>) -> Self {
        Self { op: Arc::new(op), operands: contents(operands.into_iter().collect()) }
    }
}

fn contents(tensors: Vec<Tensor>) -> Vec<Data> {
    tensors.into_iter().filter_map(|tensor| tensor.into_data().ok()).collect()
}

/// An op of any kind, as a graph holds it. Implemented for every [`Op`].
pub trait DynOp: fmt::Debug + Any + Send + Sync {
    /// [`Op::NAME`].
    fn name(&self) -> &'static str;
    /// [`Op::VERSION`].
    fn version(&self) -> u32;
    /// [`Op::results`].
    fn results(&self) -> usize;
    /// [`Op::NO_GRADIENT`].
    fn no_gradient(&self) -> Option<&'static str>;
    /// [`Op::infer`].
    ///
    /// # Errors
    /// As there.
    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String>;
    /// [`Op::kernel`].
    ///
    /// # Errors
    /// As there.
    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>>;
    /// [`Op::ELEMENT_WISE`].
    fn element_wise(&self) -> bool;
    /// [`Op::element`].
    fn element(&self, operands: &[DType]) -> Option<ElementKernel>;
    /// [`Op::gradient`].
    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>>;
    /// [`Op::onnx`].
    fn onnx(&self) -> Mapping;
    /// [`Op::map_dims`].
    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Arc<dyn DynOp>>;
    /// The attributes, self-describing.
    ///
    /// # Errors
    /// What their `Serialize` says.
    fn attributes(&self) -> Result<Document, String>;
    /// The op as its own type.
    fn as_any(&self) -> &dyn Any;
}

impl<O: Op> DynOp for O {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn version(&self) -> u32 {
        O::VERSION
    }

    fn results(&self) -> usize {
        Op::results(self)
    }

    fn no_gradient(&self) -> Option<&'static str> {
        O::NO_GRADIENT
    }

    fn infer(
        &self,
        operands: &[TensorType],
        constraints: &mut dyn Constraints,
    ) -> Result<Vec<TensorType>, String> {
        Op::infer(self, operands, constraints)
    }

    fn kernel(&self, operands: &[Data], sizes: &Sizes) -> Result<Vec<Data>> {
        Op::kernel(self, operands, sizes)
    }

    fn element_wise(&self) -> bool {
        O::ELEMENT_WISE
    }

    fn element(&self, operands: &[DType]) -> Option<ElementKernel> {
        Op::element(self, operands)
    }

    fn gradient(&self, operands: &[Tensor], results: &[Tensor], gradients: &[Tensor]) -> Vec<Option<Tensor>> {
        Op::gradient(self, operands, results, gradients)
    }

    fn onnx(&self) -> Mapping {
        Op::onnx(self)
    }

    fn map_dims(&self, map: &mut dyn FnMut(&Dim) -> Option<Dim>) -> Option<Arc<dyn DynOp>> {
        Some(Arc::new(Op::map_dims(self, map)?))
    }

    fn attributes(&self) -> Result<Document, String> {
        Document::describe(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What the registry holds of an op.
pub struct OpConstructor {
    /// [`Op::VERSION`].
    pub version: u32,
    /// Reads the attributes.
    pub read: fn(&Document) -> Result<Arc<dyn DynOp>, String>,
    /// [`Op::samples`], where Holotype is built with debug assertions; no program that is shipped carries them, so there are
    /// none in a release build.
    pub samples: fn() -> Vec<Sample>,
}

/// The registry entry of an op; see [`op!`](macro@crate::op).
pub const fn op_entry<O: Op>(aliases: &'static [&'static str], file: &'static str, line: u32) -> Entry {
    fn read<O: Op>(attributes: &Document) -> Result<Arc<dyn DynOp>, String> {
        Ok(Arc::new(attributes.read::<O>()?))
    }
    Entry {
        kind: Kind::Op,
        name: O::NAME,
        instance: "",
        aliases,
        type_id: None,
        constructor: &const {
            let samples = if cfg!(debug_assertions) { O::samples } else { Vec::new };
            OpConstructor { version: O::VERSION, read: read::<O>, samples }
        },
        file,
        line,
    }
}

/// The constructor of the op saved under `name`.
///
/// # Errors
/// If no such op is linked, or two are.
pub fn find_op(name: &str) -> Result<&'static OpConstructor> {
    let entry = registry::find(Kind::Op, name)?;
    entry.constructor.downcast_ref().ok_or_else(|| Error::Module {
        path: name.to_owned(),
        message: "the registry entry is not that of an op".into(),
    })
}

/// Registers an op: `op!(Sine);`
#[macro_export]
macro_rules! op {
    ($op:ty) => {
        $crate::private::submit! { $crate::graph::op_entry::<$op>(&[], ::core::file!(), ::core::line!()) }
    };
}

/// The error of a kernel that checks values; whoever runs the op adds the place in user code.
pub fn check_failed(message: impl Into<String>) -> Error {
    Error::Check { message: message.into(), location: crate::error::Location::new("", 0, 0) }
}
