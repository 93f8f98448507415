//! Where in the data a run stands.

use holotype_macros::Module;

use crate::error::Result;
use crate::graph::Variable;
use crate::module::Program;
use crate::tensor::{Data, Tensor};

/// Where in the data a run stands: whole epochs, samples of the epoch that is going on, and the seed of the order.
#[derive(Module, Clone)]
pub(super) struct Position {
    #[module(state)]
    epoch: Variable,
    #[module(state)]
    sample: Variable,
    #[module(state)]
    seed: Variable,
}

impl Position {
    pub fn new() -> Self {
        let zero = || Variable::state(Tensor::scalar(0_u64));
        Self { epoch: zero(), sample: zero(), seed: zero() }
    }

    /// The position of a run that has been loaded.
    pub fn of(program: &Program) -> Result<Self> {
        let variable = |name: &str| program.variable(&format!("position.{name}")).cloned();
        Ok(Self { epoch: variable("epoch")?, sample: variable("sample")?, seed: variable("seed")? })
    }

    pub fn epoch(&self) -> Result<u64> {
        self.epoch.value().to_scalar()
    }

    pub fn sample(&self) -> Result<u64> {
        self.sample.value().to_scalar()
    }

    pub fn seed(&self) -> Result<u64> {
        self.seed.value().to_scalar()
    }

    pub fn set_seed(&self, seed: u64) -> Result<()> {
        self.seed.set(Data::scalar(seed))
    }

    pub fn set(&self, epoch: u64, sample: u64) -> Result<()> {
        self.epoch.set(Data::scalar(epoch))?;
        self.sample.set(Data::scalar(sample))
    }
}
