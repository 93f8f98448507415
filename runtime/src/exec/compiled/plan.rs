//! A plan: the steps that compute a function for concrete sizes, and the memory they use.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use arrayvec::ArrayVec;
use holotype_kernels::fused::{Behind, Source};

use super::jobs::{Followed, Products, Rows};
use super::lowered::{Id, Kind};
use super::state::broken;
use crate::error::{Error, Location, Result};
use crate::graph::{DynOp, Operation, VariableId};
use crate::tensor::{Buffer, Data};

/// The most values that a step with a fast kernel reads, and that it writes.
pub(super) const MOST_PARTS: usize = 128;

/// Most loops read no more values.
const FEW_SOURCES: usize = 8;

/// A value that a step with a fast kernel reads.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// It is only read.
    Shared {
        bytes: &'a [u8],
        /// Another number whenever a variable may hold something else; 0 for what is no variable.
        version: u64,
    },
    /// A result takes its place.
    Exclusive(&'a mut [u8]),
}

/// The error of a step that is given another number of values than it was made for.
pub(super) fn other_count() -> Fits {
    Err("a step has another number of operands or results than its kernel".into())
}

impl Part<'_> {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared { bytes, .. } => bytes,
            Self::Exclusive(bytes) => bytes,
        }
    }

    /// The same for a loop.
    fn source(&mut self) -> Source<'_> {
        match self {
            Self::Shared { bytes, .. } => Source::Shared(bytes),
            Self::Exclusive(bytes) => Source::Exclusive(bytes),
        }
    }

    pub fn version(&self) -> u64 {
        match self {
            Self::Shared { version, .. } => *version,
            Self::Exclusive(_) => 0,
        }
    }
}

/// Lends values to a loop.
pub(super) fn with_sources<R>(parts: &mut [Part<'_>], run: impl FnOnce(&mut [Source<'_>]) -> R) -> R {
    // Lists on the stack are as long as the step needs: moving long ones takes time.
    if parts.len() <= FEW_SOURCES {
        with_sources_of::<FEW_SOURCES, R>(parts, run)
    } else {
        with_sources_of::<MOST_PARTS, R>(parts, run)
    }
}

fn with_sources_of<const N: usize, R>(parts: &mut [Part<'_>], run: impl FnOnce(&mut [Source<'_>]) -> R) -> R {
    let mut sources: ArrayVec<Source<'_>, N> = ArrayVec::new();
    for part in parts {
        sources.push(part.source());
    }
    run(&mut sources)
}

/// Whether operands and results have the sizes that a kernel was made for; if not, what differs.
///
/// It is small enough to be returned in registers.
pub(super) type Fits = std::result::Result<(), Box<str>>;

/// What differs, in words.
pub(super) fn message(unfit: impl std::fmt::Display) -> Box<str> {
    unfit.to_string().into()
}

/// What a step with a fast kernel does.
pub(super) trait Job: Debug + Send + Sync {
    /// Computes the values it writes from those it reads; those that take the place of what is read are not among `writes`.
    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits;

    /// What it is, with its sizes, for people.
    fn describe(&self) -> String;

    /// How many operations on floats it takes.
    fn operations(&self) -> u64 {
        0
    }

    /// The columns of the rows of its result, if a loop may run behind it on each block of rows.
    fn columns(&self) -> Option<usize> {
        None
    }

    /// Computes its result, and runs a loop on each block of rows; only if [`Self::columns`] says that it can.
    fn run_before(&self, reads: &mut [Part<'_>], out: &mut [u8], behind: &mut Behind<'_>) -> Fits {
        let _ = (reads, out, behind);
        Err(format!("no loop runs behind {}", self.describe()).into())
    }

    /// Whether it can give its result block by block, to a loop that uses it up.
    fn gives_blocks(&self) -> bool {
        false
    }

    /// Computes its result block by block, and runs a loop on each; the result has no memory. Only if [`Self::gives_blocks`] says
    /// that it can.
    fn run_in_blocks(&self, reads: &mut [Part<'_>], behind: &mut Behind<'_>) -> Fits {
        let _ = (reads, behind);
        Err(format!("no loop uses up what {} gives", self.describe()).into())
    }

    /// The loop that it is, if it is one.
    fn rows(&self) -> Option<&Rows> {
        None
    }

    /// The products that it is, if it is some.
    fn products(&self) -> Option<&Products> {
        None
    }

    /// The job with a loop behind it that it is, if it is one.
    fn followed(&self) -> Option<&Followed> {
        None
    }

    /// If it puts all elements of what it reads in another order: the sizes of its result, and how far apart elements are in what it
    /// reads.
    fn order(&self) -> Option<(&[usize], &[isize])> {
        None
    }

    /// The same with its first result in another order; none if it cannot write that.
    fn reordered(&self, sizes: &[usize], strides: &[isize]) -> Option<Box<dyn Job>> {
        let _ = (sizes, strides);
        None
    }

    /// The same with results that take the place of what is read, given by their numbers among all that is written and read;
    /// none if it cannot do that.
    fn in_place(&self, results: &[(usize, usize)]) -> Option<Box<dyn Job>> {
        let _ = results;
        None
    }
}

/// How a step is carried out.
#[derive(Debug)]
pub(super) enum Task {
    /// A fast kernel over memory.
    Job(Box<dyn Job>),
    /// The kernel of an op.
    Kernel(Arc<dyn DynOp>),
    /// What a variable holds.
    Read(VariableId),
    /// What a variable holds from here on.
    Assign(VariableId),
    /// A loop, a branch or a call.
    Control(Operation),
    /// An error.
    Fail(Box<Error>),
}

/// A step of a plan.
#[derive(Debug)]
pub(super) struct Step {
    pub task: Task,
    /// The values it reads.
    pub reads: Vec<Id>,
    /// What the values that it reads are taken to be: their memory may be shared by values of other sizes.
    pub kinds: Vec<Kind>,
    /// The values it gives.
    pub writes: Vec<Id>,
    /// The outputs of the call that it reads or writes, by number.
    pub outputs: Vec<usize>,
    /// The results that take the place of a variable: their numbers among what is written and read, and the variable.
    pub in_place: Vec<(usize, usize, VariableId)>,
    /// The values that nothing needs after the step, of those that are no part of the shared memory.
    pub drops: Vec<usize>,
    /// The place in user code, if the function knows it.
    pub location: Option<Location>,
    /// The function that it stood in.
    pub scope: Arc<str>,
}

impl Step {
    /// The step of a fast kernel with one result.
    pub fn of(
        job: Box<dyn Job>,
        reads: Vec<Id>,
        result: Id,
        (location, scope): (Option<Location>, Arc<str>),
    ) -> Self {
        let (task, writes) = (Task::Job(job), vec![result]);
        let (kinds, outputs, in_place, drops) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { task, reads, kinds, writes, outputs, in_place, drops, location, scope }
    }
}

impl Task {
    /// What is done, for people.
    pub fn describe(&self) -> String {
        match self {
            Self::Job(job) => job.describe(),
            Self::Kernel(op) => format!("{} by its reference kernel", op.name()),
            Self::Read(variable) => format!("read variable {}", variable.0),
            Self::Assign(variable) => format!("assign variable {}", variable.0),
            Self::Control(operation) => operation.name().to_owned(),
            Self::Fail(error) => format!("fail: {error}"),
        }
    }
}

/// Where a value lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere: it is not computed, or is another value read in another order.
    None,
    /// It is a tensor of its own.
    Slot(usize),
    /// In the memory of the plan.
    Arena(Range<usize>),
    /// It is an input of the call, wherever that lies.
    Input(usize),
    /// It is an output of the call, wherever that goes.
    Output(usize),
}

/// The steps that compute a function for concrete sizes.
#[derive(Debug)]
pub(super) struct Plan {
    pub steps: Vec<Step>,
    /// The dtype and sizes of each value.
    pub kinds: Vec<Kind>,
    /// Where each value lies.
    pub places: Vec<Place>,
    /// The number of tensors that are values of their own.
    pub slots: usize,
    /// The slots that hold nothing between calls.
    pub dropped: Vec<usize>,
    /// The tensors that are there before the first step.
    pub constants: Vec<(usize, Data)>,
    /// The number of bytes that the other values share.
    pub arena: usize,
    /// The variables that are changed where they lie.
    pub exclusive: Vec<VariableId>,
    /// The values that come out, and the sizes that they come out with.
    pub outputs: Vec<(Id, Kind)>,
    /// The same sizes, as tensors share them.
    pub sizes: Vec<Arc<[usize]>>,
    /// So many steps at the start read variables that stay at hand from call to call.
    pub held: usize,
}

impl Plan {
    /// Whether fast kernels write an output where it is wanted.
    pub fn is_in_place(&self, output: usize) -> bool {
        let id = self.outputs.get(output).map(|(id, _)| id.index());
        id.and_then(|id| self.places.get(id)) == Some(&Place::Output(output))
    }

    /// Whether fast kernels, which change no variable where it lies, are all there is behind the steps that read variables, and
    /// every output is written where it is wanted.
    pub fn is_direct(&self) -> bool {
        let is_fast = |step: &Step| matches!(step.task, Task::Job(_)) && step.in_place.is_empty();
        self.steps.iter().skip(self.held).all(is_fast)
            && (0..self.outputs.len()).all(|output| self.is_in_place(output))
    }

    /// Memory for the outputs that fast kernels write; none for one if memory is short.
    pub fn new_outputs(&self) -> impl Iterator<Item = Option<Buffer>> + '_ {
        let outputs = self.outputs.iter().enumerate();
        outputs.map(|(index, (_, kind))| Buffer::new(if self.is_in_place(index) { kind.bytes() } else { 0 }))
    }

    /// The outputs, from the memory that fast kernels have written and the other ones.
    pub fn put_together<T: From<Data> + 'static>(
        &self,
        buffers: impl IntoIterator<Item = Buffer>,
        others: Vec<Data>,
    ) -> Result<Vec<T>> {
        let (mut buffers, mut others) = (buffers.into_iter(), others.into_iter());
        let mut outputs = Vec::with_capacity(self.outputs.len());
        for (index, ((_, kind), sizes)) in self.outputs.iter().zip(&self.sizes).enumerate() {
            let buffer = buffers.next().ok_or_else(broken)?;
            outputs.push(T::from(if self.is_in_place(index) {
                Data::from_shared(kind.dtype, sizes.clone(), Arc::new(buffer))?
            } else {
                others.next().ok_or_else(broken)?
            }));
        }
        Ok(outputs)
    }

    /// The slot of a value that is a tensor of its own.
    pub fn slot(&self, id: Id) -> Option<usize> {
        match self.places.get(id.index()) {
            Some(Place::Slot(slot)) => Some(*slot),
            _ => None,
        }
    }
}
