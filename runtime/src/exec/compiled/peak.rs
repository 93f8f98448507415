//! How much memory a call takes at most.

use std::collections::HashMap;

use super::lowered::{Id, Kind};
use super::plan::{Place, Plan, Task};

/// The most bytes that a call of a plan takes at once: the memory that values share, tensors of their own, what variables will hold
/// when the call has ended, and outputs. Inputs, variables and their packed copies, constants, and what loops and branches take are
/// not among them.
pub(super) fn peak(plan: &Plan) -> usize {
    let bytes = |id: Id| plan.kinds.get(id.index()).map_or(0, Kind::bytes);
    let in_place = plan.outputs.iter().enumerate().filter(|(index, _)| plan.is_in_place(*index));
    let always: usize = in_place.map(|(_, (_, kind))| kind.bytes()).sum::<usize>() + plan.arena;
    let mut alive: HashMap<usize, usize> = HashMap::new();
    let (mut now, mut most) = (0_usize, 0);
    for step in &plan.steps {
        let assigns = matches!(step.task, Task::Assign(_));
        for (at, id) in step.writes.iter().enumerate() {
            let replaces = step.in_place.iter().any(|(written, ..)| *written == at);
            if let (Some(slot), false, false) = (plan.slot(*id), replaces, matches!(step.task, Task::Read(_)))
            {
                now += bytes(*id);
                alive.insert(slot, bytes(*id));
            }
        }
        // What is assigned is kept to the end: a tensor of its own as it is, anything else as a copy.
        let is_copied = |id: &&Id| matches!(plan.places.get(id.index()), Some(Place::Arena(_)));
        now += step.reads.iter().filter(|_| assigns).filter(is_copied).map(|id| bytes(*id)).sum::<usize>();
        most = most.max(now);
        let dropped = step.drops.iter().filter_map(|slot| alive.remove(slot)).sum::<usize>();
        now -= if assigns { 0 } else { dropped };
    }
    always + most
}
