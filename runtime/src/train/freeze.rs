//! Changing which variables are trained while a run goes on.

use super::pattern::places;
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::graph::{Role, Variable};
use crate::tensor::{Data, Tensor};

impl Trainer {
    /// Stops training the variables that a pattern stands for, such as `encoder.*`; what the optimizer keeps for them stays.
    ///
    /// # Errors
    /// If the pattern stands for no trainable variable; for a run that was loaded, if one of them was not named by `freeze` or
    /// `freezable` when the run was built, as its saved steps always train it; the same of a model with a training step of its
    /// own, for what an `Updater` changes that was not told so.
    ///
    /// ```
    /// use holotype::layers::{Dense, Sequential};
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    /// let model = Sequential::new().then(Dense::new(4, 8)).then(Dense::new(8, 1));
    /// let mut trainer = Trainer::new(model, Adam::new(1e-3), mean_squared_error).build()?;
    /// trainer.freeze("layers.0.*")?;
    /// trainer.unfreeze("*.bias")?;
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn freeze(&mut self, pattern: &str) -> Result<()> {
        self.switch("`freeze`", pattern, false)
    }

    /// Trains the variables that a pattern stands for again.
    ///
    /// # Errors
    /// As [`Self::freeze`].
    pub fn unfreeze(&mut self, pattern: &str) -> Result<()> {
        self.switch("`unfreeze`", pattern, true)
    }

    fn switch(&mut self, what: &str, pattern: &str, on: bool) -> Result<()> {
        let definitions = &self.program.graph().variables;
        let trainable = definitions.iter().filter(|definition| definition.role == Role::Trainable);
        let paths: Vec<&str> =
            trainable.filter_map(|variable| variable.path.strip_prefix("model.")).collect();
        let chosen: Vec<String> =
            places(what, pattern, &paths)?.into_iter().map(|at| paths[at].to_owned()).collect();
        let fixed: Vec<&String> = chosen.iter().filter(|path| self.switches(path).is_empty()).collect();
        if !fixed.is_empty() && !on {
            let Some(code) = &mut self.code else {
                let fixed: Vec<_> = fixed.iter().map(|path| path.as_str()).collect();
                if self.note.step.is_some() {
                    return Err(Error::Training(format!(
                        "the step of the model always trains {}: make the updater that changes it with `.freezable(\"…\")`, of the \
                         path in the module that it is for",
                        fixed.join(", ")
                    )));
                }
                return Err(Error::Training(format!(
                    "the saved steps always train {}: build the run with `.freezable(\"{pattern}\")` to freeze them after \
                     loading, or freeze them before the run is saved",
                    fixed.join(", ")
                )));
            };
            for trained in code.run.trained.iter_mut().filter(|trained| fixed.contains(&&trained.path)) {
                trained.switch = Some(Variable::state(Tensor::scalar(true)));
            }
            self.program = code.program()?;
        }
        for path in &chosen {
            // One without a switch is trained as it is.
            for switch in self.switches(path) {
                switch.set(Data::scalar(on))?;
            }
        }
        Ok(())
    }

    /// What says whether a variable of the model is trained: a switch of the run, or of each updater that changes the variable.
    fn switches(&self, path: &str) -> Vec<Variable> {
        let of_run = format!("switches.{path}");
        let of_updaters =
            self.note.beside.iter().filter(|beside| beside.variable.strip_prefix("model.") == Some(path));
        let paths =
            std::iter::once(of_run.as_str()).chain(of_updaters.filter_map(|beside| beside.switch.as_deref()));
        paths.filter_map(|path| self.program.variable(path).ok().cloned()).collect()
    }
}
