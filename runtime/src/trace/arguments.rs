//! What a traced method is called with.

use super::spec::SignatureSpec;
use crate::error::{Error, Result};
use crate::tensor::{Leaves, Path, Structure, Tensor};

/// The tensors of the parameters of a method, under paths that begin with the parameters' names, and which of the listed
/// values the static ones have.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    leaves: Leaves,
    /// For each static argument the place of its value in the list; those that are missing have the first.
    choices: Vec<(&'static str, usize)>,
    /// What a mistake is reported against.
    spec: Option<SignatureSpec>,
}

impl Arguments {
    /// No arguments yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with<S: Structure>(mut self, name: &str, value: &S) -> Self {
        value.flatten(&Path::new(name), &mut self.leaves);
        self
    }

    /// The arguments of an instance of a signature.
    pub(crate) fn of(spec: &SignatureSpec, leaves: Leaves, choices: Vec<(&'static str, usize)>) -> Self {
        Self { leaves, choices, spec: Some(spec.clone()) }
    }

    /// The tensors.
    pub(crate) fn leaves(&self) -> &Leaves {
        &self.leaves
    }

    /// The same arguments with other tensors.
    pub(super) fn with_leaves(leaves: Leaves) -> Self {
        Self { leaves, ..Self::default() }
    }

    /// Takes a parameter out.
    ///
    /// # Errors
    /// If its type has other tensors than the signature says, with the path of the first.
    pub fn take<S: Structure>(&mut self, name: &str) -> Result<S> {
        let built = self.leaves.split(&Path::new(name)).build_under(name);
        built.map_err(|error| match (&self.spec, error) {
            (Some(spec), Error::Trace { message, .. }) => {
                let ty = std::any::type_name::<S>();
                let ty = ty.split('<').next().and_then(|ty| ty.rsplit("::").next()).unwrap_or(ty);
                let message =
                    format!("the signature says something else of it than its type `{ty}`: {message}");
                spec.error(Some(name), message, &spec.location())
            }
            (_, error) => error,
        })
    }

    /// The value of a static argument, of those that the signature lists.
    ///
    /// # Errors
    /// If the list is shorter than it was.
    pub fn choose<T: Clone>(&self, name: &str, values: &[T]) -> Result<T> {
        let choice = self.choices.iter().find(|(known, _)| *known == name).map_or(0, |(_, choice)| *choice);
        values.get(choice).cloned().ok_or_else(|| Error::Trace {
            function: self.spec.as_ref().map_or("", |spec| spec.function).to_owned(),
            message: format!("`{name}` has {} values, not {}", values.len(), choice + 1),
        })
    }
}

/// Tensors in the order of a signature as arguments: every static argument has its default, and the optional parts that are
/// there are the first choice with so many tensors.
///
/// # Errors
/// [`Error::Trace`] if the signature never takes so many.
pub(crate) fn positional(spec: &SignatureSpec, inputs: &[Tensor]) -> Result<Arguments> {
    let choices = spec.choices();
    let counts: Vec<_> = choices.iter().map(|present| spec.leaves(present).len()).collect();
    let Some(at) = counts.iter().position(|&count| count == inputs.len()) else {
        let counts: Vec<_> = counts.iter().map(ToString::to_string).collect();
        return Err(Error::Trace {
            function: spec.function.to_owned(),
            message: format!("it takes {} inputs, not {}", counts.join(" or "), inputs.len()),
        });
    };
    let paths = spec.leaves(&choices[at]).into_iter().map(|(path, _)| path.as_str().to_owned());
    Ok(Arguments::of(spec, Leaves::new(paths.zip(inputs.iter().cloned())), Vec::new()))
}
