//! A graph under construction: what a trace in progress has recorded.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};

use super::capture::{Captures, KnownConstants};
use super::function::{
    ConstantId, Function, FunctionId, GradientRule, Node, Operation, Origin, ValueId, VariableId,
};
use super::op::{Constraints, Exact};
use super::scope::Mode;
use super::variable::Variable;
use super::{Graph, VariableDefinition};
use crate::error::{Error, Location};
use crate::tensor::{Data, Dim, SizeRange, Symbol, Symbolic, Tensor, TensorType};

/// A function under construction.
pub(crate) struct Building {
    /// Unique in the process, so that a tensor of another trace is never taken for one of this.
    pub id: u64,
    pub function: Function,
    /// What the function uses of the function around it, and the inputs that bring it in.
    pub captures: Captures,
    /// What each variable holds at this point, where that is known.
    pub reads: HashMap<VariableId, ValueId>,
    pub constants: HashMap<ConstantId, ValueId>,
    /// The variables it assigns, itself or through calls.
    pub assigned: BTreeSet<VariableId>,
    /// Which of its values are constants, as far as that was asked.
    pub known_constants: KnownConstants,
}

impl Building {
    pub fn new_value(&mut self, kind: TensorType) -> ValueId {
        self.function.values.push(kind);
        ValueId::new(self.function.values.len() - 1)
    }

    pub fn push(
        &mut self,
        operation: Operation,
        operands: Vec<ValueId>,
        types: Vec<TensorType>,
        location: Location,
    ) -> Vec<ValueId> {
        let results: Vec<_> = types.into_iter().map(|kind| self.new_value(kind)).collect();
        self.function.nodes.push(Node { operation, operands, results: results.clone(), location });
        results
    }

    /// The value as a tensor that user code can hold.
    pub fn tensor(&self, value: ValueId) -> Tensor {
        let kind = self.function.values[value.index()].clone();
        Tensor::from_symbolic(Symbolic { builder: self.id, value: value.0, kind })
    }

    /// The artifact path of the layer whose code is being traced.
    pub fn scope(&self) -> String {
        match &self.function.origin {
            Origin::Layer { path, .. } => path.clone(),
            _ => String::new(),
        }
    }
}

/// A graph under construction.
pub(crate) struct Construction {
    pub graph: Graph,
    /// The functions being traced, the innermost last.
    pub stack: Vec<Building>,
    /// The variables each finished function assigns.
    pub assigned: Vec<BTreeSet<VariableId>>,
    /// The variables by identity.
    pub variables: HashMap<u64, VariableId>,
    /// The artifact paths of modules by address and type.
    pub paths: HashMap<(usize, TypeId), String>,
    /// What anonymous sizes turned out to be.
    pub refined: BTreeMap<Symbol, Dim>,
    /// For each named size, the entry of the signature that promises it.
    pub promises: BTreeMap<Symbol, String>,
    /// The bounds that signatures set to sizes of the entry.
    pub ranges: Vec<(Dim, SizeRange)>,
    pub next_anonymous: usize,
    pub mode: Mode,
    /// The type of the module being traced.
    pub root: String,
    /// The place that nodes are recorded for while a gradient is derived: that of the node differentiated.
    pub location: Option<Location>,
    /// The first function of the entry that is being traced; sizes of those before it are other sizes.
    pub entry_start: usize,
    /// Whether the code of the entry itself has been entered.
    pub entered: bool,
    /// The first error of a statement that gives no tensor to carry it.
    pub failure: Option<Error>,
    /// The variables that the trace meets and takes as its own, if it takes those it does not know.
    pub adopted: Option<Vec<Variable>>,
    /// How many functions were given each name.
    names: HashMap<String, usize>,
    constants: HashMap<(String, [u8; 32]), ConstantId>,
}

impl Construction {
    pub fn new(root: &str) -> Self {
        Self {
            graph: Graph::default(),
            stack: Vec::new(),
            assigned: Vec::new(),
            variables: HashMap::new(),
            paths: HashMap::new(),
            refined: BTreeMap::new(),
            promises: BTreeMap::new(),
            ranges: Vec::new(),
            next_anonymous: 0,
            mode: Mode::Inference,
            root: root.to_owned(),
            location: None,
            entry_start: 0,
            entered: false,
            failure: None,
            adopted: None,
            names: HashMap::new(),
            constants: HashMap::new(),
        }
    }

    /// Declares a variable of the graph; `identity` is that of the variable handle.
    pub fn declare(&mut self, identity: u64, definition: VariableDefinition) -> VariableId {
        let id = VariableId::new(self.graph.variables.len());
        self.graph.variables.push(definition);
        self.variables.insert(identity, id);
        id
    }

    pub fn fresh_anonymous(&mut self) -> Symbol {
        let symbol = Symbol::anonymous(self.next_anonymous);
        self.next_anonymous += 1;
        symbol
    }

    /// Opens a function; its parameters are the first values.
    pub fn begin(&mut self, name: &str, origin: Origin, inputs: Vec<(String, TensorType)>) -> Vec<Tensor> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut building = Building {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            function: Function {
                name: name.to_owned(),
                origin,
                gradient: GradientRule::Nodes,
                inputs: Vec::new(),
                outputs: Vec::new(),
                values: Vec::new(),
                nodes: Vec::new(),
            },
            captures: Captures::default(),
            reads: HashMap::new(),
            constants: HashMap::new(),
            assigned: BTreeSet::new(),
            known_constants: KnownConstants::default(),
        };
        let mut parameters = Vec::new();
        for (name, kind) in inputs {
            let value = building.new_value(kind);
            building.function.inputs.push((name, value));
            parameters.push(building.tensor(value));
        }
        self.stack.push(building);
        parameters
    }

    /// Closes the innermost function and adds it to the graph; returns what it captured of the function around it.
    pub fn finish(&mut self, outputs: Vec<ValueId>) -> Option<(FunctionId, Vec<ValueId>)> {
        let mut building = self.stack.pop()?;
        building.function.outputs = outputs;
        building.function.name = self.unique_name(&building.function.name);
        let id = FunctionId::new(self.graph.functions.len());
        self.graph.functions.push(building.function);
        self.assigned.push(building.assigned);
        Some((id, building.captures.into_outer()))
    }

    /// Records a call of a finished function in the innermost one.
    pub fn push_call(
        &mut self,
        callee: FunctionId,
        operands: Vec<ValueId>,
        location: Location,
    ) -> Vec<ValueId> {
        let types: Vec<_> = self.graph.functions[callee.index()].output_types().cloned().collect();
        self.push_running(Operation::Call(callee), operands, types, location)
    }

    /// Records an operation that runs finished functions, which may assign variables.
    pub fn push_running(
        &mut self,
        operation: Operation,
        operands: Vec<ValueId>,
        types: Vec<TensorType>,
        location: Location,
    ) -> Vec<ValueId> {
        let assigned = crate::sorted::set(
            operation.callees().flat_map(|callee| self.assigned[callee.index()].iter().copied()),
        );
        let Some(building) = self.stack.last_mut() else { return Vec::new() };
        for variable in &assigned {
            building.reads.remove(variable);
        }
        building.assigned.extend(assigned);
        building.push(operation, operands, types, location)
    }

    /// The constant with these contents.
    pub fn constant(&mut self, data: &Data) -> ConstantId {
        let key = (data.describe(), *blake3::hash(data.bytes()).as_bytes());
        *self.constants.entry(key).or_insert_with(|| {
            self.graph.constants.push(data.clone());
            ConstantId::new(self.graph.constants.len() - 1)
        })
    }

    pub fn unique_name(&mut self, name: &str) -> String {
        let count = self.names.entry(name.to_owned()).or_insert(0);
        *count += 1;
        if *count == 1 { name.to_owned() } else { format!("{name}#{count}") }
    }
}

/// The name without the number that told it apart.
pub(crate) fn base_name(name: &str) -> &str {
    match name.rsplit_once('#') {
        Some((base, number)) if number.chars().all(|c| c.is_ascii_digit()) => base,
        _ => name,
    }
}

thread_local! {
    /// The traces in progress on this thread; only the innermost is active.
    static ACTIVE: RefCell<Vec<Construction>> = const { RefCell::new(Vec::new()) };
}

/// Runs `body` with a construction active, and gives both back; also when `body` panics, nothing stays active.
pub(crate) fn active<R>(construction: Construction, body: impl FnOnce() -> R) -> (Option<Construction>, R) {
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            if std::thread::panicking() {
                ACTIVE.with_borrow_mut(Vec::pop);
            }
        }
    }
    ACTIVE.with_borrow_mut(|stack| stack.push(construction));
    let guard = Guard;
    let result = body();
    drop(guard);
    (ACTIVE.with_borrow_mut(Vec::pop), result)
}

/// Runs `body` on the active construction, if there is one. `body` must not run user code.
pub(crate) fn with_active<R>(body: impl FnOnce(&mut Construction) -> R) -> Option<R> {
    let (mut body, mut result) = (Some(body), None);
    on_active(&mut |construction| result = body.take().map(|body| body(construction)));
    result
}

fn on_active(body: &mut dyn FnMut(&mut Construction)) {
    ACTIVE.with_borrow_mut(|stack| stack.last_mut().map(body));
}

/// Runs a shape rule outside of an op: with the constraints of the trace in progress, or with sizes that must be the same.
pub(crate) fn constrain<R>(rule: impl FnOnce(&mut dyn Constraints) -> R) -> R {
    ACTIVE.with_borrow_mut(|stack| match stack.last_mut() {
        Some(construction) => rule(construction),
        None => rule(&mut Exact),
    })
}

/// Makes the trace in progress fail, for an error that no tensor is there to carry.
pub(crate) fn leave_failure(error: Error) {
    with_active(|construction| {
        let mut error = error;
        if let Error::Op(error) = &mut error
            && error.scope.is_empty()
        {
            let scopes = construction.stack.iter().rev().map(Building::scope);
            error.scope = scopes.into_iter().find(|scope| !scope.is_empty()).unwrap_or_default();
        }
        construction.failure.get_or_insert(error);
    });
}

/// Records what `body` computes as asked for at this place. `body` must not run user code.
pub(crate) fn recorded_at<R>(location: &Location, body: impl FnOnce() -> R) -> R {
    let around = with_active(|construction| {
        let around = construction.location.clone();
        construction.location.get_or_insert_with(|| location.clone());
        around
    });
    let result = body();
    with_active(|construction| construction.location = around.flatten());
    result
}

/// Whether a trace is in progress on this thread.
pub(crate) fn is_tracing() -> bool {
    ACTIVE.with_borrow(|stack| !stack.is_empty())
}
