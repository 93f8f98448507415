//! One op by the kernels of plans, for code that is not traced.

use std::sync::Arc;

use super::build::build;
use super::groups::Way;
use super::jobs::{self, Packs};
use super::lowered::{Id, Kind, Lowered, Node, Work};
use super::outside::Outside;
use super::plan::Task;
use super::state::State;
use crate::graph::{Accelerator, DynOp};
use crate::tensor::{Buffer, DType, Data};

inventory::submit! { Accelerator(run) }

/// The results of an op, if plans have a fast kernel for it.
fn run(op: &Arc<dyn DynOp>, operands: &[Data], results: &[(DType, Vec<usize>)]) -> Option<Vec<Data>> {
    let mut lowered = Lowered::default();
    for operand in operands {
        let input = lowered.value(Kind { dtype: operand.dtype(), sizes: operand.sizes().to_vec() });
        lowered.inputs.push(input);
    }
    for (dtype, sizes) in results {
        let output = lowered.value(Kind { dtype: *dtype, sizes: sizes.clone() });
        lowered.outputs.push(output);
    }
    let node = Node {
        work: Work::Op(op.clone()),
        operands: lowered.inputs.clone(),
        results: lowered.outputs.clone(),
        location: None,
        scope: "".into(),
        again: false,
    };
    if jobs::way(&lowered, &node) == Way::Alone && !jobs::has_own(op.as_ref()) {
        return None;
    }
    lowered.nodes.push(node);
    let plan = build(lowered, &Packs::default(), false);
    let outputs = plan.new_outputs().collect::<Option<Vec<Buffer>>>()?;
    let mut outside = Outside::Own { inputs: operands.to_vec(), outputs };
    let mut state = State::new(&plan).ok()?;
    for step in &plan.steps {
        let Task::Job(job) = &step.task else { return None };
        state.job(&plan, step, job.as_ref(), &mut [], &mut outside).ok()?;
    }
    let Outside::Own { outputs, .. } = outside else { return None };
    let data = |(buffer, (_, kind)): (Buffer, &(Id, Kind))| {
        Data::from_storage(kind.dtype, kind.sizes.clone(), Arc::new(buffer)).ok()
    };
    outputs.into_iter().zip(&plan.outputs).map(data).collect()
}
