//! Recording whole entry functions.

use std::any::TypeId;
use std::cell::RefCell;

use super::arguments::Arguments;
use super::instance::{Choice, Instance, choices, input_types};
use super::outputs::{Names, check, names};
use super::signature::Signature;
use super::spec::SignatureSpec;
use crate::error::{Error, Location, Result};
use crate::graph::{
    Constraints, Construction, Exact, FunctionId, Graph, Mode, Origin, Role, Variable, VariableDefinition,
    active, clean, verify, verify_entry,
};
use crate::tensor::{Dim, Leaves, SizeRange, Tensor, TensorType};

/// One traced function that can be called from outside.
#[derive(Clone, Debug)]
pub struct Traced {
    /// The function.
    pub function: FunctionId,
    /// Its signature.
    pub signature: Signature,
    /// What it was traced for.
    pub mode: Mode,
}

/// Runs user code on symbolic tensors and records graphs over shared variables.
pub struct Tracer {
    construction: Option<Construction>,
    traced: Vec<Traced>,
    root: String,
}

impl Tracer {
    /// A tracer over the variables of a module tree, whose root is called `root` in errors.
    pub fn new(root: &str) -> Self {
        Self { construction: Some(Construction::new(root)), traced: Vec::new(), root: root.to_owned() }
    }

    /// Makes a variable known under its artifact path.
    pub fn variable(&mut self, path: &str, role: Role, variable: &Variable) {
        if let Some(construction) = &mut self.construction {
            let definition =
                VariableDefinition { path: path.to_owned(), kind: variable.kind().clone(), role };
            construction.declare(variable.identity(), definition);
        }
    }

    /// Makes a module known under its artifact path, so that functions are named after it.
    pub fn module(&mut self, address: usize, type_id: TypeId, path: &str) {
        if let Some(construction) = &mut self.construction {
            construction.paths.entry((address, type_id)).or_insert_with(|| path.to_owned());
        }
    }

    /// Traces a method under its signature, for every choice of static arguments and optional parts, and of each of these once
    /// for each choice of dtypes and leading dimensions that it can be traced for.
    ///
    /// # Errors
    /// For a choice that it can never be traced for, the error of its most usual dtypes and dimensions.
    pub fn method(
        &mut self,
        spec: &SignatureSpec,
        origin: &Origin,
        mode: Mode,
        run: impl Fn(&mut Arguments) -> Result<Leaves>,
    ) -> Result<()> {
        let choices = choices(spec).map_err(|message| spec.error(None, message, &spec.location()))?;
        for choice in &choices {
            let (before, mut first_error) = (self.traced.len(), None);
            for instance in &choice.instances {
                if let Err(error) = self.instance(spec, origin, mode, choice, instance, &run) {
                    first_error.get_or_insert(error);
                }
            }
            if let Some(error) = first_error.filter(|_| self.traced.len() == before) {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Traces a function with inputs of given types.
    ///
    /// # Errors
    /// What the code that is traced says.
    pub fn function(
        &mut self,
        name: &str,
        mode: Mode,
        inputs: Vec<(String, TensorType)>,
        run: impl FnOnce(&[Tensor]) -> Result<Vec<(Option<String>, Tensor)>>,
    ) -> Result<FunctionId> {
        let run = |inputs: &[Tensor]| {
            let (names, outputs) = run(inputs)?.into_iter().unzip();
            Ok((outputs, Names { names, record: false }))
        };
        let origin = Origin::Derived(name.to_owned());
        self.record(name, &origin, mode, Box::new(|_| Ok(inputs)), Box::new(run), Box::new(|_, _| Ok(())))
    }

    /// The entries recorded so far with this name.
    pub fn traced(&self, mode: Mode, name: &str) -> Vec<Traced> {
        let is = |traced: &&Traced| traced.mode == mode && traced.signature.function == name;
        self.traced.iter().filter(is).cloned().collect()
    }

    /// The number of entries recorded so far.
    pub fn recorded(&self) -> usize {
        self.traced.len()
    }

    /// Forgets all entries but the first `count`; what only they need goes when the trace is finished.
    pub fn keep(&mut self, count: usize) {
        self.traced.truncate(count);
    }

    /// The graph and its entries, without what is not needed, checked.
    ///
    /// # Errors
    /// [`Error::Graph`] if the graph is not well-formed.
    pub fn finish(self) -> Result<(Graph, Vec<Traced>)> {
        let Some(construction) = self.construction else { return Err(self.lost()) };
        let (mut graph, mut traced) = (construction.graph, self.traced);
        let mut entries: Vec<_> = traced.iter().map(|traced| traced.function).collect();
        clean(&mut graph, &mut entries);
        verify(&graph)?;
        for (traced, entry) in traced.iter_mut().zip(entries) {
            verify_entry(&graph, entry)?;
            traced.function = entry;
        }
        Ok((graph, traced))
    }

    fn instance(
        &mut self,
        spec: &SignatureSpec,
        origin: &Origin,
        mode: Mode,
        choice: &Choice,
        instance: &Instance,
        run: impl Fn(&mut Arguments) -> Result<Leaves>,
    ) -> Result<()> {
        let paths = RefCell::new(Vec::new());
        let inputs = |construction: &mut Construction| {
            input_types(spec, &choice.present, instance, construction)
                .map_err(|message| spec.error(None, message, &spec.location()))
        };
        let run = |inputs: &[Tensor]| {
            let named = spec.leaves(&choice.present).into_iter().map(|(path, _)| path.as_str().to_owned());
            let leaves = Leaves::new(named.zip(inputs.iter().cloned()));
            let chosen = choice.arguments.iter().map(|(name, place, _)| (*name, *place)).collect();
            let outputs = run(&mut Arguments::of(spec, leaves, chosen))?;
            let found: Vec<String> = outputs.paths().map(str::to_owned).collect();
            let names = names(spec, &found);
            paths.replace(found);
            Ok((outputs.tensors().cloned().collect(), names))
        };
        let check = |construction: &mut Construction, outputs: &[TensorType]| {
            check(spec, &choice.present, instance, construction, &paths.borrow(), outputs)
        };
        self.record(spec.function, origin, mode, Box::new(inputs), Box::new(run), Box::new(check))?;
        if let Some(traced) = self.traced.last_mut() {
            traced.signature.arguments =
                choice.arguments.iter().map(|(name, _, value)| ((*name).to_owned(), value.clone())).collect();
        }
        Ok(())
    }

    fn record(
        &mut self,
        name: &str,
        origin: &Origin,
        mode: Mode,
        inputs: Inputs<'_>,
        run: Run<'_>,
        check: Check<'_>,
    ) -> Result<FunctionId> {
        let Some(mut construction) = self.construction.take() else { return Err(self.lost()) };
        construction.start_entry(mode);
        let inputs = match inputs(&mut construction) {
            Ok(inputs) => inputs,
            Err(error) => {
                self.construction = Some(construction);
                return Err(error);
            }
        };
        let functions_before = construction.graph.functions.len();
        let parameters = construction.begin(name, origin.clone(), inputs);
        let (construction, outputs) = active(construction, || run(&parameters));
        let Some(mut construction) = construction else { return Err(self.lost()) };
        let result = construction.finish_entry(name, outputs, check);
        construction.stack.clear();
        if result.is_err() {
            construction.forget(functions_before);
        }
        self.construction = Some(construction);
        let (function, signature) = result?;
        self.traced.push(Traced { function, signature, mode });
        Ok(function)
    }

    fn lost(&self) -> Error {
        Error::Trace {
            function: self.root.clone(),
            message: "a panic of user code has ended the trace".into(),
        }
    }
}

/// What finds the inputs of an entry.
type Inputs<'b> = Box<dyn FnOnce(&mut Construction) -> Result<Vec<(String, TensorType)>> + 'b>;
/// What is traced.
type Run<'b> = Box<dyn FnOnce(&[Tensor]) -> Result<(Vec<Tensor>, Names)> + 'b>;
/// What checks the outputs of an entry.
type Check<'b> = Box<dyn FnOnce(&mut Construction, &[TensorType]) -> Result<()> + 'b>;

impl Construction {
    /// Whether the method that is being called is the entry itself, which needs no function of its own.
    pub(super) fn enters(&mut self, origin: &Origin) -> bool {
        match self.stack.as_slice() {
            [entry] => entry.function.origin == *origin && !std::mem::replace(&mut self.entered, true),
            _ => false,
        }
    }

    /// Forgets what only concerned the entry before; sizes of one entry say nothing about another.
    fn start_entry(&mut self, mode: Mode) {
        self.mode = mode;
        self.entered = false;
        self.entry_start = self.graph.functions.len();
        self.refined.clear();
        self.promises.clear();
        self.ranges.clear();
        self.next_anonymous = 0;
        self.failure = None;
    }

    fn finish_entry(
        &mut self,
        name: &str,
        outputs: Result<(Vec<Tensor>, Names)>,
        check: Check<'_>,
    ) -> Result<(FunctionId, Signature)> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let (outputs, Names { names, record }) = outputs?;
        let location = Location::new(name, 0, 0);
        let mut values = Vec::new();
        for output in outputs {
            let output = output.ok()?;
            let value = self.value_of(&output, &location).ok_or_else(|| Error::Trace {
                function: name.to_owned(),
                message: "an output belongs to another trace".into(),
            })?;
            values.push(value);
        }
        let types = self.value_types(&values);
        check(self, &types)?;
        let types = self.value_types(&values);
        let Some((function, _)) = self.finish(values) else {
            return Err(Error::Trace { function: name.to_owned(), message: "the trace has ended".into() });
        };
        let recorded = &self.graph.functions[function.index()];
        let inputs = recorded
            .inputs
            .iter()
            .map(|(name, _)| name.clone())
            .zip(recorded.input_types().cloned())
            .collect();
        let outputs = names.into_iter().zip(types).collect();
        let sizes = self.bounds().map_err(|message| Error::Trace { function: name.to_owned(), message })?;
        Ok((
            function,
            Signature { function: name.to_owned(), inputs, outputs, record, sizes, ..Signature::default() },
        ))
    }

    /// The bounds of the sizes that are still open.
    fn bounds(&mut self) -> Result<Vec<(Dim, SizeRange)>, String> {
        let mut bounds: Vec<(Dim, SizeRange)> = Vec::new();
        for (size, range) in std::mem::take(&mut self.ranges) {
            let size = self.known(&size).ok_or("a size overflows")?;
            if size.constant().is_some() {
                Exact.within(&size, range)?;
            } else if let Some((_, known)) = bounds.iter_mut().find(|(known, _)| *known == size) {
                *known = known.and(range);
            } else {
                bounds.push((size, range));
            }
        }
        Ok(bounds)
    }

    fn value_types(&self, values: &[crate::graph::ValueId]) -> Vec<TensorType> {
        let Some(building) = self.stack.last() else { return Vec::new() };
        values.iter().filter_map(|&value| building.function.value_type(value).cloned()).collect()
    }

    /// Takes back the functions that an entry which failed has left.
    fn forget(&mut self, functions: usize) {
        self.graph.functions.truncate(functions);
        self.assigned.truncate(functions);
    }
}
