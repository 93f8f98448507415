//! The order of steps: variables change as soon as nothing needs what they held, so that gradients are not kept to the end.

use std::collections::HashMap;

use super::in_place::can_fail;
use super::lowered::Id;
use super::plan::{Step, Task};
use crate::graph::VariableId;

/// Moves steps that compute the next values of variables to where all that they read is there, all others that read the old values
/// have done so, and nothing can fail any more.
pub(super) fn update_early(steps: &mut Vec<Step>) {
    let first_safe = steps.iter().rposition(can_fail).map_or(0, |last| last + 1);
    let mut makers: HashMap<Id, usize> = HashMap::new();
    let mut readers: HashMap<Id, Vec<usize>> = HashMap::new();
    let mut held: HashMap<Id, VariableId> = HashMap::new();
    let mut assigned: HashMap<Id, VariableId> = HashMap::new();
    for (index, step) in steps.iter().enumerate() {
        for id in &step.writes {
            makers.insert(*id, index);
            if let Task::Read(variable) = step.task {
                held.insert(*id, variable);
            }
        }
        for id in &step.reads {
            readers.entry(*id).or_default().push(index);
        }
        if let Task::Assign(variable) = step.task {
            assigned.extend(step.reads.iter().map(|id| (*id, variable)));
        }
    }
    // The step behind which each step goes, if it moves.
    let place = |(index, step): (usize, &Step)| {
        let updates = |variable: &VariableId| step.writes.iter().any(|id| assigned.get(id) == Some(variable));
        if !matches!(step.task, Task::Job(_)) || !step.writes.iter().any(|id| assigned.contains_key(id)) {
            return None;
        }
        let made = step.reads.iter().filter_map(|id| makers.get(id)).copied();
        let old = step.reads.iter().filter(|id| held.get(id).is_some_and(updates));
        let read = old.filter_map(|id| readers.get(id)).flatten().copied().filter(|reader| *reader != index);
        let last = made.chain(read).chain(first_safe.checked_sub(1)).max()?;
        (last < index).then_some(last)
    };
    let places: Vec<Option<usize>> = steps.iter().enumerate().map(place).collect();
    let mut order: Vec<(usize, Step)> = std::mem::take(steps).into_iter().enumerate().collect();
    // What moves goes right behind its place, in the order in which it was.
    crate::sorted::sort_by_key(&mut order, |(index, _)| match places[*index] {
        Some(place) => (place, 1, *index),
        None => (*index, 0, 0),
    });
    steps.extend(order.into_iter().map(|(_, step)| step));
}
