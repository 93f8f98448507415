//! What can go wrong, as values that say where, what was expected, what was found and what to do.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The result of everything in Holotype that can fail.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// A place in somebody's source code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    file: Arc<str>,
    line: u32,
    column: u32,
}

impl Location {
    /// A place given by file, line and column, both counted from 1 (0 for unknown).
    pub fn new(file: impl Into<Arc<str>>, line: u32, column: u32) -> Self {
        Self { file: file.into(), line, column }
    }

    /// The place of the nearest caller without `#[track_caller]`.
    #[track_caller]
    pub fn caller() -> Self {
        core::panic::Location::caller().into()
    }

    /// The file, as the compiler named it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column, counted from 1.
    pub fn column(&self) -> u32 {
        self.column
    }
}

impl From<&core::panic::Location<'_>> for Location {
    fn from(place: &core::panic::Location<'_>) -> Self {
        Self::new(place.file(), place.line(), place.column())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An op that was given operands it does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpError {
    /// The op's name, as the user called it.
    pub op: String,
    /// What was expected, what was found, what to do.
    pub message: String,
    /// The types of the operands, printed: `[2, 3; f32]`.
    pub operands: Vec<String>,
    /// Where user code called the op.
    pub location: Location,
    /// The artifact path of the module whose code called the op; empty outside of a module.
    pub scope: String,
    /// The calls of layers that the op was called in, the innermost first: `call of Dense at src/main.rs:7:5`.
    pub calls: Vec<String>,
}

impl fmt::Display for OpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({}): {}\n  at {}", self.op, self.operands.join(", "), self.message, self.location)?;
        if !self.scope.is_empty() {
            write!(f, "\n  in {}", self.scope)?;
        }
        for call in &self.calls {
            write!(f, "\n  in {call}")?;
        }
        Ok(())
    }
}

/// A call that does not match the signature of the function called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureError {
    /// The signature, printed.
    pub signature: String,
    /// The input the error speaks of; none for a wrong number of inputs.
    pub input: Option<String>,
    /// What was expected, what was found, what to do.
    pub message: String,
    /// Where the signature or the call stands, if known.
    pub location: Option<Location>,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(input) = &self.input {
            write!(f, "input `{input}`: ")?;
        }
        write!(f, "{}\n  signature: {}", self.message, self.signature)?;
        if let Some(location) = &self.location {
            write!(f, "\n  at {location}")?;
        }
        Ok(())
    }
}

/// A rule of well-formed graphs that a graph breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphError {
    /// The function that holds the broken part.
    pub function: String,
    /// The index of the broken node, if one node is to blame.
    pub node: Option<usize>,
    /// The rule, and how it is broken.
    pub message: String,
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function `{}`", self.function)?;
        if let Some(node) = self.node {
            write!(f, ", node {node}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Everything that can go wrong.
///
/// `Debug` prints the same words as `Display`, so that `fn main() -> holotype::Result<()>` shows them.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An op was given operands it does not take.
    #[error("{0}")]
    Op(Box<OpError>),

    /// A call does not match the signature of the function called.
    #[error("{0}")]
    Signature(Box<SignatureError>),

    /// A tensor was asked for as something it is not.
    #[error("a tensor {found} cannot be read as {expected}: {advice}")]
    Conversion {
        /// What was asked for.
        expected: String,
        /// What the tensor is.
        found: String,
        /// What to do.
        advice: String,
    },

    /// The value of a tensor was asked for while it is being traced, when it has none.
    #[error(
        "the tensor {tensor} is being traced and has no value yet\n  at {location}\n  \
         a traced function computes with tensors only; return the tensor and read it outside"
    )]
    NoValue {
        /// The tensor's type, printed.
        tensor: String,
        /// Where its value was asked for.
        location: Location,
    },

    /// User code cannot be traced as it stands.
    #[error("tracing `{function}`: {message}")]
    Trace {
        /// The function being traced.
        function: String,
        /// What stands in the way, and what to do.
        message: String,
    },

    /// A variable was used in a trace, and no module that is traced owns it.
    #[error(
        "a variable {variable} made at {made} is used at {used}, but no field of `{root}` holds it: \
         keep it in a field of the module, so that it is saved under a name"
    )]
    ForeignVariable {
        /// The variable's type, printed.
        variable: String,
        /// Where the variable was made.
        made: Location,
        /// Where it was used.
        used: Location,
        /// The type of the module being traced.
        root: String,
    },

    /// A graph is not well-formed.
    #[error("{0}")]
    Graph(Box<GraphError>),

    /// A name is not in the registry.
    #[error(
        "no {kind} named `{name}` is linked into this program{near}: a crate registers its {kind}s when it is \
         linked, so mention the crate once (`use its_name as _;`)"
    )]
    UnknownName {
        /// The kind of thing: layer, loss, metric, optimizer, op.
        kind: &'static str,
        /// The name asked for.
        name: String,
        /// The known names that look alike, or all of a few.
        near: String,
    },

    /// A name stands twice in the registry.
    #[error("the {kind} name `{name}` is registered twice, at {first} and at {second}: rename one of them")]
    AmbiguousName {
        /// The kind of thing: layer, loss, metric, optimizer, op.
        kind: &'static str,
        /// The name asked for.
        name: String,
        /// One place.
        first: Location,
        /// The other place.
        second: Location,
    },

    /// A module cannot be described or rebuilt.
    #[error("`{path}`: {message}")]
    Module {
        /// The artifact path of the part concerned.
        path: String,
        /// What is wrong, and what to do.
        message: String,
    },

    /// A variable of a saved model and a variable of a program do not agree.
    #[error("variable `{path}`: {message}")]
    Variable {
        /// The artifact path of the variable.
        path: String,
        /// What is wrong, and what to do.
        message: String,
    },

    /// The code of a type differs from the definition that was saved.
    #[error(
        "the definition of `{type_name}` has changed since the model was saved (- saved, + now):\n{diff}\n\
         load the saved definition without the type, or accept the new one with `.allow_changed_definition()`"
    )]
    DefinitionChanged {
        /// The type that was asked for.
        type_name: String,
        /// The difference between the printed graphs.
        diff: String,
    },

    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `create`, ….
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: Arc<std::io::Error>,
    },

    /// A file is not what a saved model holds.
    #[error("{}: {message}", path.display())]
    Format {
        /// The file or directory.
        path: PathBuf,
        /// What was expected, what was found, and where.
        message: String,
    },

    /// A saved model is of a format this version does not know.
    #[error(
        "{}: format version {found}, and this version of Holotype reads up to {supported}: use a newer one",
        path.display()
    )]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The version the file states.
        found: u32,
        /// The newest version known here.
        supported: u32,
    },

    /// A check that the graph carries failed on the values of this call.
    #[error("{message}\n  at {location}")]
    Check {
        /// What was expected, what was found, and at which index.
        message: String,
        /// Where user code stated the check.
        location: Location,
    },

    /// Training data does not fit the training step.
    #[error("{0}")]
    Data(String),

    /// A file of data is not what it should be.
    #[error("{}{place}: {message}", path.display())]
    DataFile {
        /// The file.
        path: PathBuf,
        /// The place in it, behind a comma: a line and a column; empty for the whole file.
        place: String,
        /// What was expected, what was found, and what to do.
        message: String,
    },

    /// An example of a dataset cannot be read.
    #[error("example {index} of the data: {source}")]
    Example {
        /// Its index.
        index: usize,
        /// What keeps it from being read.
        source: Box<Error>,
    },

    /// A training run cannot be built or gone on with.
    #[error("{0}")]
    Training(String),

    /// A checkpoint is not one of the run that is to go on from it.
    #[error("the checkpoint {}: {message}", path.display())]
    Checkpoint {
        /// The directory of the checkpoint.
        path: PathBuf,
        /// What differs, and what to do.
        message: String,
    },

    /// A callback ended a fit.
    #[error("the callback `{callback}`, at {event}: {source}")]
    Callback {
        /// The name of the callback.
        callback: String,
        /// What it was told of.
        event: &'static str,
        /// What it says.
        source: Box<Error>,
    },
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error {
    /// Wraps what the operating system said about `path`.
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Io { action, path: path.as_ref().to_path_buf(), source: Arc::new(source) }
    }

    /// A broken rule of well-formed graphs.
    pub fn graph(function: impl Into<String>, node: Option<usize>, message: impl Into<String>) -> Self {
        Self::Graph(Box::new(GraphError { function: function.into(), node, message: message.into() }))
    }

    /// A file that is not what a saved model holds.
    pub fn format(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::Format { path: path.as_ref().to_path_buf(), message: message.into() }
    }
}
