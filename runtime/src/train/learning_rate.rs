//! Reading and changing learning rates while a run goes on.

use super::trainer::Trainer;
use super::updater::Updater;
use crate::error::{Error, Result};
use crate::module::{Module, ObjectId, ObjectKind};
use crate::tensor::{DType, Data, Tensor};

/// An optimizer of a run.
struct Named {
    /// What it is called: `optimizer`, `groups.0`, `generator`.
    name: String,
    /// Its artifact path.
    path: String,
}

impl Trainer {
    /// The learning rate of the optimizer; of a model with a training step of its own, that of its one updater.
    ///
    /// # Errors
    /// As [`Self::learning_rate_of`]; if the model has several updaters, or none.
    pub fn learning_rate(&self) -> Result<f64> {
        self.rate(&self.only("learning_rate_of", "")?)
    }

    /// The learning rate of one of the optimizers: of an updater by its path in the model (`generator`), of a group behind
    /// (`generator.groups.0`); of a run with a loss, of `optimizer` or of a group (`groups.0`).
    ///
    /// # Errors
    /// If there is none of that name, or it has no variable `learning_rate` that is one number.
    pub fn learning_rate_of(&self, name: &str) -> Result<f64> {
        self.rate(&self.named(name)?)
    }

    /// Changes the learning rate of the optimizer; of a model with a training step of its own, that of its one updater.
    ///
    /// # Errors
    /// As [`Self::set_learning_rate_of`]; if the model has several updaters, or none.
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        self.set_rate(&self.only("set_learning_rate_of", ", rate")?, rate)
    }

    /// Changes the learning rate of one of the optimizers, which is named as in [`Self::learning_rate_of`].
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    ///
    /// let mut trainer = Trainer::new(Dense::new(2, 1), Adam::new(1e-3), mean_squared_error)
    ///     .group("bias", Sgd::new(0.1))
    ///     .build()?;
    /// trainer.set_learning_rate_of("groups.0", 0.25)?;
    /// assert_eq!(trainer.learning_rate_of("groups.0")?, 0.25);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the rate is not finite, if there is no optimizer of that name, if it has no variable `learning_rate`, or if its rate is
    /// given by a schedule.
    pub fn set_learning_rate_of(&mut self, name: &str, rate: f64) -> Result<()> {
        self.set_rate(&self.named(name)?, rate)
    }

    fn rate(&self, optimizer: &Named) -> Result<f64> {
        let variable = self.program.variable(&format!("{}.learning_rate", optimizer.path))?;
        variable.value().cast(DType::F64).to_scalar()
    }

    fn set_rate(&self, optimizer: &Named, rate: f64) -> Result<()> {
        if !rate.is_finite() {
            return Err(Error::Training(format!("the learning rate {rate} is not a finite number")));
        }
        if let Some(schedule) = self.schedule(&optimizer.path) {
            return Err(Error::Training(format!(
                "the learning rate of this run is given by the schedule `{schedule}`, and every step works it out anew: build the \
                 run with a number, as in `Adam::new(1e-3)`, to change it, or write a schedule that has the rates you need"
            )));
        }
        let variable = self.program.variable(&format!("{}.learning_rate", optimizer.path))?;
        let rate: Data = Tensor::scalar(rate).cast(variable.dtype()).into_data()?;
        variable.set(rate)
    }

    /// The optimizer, if there is but one that is not of a group.
    fn only(&self, of: &str, more: &str) -> Result<Named> {
        let mut found = self.main_optimizers();
        let names: Vec<_> = found.iter().map(|one| one.name.clone()).collect();
        match (names.as_slice(), found.pop()) {
            ([_], Some(one)) => Ok(one),
            ([first, ..], _) => Err(Error::Training(format!(
                "the model has {} updaters, {}: say which one is meant, `trainer.{of}(\"{first}\"{more})`",
                names.len(),
                names.join(", ")
            ))),
            _ => Err(Error::Training(
                "the training step of the model has no updater, whose learning rate it would be: give the model an `Updater`, or \
                 change the variable that the step reads, `trainer.variable(\"model.…\")`"
                    .into(),
            )),
        }
    }

    fn named(&self, name: &str) -> Result<Named> {
        let mut known = Vec::new();
        for optimizer in self.main_optimizers() {
            // Groups lie beside the optimizer.
            let beside = optimizer.path.strip_suffix("optimizer").unwrap_or_default();
            let own = if self.note.step.is_some() { format!("{}.", optimizer.name) } else { String::new() };
            let groups =
                self.object(&format!("{beside}groups")).and_then(|id| self.program.objects().get(id));
            let groups: Vec<Named> = groups
                .map(|groups| groups.children.iter())
                .into_iter()
                .flatten()
                .map(|(at, _)| Named {
                    name: format!("{own}groups.{at}"),
                    path: format!("{beside}groups.{at}"),
                })
                .collect();
            known.push(optimizer);
            known.extend(groups);
        }
        let names: Vec<_> = known.iter().map(|one| one.name.clone()).collect();
        known.into_iter().find(|one| one.name == name).ok_or_else(|| {
            Error::Training(format!(
                "there is no optimizer `{name}`; there are {}",
                if names.is_empty() { "none".to_owned() } else { names.join(", ") }
            ))
        })
    }

    /// The optimizer of the run, or those of the updaters of its model, in the order of its fields.
    fn main_optimizers(&self) -> Vec<Named> {
        if self.note.step.is_none() {
            return vec![Named { name: "optimizer".to_owned(), path: "optimizer".to_owned() }];
        }
        let objects = self.program.objects();
        let mut found: Vec<(ObjectId, Named)> = Vec::new();
        let mut next: Vec<(String, ObjectId)> =
            self.object("model").map(|id| (String::new(), id)).into_iter().collect();
        while let Some((name, id)) = next.pop() {
            let Some(object) = objects.get(id) else { continue };
            match &object.kind {
                ObjectKind::Module { type_name, .. } if type_name == Updater::TYPE.name => {
                    // One that is shared is one.
                    if found.iter().all(|(known, _)| *known != id) {
                        let path = format!("model.{name}.optimizer");
                        found.push((id, Named { name, path }));
                    }
                }
                _ => next.extend(object.children.iter().rev().map(|(child, id)| {
                    let name = if name.is_empty() { child.clone() } else { format!("{name}.{child}") };
                    (name, *id)
                })),
            }
        }
        found.into_iter().map(|(_, named)| named).collect()
    }

    fn object(&self, path: &str) -> Option<ObjectId> {
        let objects = self.program.objects();
        path.split('.').try_fold(objects.root()?.0, |id, name| objects.child(id, name))
    }

    /// The type of the schedule that gives the learning rate of an optimizer; none if that is a number.
    fn schedule(&self, optimizer: &str) -> Option<&str> {
        let schedule = self.object(&format!("{optimizer}.learning_rate.schedule"))?;
        match &self.program.objects().get(schedule)?.kind {
            ObjectKind::Module { type_name, .. } => Some(type_name),
            _ => None,
        }
    }
}
