//! Recording whole entry functions.

use std::any::TypeId;

use super::instance::{Instance, input_types, instances};
use super::signature::Signature;
use super::spec::{Bound, SignatureSpec};
use crate::error::{Error, Location, Result};
use crate::graph::{
    Construction, FunctionId, Graph, Mode, Origin, Role, Variable, VariableDefinition, active, clean, verify,
    verify_entry,
};
use crate::tensor::{Dim, Symbol, Tensor, TensorType};

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

    /// Traces a method under its signature, once for each choice of dtypes and leading dimensions that it can be traced
    /// for.
    ///
    /// # Errors
    /// The error of the most usual choice, if it can be traced for none.
    pub fn method(
        &mut self,
        spec: &SignatureSpec,
        origin: &Origin,
        mode: Mode,
        run: impl Fn(&[Tensor]) -> Result<Vec<Tensor>>,
    ) -> Result<()> {
        let (before, mut first_error) = (self.traced.len(), None);
        for instance in instances(spec) {
            if let Err(error) = self.instance(spec, origin, mode, &instance, &run) {
                first_error.get_or_insert(error);
            }
        }
        match first_error {
            Some(error) if self.traced.len() == before => Err(error),
            _ => Ok(()),
        }
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
        self.record(name, &Origin::Derived(name.to_owned()), mode, |_| Ok(inputs), run, |_, _| Ok(()))
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
        instance: &Instance,
        run: impl Fn(&[Tensor]) -> Result<Vec<Tensor>>,
    ) -> Result<()> {
        let at = spec.location();
        let names: Vec<Option<String>> = match &spec.outputs {
            Some(outputs) => outputs.iter().map(|(name, _)| name.map(str::to_owned)).collect(),
            None => Vec::new(),
        };
        let inputs = |construction: &mut Construction| {
            input_types(spec, instance, construction).map_err(|message| spec.error(None, message, &at))
        };
        let run = |inputs: &[Tensor]| {
            let outputs = run(inputs)?;
            let name = |index: usize| names.get(index).cloned().flatten();
            Ok(outputs.into_iter().enumerate().map(|(index, output)| (name(index), output)).collect())
        };
        let check = |construction: &mut Construction, outputs: &[TensorType]| {
            check_outputs(spec, instance, construction, outputs, &at)
        };
        self.record(spec.function, origin, mode, inputs, run, check).map(|_| ())
    }

    fn record(
        &mut self,
        name: &str,
        origin: &Origin,
        mode: Mode,
        inputs: impl FnOnce(&mut Construction) -> Result<Vec<(String, TensorType)>>,
        run: impl FnOnce(&[Tensor]) -> Result<Vec<(Option<String>, Tensor)>>,
        check: impl FnOnce(&mut Construction, &[TensorType]) -> Result<()>,
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
        self.next_anonymous = 0;
        self.failure = None;
    }

    fn finish_entry(
        &mut self,
        name: &str,
        outputs: Result<Vec<(Option<String>, Tensor)>>,
        check: impl FnOnce(&mut Self, &[TensorType]) -> Result<()>,
    ) -> Result<(FunctionId, Signature)> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let outputs = outputs?;
        let location = Location::new(name, 0, 0);
        let mut values = Vec::new();
        for (_, output) in &outputs {
            let output = output.clone().ok()?;
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
        let outputs = outputs.into_iter().map(|(name, _)| name).zip(types).collect();
        Ok((function, Signature { function: name.to_owned(), inputs, outputs }))
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

/// Checks the outputs that a signature states.
fn check_outputs(
    spec: &SignatureSpec,
    instance: &Instance,
    construction: &mut Construction,
    found: &[TensorType],
    at: &Location,
) -> Result<()> {
    let Some(stated) = &spec.outputs else { return Ok(()) };
    if stated.len() != found.len() {
        let message = format!("it states {} outputs, and the method returns {}", stated.len(), found.len());
        return Err(spec.error(None, message, at));
    }
    let mut bound = Bound { classes: instance.classes.clone(), ..Bound::default() };
    for symbol in construction.promises.keys() {
        if let Some(name) = spec_names(spec).into_iter().find(|name| *name == symbol.name()) {
            bound.sizes.insert(name, Dim::symbol(Symbol::named(name)));
        }
    }
    for (index, ((name, output), found)) in stated.iter().zip(found).enumerate() {
        let label = name.map_or_else(|| index.to_string(), |name| format!("`{name}`"));
        bound.check(output, found, construction).map_err(|message| {
            spec.error(
                None,
                format!("output {label} is stated as {output}, and the method returns {found}: {message}"),
                at,
            )
        })?;
    }
    Ok(())
}

fn spec_names(spec: &SignatureSpec) -> Vec<&'static str> {
    let dims = spec.inputs.iter().flat_map(|(_, input)| &input.dims);
    dims.filter_map(|dim| if let super::DimSpec::Named(name) = dim { Some(*name) } else { None }).collect()
}
