//! Variables: named state that a module owns.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use serde::{Deserialize, Serialize};

use super::VariableDefinition;
use super::construction::{Construction, is_tracing, with_active};
use super::function::{Operation, VariableId};
use crate::error::{Error, Location, OpError, Result};
use crate::tensor::{DType, Data, Shape, Tensor, TensorType};

/// Who changes a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// An optimizer does.
    #[default]
    Trainable,
    /// An optimizer would, but is told not to.
    Frozen,
    /// The module's own code does: running statistics, counters, random state.
    State,
}

impl Role {
    /// The word printed for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trainable => "trainable",
            Self::Frozen => "frozen",
            Self::State => "state",
        }
    }
}

/// State of a module that a trace reads and assigns, that optimizers change, and that is saved under a name.
///
/// A variable is a handle: clones are the same variable, and a variable that is reached through two fields is saved once
/// and is one variable again after loading.
///
/// ```
/// use holotype::prelude::*;
///
/// let weights = Variable::new(init::zeros([5, 3]));
/// assert_eq!(weights.shape().to_string(), "[5, 3]");
/// weights.assign(weights.value() + 1.0);
/// assert_eq!(weights.value().sum().to_scalar::<f32>()?, 15.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[derive(Clone)]
pub struct Variable(Arc<Inner>);

struct Inner {
    id: u64,
    kind: TensorType,
    role: Role,
    made: Location,
    value: RwLock<Value>,
    /// Changes, while the value is locked, whenever it may become another one.
    version: AtomicU64,
}

/// Counts the changes of all variables of the process.
static EPOCH: AtomicU64 = AtomicU64::new(1);

/// A number that is another one whenever any variable of the process may hold something else.
pub(crate) fn epoch() -> u64 {
    EPOCH.load(Ordering::Acquire)
}

impl Inner {
    /// Says that the value may become another one; the value is locked.
    fn change(&self) {
        self.version.fetch_add(1, Ordering::Release);
        // After the version, so that whoever sees the one sees the other.
        EPOCH.fetch_add(1, Ordering::Release);
    }
}

/// What a variable holds, for one who changes it.
pub(crate) struct Exclusive<'a>(RwLockWriteGuard<'a, Value>);

impl Exclusive<'_> {
    /// The elements as bytes; none if memory is short.
    pub fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        self.0.data.bytes_mut()
    }
}

struct Value {
    data: Data,
    /// Why the last assignment could not be made.
    error: Option<Error>,
}

impl Variable {
    /// A variable that optimizers change.
    ///
    /// The dtype and shape of the value are those of the variable for ever. A value that carries an error gives a
    /// variable that carries it.
    #[track_caller]
    pub fn new(value: impl Into<Tensor>) -> Self {
        Self::with_role(value, Role::Trainable)
    }

    /// A variable that only the module's own code changes: statistics, counters, random state.
    #[track_caller]
    pub fn state(value: impl Into<Tensor>) -> Self {
        Self::with_role(value, Role::State)
    }

    /// A variable with a role.
    #[track_caller]
    pub fn with_role(value: impl Into<Tensor>, role: Role) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (data, error) = match value.into().into_data() {
            Ok(data) => (data.aligned(), None),
            Err(error) => (Data::scalar(0.0_f32), Some(error)),
        };
        Self(Arc::new(Inner {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            kind: TensorType::new(data.dtype(), Shape::from(data.sizes())),
            role,
            made: Location::caller(),
            value: RwLock::new(Value { data, error }),
            version: AtomicU64::new(1),
        }))
    }

    /// The value: what the variable holds, or in a trace, what it will hold at this point of a call.
    #[track_caller]
    pub fn value(&self) -> Tensor {
        if is_tracing() {
            let location = Location::caller();
            return with_active(|construction| construction.read(self, location))
                .unwrap_or_else(|| self.held());
        }
        self.held()
    }

    /// Puts a new value of the same dtype and shape in; in a trace, records that a call does so.
    ///
    /// A value that does not fit leaves the old one, and the error comes out of the next [`Variable::value`] and of
    /// saving; in a trace it comes out of tracing. [`Variable::set`] returns it at once.
    #[track_caller]
    pub fn assign(&self, value: impl Into<Tensor>) {
        let (value, location) = (value.into(), Location::caller());
        if is_tracing() {
            with_active(|construction| construction.assign(self, &value, location));
            return;
        }
        if let Err(error) = value.into_data().and_then(|data| self.store(data, location)) {
            let mut value = self.0.value.write().unwrap_or_else(PoisonError::into_inner);
            self.0.change();
            value.error = Some(error);
        }
    }

    /// Puts new contents of the same dtype and shape in.
    ///
    /// # Errors
    /// If the dtype or the shape differ; the old contents stay. [`Error::NoValue`] in a trace, where [`Variable::assign`]
    /// records what a call is to do.
    #[track_caller]
    pub fn set(&self, data: Data) -> Result<()> {
        let location = Location::caller();
        if is_tracing() {
            return Err(Error::NoValue { tensor: self.0.kind.to_string(), location });
        }
        self.store(data, location)
    }

    /// What the variable holds.
    ///
    /// # Errors
    /// The error of the value it was made from, or of the last assignment. [`Error::NoValue`] in a trace, where
    /// [`Variable::value`] stands for what a call will find.
    #[track_caller]
    pub fn data(&self) -> Result<Data> {
        if is_tracing() {
            return Err(Error::NoValue { tensor: self.0.kind.to_string(), location: Location::caller() });
        }
        self.contents()
    }

    fn contents(&self) -> Result<Data> {
        self.versioned().map(|(data, _)| data)
    }

    /// What the variable holds, and a number that is another one whenever it may hold something else.
    pub(crate) fn versioned(&self) -> Result<(Data, u64)> {
        let value = self.0.value.read().unwrap_or_else(PoisonError::into_inner);
        match &value.error {
            Some(error) => Err(error.clone()),
            None => Ok((value.data.clone(), self.version())),
        }
    }

    /// A number that is another one whenever the variable may hold something else.
    pub(crate) fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// What the variable holds, to be changed where it lies; whoever else asks for it waits.
    pub(crate) fn exclusive(&self) -> Exclusive<'_> {
        let value = self.0.value.write().unwrap_or_else(PoisonError::into_inner);
        self.0.change();
        Exclusive(value)
    }

    /// The dtype.
    pub fn dtype(&self) -> DType {
        self.0.kind.dtype
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &Shape {
        &self.0.kind.shape
    }

    /// The dtype and shape.
    pub fn kind(&self) -> &TensorType {
        &self.0.kind
    }

    /// Who changes it.
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// Where it was made.
    pub fn made(&self) -> &Location {
        &self.0.made
    }

    /// What tells it from every other variable of the process.
    pub fn identity(&self) -> u64 {
        self.0.id
    }

    fn held(&self) -> Tensor {
        Tensor::from(self.contents().map(Tensor::from_data))
    }

    fn store(&self, data: Data, location: Location) -> Result<()> {
        let found = TensorType::new(data.dtype(), Shape::from(data.sizes()));
        if found != self.0.kind {
            return Err(self.mismatch(&found, location, String::new()));
        }
        // It is read many times.
        let data = data.aligned();
        let mut value = self.0.value.write().unwrap_or_else(PoisonError::into_inner);
        self.0.change();
        *value = Value { data, error: None };
        Ok(())
    }

    fn mismatch(&self, found: &TensorType, location: Location, scope: String) -> Error {
        Error::Op(Box::new(OpError {
            op: "assign".into(),
            message: format!(
                "the variable made at {} is {}: give a value of the same dtype and shape",
                self.0.made, self.0.kind
            ),
            operands: vec![found.to_string()],
            location,
            scope,
            calls: Vec::new(),
        }))
    }
}

/// Whether the function that is being traced assigns the variable, itself or through calls.
pub(crate) fn is_assigned(variable: &Variable) -> bool {
    with_active(|construction| {
        let id = construction.variables.get(&variable.identity())?;
        Some(construction.stack.last()?.assigned.contains(id))
    })
    .flatten()
    .unwrap_or(false)
}

impl Construction {
    fn read(&mut self, variable: &Variable, location: Location) -> Tensor {
        let Some(id) = self.id_of(variable) else {
            return Tensor::from_error(self.unowned(variable, location));
        };
        let Some(building) = self.stack.last_mut() else { return variable.held() };
        if let Some(&value) = building.reads.get(&id) {
            return building.tensor(value);
        }
        let results = building.push(Operation::Read(id), Vec::new(), vec![variable.kind().clone()], location);
        building.reads.insert(id, results[0]);
        building.tensor(results[0])
    }

    /// The variable's number in the graph, if the trace knows it or takes it as its own.
    fn id_of(&mut self, variable: &Variable) -> Option<VariableId> {
        if let Some(&id) = self.variables.get(&variable.identity()) {
            return Some(id);
        }
        let adopted = self.adopted.as_mut()?;
        let path = format!("variable_{}", adopted.len());
        adopted.push(variable.clone());
        let definition = VariableDefinition { path, kind: variable.kind().clone(), role: variable.role() };
        Some(self.declare(variable.identity(), definition))
    }

    fn assign(&mut self, variable: &Variable, value: &Tensor, location: Location) {
        if let Err(error) = self.try_assign(variable, value, location) {
            self.failure.get_or_insert(error);
        }
    }

    fn try_assign(&mut self, variable: &Variable, tensor: &Tensor, location: Location) -> Result<()> {
        let tensor = tensor.clone().ok()?;
        let Some(id) = self.id_of(variable) else { return Err(self.unowned(variable, location)) };
        let scope = self.stack.last().map(super::Building::scope).unwrap_or_default();
        let Some(value) = self.value_of(&tensor, &location) else {
            return Err(Error::NoValue { tensor: tensor.describe(), location });
        };
        let found = self.stack.last().map(|building| building.function.values[value.index()].clone());
        let Some(found) = found else { return Ok(()) };
        let fits = found.dtype == variable.dtype()
            && found.rank() == variable.shape().rank()
            && found
                .shape
                .iter()
                .zip(variable.shape().iter())
                .all(|(found, expected)| super::op::Constraints::equal(self, found, expected).is_ok());
        if !fits {
            return Err(variable.mismatch(&found, location, scope));
        }
        let Some(building) = self.stack.last_mut() else { return Ok(()) };
        building.push(Operation::Assign(id), vec![value], Vec::new(), location);
        // What is read later is a value of its own: no gradient flows from it to the value assigned.
        building.reads.remove(&id);
        building.assigned.insert(id);
        Ok(())
    }

    fn unowned(&self, variable: &Variable, used: Location) -> Error {
        Error::ForeignVariable {
            variable: variable.kind().to_string(),
            made: variable.made().clone(),
            used,
            root: self.root.clone(),
        }
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Variable({} {})", self.0.kind, self.0.role.name())
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.held(), f)
    }
}
