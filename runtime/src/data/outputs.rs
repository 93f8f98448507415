//! Which outputs targets are for.

use std::sync::Arc;

use super::dataset::Dataset;
use super::examples::{Examples, Pass};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

impl Dataset {
    /// Says which outputs of the model the targets are for, in the order of the targets.
    ///
    /// # Errors
    /// [`Error::Data`] if there is not one name for each of the targets, or one comes twice.
    pub fn outputs<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Result<Self> {
        let outputs: Vec<String> = names.into_iter().map(str::to_owned).collect();
        if outputs.len() != self.layout.targets {
            return Err(Error::Data(format!(
                "the data have {} targets, and the outputs named are {} ({}): name one for each",
                self.layout.targets,
                outputs.len(),
                outputs.join(", ")
            )));
        }
        let twice = outputs.iter().enumerate().find(|(at, name)| outputs[..*at].contains(name));
        if let Some((_, name)) = twice {
            return Err(Error::Data(format!(
                "the output `{name}` is named twice: it has one tensor of targets"
            )));
        }
        Ok(Self { outputs: outputs.into(), ..self.clone() })
    }

    /// The outputs that the targets are for, if that was said.
    pub(crate) fn output_names(&self) -> &[String] {
        &self.outputs
    }

    /// The data with their targets in this order, in which each stands once.
    pub(crate) fn with_targets_in(&self, order: &[usize]) -> Self {
        let first = self.layout.inputs;
        let targets = order.iter().map(|target| first + target);
        let order = (0..first).chain(targets).chain(first + self.layout.targets..self.layout.parts());
        let source = Picked { source: self.source.clone(), order: order.collect() };
        let names = order_of(&self.outputs, &source.order, first);
        Self { source: Arc::new(source), outputs: names, ..self.clone() }
    }
}

fn order_of(names: &[String], order: &[usize], first: usize) -> Arc<[String]> {
    order.iter().filter_map(|part| names.get(part.checked_sub(first)?).cloned()).collect()
}

/// Examples with their parts in another order.
struct Picked {
    source: Arc<dyn Examples>,
    order: Vec<usize>,
}

impl Picked {
    fn picked(&self, parts: &[Tensor]) -> Vec<Tensor> {
        self.order.iter().filter_map(|&part| parts.get(part).cloned()).collect()
    }
}

impl Examples for Picked {
    fn len(&self) -> usize {
        self.source.len()
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        Ok(self.picked(&self.source.example(index, pass)?))
    }

    fn batch(&self, rows: &[usize], pass: Pass) -> Result<Vec<Tensor>> {
        Ok(self.picked(&self.source.batch(rows, pass)?))
    }

    fn in_order(&self) -> bool {
        self.source.in_order()
    }

    fn whole(&self) -> Option<Vec<Tensor>> {
        Some(self.picked(&self.source.whole()?))
    }
}
