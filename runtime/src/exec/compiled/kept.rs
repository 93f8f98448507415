//! Plans with the memory of their calls, kept from call to call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::plan::Plan;
use super::state::State;
use crate::error::Result;
use crate::graph::FunctionId;
use crate::tensor::Sizes;

/// So many plans are kept; of more, those that were used last.
const MOST_PLANS: usize = 256;
/// The memory of so many calls of one plan is kept for the next.
const MOST_STATES: usize = 8;
/// So many bytes are kept for plans other than those that ran last.
const MOST_BYTES: usize = 1 << 28;
/// So many plans that ran last keep the memory of one call whatever it is: a step of training takes turns with plans that read and
/// reset its metrics.
const SURE: usize = 4;

/// A plan with the sizes it was made for, and the memory of calls that have ended.
pub(super) struct Kept {
    pub function: FunctionId,
    /// Whether it is called from outside, and not by a loop or branch.
    pub outside: bool,
    pub sizes: Sizes,
    pub plan: Plan,
    /// Whether steps need nothing but the memory of a call, once the variables are at hand.
    pub direct: bool,
    /// Its number among the plans of the process.
    number: u64,
    states: Mutex<Vec<State>>,
}

impl Kept {
    pub fn new(function: FunctionId, outside: bool, sizes: Sizes, plan: Plan) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let direct = plan.is_direct();
        Self { function, outside, sizes, plan, direct, number, states: Mutex::default() }
    }

    /// Memory for a call.
    pub fn state(&self) -> Result<State> {
        let kept = locked(&self.states).pop();
        kept.map_or_else(|| State::new(&self.plan), Ok)
    }

    /// Keeps the memory of a call that has ended.
    pub fn give_back(&self, mut state: State) {
        state.clear(&self.plan);
        let mut states = locked(&self.states);
        if states.len() < MOST_STATES {
            states.push(state);
        }
    }
}

/// The plans of a graph.
#[derive(Default)]
pub(super) struct Plans {
    /// Those of the last call at the end.
    list: Mutex<Vec<Arc<Kept>>>,
    /// The number of the plan that ran last.
    last: AtomicU64,
}

impl Plans {
    /// The plan of a function for these sizes, if it is kept.
    pub fn find(&self, function: FunctionId, outside: bool, sizes: &Sizes) -> Option<Arc<Kept>> {
        let mut list = locked(&self.list);
        let same =
            |kept: &Arc<Kept>| kept.function == function && kept.outside == outside && kept.sizes == *sizes;
        let known = list.iter().rposition(same)?;
        let last = list.len() - 1;
        list.swap(known, last);
        list.last().cloned()
    }

    /// Keeps a plan, as the one that was used last.
    pub fn keep(&self, kept: &Arc<Kept>) {
        let mut list = locked(&self.list);
        if let Some(known) = list.iter().rposition(|other| Arc::ptr_eq(other, kept)) {
            let last = list.len() - 1;
            list.swap(known, last);
            return;
        }
        if list.len() >= MOST_PLANS {
            list.drain(..MOST_PLANS / 2);
        }
        list.push(kept.clone());
    }

    /// Notes that a plan has run, and lets go of memory that other plans have kept, if it is much.
    pub fn ran(&self, kept: &Arc<Kept>) {
        if self.last.load(Ordering::Relaxed) == kept.number {
            return;
        }
        self.last.store(kept.number, Ordering::Relaxed);
        self.keep(kept);
        let mut left = MOST_BYTES;
        let list = locked(&self.list);
        let others = list.iter().rev().filter(|other| !Arc::ptr_eq(other, kept));
        for (age, other) in others.enumerate() {
            let mut states = locked(&other.states);
            let bytes = states.len().saturating_mul(other.plan.arena);
            if bytes > left {
                states.truncate(usize::from(age < SURE));
            } else {
                left -= bytes;
            }
        }
    }
}

/// What a lock guards: no state is left halfway by who panics.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
