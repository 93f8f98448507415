//! Programs: layers that have been traced, which need their code no more.

use std::fmt;
use std::sync::Arc;

use arrayvec::ArrayVec;

use super::callable::{Callable, select};
use super::layer::Layer;
use super::objects::Objects;
use super::recent::Recent;
use super::visitor::ModuleTree;
use crate::error::{Error, Result};
use crate::exec::{Cause, Compiled, Executor, Prepared, Runnable, first_non_finite};
use crate::graph::{FunctionId, Graph, Mode, Origin, Variable, verify, verify_entry};
use crate::tensor::{Data, Dim, Document, Sizes, Structure, Symbol, Tensor};
use crate::trace::{Signature, Traced, Tracer};

/// A call with more inputs takes the long way.
const MOST_INPUTS: usize = 64;

/// How deep structures of inputs and outputs may nest, so that no name makes taking one apart exhaust the stack.
const NESTING: usize = 64;

/// A function of a program that can be called from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The names, dtypes and sizes of its inputs and outputs.
    pub signature: Signature,
    /// What it was traced for.
    pub mode: Mode,
    /// The function of the graph.
    pub function: FunctionId,
}

/// Functions over shared variables, with the structure of the modules they came from: all there is of a model.
///
/// [`holotype::load`](crate::store::load) gives one.
pub struct Program {
    graph: Arc<Graph>,
    objects: Objects,
    entries: Vec<Entry>,
    variables: Vec<Variable>,
    notes: Vec<(String, Document)>,
    runnable: Box<dyn Runnable>,
    recent: Recent,
}

impl Program {
    /// Puts a program together and checks that its parts fit.
    ///
    /// # Errors
    /// If the graph is not well-formed, or variables, objects or entries do not fit it.
    pub fn new(
        graph: Graph,
        objects: Objects,
        entries: Vec<Entry>,
        variables: Vec<Variable>,
        notes: Vec<(String, Document)>,
    ) -> Result<Self> {
        verify(&graph)?;
        objects.verify(variables.len())?;
        for entry in &entries {
            check_entry(&graph, entry)?;
        }
        let graph = Arc::new(graph);
        let runnable = Compiled.prepare(graph.clone(), variables.clone())?;
        Ok(Self { graph, objects, entries, variables, notes, runnable, recent: Recent::default() })
    }

    /// The same program, run by another executor.
    ///
    /// # Errors
    /// If the executor cannot run the graph.
    pub fn with_executor(self, executor: &dyn Executor) -> Result<Self> {
        let runnable = executor.prepare(self.graph.clone(), self.variables.clone())?;
        Ok(Self { runnable, recent: Recent::default(), ..self })
    }

    /// Traces every method of a layer that has a signature, for inference and for training.
    ///
    /// # Errors
    /// What the code that is traced says, and what cannot be described.
    pub fn trace(layer: &dyn Layer) -> Result<Self> {
        let structure = describe(layer)?;
        let mut tracer = structure.tracer(layer.module_type().name);
        trace_methods(layer, "", &mut tracer)?;
        let (graph, traced) = tracer.finish()?;
        let variables = structure.leaves.iter().map(|leaf| leaf.variable.clone()).collect();
        Self::new(graph, structure.objects, entries(traced), variables, Vec::new())
    }

    /// Calls `call`.
    ///
    /// # Errors
    /// [`Error::Signature`] if the inputs are not those of the signature; what a check in the graph says of the values.
    pub fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.call_function("call", inputs)
    }

    /// Calls a function by name.
    ///
    /// # Errors
    /// As [`Program::call`], and if there is no such function, with the names there are.
    pub fn call_function(&self, name: &str, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let mut data: ArrayVec<&Data, MOST_INPUTS> = ArrayVec::new();
        for input in inputs {
            if data.try_push(input.data()?).is_err() {
                return self.function(name).call(inputs);
            }
        }
        let route = if let Some(known) = self.recent.find(name, &data) {
            known
        } else {
            let (_, entry, sizes) = self.function(name).bound(inputs)?;
            self.recent.add(name, &data, self.runnable.route(entry.function, &sizes)?)
        };
        self.runnable.run_route(&route, &data)
    }

    /// Calls a function by name with named inputs, in any order; gives named outputs. The tensors of structures are named by
    /// their paths: `input.image`.
    ///
    /// # Errors
    /// As [`Program::call_function`], and for a name that is missing, unknown or given twice.
    pub fn call_named(&self, name: &str, inputs: &[(&str, Tensor)]) -> Result<Vec<(String, Tensor)>> {
        self.function(name).call_named(inputs)
    }

    /// Calls a function by name with a structure of tensors, and gives a structure.
    ///
    /// The structure is that of the only parameter, or has a part for each of them: a tuple in their order, or a struct or map
    /// with their names. What comes out has the parts of the outputs.
    ///
    /// # Errors
    /// As [`Program::call_function`], and if the structures have other tensors than the function takes and gives.
    pub fn call_structure<I: Structure, O: Structure>(&self, name: &str, inputs: &I) -> Result<O> {
        self.function(name).call_structure(inputs)
    }

    /// A function by name, to be called with static arguments.
    ///
    /// ```
    /// use holotype::prelude::*;
    ///
    /// #[derive(Module)]
    /// struct Total;
    ///
    /// #[layer]
    /// impl Total {
    ///     #[signature(x = [None; f32], squared in [false, true])]
    ///     fn call(&self, x: &Tensor, squared: bool) -> Tensor {
    ///         if squared { x.square().sum() } else { x.sum() }
    ///     }
    /// }
    ///
    /// let (program, x) = (Program::trace(&Total)?, Tensor::from([1.0_f32, 2.0]));
    /// assert_eq!(program.call(&[x.clone()])?[0].to_scalar::<f32>()?, 3.0);
    /// assert_eq!(program.function("call").with("squared", true)?.call(&[x])?[0].to_scalar::<f32>()?, 5.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn function(&self, name: &str) -> Callable<'_> {
        Callable::new(self, name)
    }

    /// The signature of a function; of one that was traced for several dtypes or ranks, the most usual.
    ///
    /// # Errors
    /// If there is no such function, with the names there are.
    pub fn signature(&self, name: &str) -> Result<&Signature> {
        self.entries_named(name, Mode::Inference)
            .next()
            .map(|entry| &entry.signature)
            .ok_or_else(|| self.unknown(name))
    }

    /// The functions that can be called from outside.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The signatures of the functions that can be called from outside, as they are for inference.
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.entries.iter().filter(|entry| entry.mode == Mode::Inference).map(|entry| &entry.signature)
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The graph, to be kept.
    pub(crate) fn shared_graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// The structure of the modules.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// The variables, in the order of the graph.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variable at an artifact path.
    ///
    /// # Errors
    /// If there is none, with the paths there are.
    pub fn variable(&self, path: &str) -> Result<&Variable> {
        let index = self.graph.variables.iter().position(|variable| variable.path == path);
        index.and_then(|index| self.variables.get(index)).ok_or_else(|| {
            let known: Vec<_> =
                self.graph.variables.iter().map(|variable| variable.path.as_str()).take(20).collect();
            Error::Variable {
                path: path.to_owned(),
                message: format!("there is no such variable; there are {}", known.join(", ")),
            }
        })
    }

    /// A hash (BLAKE3) over the paths, types and bits of all variables, as hexadecimal digits: two programs with the same one
    /// hold the same state.
    ///
    /// # Errors
    /// The error that a variable carries.
    pub fn fingerprint(&self) -> Result<String> {
        let mut hasher = blake3::Hasher::new();
        for (definition, variable) in self.graph.variables.iter().zip(&self.variables) {
            let data = variable.data()?;
            for part in [definition.path.as_bytes(), data.describe().as_bytes(), data.bytes()] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// What other parts of the library have written down beside the definition, by name.
    pub fn note(&self, name: &str) -> Option<&Document> {
        self.notes.iter().find(|(known, _)| known == name).map(|(_, note)| note)
    }

    /// All notes.
    pub fn notes(&self) -> &[(String, Document)] {
        &self.notes
    }

    /// Writes something down beside the definition, or nothing any more.
    pub(crate) fn set_note(&mut self, name: &str, note: Option<Document>) {
        self.notes.retain(|(known, _)| known != name);
        self.notes.extend(note.map(|note| (name.to_owned(), note)));
    }

    /// Runs a function with the default of each static argument, choosing among its traces the one that takes the inputs.
    pub(crate) fn run(&self, name: &str, mode: Mode, inputs: Vec<Data>) -> Result<Vec<Data>> {
        let (entry, sizes) = self.select(name, mode, &inputs)?;
        self.runnable.run(entry.function, inputs, &sizes)
    }

    /// Where the first number that is not finite would come from, if the function ran on the inputs as [`Program::run`] does.
    pub(crate) fn first_non_finite(
        &self,
        name: &str,
        mode: Mode,
        inputs: Vec<Data>,
    ) -> Result<Option<Cause>> {
        let (entry, sizes) = self.select(name, mode, &inputs)?;
        first_non_finite(&self.graph, &self.variables, entry.function, inputs, &sizes)
    }

    fn select(&self, name: &str, mode: Mode, inputs: &[Data]) -> Result<(&Entry, Sizes)> {
        let entries: Vec<_> = self.entries_named(name, mode).collect();
        let Some(first) = entries.first() else { return Err(self.unknown(name)) };
        let usual = entries.iter().filter(|entry| entry.signature.arguments == first.signature.arguments);
        let usual: Vec<_> = usual.copied().collect();
        select(&usual, inputs)
    }

    /// How [`Program::run`] runs, for people.
    pub(crate) fn explain_run(&self, name: &str, mode: Mode, inputs: &[Data]) -> Result<String> {
        let entries: Vec<_> = self.entries_named(name, mode).collect();
        let (entry, sizes) = select(&entries, inputs)?;
        self.explain_entry(entry, &sizes)
    }

    /// Runs an entry whose inputs have been bound.
    pub(super) fn run_entry(&self, entry: &Entry, inputs: Vec<Data>, sizes: &Sizes) -> Result<Vec<Data>> {
        self.runnable.run(entry.function, inputs, sizes)
    }

    pub(super) fn prepare_entry(&self, entry: &Entry, sizes: &Sizes) -> Result<Box<dyn Prepared + '_>> {
        self.runnable.prepare(entry.function, sizes)
    }

    pub(super) fn explain_entry(&self, entry: &Entry, sizes: &Sizes) -> Result<String> {
        self.runnable.explain(entry.function, sizes)
    }

    pub(super) fn entries_named(&self, name: &str, mode: Mode) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.signature.function == name && entry.mode == mode)
    }

    pub(super) fn unknown(&self, name: &str) -> Error {
        let mut known: Vec<_> =
            self.signatures().map(|signature| format!("`{}`", signature.function)).collect();
        known.dedup();
        Error::Trace {
            function: name.to_owned(),
            message: format!("there is no such function; there are {}", known.join(", ")),
        }
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signatures: Vec<_> = self.signatures().map(ToString::to_string).collect();
        write!(f, "Program({})", signatures.join(", "))
    }
}

/// Walks over a layer.
pub(crate) fn describe(layer: &dyn Layer) -> Result<ModuleTree> {
    struct Root<'a>(&'a dyn Layer);
    impl super::Field for Root<'_> {
        fn visit(&self, visitor: &mut super::Visitor<'_>) {
            self.0.visit_module(visitor);
        }

        fn rebuild(source: &mut super::Source<'_>) -> Result<Self> {
            Err(source.fail("a borrowed layer cannot be rebuilt"))
        }
    }
    ModuleTree::of(&Root(layer))
}

impl ModuleTree {
    /// A tracer that knows the variables and modules of the tree.
    pub(crate) fn tracer(&self, root: &str) -> Tracer {
        let mut tracer = Tracer::new(root);
        for leaf in &self.leaves {
            tracer.variable(&leaf.path, leaf.role, &leaf.variable);
        }
        for (address, type_id, path) in &self.modules {
            tracer.module(*address, *type_id, path);
        }
        tracer
    }
}

/// Traces every method of a layer, which stands at `path` in the tree, for inference and for training.
pub(crate) fn trace_methods(layer: &dyn Layer, path: &str, tracer: &mut Tracer) -> Result<()> {
    for mode in [Mode::Inference, Mode::Training] {
        for spec in layer.signatures() {
            let origin = Origin::Layer {
                type_name: layer.module_type().name.to_owned(),
                path: path.to_owned(),
                method: spec.function.to_owned(),
            };
            tracer.method(&spec, &origin, mode, |arguments| layer.enter(spec.function, arguments))?;
        }
    }
    Ok(())
}

/// The functions a tracer has recorded, as entries.
pub(crate) fn entries(traced: Vec<Traced>) -> Vec<Entry> {
    let entry = |Traced { function, signature, mode }| Entry { signature, mode, function };
    traced.into_iter().map(entry).collect()
}

fn check_entry(graph: &Graph, entry: &Entry) -> Result<()> {
    verify_entry(graph, entry.function)?;
    let names = entry.signature.inputs.iter().map(|(name, _)| Some(name));
    let mut names = names.chain(entry.signature.outputs.iter().map(|(name, _)| name.as_ref())).flatten();
    if names.any(|name| name.matches('.').count() > NESTING) {
        let message = format!("an input or output lies more than {NESTING} deep in a structure");
        return Err(Error::graph(&entry.signature.function, None, message));
    }
    let known = |symbol: &Symbol| {
        let dims = entry.signature.inputs.iter().flat_map(|(_, kind)| kind.shape.iter());
        dims.flat_map(Dim::symbols).any(|other| other == *symbol)
    };
    let mut bounded = entry.signature.sizes.iter().flat_map(|(dim, _)| dim.symbols());
    if let Some(symbol) = bounded.find(|symbol| !known(symbol)) {
        let message = format!("it bounds the size {symbol}, which none of its inputs has");
        return Err(Error::graph(&entry.signature.function, None, message));
    }
    let Some(function) = graph.function(entry.function) else { return Ok(()) };
    let inputs = function.inputs.iter().map(|(name, _)| name).zip(function.input_types());
    let stated = entry.signature.inputs.iter().map(|(name, kind)| (name, kind));
    let outputs = entry.signature.outputs.iter().map(|(_, kind)| kind);
    if inputs.eq(stated) && function.output_types().eq(outputs) {
        Ok(())
    } else {
        Err(Error::graph(&function.name, None, format!("it does not have the signature {}", entry.signature)))
    }
}
