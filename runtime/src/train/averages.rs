//! Using the moving averages of weights.

use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::graph::Variable;

impl Trainer {
    /// Does something with the moving averages in the place of the weights: judges, predicts, saves. The weights are put back
    /// afterwards, whatever comes out.
    ///
    /// # Errors
    /// If the run keeps no averages; what the function says.
    ///
    /// ```
    /// use holotype::layers::Dense;
    /// use holotype::losses::mean_squared_error;
    /// use holotype::prelude::*;
    /// let x = Tensor::from([[0.0_f32], [1.0], [2.0], [3.0]]);
    /// let data = Dataset::new(&x, &x * 2.0 + 1.0)?;
    /// let mut trainer =
    ///     Trainer::new(Dense::new(1, 1), Sgd::new(0.1), mean_squared_error).average(0.9).build()?;
    /// trainer.fit(&data, Fit::epochs(50).quiet())?;
    /// let averaged = trainer.with_averages(|trainer| trainer.evaluate(&data))?;
    /// assert!(averaged.get("loss").unwrap() < 1.0);
    /// # Ok::<(), holotype::Error>(())
    /// ```
    pub fn with_averages<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let averages = self.averages();
        if averages.is_empty() {
            return Err(Error::Training(
                "the run keeps no averages of its weights: build it with `.average(0.999)`, which a builder and an `Updater` \
                 take"
                    .into(),
            ));
        }
        let mut kept = Vec::with_capacity(averages.len());
        for (weights, average) in &averages {
            kept.push((weights.data()?, average.data()?));
        }
        for ((weights, _), (_, average)) in averages.iter().zip(&kept) {
            weights.set(average.clone())?;
        }
        let done = act(self);
        for ((weights, _), (value, _)) in averages.iter().zip(kept) {
            weights.set(value)?;
        }
        done
    }

    /// Weights with their averages: those of the run, and those that updaters keep.
    fn averages(&self) -> Vec<(Variable, Variable)> {
        let definitions = self.program.graph().variables.iter();
        let of_run = definitions.filter_map(|definition| {
            let path = definition.path.strip_prefix("averages.")?;
            Some((format!("model.{path}"), definition.path.clone()))
        });
        let of_updaters = self
            .note
            .beside
            .iter()
            .filter_map(|beside| Some((beside.variable.clone(), beside.average.clone()?)));
        let variable = |path: &str| self.program.variable(path).ok().cloned();
        let pairs = of_run.chain(of_updaters);
        pairs.filter_map(|(weights, average)| Some((variable(&weights)?, variable(&average)?))).collect()
    }
}
