//! Weights in the order in which products and convolutions read them, kept from call to call.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrayvec::ArrayVec;

use crate::graph::VariableId;

/// What was packed: the version of the variable, where its elements lie and how many there are.
pub(in crate::exec::compiled) type Key = [usize; 8];

/// A product and its gradient read the same weights in two orders, and so do plans for two sizes.
const MOST: usize = 2;

/// The weights of one version, as they lie by some keys, the oldest first.
#[derive(Debug, Default)]
struct Kept {
    version: u64,
    packed: ArrayVec<(Key, Arc<dyn Any + Send + Sync>), MOST>,
}

/// The packed weights of a graph, which the plans for different sizes share.
#[derive(Debug, Default)]
pub(in crate::exec::compiled) struct Packs(Mutex<HashMap<VariableId, Pack>>);

impl Packs {
    /// The place for what a variable holds.
    pub fn of(&self, variable: VariableId) -> Pack {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(variable).or_default().clone()
    }
}

/// A place for packed weights.
#[derive(Clone, Debug, Default)]
pub(in crate::exec::compiled) struct Pack(Arc<Mutex<Kept>>);

impl Pack {
    /// The weights of a version as they lie by the key, packed now if that has not been done.
    pub fn of<T: Any + Send + Sync>(
        &self,
        version: u64,
        key: Key,
        pack: impl FnOnce() -> Option<T>,
    ) -> Option<Arc<T>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != version {
            *kept = Kept { version, ..Kept::default() };
        }
        let known = kept.packed.iter().find(|(known, _)| *known == key);
        if let Some(Ok(packed)) = known.map(|(_, packed)| packed.clone().downcast()) {
            return Some(packed);
        }
        let packed = Arc::new(pack()?);
        if kept.packed.is_full() {
            kept.packed.remove(0);
        }
        kept.packed.push((key, packed.clone()));
        Some(packed)
    }
}
