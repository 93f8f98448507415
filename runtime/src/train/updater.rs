//! Optimizers as parts of a model, for training steps of one's own.

use std::collections::BTreeMap;

use holotype_macros::Module;

use super::optimizer::Optimizer;
use super::rules::Clip;
use super::step::THE_LOSS;
use super::update::clipped;
use crate::autodiff::current_gradients;
use crate::error::{Error, Location, Result};
use crate::graph::{Role, Variable, leave_failure};
use crate::module::{Field, ModuleTree};
use crate::tensor::{Repr, Tensor};

/// An optimizer with what it keeps for the variables of a module: a field of a model that has a [training step of its
/// own](super::TrainStep). A model may have several, each for some of its modules.
///
/// What the optimizer keeps are variables under the path of the field, so they are saved with the model.
#[derive(Module)]
pub struct Updater {
    optimizer: Box<dyn Optimizer>,
    /// By the path of a variable in the module, and by name.
    #[module(state)]
    slots: BTreeMap<String, BTreeMap<String, Variable>>,
}

impl Updater {
    /// An optimizer for the trainable variables of a module, or of a tuple or a list of modules.
    pub fn new(optimizer: impl Optimizer, module: &impl Field) -> Self {
        // A module that cannot be described is refused where the model around it is traced.
        let variables = trainable(module).unwrap_or_default();
        let slots = variables.into_iter().map(|(path, variable)| {
            let slots = optimizer.slots(variable.kind()).into_iter();
            (path, slots.map(|(name, value)| (name.to_owned(), Variable::state(value))).collect())
        });
        Self { slots: slots.collect(), optimizer: Box::new(optimizer) }
    }

    /// Takes one step that makes a loss smaller: the gradients of the loss with respect to the trainable variables of the module,
    /// as they are now, and [`Self::apply`]. Gives the loss, checked to be finite.
    ///
    /// It belongs in a step that is traced; the result carries the error if there is one.
    #[track_caller]
    pub fn minimize(&self, loss: &Tensor, module: &impl Field) -> Tensor {
        let loss = loss.check_finite(THE_LOSS);
        match gradients(&loss, module).and_then(|gradients| self.change(&gradients)) {
            Ok(()) => loss,
            Err(error) => failed(error),
        }
    }

    /// Changes variables by gradients, which were taken of their values as they are now: each variable is changed once by them.
    #[track_caller]
    pub fn apply(&self, gradients: &ModuleGradients) {
        if let Err(error) = self.change(gradients) {
            leave_failure(error);
        }
    }

    #[track_caller]
    fn change(&self, gradients: &ModuleGradients) -> Result<()> {
        let place = Location::caller();
        let fail = |message: String| Err(Error::Training(format!("{message}\n  at {place}")));
        for OfVariable { path, variable, value, .. } in &gradients.variables {
            if !same_value(value, &variable.value()) {
                return fail(format!(
                    "the gradient of `{path}` is stale: the variable has been changed since it was taken. Compute the loss and its \
                     gradients again after the change"
                ));
            }
            if !self.slots.contains_key(path) {
                let known: Vec<_> = self.slots.keys().map(String::as_str).take(20).collect();
                return fail(format!(
                    "the optimizer was made for other variables than `{path}`; it has {}: give `Updater::new` the module whose \
                     variables it changes",
                    known.join(", ")
                ));
            }
        }
        self.optimizer.begin_step();
        for OfVariable { path, variable, gradient, .. } in &gradients.variables {
            let Some(kept) = self.slots.get(path) else { continue };
            // In the order in which the optimizer names them.
            let names = self.optimizer.slots(variable.kind());
            let slots: Vec<Variable> =
                names.iter().filter_map(|(name, _)| kept.get(*name)).cloned().collect();
            variable.assign(self.optimizer.update(&variable.value(), gradient, &slots));
        }
        Ok(())
    }
}

/// The gradients of a number with respect to the trainable variables of a module.
#[derive(Clone, Debug)]
pub struct ModuleGradients {
    variables: Vec<OfVariable>,
}

#[derive(Clone, Debug)]
struct OfVariable {
    path: String,
    variable: Variable,
    /// What the variable held when the gradient was taken.
    value: Tensor,
    gradient: Tensor,
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
fn trainable(module: &impl Field) -> Result<Vec<(String, Variable)>> {
    let leaves = ModuleTree::of(module)?.leaves.into_iter();
    Ok(leaves.filter(|leaf| leaf.role == Role::Trainable).map(|leaf| (leaf.path, leaf.variable)).collect())
}

/// Whether two tensors are one value of a trace.
fn same_value(one: &Tensor, other: &Tensor) -> bool {
    match (one.repr(), other.repr()) {
        (Repr::Symbolic(one), Repr::Symbolic(other)) => {
            one.builder == other.builder && one.value == other.value
        }
        _ => false,
    }
}

/// A tensor that carries the error, which the trace in progress gets too.
fn failed(error: Error) -> Tensor {
    leave_failure(error.clone());
    Tensor::from_error(error)
}
