//! The gradients of a number with respect to the variables of a module, in training steps of one's own.

use super::rules::Clip;
use super::update::clipped;
use crate::autodiff::current_gradients;
use crate::error::{Error, Result};
use crate::graph::{Role, Variable};
use crate::module::{Field, ModuleTree};
use crate::tensor::Tensor;

/// The gradients of a number with respect to the trainable variables of a module.
#[derive(Clone, Debug)]
pub struct ModuleGradients {
    pub(super) variables: Vec<OfVariable>,
}

#[derive(Clone, Debug)]
pub(super) struct OfVariable {
    pub path: String,
    pub variable: Variable,
    /// What the variable held when the gradient was taken.
    pub value: Tensor,
    pub gradient: Tensor,
}

/// The gradients of a float number with respect to the trainable variables of a module, or of a tuple or a list of modules, as the
/// variables are now. It belongs in a step that is traced.
///
/// # Errors
/// If nothing is traced, if the tensor is no float number of the step, if the module has no trainable variable, or if its
/// variables have been changed after the number was computed.
pub fn gradients(of: &Tensor, module: &impl Field) -> Result<ModuleGradients> {
    let found = trainable(module)?;
    if found.is_empty() {
        return Err(Error::Training(
            "a gradient is taken with respect to a module without trainable variables".into(),
        ));
    }
    let variables: Vec<&Variable> = found.iter().map(|(_, variable)| variable).collect();
    let gradients = current_gradients(of, &variables)?;
    let of_variable = |((path, variable), gradient): ((String, Variable), Tensor)| {
        let value = variable.value();
        OfVariable { path, variable, value, gradient }
    };
    Ok(ModuleGradients { variables: found.into_iter().zip(gradients).map(of_variable).collect() })
}

impl ModuleGradients {
    /// The paths of the variables in the module, and their gradients.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.variables.iter().map(|one| (one.path.as_str(), &one.gradient))
    }

    /// Other gradients in their place, of the same dtypes and shapes.
    pub fn map(&self, change: impl Fn(&str, &Tensor) -> Tensor) -> Self {
        let changed =
            |one: &OfVariable| OfVariable { gradient: change(&one.path, &one.gradient), ..one.clone() };
        Self { variables: self.variables.iter().map(changed).collect() }
    }

    /// Keeps the L2 norm of all gradients together within a limit
    /// ([Pascanu et al. 2012](https://arxiv.org/abs/1211.5063), Algorithm 1).
    pub fn clip_global_norm(&self, limit: f64) -> Self {
        let gradients = self.variables.iter().map(|one| one.gradient.clone()).collect();
        let clipped = clipped(Clip::GlobalNorm(limit), gradients);
        let variables = self.variables.iter().zip(clipped);
        Self { variables: variables.map(|(one, gradient)| OfVariable { gradient, ..one.clone() }).collect() }
    }
}

/// The trainable variables of a module with their paths in it.
pub(super) fn trainable(module: &impl Field) -> Result<Vec<(String, Variable)>> {
    let leaves = ModuleTree::of(module)?.leaves.into_iter();
    Ok(leaves.filter(|leaf| leaf.role == Role::Trainable).map(|leaf| (leaf.path, leaf.variable)).collect())
}
