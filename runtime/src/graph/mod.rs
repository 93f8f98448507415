//! Graphs: typed single static assignment in flat tables.
//!
//! ```text
//! graph     ::= variable* constant* function*
//! variable  ::= path type role                      state that functions read and assign
//! function  ::= name origin input* node* output*    calls only functions that stand before it
//! node      ::= value* "=" operation value*         operands are inputs or results of earlier nodes
//! operation ::= op attributes | constant | read variable | assign variable | call function
//!             | case function+ | while function function | scan function | unwind function function function
//! type      ::= "[" dim* ";" dtype "]"
//! dim       ::= polynomial in symbols               symbols are bound by the inputs of the function called from outside
//! ```
//!
//! Nodes run in order, so reads and assignments of variables are ordered too. [`verify`] is the executable definition of
//! well-formed; it runs after tracing, after every rewrite and after loading.

mod apply;
mod capture;
mod clean;
mod construction;
mod control;
mod function;
mod import;
mod lifted;
mod op;
mod print;
mod recorded;
mod refine;
mod region;
mod scope;
mod variable;
mod verify;

pub(crate) use apply::{Accelerator, Kernels, apply_at, apply_one, record_at, run_kernel};
pub use apply::{apply, apply_dyn, apply_many};
pub use clean::clean;
pub(crate) use construction::{
    Building, Construction, active, base_name, constrain, is_tracing, leave_failure, recorded_at, with_active,
};
pub use function::{
    ConstantId, Function, FunctionId, GradientRule, Node, Operation, Origin, ValueId, VariableId,
};
pub(crate) use import::{Import, put_in};
pub use op::{
    Constraints, DynOp, ElementKernel, Exact, Mapping, Op, OpConstructor, Sample, check_failed, find_op,
    op_entry,
};
pub use print::{PrintOptions, print, print_function};
pub(crate) use recorded::{Recorded, record_call, record_function, record_with};
pub(crate) use region::{OpenRegion, Region, open_region, record, record_repeat, region};
pub use scope::{Mode, composition, mode};
pub(crate) use scope::{call, composition_at, type_of};
pub(crate) use variable::{Exclusive, epoch as variables_epoch, is_assigned};
pub use variable::{Role, Variable};
pub use verify::{verify, verify_entry};

use crate::tensor::{Data, TensorType};

/// A variable that functions of a graph read and assign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableDefinition {
    /// The artifact path: `encoder.layers.0.weights`.
    pub path: String,
    /// The dtype and shape; all sizes are numbers.
    pub kind: TensorType,
    /// Whether an optimizer changes it.
    pub role: Role,
}

/// Functions over shared variables.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The state that functions read and assign.
    pub variables: Vec<VariableDefinition>,
    /// The values that user code put into functions.
    pub constants: Vec<Data>,
    /// The functions; each calls only functions before it.
    pub functions: Vec<Function>,
}

impl Graph {
    /// The function with this id.
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        self.functions.get(id.index())
    }

    /// The function with this name.
    pub fn function_named(&self, name: &str) -> Option<(FunctionId, &Function)> {
        let index = self.functions.iter().position(|function| function.name == name)?;
        Some((FunctionId::new(index), &self.functions[index]))
    }
}
