//! Programs as they are at one moment.

use std::sync::Arc;

use crate::error::Result;
use crate::graph::{Graph, Variable};
use crate::module::{Entry, Objects, Program};
use crate::tensor::{Data, Document};

/// A program with the values that its variables had at one moment, so that it can be saved later, or on another thread, while the
/// variables change.
///
/// Taking one copies no values: a variable that changes afterwards leaves the old value to the snapshot.
///
/// ```
/// use holotype::layers::Dense;
/// use holotype::prelude::*;
/// use holotype::store::{Save, Snapshot};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("model");
/// let program = Program::trace(&Dense::new(1, 1))?;
/// let snapshot = Snapshot::of(&program)?;
/// program.variable("bias")?.assign(Tensor::from([5.0_f32]));
/// std::thread::scope(|scope| scope.spawn(|| Save::new().snapshot(&snapshot, &path)).join()).unwrap()?;
/// assert_eq!(holotype::load(&path)?.variable("bias")?.value().to_vec::<f32>()?, [0.0]);
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Snapshot {
    pub(super) graph: Arc<Graph>,
    pub(super) objects: Objects,
    pub(super) entries: Vec<Entry>,
    pub(super) notes: Vec<(String, Document)>,
    pub(super) values: Vec<Data>,
}

impl Snapshot {
    /// A program as it is now.
    ///
    /// # Errors
    /// The error that a variable carries.
    pub fn of(program: &Program) -> Result<Self> {
        Ok(Self {
            graph: program.shared_graph().clone(),
            objects: program.objects().clone(),
            entries: program.entries().to_vec(),
            notes: program.notes().to_vec(),
            values: program.variables().iter().map(Variable::data).collect::<Result<_>>()?,
        })
    }
}
