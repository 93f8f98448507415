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
        let definitions = self.program.graph().variables.iter().zip(self.program.variables());
        let averages: Vec<(Variable, Variable)> = definitions
            .filter_map(|(definition, average)| {
                let path = definition.path.strip_prefix("averages.")?;
                Some((self.program.variable(&format!("model.{path}")).ok()?.clone(), average.clone()))
            })
            .collect();
        if averages.is_empty() {
            return Err(Error::Training(
                "the run keeps no averages of its weights: build it with `.average(0.999)`".into(),
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
}
