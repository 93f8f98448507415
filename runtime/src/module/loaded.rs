//! Models without their code, as layers of others.

use std::collections::{BTreeMap, BTreeSet};

use super::callable::select;
use super::cut::{cut, path_of};
use super::field::{Field, FieldRole, Module, ModuleType};
use super::layer::{Layer, Sealed, layer_entry};
use super::objects::ObjectKind;
use super::program::{Entry, Program};
use super::source::Source;
use super::visitor::Visitor;
use crate::error::{Error, Location, Result};
use crate::graph::{
    Construction, Function, Graph, Import, Mode, Operation, Origin, Role, Variable, VariableId, clean,
    is_tracing, mode, put_in, record_call, type_of, with_active,
};
use crate::tensor::{Data, Dim, Leaves, Symbol, Tensor, TensorType};
use crate::trace::{Arguments, DTypeSpec, DimSpec, Layout, Signature, SignatureSpec, TensorSpec};

/// A model without its code, as a layer: a field of another, a part of a `Sequential`, or what a `Trainer` is made for.
///
/// Its functions become functions of the model around it, for inference and for training, and its variables lie under the path
/// of the field, shared with the program that it was made from. What is saved of the model around it needs no code, as ever; but
/// a type that holds one cannot be restored, as no type can say what the loaded functions do.
///
/// ```
/// use holotype::layers::{Dense, Sequential};
/// use holotype::losses::mean_squared_error;
/// use holotype::prelude::*;
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("model");
/// holotype::save(&Sequential::new().then(Dense::new(4, 8)).then(Dense::new(8, 3)), &path)?;
///
/// // Without the code of that model: all but its last layer, which is not trained, and a new layer behind it.
/// let body = holotype::load(&path)?.into_layer()?.up_to("layers.0")?.frozen();
/// let model = Sequential::new().then(body).then(Dense::new(8, 1));
/// let mut trainer = Trainer::new(model, Adam::new(1e-2), mean_squared_error).build()?;
/// let x = Tensor::randn([16, 4]);
/// trainer.fit(&Dataset::new(&x, x.sum_axis_keepdims(1))?, Fit::epochs(1).quiet())?;
/// trainer.save(directory.path().join("tuned"))?;
/// # Ok::<(), holotype::Error>(())
/// ```
pub struct Loaded {
    program: Program,
    /// The path of the model in the program: that of a run has one.
    root: String,
    /// The variables that its functions use, by place.
    used: BTreeSet<VariableId>,
    specs: Vec<SignatureSpec>,
    frozen: bool,
}

impl Program {
    /// The model of the program as a layer; of a training run the model alone.
    ///
    /// # Errors
    /// If it has no function `call`.
    pub fn into_layer(self) -> Result<Loaded> {
        let Some(call) = self.entries_named("call", Mode::Inference).next() else {
            return Err(self.unknown("call"));
        };
        let root = match self.graph().function(call.function).map(|function| &function.origin) {
            Some(Origin::Layer { path, .. }) => path.clone(),
            _ => String::new(),
        };
        let of_model = |entry: &&Entry| {
            let function = self.graph().function(entry.function);
            function.is_some_and(|function| path_of(function, &root) == Some(""))
        };
        let kept = self.entries().iter().filter(of_model).cloned().collect();
        Loaded::of(&self, self.graph().clone(), kept, root)
    }
}

impl Loaded {
    /// One function of a program, whatever it is, with all that it changes.
    pub(crate) fn of_entry(program: &Program, entry: &Entry) -> Result<Self> {
        Self::of(program, program.graph().clone(), vec![entry.clone()], String::new())
    }

    fn of(program: &Program, mut graph: Graph, mut kept: Vec<Entry>, root: String) -> Result<Self> {
        let mut functions: Vec<_> = kept.iter().map(|entry| entry.function).collect();
        clean(&mut graph, &mut functions);
        for (entry, function) in kept.iter_mut().zip(functions) {
            entry.function = function;
        }
        let variables_of = |function: &Function| -> Vec<VariableId> {
            let nodes = function.nodes.iter();
            let used = nodes.filter_map(|node| match node.operation {
                Operation::Read(variable) | Operation::Assign(variable) => Some(variable),
                _ => None,
            });
            used.collect()
        };
        let used = graph.functions.iter().flat_map(variables_of).collect();
        let (objects, variables) = (program.objects().clone(), program.variables().to_vec());
        let program = Program::new(graph, objects, kept, variables, Vec::new())?;
        let mut specs: Vec<SignatureSpec> = Vec::new();
        for signature in program.signatures() {
            let spec = spec(signature);
            // Traces for other static arguments have the same inputs: the first one counts.
            if !specs.iter().any(|known| known.function == spec.function && known.inputs == spec.inputs) {
                specs.push(spec);
            }
        }
        crate::sorted::sort_by_key(&mut specs, |spec| spec.function != "call");
        Ok(Self { program, root, used, specs, frozen: false })
    }

    /// The model up to one of its inner layers, named by its path (`encoder`, `layers.2`): `call` gives what that layer gives.
    /// Where the layer is called several times, what it gives the last time.
    ///
    /// # Errors
    /// If `call` calls no such layer, with those there are; none of a loop or branch counts.
    pub fn up_to(self, layer: &str) -> Result<Self> {
        let mut graph = self.program.graph().clone();
        let mut kept = Vec::new();
        for entry in self.program.entries().iter().filter(|entry| entry.signature.function == "call") {
            let function = cut(&mut graph, entry.function, &self.root, layer)?;
            let outputs = graph.function(function).map(|function| function.output_types().cloned().collect());
            let outputs: Vec<TensorType> = outputs.unwrap_or_default();
            let outputs = outputs.into_iter().map(|kind| (None, kind)).collect();
            let signature = Signature { outputs, record: false, ..entry.signature.clone() };
            kept.push(Entry { signature, function, mode: entry.mode });
        }
        let cut = Self::of(&self.program, graph, kept, self.root)?;
        Ok(Self { frozen: self.frozen, ..cut })
    }

    /// The model with variables that are not trained: no gradient is computed for them. What its layers assign themselves, such
    /// as running statistics, they still assign.
    pub fn frozen(mut self) -> Self {
        self.frozen = true;
        self
    }

    /// The model as the program that it was made from, or a part of that.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The signature of `call`.
    pub fn signature(&self) -> Result<&Signature> {
        self.program.signature("call")
    }

    /// Calls the model with one input, for one output.
    #[track_caller]
    pub fn call(&self, input: &Tensor) -> Tensor {
        (self as &dyn Layer).call(input)
    }

    /// Runs a function in the trace in progress.
    pub(crate) fn record(&self, name: &str, inputs: &[Tensor]) -> Result<(&Signature, Vec<Tensor>)> {
        let types: Option<Vec<TensorType>> = inputs.iter().map(type_of).collect();
        let entry = self.entry(name, types.as_deref().unwrap_or_default())?;
        let fail = |message: String| entry.signature.error(None, message);
        let types = match (types, inputs.iter().find_map(Tensor::error)) {
            (_, Some(error)) => return Err(error.clone()),
            (Some(types), None) => types,
            (None, None) => return Err(fail("an input has no type".into())),
        };
        let location = Location::caller();
        let function = with_active(|construction| {
            let sizes = bind(&entry.signature, &types, construction)?;
            let variables: Vec<_> = self.program.variables().iter().map(Variable::identity).collect();
            let variables: Vec<_> =
                variables.iter().map(|identity| construction.variables.get(identity).copied()).collect();
            let key = (std::ptr::from_ref(self).addr(), std::any::TypeId::of::<Self>());
            let path = construction.paths.get(&key).cloned().unwrap_or_default();
            let origin = |origin: &Origin| self.placed(origin, &path);
            let (graph, function) = (self.program.graph(), entry.function);
            let import = Import { graph, function, variables: &variables, sizes: &sizes, origin: &origin };
            construction.import(&import).ok_or_else(|| {
                "its variables are not part of the model that is traced: keep it in a tracked field"
                    .to_owned()
            })
        });
        let function = function.unwrap_or_else(|| Err("no function is being traced".into())).map_err(fail)?;
        let outputs = record_call(function, inputs, &[], &location)?;
        Ok((&entry.signature, outputs))
    }

    /// The trace of a function for what is being traced now that takes inputs of these types; the first one if none does, which
    /// says what it takes.
    fn entry(&self, name: &str, types: &[TensorType]) -> Result<&Entry> {
        let of = |mode: Mode| {
            let mut all = self.program.entries_named(name, mode).peekable();
            let first = all.peek().copied();
            all.find(|entry| takes(&entry.signature, types)).or(first)
        };
        of(mode()).or_else(|| of(Mode::Inference)).ok_or_else(|| self.program.unknown(name))
    }

    /// What a function was made from, where the model lies at a path.
    fn placed(&self, origin: &Origin, path: &str) -> Origin {
        let Origin::Layer { type_name, path: inner, method } = origin else { return origin.clone() };
        let inner = inner.strip_prefix(self.root.as_str()).unwrap_or(inner).trim_start_matches('.');
        let parts = [path, inner].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        Origin::Layer { type_name: type_name.clone(), path: parts.join("."), method: method.clone() }
    }
}

/// Whether inputs of these types can be those of a signature, as far as dtypes, ranks and sizes that are numbers say.
fn takes(signature: &Signature, found: &[TensorType]) -> bool {
    let size = |(expected, found): (&Dim, &Dim)| {
        expected.constant().is_none() || found.constant().is_none() || expected == found
    };
    let kind = |((_, expected), found): (&(String, TensorType), &TensorType)| {
        expected.dtype == found.dtype
            && expected.rank() == found.rank()
            && expected.shape.iter().zip(found.shape.iter()).all(size)
    };
    signature.inputs.len() == found.len() && signature.inputs.iter().zip(found).all(kind)
}

/// What the sizes of a signature are for inputs of these types.
fn bind(
    signature: &Signature,
    found: &[TensorType],
    construction: &mut Construction,
) -> Result<Vec<(Symbol, Dim)>, String> {
    use crate::graph::Constraints;
    if found.len() != signature.inputs.len() {
        return Err(format!("it takes {} inputs, not {}", signature.inputs.len(), found.len()));
    }
    let mut sizes: Vec<(Symbol, Dim)> = Vec::new();
    let mut pairs: Vec<(&str, &Dim, &Dim)> = Vec::new();
    for ((name, expected), found) in signature.inputs.iter().zip(found) {
        if expected.dtype != found.dtype || expected.rank() != found.rank() {
            return Err(format!("input `{name}`: expected {expected}, found {found}"));
        }
        pairs.extend(
            expected.shape.iter().zip(found.shape.iter()).map(|(one, other)| (name.as_str(), one, other)),
        );
    }
    for (_, expected, found) in &pairs {
        let Some((factor, symbol)) = expected.as_multiple() else { continue };
        let size = if factor == 1 { Some((*found).clone()) } else { found.exact_div(&Dim::from(factor)) };
        if let Some(size) = size
            && !sizes.iter().any(|(known, _)| known == symbol)
        {
            sizes.push((symbol.clone(), size));
        }
    }
    let put = |dim: &Dim| put_in(dim, &sizes).ok_or_else(|| "a size overflows".to_owned());
    for (name, expected, found) in pairs {
        let same = construction.equal(&put(expected)?, found);
        same.map_err(|message| format!("input `{name}`: {message}"))?;
    }
    for (size, range) in &signature.sizes {
        construction.within(&put(size)?, *range)?;
    }
    // What the sizes have turned out to be meanwhile.
    Ok(sizes.into_iter().map(|(symbol, size)| (symbol, construction.known(&size).unwrap_or(size))).collect())
}

/// A signature as code would say it. The names live as long as the program, as those in code do.
fn spec(signature: &Signature) -> SignatureSpec {
    let leaked = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let dim = |dim: &Dim| match (dim.as_usize(), dim.as_symbol()) {
        (Some(size), _) => DimSpec::Size(size),
        (None, Some(symbol)) if !symbol.is_anonymous() && symbol.divided().is_none() => {
            DimSpec::Named(leaked(symbol.name()))
        }
        _ => DimSpec::Any,
    };
    let layout = |kind: &TensorType| {
        let dims = kind.shape.iter().map(dim).collect();
        Layout::Leaf(TensorSpec { leading: false, dims, dtype: DTypeSpec::Exact(kind.dtype) })
    };
    SignatureSpec {
        function: leaked(&signature.function),
        inputs: signature.inputs.iter().map(|(name, kind)| (leaked(name), layout(kind))).collect(),
        arguments: Vec::new(),
        sizes: Vec::new(),
        outputs: None,
        file: "a loaded model",
        line: 0,
    }
}

#[diagnostic::do_not_recommend]
impl Layer for Loaded {
    fn signatures(&self) -> Vec<SignatureSpec> {
        self.specs.clone()
    }

    fn enter(&self, function: &str, arguments: &mut Arguments) -> Result<Leaves> {
        let inputs: Vec<Tensor> = arguments.leaves().tensors().cloned().collect();
        let (signature, outputs) = if is_tracing() {
            self.record(function, &inputs)?
        } else {
            let data: Vec<Data> = inputs.into_iter().map(Tensor::into_data).collect::<Result<_>>()?;
            let entries: Vec<&Entry> = self.program.entries_named(function, Mode::Inference).collect();
            let (entry, sizes) = select(&entries, &data)?;
            let outputs = self.program.run_entry(entry, data, &sizes)?;
            (&entry.signature, outputs.into_iter().map(Tensor::from_data).collect())
        };
        let alone = outputs.len() == 1;
        let path = |(index, (name, _)): (usize, &(Option<String>, TensorType))| match name {
            Some(name) => name.clone(),
            None if alone => String::new(),
            None => index.to_string(),
        };
        Ok(Leaves::new(signature.outputs.iter().enumerate().map(path).zip(outputs)))
    }

    fn made_by_the_layer_attribute(&self) -> Sealed {
        Sealed::NEW
    }
}

#[diagnostic::do_not_recommend]
impl Module for Loaded {
    const TYPE: ModuleType = ModuleType::new("holotype::module::Loaded", &[]);

    fn visit(&self, visitor: &mut Visitor<'_>) {
        let mut tree = Branch::Below(BTreeMap::new());
        let definitions = self.program.graph().variables.iter().zip(self.program.variables());
        for (place, (definition, variable)) in definitions.enumerate() {
            if !self.used.contains(&VariableId::new(place)) {
                continue;
            }
            let role = match definition.role {
                Role::State => FieldRole::State,
                Role::Frozen => FieldRole::Frozen,
                Role::Trainable if self.frozen => FieldRole::Frozen,
                Role::Trainable => FieldRole::Inherit,
            };
            let path = definition.path.strip_prefix(self.root.as_str()).unwrap_or(&definition.path);
            tree.put(path.trim_start_matches('.').split('.'), role, variable);
        }
        tree.fields(visitor);
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        Err(source.fail(
            "it is a model that was loaded without its code, so no type can be rebuilt of it: load the whole model, and train or \
             call that",
        ))
    }
}

inventory::submit! { layer_entry::<Loaded>("", file!(), line!()) }

/// Variables by the parts of their paths.
enum Branch<'v> {
    Variable(FieldRole, &'v Variable),
    Below(BTreeMap<&'v str, Branch<'v>>),
}

impl<'v> Branch<'v> {
    fn put(&mut self, path: impl IntoIterator<Item = &'v str>, role: FieldRole, variable: &'v Variable) {
        let mut branch = self;
        for part in path {
            let Self::Below(below) = branch else { return };
            branch = below.entry(part).or_insert_with(|| Self::Below(BTreeMap::new()));
        }
        *branch = Self::Variable(role, variable);
    }

    fn fields(&self, visitor: &mut Visitor<'_>) {
        let Self::Below(below) = self else { return };
        for (name, branch) in below {
            let role = if let Self::Variable(role, _) = branch { *role } else { FieldRole::Inherit };
            visitor.field(name, role, branch);
        }
    }
}

impl Field for Branch<'_> {
    fn visit(&self, visitor: &mut Visitor<'_>) {
        match self {
            Self::Variable(_, variable) => visitor.variable(variable),
            Self::Below(_) => visitor.group(ObjectKind::Map, |visitor| self.fields(visitor)),
        }
    }

    fn rebuild(source: &mut Source<'_>) -> Result<Self> {
        Err(Error::Module { path: String::new(), message: source.fail("it has no type").to_string() })
    }
}
